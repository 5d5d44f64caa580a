// Package source reads the Go files of a package, those of every build, for
// package annotate. plugingen and pluginvet both read packages by it, so that they
// know the same of them.
//
// It parses no more than that takes. A file without annotations matters only for
// what the others refer to, and its outline tells whether they do in a tenth of the
// time that parsing it takes.
package source

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"iter"
	"slices"
	"strconv"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/outline"
	"github.com/plugingen/plugingen/internal/readfile"
)

// A File is a Go file of a package, other than one that plugingen wrote.
type File struct {
	Name      string // without directory
	Path      string
	Src       []byte // nil if it has to be read
	Annotated bool   // it may contain annotations
	Syntax    *ast.File
}

// A Package is what the files of a directory declare. Its methods are not safe for
// concurrent use.
type Package struct {
	*annotate.Package
	SyntaxErrors []annotate.Diagnostic // of annotated files; those of others are the compiler's to report

	fset     *token.FileSet
	readFile func(path string) ([]byte, error)
	files    []*file
	index    map[string]*declaration // of all files, once it is needed
	complete *annotate.Package       // the same with all files parsed, if others asked for what they declare
}

// A file is a File as far as it has been read.
type file struct {
	File
	outline outline.Outline
	wanted  bool           // more than its imports; all of an annotated one
	given   bool           // parsed by the caller, whose syntax it is
	parsed  *annotate.File // nil if it can't be parsed
}

// Read reads a package. Files are parsed into fset, but for those that come with
// their syntax, which was parsed with comments into it. Files that can't be read by
// readFile are left out.
func Read(fset *token.FileSet, importPath string, files []File, readFile func(path string) ([]byte, error)) *Package {
	p := &Package{fset: fset, readFile: readFile}
	for _, f := range files {
		p.files = append(p.files, &file{File: f, wanted: f.Annotated || f.Syntax != nil, given: f.Syntax != nil})
	}
	slices.SortFunc(p.files, func(a, b *file) int { return cmp.Compare(a.Name, b.Name) })
	p.parseWhole()
	p.want()
	p.parsePlain()
	p.Package = annotate.Read(importPath, p.parsed())
	if len(p.Diagnostics) > 0 && p.parseRest() {
		p.Package = annotate.Read(importPath, p.parsed()) // suggestions may name what is declared anywhere
	}
	for _, f := range p.files {
		if f.parsed != nil && !f.given {
			dropBodies(f.parsed.Syntax)
		}
		f.Src = nil
	}
	return p
}

// parseWhole parses the annotated files, and outlines the others.
func (p *Package) parseWhole() {
	for _, f := range p.files {
		if f.given {
			f.parsed = annotate.NewFile(p.fset, f.Name, f.Syntax)
			continue
		}
		if f.Src != nil {
			f.outline = outline.Of(f.Src)
		}
		p.load(f)
		if !f.Annotated {
			continue
		}
		if syntax, err := p.parse(f, f.Src, parser.ParseComments); err != nil {
			p.SyntaxErrors = append(p.SyntaxErrors, syntaxErrors(p.fset, syntax, err)...)
		}
	}
}

// load reads a file whose contents are not in memory. What can't be read is empty, and
// so can't be parsed.
func (p *Package) load(f *file) {
	if f.Src == nil {
		f.Src, _ = p.readFile(f.Path)
		f.outline, p.index = outline.Of(f.Src), nil // it may have changed since it was read before
	}
}

// parsed returns the files that could be parsed, by name.
func (p *Package) parsed() []*annotate.File {
	var files []*annotate.File
	for _, f := range p.files {
		if f.parsed != nil {
			files = append(files, f.parsed)
		}
	}
	return files
}

// want decides which other files are wanted: those that declare something that an
// annotated file mentions, or another that is wanted. All are if no file is annotated, or
// if one that is may have a function or an alias by which another declares a
// registry.Spec.
func (p *Package) want() {
	var read []*file
	rest := false
	for _, f := range p.files {
		if f.wanted {
			read = append(read, f)
		}
		rest = rest || !f.wanted
	}
	if !rest {
		return
	}
	if len(read) == 0 || slices.ContainsFunc(read, (*file).importsRegistry) {
		for _, f := range p.files {
			f.wanted = true
		}
		return
	}
	declarations := p.declarations()
	for i := 0; i < len(read); i++ {
		p.load(read[i])
		for word := range outline.Words(read[i].outline.WithoutBodies(read[i].Src)) {
			for d := declarations[string(word)]; d != nil; d = d.next {
				if !d.file.wanted {
					d.file.wanted = true
					read = append(read, d.file)
				}
			}
		}
	}
}

// A declaration is that of a name in a file, or of methods on a type of that name.
type declaration struct {
	file   *file
	offset int          // of the name, -1 for methods
	next   *declaration // another of the same name, in the same file or one before it
}

