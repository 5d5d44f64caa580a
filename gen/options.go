package gen

import (
	"errors"
	"fmt"
	"go/token"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/source"
)

// declaredOptions returns the options that the package declares, and reports what is wrong with
// them when it is called first.
func (p *resolved) declaredOptions() *options.Package {
	if p.options != nil {
		return p.options
	}
	p.options = &options.Package{}
	if p.Damaged() {
		return p.options
	}
	i := &optionImports{pkg: p.pkg}
	p.options = options.Read(p.Package, i, func(namespace string, from *annotate.File) string {
		if c := p.contractFor(namespace, from.Constraint); c != nil {
			return c.Naming
		}
		return ""
	})
	p.diagnostics = append(p.diagnostics, p.options.Diagnostics...)
	if p.options.Incomplete && !p.broken() {
		i.report()
	}
	return p.options
}

// optionImports answers what the options of a package need to know of others.
type optionImports struct {
	pkg *pkg
	// packages of which something is not known, in the order in which they came up, and why
	unknown []unknownPackage
}

type unknownPackage struct {
	path string
	err  error
}

// Package implements [options.Imports]. Packages of other modules are never read, even those
// that are generated in the same run: what is generated must not depend on what else is.
func (i *optionImports) Package(path string) *source.Package {
	p := i.pkg.tree.syntaxAt(path)
	if p == nil {
		return nil
	}
	if len(p.SyntaxErrors) > 0 {
		p.dependency = true
		i.unknown = append(i.unknown, unknownPackage{path, errors.New("there are errors in it")})
	}
	return p.Package
}

// Foreign implements [options.Imports].
func (i *optionImports) Foreign(path, name string) (f options.Foreign, known bool) {
	if p, _ := i.pkg.tree.neighbour(path); p != nil {
		f.Package = p.Name
		f.Options = slices.ContainsFunc(p.Shared, func(o *annotate.OptionStruct) bool { return o.Symbol == name })
		for _, c := range p.Contracts {
			if c.Symbol == name {
				f.Namespace, f.Pointer = c.Namespace, c.Pointer
			}
		}
		return f, true
	}
	written := i.pkg.tree.generatedFiles(path)
	for _, file := range written.files {
		f.Package = file.Package
		if d := describedIn(file, name); d != nil {
			f.Options, f.Struct = true, d
		}
		for _, c := range file.Contracts {
			if c.Symbol == name {
				f.Namespace, f.Pointer = c.Namespace, c.Pointer
			}
		}
	}
	var missing *modules.MissingError
	switch {
	case errors.As(written.none, &missing) && missing.Plugins:
		i.pkg.tree.work.lacks(missing)
	case written.err != nil:
		i.unknown = append(i.unknown, unknownPackage{path, written.err})
	case written.none != nil: // whether the module has plugins is not known either
		i.unknown = append(i.unknown, unknownPackage{path, written.none})
	case written.source != nil && slices.ContainsFunc(written.source.Shared,
		func(o *annotate.OptionStruct) bool { return o.Symbol == name }):
		i.unknown = append(i.unknown, unknownPackage{path, fmt.Errorf(
			"the module %s has no generated file there yet: run plugingen in it first", written.module)})
		return f, false
	}
	return f, written.err == nil && written.none == nil
}

// report reports why the options of the package are incomplete.
func (i *optionImports) report() {
	for _, u := range i.unknown {
		span := i.pkg.first()
		for _, imp := range i.pkg.imports {
			if imp.path == u.path {
				span = imp.span()
			}
		}
		if !i.pkg.reportedAt(span) {
			i.pkg.errorf(annotate.Linking, span, "what %s declares for options can't be read: %v", u.path, u.err)
		}
	}
}

// describedIn returns the shared struct of a name that a generated file describes, or nil.
func describedIn(f *genfile.File, name string) *options.Struct {
	i := slices.IndexFunc(f.Structs, func(s *options.Struct) bool { return s.Shared && s.Name == name })
	if i < 0 {
		return nil
	}
	return f.Structs[i]
}

// completeStruct reads what other modules' generated files say of the struct and of those in it.
func (r *resolver) completeStruct(t *tree, s *options.Struct) {
	r.complete(t, s, map[*options.Struct]bool{})
	// A file whose structs contain themselves is not read, and so the files here are of packages
	// that import one another. The compiler reports that; who reads the options must not loop.
	for {
		cycles := rules.Cycles([]*options.Struct{s}, (*options.Struct).Contained)
		if len(cycles) == 0 {
			return
		}
		for _, cycle := range cycles {
			cycle[0].Options, cycle[0].Parts = nil, nil
		}
	}
}

func (r *resolver) complete(t *tree, s *options.Struct, seen map[*options.Struct]bool) {
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	if s.Foreign && s.Shared && s.Options == nil {
		if d := r.foreignStruct(t, s.Path, s.Name); d != nil && d != s {
			s.Options, s.Section, s.Parts = d.Options, d.Section, d.Parts
		}
	}
	for _, part := range s.Parts {
		r.complete(t, part.Struct, seen)
	}
	for _, o := range s.Options {
		r.complete(t, o.Type.Table(), seen)
	}
}

// foreignStruct returns a shared struct of another module, or nil if nothing is known of it.
func (r *resolver) foreignStruct(t *tree, path, name string) *options.Struct {
	q, _ := t.neighbour(path)
	if q == nil {
		q = t.at(path)
	}
	if q != nil {
		for _, s := range r.resolve(q).declaredOptions().Shared {
			if s.Name == name {
				return s
			}
		}
		return nil
	}
	for _, f := range t.generatedFiles(path).files {
		if s := describedIn(f, name); s != nil {
			return s
		}
	}
	return nil
}

// inPackage sets the package of a generated file in what the file refers to in other files of
// the same package, which has no path yet.
func inPackage(path string, f *genfile.File) {
	set := func(s *options.Struct) {
		if s != nil && s.Path == "" {
			s.Path = path
		}
	}
	for _, s := range f.Structs {
		if s.Shared {
			s.Path = path // whatever it says
		}
		for _, part := range s.Parts {
			set(part.Struct)
		}
		for _, o := range s.Options {
			set(o.Type.Table())
		}
	}
	for _, s := range f.Specs {
		if s.Options != nil {
			set(s.Options.Struct)
		}
	}
}

// sectionStructs returns the structs of the package that have sections of the configuration,
// those that other packages can name or all.
func (p *resolved) sectionStructs(all bool) []*options.Struct {
	var found []*options.Struct
	for _, s := range p.declaredOptions().Shared {
		if s.Section != "" && (all || token.IsExported(s.Name)) {
			found = append(found, s)
		}
	}
	return found
}
