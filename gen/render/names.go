package render

import (
	"go/token"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/dave/jennifer/jen"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/code"
)

// locals are the names of variables in generated functions, if the package does not
// have them.
var locals = []string{"spec", "plugin", "err"}

// importsOf returns the paths that a file may import, with the names that their
// packages have, "" where it isn't known.
func (f *File) importsOf() map[string]string {
	found := map[string]string{annotate.RegistryPath: "registry", "context": "context"}
	add := func(r *code.Ref) { found[r.Path.String()] = r.Package.String() }
	for _, t := range f.Tables {
		for i := range t.Specs {
			add(&t.Specs[i])
		}
	}
	for i := range f.Proofs {
		add(&f.Proofs[i].Contract.Ref)
		add(&f.Proofs[i].Plugin)
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
	delete(found, f.Path)
	return found
}

// standard is what import paths of the standard library begin with, as far as plugins
// are likely to have types of it.
var standard = strings.Fields("archive bufio bytes cmp compress container context crypto database debug embed encoding errors expvar flag fmt " +
	"go hash html image io iter log maps math mime net os path plugin reflect regexp runtime slices sort strconv strings sync syscall " +
	"testing text time unicode unique unsafe")

// standardName returns the name of a package of the standard library, "" for others:
// what they are called need not be the end of their paths.
func standardName(importPath string) string {
	first, _, _ := strings.Cut(importPath, "/")
	last := path.Base(importPath)
	if !slices.Contains(standard, first) || !token.IsIdentifier(last) || len(last) > 1 && last[0] == 'v' && unicode.IsDigit(rune(last[1])) {
		return ""
	}
	return last
}

// preferred returns what an import is best called.
func preferred(importPath, name string) string {
	if name != "" {
		return name
	}
	name = strings.Map(func(c rune) rune {
		if c == '_' || unicode.IsLetter(c) || unicode.IsDigit(c) {
			return c
		}
		return -1
	}, path.Base(importPath))
	if name == "" || unicode.IsDigit(rune(name[0])) {
		return "pkg" + name
	}
	return name
}

// nameImports gives each import a name that nothing else has in the file: neither
// another import, nor a declaration of the package, nor a variable.
func (r *renderer) nameImports() {
	used := map[string]bool{}
	for _, name := range slices.Concat(r.Taken, locals) {
		used[name] = true
	}
	found := r.importsOf()
	paths := slices.Sorted(maps.Keys(found))
	slices.SortStableFunc(paths, func(a, b string) int { // ours keep their names
		return rank(a) - rank(b)
	})
	for _, p := range paths {
		want := preferred(p, found[p])
		name := want
		for i := 1; used[name] || jen.IsReservedWord(name); i++ {
			name = want + strconv.Itoa(i)
		}
		used[name] = true
		if name == found[p] && name == path.Base(p) { // so that a reader of the file need not know the package
			r.out.ImportName(p, name)
		} else {
			r.out.ImportAlias(p, name)
		}
	}
}

func rank(importPath string) int {
	if importPath == annotate.RegistryPath || importPath == "context" {
		return 0
	}
	return 1
}

// Stems returns the names that the file would best give to imports and variables,
// and those of Go's own that it can do without, without digits at their ends.
func (f *File) Stems() map[string]bool {
	stems := map[string]bool{"any": true, "new": true}
	for _, name := range locals {
		stems[name] = true
	}
	for p, name := range f.importsOf() {
		stems[strings.TrimRight(preferred(p, name), "0123456789_")] = true
	}
	return stems
}

// Declares returns the names that the file declares.
func (f *File) Declares() []string {
	var names []string
	for i := range f.Specs {
		s := &f.Specs[i]
		names = append(names, s.Identifier.String())
		if s.Kind != annotate.Spec.String() {
			names = append(names, s.newName())
		}
		if s.Contract != nil {
			names = append(names, s.proverName())
		}
		if s.ShouldLoad != nil {
			names = append(names, s.shouldLoadName())
		}
		if s.Adapter != nil {
			names = append(names, s.adapterName())
		}
	}
	if len(f.Tables) > 0 {
		names = append(names, f.linksName())
	}
	return names
}

// Needs returns the names of Go's own that the file can't do without.
func (f *File) Needs() []string {
	needs := map[string]bool{}
	for i := range f.Specs {
		s := &f.Specs[i]
		if s.Kind != annotate.Spec.String() {
			needs["error"], needs["nil"] = true, true
		}
		if s.ShouldLoad != nil || len(s.Methods) > 0 {
			needs["bool"] = true
		}
		if s.Adapter != nil {
			needs["true"], needs["bool"] = true, true
		}
		if len(s.Requires)+len(s.Aliases) > 0 {
			needs["string"] = true
		}
	}
	return slices.Sorted(maps.Keys(needs))
}
