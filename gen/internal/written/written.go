// Package written reads the files that plugingen wrote into a package before: what others can use
// of them, and what they use.
//
// Files are parsed only where it matters. Most have not changed, and what they declare is found
// without parsing.
package written

import (
	"bytes"
	"iter"
	"regexp"
	"slices"
	"strconv"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/scan"
)

// A Package is the generated files of a package. It is not safe for concurrent use.
type Package struct {
	Files []scan.File

	blank    []scan.File
	declared map[string]variables // by the name of the file
	parsed   []*genfile.File      // see all
}

// variables are what a generated file declares for other packages.
type variables struct {
	specs   []string // identifiers, in the order of the file
	structs []string // names of the shared structs that it describes
}

// In returns the generated files of a directory.
func In(dir *scan.Dir) *Package {
	p := &Package{Files: dir.Generated, blank: dir.Blank, declared: make(map[string]variables, len(dir.Generated))}
	for _, f := range dir.Generated {
		p.declared[f.Name] = variablesIn(f.Src)
	}
	return p
}

func variablesIn(src []byte) (v variables) {
	for line := range bytes.Lines(src) {
		name, ok := bytes.CutPrefix(line, []byte("var "))
		if !ok {
			continue
		}
		name, _, _ = bytes.Cut(name, []byte(" "))
		if bytes.HasPrefix(name, []byte(genfile.SpecPrefix)) {
			v.specs = append(v.specs, string(name))
		} else if name, ok := bytes.CutPrefix(name, []byte(genfile.SharedOptions)); ok {
			v.structs = append(v.structs, string(name))
		}
	}
	return v
}

// Source returns what is in a file that plugingen may write, or nil if there is none: a blank one
// of such a name is among them.
func (p *Package) Source(name string) []byte {
	for _, files := range [][]scan.File{p.Files, p.blank} {
		if i := slices.IndexFunc(files, func(f scan.File) bool { return f.Name == name }); i >= 0 {
			return files[i].Src
		}
	}
	return nil
}

// Preamble returns what stands above the header of a file, or of another one if there is none of
// the name.
func (p *Package) Preamble(name string) string {
	if src := p.Source(name); src != nil {
		return genfile.Preamble(src)
	}
	for _, f := range p.Files {
		if above := genfile.Preamble(f.Src); above != "" {
			return above
		}
	}
	return ""
}

// Specs returns the specs of a generated file. A damaged file has none: neither it nor what
// refers to it compiles.
func Specs(src []byte) []genfile.Spec {
	f, err := genfile.Read("", src)
	if err != nil {
		return nil
	}
	return f.Specs
}

// Types returns the plugins that are types.
func (p *Package) Types() (types []annotate.Generated) {
	for _, f := range p.Files {
		for _, s := range Specs(f.Src) {
			if s.Kind == annotate.Type {
				types = append(types, annotate.Generated{
					File: f.Name, Symbol: s.Symbol,
					Namespace: s.Namespace, Name: s.Name,
				})
			}
		}
	}
	return types
}

// DeclaresOthers reports whether the files declare specs with other identifiers than those.
func (p *Package) DeclaresOthers(identifiers []string) bool {
	known := make(map[string]bool, len(identifiers))
	for _, identifier := range identifiers {
		known[identifier] = true
	}
	for _, v := range p.declared {
		if slices.ContainsFunc(v.specs, func(identifier string) bool { return !known[identifier] }) {
			return true
		}
	}
	return false
}

// LostSpecs returns the specs that are no longer in the same file, if identifiers yields those that
// will be in a file.
func (p *Package) LostSpecs(identifiers func(file string) iter.Seq[string]) (lost []genfile.Spec) {
	for _, f := range p.Files {
		if inOrder(identifiers(f.Name), p.declared[f.Name].specs) {
			continue // as in most cases: the file need not be parsed
		}
		kept := map[string]bool{}
		for identifier := range identifiers(f.Name) {
			kept[identifier] = true
		}
		for _, s := range Specs(f.Src) {
			if !kept[s.Identifier] {
				lost = append(lost, s)
			}
		}
	}
	return lost
}

// inOrder reports whether a sequence has all of some identifiers, in the same order.
func inOrder(all iter.Seq[string], some []string) bool {
	for identifier := range all {
		if len(some) > 0 && identifier == some[0] {
			some = some[1:]
		}
	}
	return len(some) == 0
}

// LostStructs returns the names of the shared structs that are no longer described, sorted.
func (p *Package) LostStructs(described func(name string) bool) (lost []string) {
	for _, v := range p.declared {
		for _, name := range v.structs {
			if !described(name) {
				lost = append(lost, name)
			}
		}
	}
	slices.Sort(lost)
	return lost
}

// UsersOf returns a function that reports whether files use the options of a shared struct of the
// package with an import path.
func UsersOf(path, name string) func(*Package) bool {
	imported := []byte(strconv.Quote(path) + "\n")
	word := regexp.MustCompile(`\.` + regexp.QuoteMeta(genfile.SharedOptions+name) + `\b`)
	return func(p *Package) bool {
		return slices.ContainsFunc(p.Files, func(f scan.File) bool {
			return bytes.Contains(f.Src, imported) && word.Match(f.Src)
		})
	}
}

// Links yields the specs that the files link, as "import/path.Identifier", each with the name of
// the file.
func (p *Package) Links() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, g := range p.Files {
			if !bytes.Contains(g.Src, []byte("Links[")) {
				continue
			}
			f, err := genfile.Read(g.Name, g.Src)
			if err != nil {
				continue
			}
			for _, link := range f.Links {
				if !yield(link, g.Name) {
					return
				}
			}
		}
	}
}

// Asserts reports whether a file has plugins of the namespace that satisfy a contract, or links
// plugins, and imports the path.
func (p *Package) Asserts(namespace, path string) bool {
	quoted := []byte(strconv.Quote(path))
	mentioned := func(f scan.File) bool { return bytes.Contains(f.Src, quoted) }
	if !slices.ContainsFunc(p.Files, mentioned) {
		return false // as in most cases: the files need not be parsed
	}
	return slices.ContainsFunc(p.all(), func(f *genfile.File) bool {
		_, imported := slices.BinarySearch(f.Imports, path)
		return imported && (len(f.Links) > 0 ||
			slices.ContainsFunc(f.Specs, func(s genfile.Spec) bool { return s.Namespace == namespace && s.Asserted }))
	})
}

// all returns the files without those that are damaged.
func (p *Package) all() []*genfile.File {
	if p.parsed == nil {
		p.parsed = []*genfile.File{}
		for _, g := range p.Files {
			if f, err := genfile.Read(g.Name, g.Src); err == nil {
				p.parsed = append(p.parsed, f)
			}
		}
	}
	return p.parsed
}
