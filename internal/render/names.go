package render

import (
	"cmp"
	"go/ast"
	"go/token"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/dave/jennifer/jen"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/rules"
)

// locals are the names of variables in generated functions, unless the package declares them.
var locals = []string{"spec", "plugin", "err"}

// importsOf returns the paths that a file may import, with the names that their
// packages have, "" where it isn't known.
func (f *File) importsOf() map[string]string {
	found := map[string]string{
		annotate.RegistryPath: "registry", genfile.GeneratedPath: "generated", "context": "context",
	}
	add := func(r *code.Ref) { found[r.Path.String()] = r.Package.String() }
	for _, t := range f.Tables {
		for i := range t.Specs {
			add(&t.Specs[i])
		}
	}
	for i := range f.Assertions {
		add(&f.Assertions[i].Contract.Ref)
		add(&f.Assertions[i].Plugin)
		if use := f.Assertions[i].Options; use != nil {
			found[use.Struct.Path] = use.Struct.Package
		}
	}
	types := func(list ...code.Type) {
		for _, t := range list {
			for _, path := range t.Imports() {
				if p := path.String(); found[p] == "" {
					found[p] = standardName(p)
				}
			}
		}
	}
	for i := range f.Specs {
		if c := f.Specs[i].Contract; c != nil {
			add(&c.Ref)
		}
		types(f.Specs[i].TypeArgs...)
		if a := f.Specs[i].Adapter; a != nil {
			types(a.Params...)
			types(a.Results...)
			types(a.LoadArg)
		}
	}
	f.optionImports(found)
	delete(found, f.Path)
	return found
}

// standardName returns the name of a package of the standard library. It returns "" for other
// packages, whose names need not be the ends of their paths.
func standardName(importPath string) string {
	last := path.Base(importPath)
	if !rules.IsStandard(importPath) || !token.IsIdentifier(last) ||
		len(last) > 1 && last[0] == 'v' && unicode.IsDigit(rune(last[1])) {
		return ""
	}
	return last
}

// preferred returns the name that an import has if no other wants it.
func preferred(importPath, name string) string {
	return identifier(cmp.Or(name, path.Base(importPath)))
}

// identifier returns a part of an import path as an identifier: without characters that can't be
// in one.
func identifier(s string) string {
	s = strings.Map(func(c rune) rune {
		if c == '_' || unicode.IsLetter(c) || unicode.IsDigit(c) {
			return c
		}
		return -1
	}, s)
	if s == "" || unicode.IsDigit(rune(s[0])) {
		return "pkg" + s
	}
	return s
}

// importNames gives each import a name that nothing else has in the file: neither
// another import, nor a declaration of the package, nor a variable. Known are the paths that
// it may import, with the names of their packages.
func (f *File) importNames(known map[string]string) map[string]string {
	reserved := map[string]bool{}
	for _, name := range slices.Concat(f.Reserved, f.locals()) {
		reserved[name] = true
	}
	names := wantedNames(known)
	paths := slices.Sorted(maps.Keys(names))
	slices.SortStableFunc(paths, func(a, b string) int { return rank(a) - rank(b) })
	for _, p := range paths {
		want := names[p]
		for i := 1; reserved[names[p]] || jen.IsReservedWord(names[p]); i++ {
			names[p] = want + strconv.Itoa(i)
		}
		reserved[names[p]] = true
	}
	return names
}

// wantedNames returns what imports are best called. Those that would have the same name all get
// longer ones, of more elements of their paths, so that a name does not depend on
// how many others there are: branches that each add one can be merged.
func wantedNames(known map[string]string) map[string]string {
	names := make(map[string]string, len(known))
	for p, name := range known {
		names[p] = preferred(p, name)
	}
	for elements, longer := 1, true; longer; elements++ {
		longer = false
		count := make(map[string]int, len(names))
		for _, name := range names {
			count[name]++
		}
		for p, name := range names {
			if count[name] > 1 && rank(p) > 0 {
				names[p] = lengthened(p, preferred(p, known[p]), elements)
				longer = longer || names[p] != name
			}
		}
	}
	return names
}

// lengthened returns a longer name of an import: with the elements of its path before the last.
func lengthened(importPath, name string, elements int) string {
	parents := strings.Split(path.Dir(importPath), "/")
	return identifier(strings.Join(parents[max(0, len(parents)-elements):], "_")) + "_" + name
}

// rank returns the order in which imports get names: those of rank 0 always keep theirs.
func rank(importPath string) int {
	if importPath == annotate.RegistryPath || importPath == genfile.GeneratedPath || importPath == "context" {
		return 0
	}
	return 1
}

// Stems returns, without digits at their ends, the names that the file prefers for imports and
// variables, and the predeclared names that it can do without.
func (f *File) Stems() map[string]bool {
	stems := map[string]bool{"any": true, "new": true}
	for _, name := range f.locals() {
		stems[name] = true
	}
	for _, name := range wantedNames(f.importsOf()) {
		stems[strings.TrimRight(name, "0123456789_")] = true
	}
	return stems
}

// Declares returns the names that the file declares.
func (f *File) Declares() []string {
	var names []string
	for i := range f.Specs {
		s := &f.Specs[i]
		names = append(names, s.Identifier.String())
		if s.Kind != annotate.Spec {
			names = append(names, s.newName())
		}
		if s.Contract != nil {
			names = append(names, s.assertionName())
		}
		if s.ShouldLoad != nil && !direct(s.ShouldLoad) {
			names = append(names, s.shouldLoadName())
		}
		if s.Adapter != nil {
			names = append(names, s.adapterName())
		}
	}
	if len(f.Tables)+len(f.Sections) > 0 {
		names = append(names, f.linksName())
	}
	return append(names, f.optionNames()...)
}

// Needs returns the predeclared names that the file can't do without.
func (f *File) Needs() []string {
	needs := predeclared{}
	for i := range f.Specs {
		f.Specs[i].needs(needs)
	}
	if len(f.Assertions) > 0 {
		needs.add("nil")
	}
	f.optionNeeds(needs)
	return slices.Sorted(maps.Keys(needs))
}

func (s *Spec) needs(needs predeclared) {
	if s.Kind != annotate.Spec {
		needs.add("error", "nil")
	}
	if s.ShouldLoad != nil && !direct(s.ShouldLoad) || len(s.Methods) > 0 {
		needs.add("bool")
	}
	for property := range s.All() {
		if list, ok := property.Value.(*[]string); ok && len(*list) > 0 {
			needs.add("string")
		}
	}
	needs.addOf(s.TypeArgs...)
	if a := s.Adapter; a != nil {
		needs.add("true", "bool")
		needs.addOf(a.LoadArg)
		needs.addOf(a.Params...)
		needs.addOf(a.Results...)
	}
}

// predeclared is a set of predeclared names.
type predeclared map[string]bool

func (p predeclared) add(names ...string) {
	for _, name := range names {
		p[name] = true
	}
}

// addOf adds those in types.
func (p predeclared) addOf(all ...code.Type) {
	for _, t := range all {
		if t.IsZero() {
			continue
		}
		ast.Inspect(t.Expr(), func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				return false
			case *ast.Ident:
				p.add(n.Name)
			}
			return true
		})
	}
}