// declarations returns those of the files that were outlined, by name.
func (p *Package) declarations() map[string]*declaration {
	if p.index != nil {
		return p.index
	}
	n := 0
	for _, f := range p.files {
		n += len(f.outline.Names) + len(f.outline.Receivers)
	}
	all := make([]declaration, 0, n)
	p.index = make(map[string]*declaration, n)
	add := func(name string, f *file, offset int) {
		all = append(all, declaration{f, offset, p.index[name]})
		p.index[name] = &all[len(all)-1]
	}
	for _, f := range p.files {
		for _, n := range f.outline.Names {
			add(n.Text, f, n.Offset)
		}
		for _, name := range f.outline.Receivers {
			add(name, f, -1)
		}
	}
	return p.index
}

func (f *file) importsRegistry() bool {
	return f.parsed != nil && slices.ContainsFunc(f.parsed.Syntax.Imports, func(imp *ast.ImportSpec) bool {
		return imp.Path.Value == strconv.Quote(annotate.RegistryPath)
	})
}

func (p *Package) parsePlain() {
	for _, f := range p.files {
		if !f.Annotated && !f.given {
			p.parsePlainFile(f)
		}
	}
}

// parseRest parses the files that were not wanted, and reports whether there were any.
func (p *Package) parseRest() bool {
	found := false
	for _, f := range p.files {
		if !f.wanted {
			f.wanted, found = true, true
			p.parsePlainFile(f)
		}
	}
	return found
}

// parsePlainFile parses the declarations of a file without annotations, or only its
// imports if it is not wanted.
func (p *Package) parsePlainFile(f *file) {
	p.load(f)
	src, mode := f.Src, parser.ImportsOnly
	if f.wanted {
		src, mode = f.outline.WithoutBodies(f.Src), 0
	}
	head := f.Src[:f.outline.Package] // where comments mean something
	if bytes.Contains(head, []byte("//go:build")) || bytes.Contains(head, []byte("+build")) || bytes.Contains(head, []byte("// Code generated")) {
		mode |= parser.ParseComments
	}
	p.parse(f, src, mode)
	f.Src = nil
}

func (p *Package) parse(f *file, src []byte, mode parser.Mode) (*ast.File, error) {
	f.parsed = nil
	syntax, err := parser.ParseFile(p.fset, f.Path, readfile.Parsable(src), mode|parser.SkipObjectResolution)
	if err != nil {
		return syntax, err
	}
	f.parsed = annotate.NewFile(p.fset, f.Name, syntax)
	return syntax, nil
}

// About returns the package with all that is known of a name: what other packages ask
// for need not be in the files that were parsed.
func (p *Package) About(name string) *annotate.Package {
	unread := slices.ContainsFunc(p.files, func(f *file) bool {
		return !f.wanted && slices.ContainsFunc(f.outline.Names, func(n outline.Name) bool { return n.Text == name })
	})
	if unread && p.parseRest() {
		p.complete = annotate.Read(p.Path, p.parsed())
	}
	return cmp.Or(p.complete, p.Package)
}

// Declares reports whether a file of the package declares a name at package level; tests and
// files that other tools generate count.
func (p *Package) Declares(name string) bool { return p.declaration(name) != nil }

// Declaration returns where a name is declared that the package [Package.Declares].
func (p *Package) Declaration(name string) annotate.Span {
	d := p.declaration(name)
	start := d.file.parsed.Syntax.FileStart
	if !d.file.wanted { // the parser has seen the lines of the imports only
		src, _ := p.readFile(d.file.Path)
		if file := p.fset.File(start); file.Size() == len(src) {
			file.SetLinesForContent(src)
		}
	}
	pos := start + token.Pos(d.offset)
	return annotate.Span{Pos: pos, End: pos + token.Pos(len(name))}
}

// Declared returns the names that the package declares, in no order.
func (p *Package) Declared() iter.Seq[string] {
	return func(yield func(string) bool) {
		for name := range p.declarations() {
			if p.Declares(name) && !yield(name) {
				return
			}
		}
	}
}

// declaration returns that of a name at package level, nil if there is none.
func (p *Package) declaration(name string) *declaration {
	if name == "_" || name == "init" {
		return nil
	}
	for d := p.declarations()[name]; d != nil; d = d.next {
		if d.offset >= 0 && d.file.parsed != nil && d.file.parsed.Syntax.Name.Name == p.Name {
			return d
		}
	}
	return nil
}

// Damaged reports whether an annotated file can't be parsed, so that what depends on it is
// unknown.
func (p *Package) Damaged() bool {
	return slices.ContainsFunc(p.files, func(f *file) bool { return f.Annotated && f.parsed == nil })
}

// dropBodies releases what is in functions: once their comments have been read, it is
// of no interest, and most of the memory.
func dropBodies(f *ast.File) {
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			fn.Body = nil
		}
	}
}
