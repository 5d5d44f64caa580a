package migrate

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// This file reads the directives that would be written, as plugingen will.

// A reader reads the directives of a plan.
type reader struct {
	*migration
	plan    *plan
	changed map[string]map[string][]byte // new contents of files, by import path and name
	read    map[string]*annotate.Package
}

// readBack returns the moves that plugingen would not read as what is meant, or not link.
func (m *migration) readBack(p *plan) (failures []failure) {
	r := &reader{m, p, map[string]map[string][]byte{}, map[string]*annotate.Package{}}
	for _, c := range p.changes {
		importPath := m.importPath(filepath.Dir(c.Path))
		if r.changed[importPath] == nil {
			r.changed[importPath] = map[string][]byte{}
		}
		r.changed[importPath][c.Path] = c.New
	}
	for _, mv := range p.moves {
		if why := r.misread(mv); why != "" {
			failures = append(failures, failure{
				message: fmt.Sprintf("plugingen would refuse %s: %s", mv.directive(), why), move: mv,
			})
		}
	}
	if len(failures) > 0 {
		return failures
	}
	return r.unlinked()
}

// misread returns why plugingen would not read the directive of a move as it is meant, or "".
func (r *reader) misread(mv *move) string {
	pkg := r.annotations(mv.target)
	i := slices.IndexFunc(pkg.Plugins, func(x *annotate.Plugin) bool {
		return x.Namespace == mv.registrar.namespace && x.Name == mv.name
	})
	if i < 0 && len(pkg.Diagnostics) > 0 {
		return pkg.Diagnostics[0].Message
	}
	if i < 0 {
		return "there is no such plugin"
	}
	for _, d := range pkg.Diagnostics {
		if s := pkg.Plugins[i].Directive; s.Pos <= d.Pos && d.Pos < s.End {
			return d.Message
		}
	}
	return ""
}

// unlinked returns the moves that something has now, and no directive links into it: the
// package that registers them, one that imports that for its registrations, or a program.
func (r *reader) unlinked() (failures []failure) {
	need := func(mv *move, hosts []linkingHost, fact string) {
		if !slices.ContainsFunc(hosts, func(h linkingHost) bool { return willLink(h.Host, mv) }) {
			failures = append(failures, failure{message: r.whyUnlinked(mv, hosts, fact), move: mv})
		}
	}
	moves := map[string][]*move{}
	for _, mv := range r.plan.moves {
		moves[mv.file.path] = append(moves[mv.file.path], mv)
		if r.linksItself(mv) {
			need(mv, r.hostsFor(mv.file), "the package "+mv.file.path+" registers it")
		}
	}
	for _, f := range r.sortedFiles() {
		for spec, importPath := range blankImports(f) {
			for _, mv := range moves[importPath] {
				if !r.linksItself(mv) {
					need(mv, r.hostsFor(f), "it is imported at "+r.short(spec.Pos()))
				}
			}
		}
	}
	for _, program := range r.mains() {
		var hosts []linkingHost
		deps := slices.Sorted(maps.Keys(r.deps(program)))
		for _, dep := range deps {
			hosts = append(hosts, r.hosts(dep, r.inBuild)...)
		}
		for _, dep := range deps {
			for _, mv := range moves[dep] {
				need(mv, hosts, "the program "+program.PkgPath+" has it")
			}
		}
	}
	return failures
}

// whyUnlinked returns why a move is not made whose plugin none of the hosts links. The fact is
// who has the plugin now.
func (r *reader) whyUnlinked(mv *move, hosts []linkingHost, fact string) string {
	for _, h := range hosts {
		others := rules.Host{Exclude: h.Exclude}
		if d := r.directiveOf(h.host()); d != nil && !others.Selects(mv.rule()) {
			return fmt.Sprintf("%s, and the //plugin:link at %s excludes it: narrow its exclude=, or "+
				"delete the registration", fact, r.short(d.Directive.Pos))
		}
	}
	return fmt.Sprintf("%s, and no //plugin:link would link it there", fact)
}

// A linkingHost is a directive that links plugins.
type linkingHost struct {
	*rules.Host
	constraint string
}

func (h linkingHost) host() host { return host{h.Package, h.constraint} }

// hosts returns the directives of a package in the builds that are meant.
func (r *reader) hosts(importPath string, meant func(constraint string) bool) (hosts []linkingHost) {
	for _, h := range r.annotations(importPath).Hosts {
		if c := h.File.Constraint.String(); meant(c) {
			hosts = append(hosts, linkingHost{h.Rule(importPath, r.module), c})
		}
	}
	return hosts
}

// hostsFor returns the directives that link plugins wherever a file is built.
func (r *reader) hostsFor(f *file) []linkingHost {
	own := constraintOf(f)
	return r.hosts(f.path, func(c string) bool { return c == "" || c == own })
}

// annotations returns what the files of a package would declare.
func (r *reader) annotations(importPath string) *annotate.Package {
	changed := r.changed[importPath]
	if pkg := r.annotated()[importPath]; len(changed) == 0 && pkg != nil {
		return pkg
	}
	if pkg := r.read[importPath]; pkg != nil {
		return pkg
	}
	contents := maps.Clone(changed)
	for _, f := range r.files {
		if _, ok := changed[f.name]; f.path == importPath && !ok && contents != nil {
			contents[f.name] = f.src
		}
	}
	fset := token.NewFileSet()
	var files []*annotate.File
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		if syntax, err := parser.ParseFile(fset, name, contents[name], parser.ParseComments); err == nil {
			files = append(files, annotate.NewFile(fset, name, syntax))
		}
	}
	pkg := annotate.Read(importPath, files)
	pkg.Resolve(nil)
	r.read[importPath] = pkg
	return pkg
}

// isConstant reports whether a bare word in a directive of a package may be read as a constant.
func (m *migration) isConstant(importPath, word string) bool {
	expr, err := parser.ParseExpr(word)
	if err != nil {
		return false
	}
	switch e := expr.(type) {
	case *ast.SelectorExpr: // of a package that the file may import
		return e.Sel.IsExported()
	case *ast.Ident:
		for _, f := range m.files {
			if f.path == importPath && slices.ContainsFunc(f.syntax.Decls, func(d ast.Decl) bool {
				return declaresConstant(d, e.Name)
			}) {
				return true
			}
		}
	}
	return false
}

func declaresConstant(d ast.Decl, name string) bool {
	g, ok := d.(*ast.GenDecl)
	return ok && g.Tok == token.CONST && slices.ContainsFunc(g.Specs, func(s ast.Spec) bool {
		return slices.ContainsFunc(s.(*ast.ValueSpec).Names, func(id *ast.Ident) bool { return id.Name == name })
	})
}
