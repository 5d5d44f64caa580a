package migrate

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/plugingen/plugingen/internal/terminal"
)

// This file sets aside the packages that do not compile. Published modules have some: programs in
// one directory that are run file by file, or what needs a C library. The rest can be migrated if
// what is changed has nothing to do with them.

// A BrokenError says which packages have to compile before the program can be migrated.
type BrokenError struct {
	Reason string
	Errors []string // those of the compiler, with their places
}

func (e *BrokenError) Error() string {
	return e.Reason + ":\n" + strings.Join(e.Errors, "\n")
}

// setBrokenAside takes the packages that do not compile, and those that import them, out of the
// packages of the program.
func (p *program) setBrokenAside() {
	own := map[string]bool{}
	for _, pkg := range p.all {
		own[pkg.PkgPath] = true
	}
	broken := map[*packages.Package]bool{}
	packages.Visit(p.all, nil, func(pkg *packages.Package) { // imports first
		broken[pkg] = own[pkg.PkgPath] && len(pkg.Errors) > 0
		for _, imp := range pkg.Imports {
			broken[pkg] = broken[pkg] || broken[imp]
		}
	})
	p.all = slices.DeleteFunc(p.all, func(pkg *packages.Package) bool {
		if broken[pkg] {
			p.broken = append(p.broken, pkg)
		}
		return broken[pkg]
	})
}

// errorsOf returns the errors of packages and of what they import, sorted.
func errorsOf(pkgs ...*packages.Package) []string {
	seen, more := map[string]bool{}, map[string]bool{}
	packages.Visit(pkgs, nil, func(pkg *packages.Package) {
		for _, e := range pkg.Errors {
			file, at, ok := strings.Cut(e.Pos, ":")
			if !ok { // of the go command, about errors that have their places
				more[e.Msg] = true
				continue
			}
			if strings.HasPrefix(e.Msg, "\t") { // it belongs to another one
				continue
			}
			seen[terminal.Path(file)+":"+at+": "+e.Msg] = true
		}
	})
	if len(seen) == 0 {
		seen = more
	}
	return slices.Sorted(maps.Keys(seen))
}

// checkNamed returns an error if a package that is named, rather than matched by a pattern, does
// not compile.
func (p *program) checkNamed(c Config) error {
	if len(p.broken) == 0 {
		return nil
	}
	c.Patterns = slices.DeleteFunc(slices.Clone(c.patterns()), func(pattern string) bool {
		return strings.Contains(pattern, "...") || pattern == "all"
	})
	if len(c.Patterns) == 0 {
		return nil
	}
	named, err := wanted(c)
	if err != nil {
		return err
	}
	for _, pkg := range p.broken {
		if pkg.ForTest == "" && named[pkg.PkgPath] {
			return &BrokenError{p.describe(pkg) + " must compile before it can be migrated", errorsOf(pkg)}
		}
	}
	return nil
}

// checkBroken returns an error if what is changed depends on a package that does not compile: on
// one that registers plugins itself, or that imports a package which no longer will.
func (m *migration) checkBroken(p *plan) error {
	emptied := set{}
	for _, mv := range p.moves {
		if !m.linksItself(mv) {
			emptied[mv.file.path] = true
		}
	}
	refuse := func(pkg *packages.Package, format string, args ...any) error {
		return &BrokenError{m.describe(pkg) + " must compile before the program can be migrated, as it " +
			fmt.Sprintf(format, args...), errorsOf(pkg)}
	}
	for _, f := range m.sortedFiles() {
		if f.broken == nil || !m.wanted[f.path] || isTest(f) {
			continue
		}
		if len(m.resembling(f)) > 0 || len(p.moves) == 0 && guessed(f) {
			return refuse(f.broken, "registers plugins")
		}
	}
	for _, pkg := range m.broken {
		for _, path := range slices.Sorted(maps.Keys(m.deps(pkg))) {
			if emptied[path] {
				return refuse(pkg, "imports %s, which registers plugins", path)
			}
		}
	}
	return nil
}

// guessed reports whether a file without types seems to register something, if nothing else is
// known: in an init function, or in a map of functions at package level.
func guessed(f *file) (found bool) {
	for _, d := range f.syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil || d.Name.Name != "init" || d.Body == nil {
				continue
			}
		case *ast.GenDecl:
			if d.Tok != token.VAR {
				continue
			}
		}
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				found = found || verbs().MatchString(calledName(n))
			case *ast.KeyValueExpr:
				key, isLit := n.Key.(*ast.BasicLit)
				_, isFunc := n.Value.(*ast.FuncLit)
				found = found || isLit && key.Kind == token.STRING && isFunc
			}
			return !found
		})
	}
	return found
}

// calledName returns the last word of what is called, or "".
func calledName(call *ast.CallExpr) string {
	fun := ast.Unparen(call.Fun)
	switch instance := fun.(type) { // of a generic function
	case *ast.IndexExpr:
		fun = ast.Unparen(instance.X)
	case *ast.IndexListExpr:
		fun = ast.Unparen(instance.X)
	}
	switch fun := fun.(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		return fun.Sel.Name
	}
	return ""
}

// brokenNotes returns a note for each package that was set aside.
func (p *program) brokenNotes() (notes []string) {
	seen := set{}
	for _, pkg := range p.broken {
		if isTestMain(pkg) || pkg.ForTest != "" && p.byPath[pkg.ForTest] == nil || seen[p.describe(pkg)] {
			continue
		}
		seen[p.describe(pkg)] = true
		notes = append(notes, fmt.Sprintf("%s does not compile: left out: %s", p.describe(pkg), errorsOf(pkg)[0]))
	}
	slices.Sort(notes)
	return notes
}

// describe names a package by its directory, as messages do.
func (p *program) describe(pkg *packages.Package) string {
	path, of := pkg.PkgPath, ""
	switch {
	case pkg.ForTest != "":
		path, of = pkg.ForTest, "the test of "
	case isTestMain(pkg):
		path, of = strings.TrimSuffix(path, ".test"), "the test of "
	}
	if below, ok := strings.CutPrefix(path, p.module+"/"); ok {
		path = below
	}
	return of + path
}
