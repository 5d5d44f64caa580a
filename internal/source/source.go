// Package source reads the Go files of a package, for all builds, and passes them to
// package annotate. plugingen and pluginvet both read packages with it, so that they
// find the same plugins.
//
// It parses only what matters. The body of a function matters only if it may contain a
// misplaced directive; syntax errors in other bodies are left to the compiler. A file
// without annotations matters only if annotated files refer to its declarations. Outlines
// of the files show both, and take a tenth of the time of parsing.
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
	"sync"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/outline"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/rules"
)

// A File is a Go file of a package that plugingen did not write.
type File struct {
	Name      string // without directory
	Path      string
	Src       []byte // nil if it is to be read from Path
	Annotated bool   // it may contain annotations
	Syntax    *ast.File
}

// A Package is what the files of a directory declare. Its methods are not safe for
// concurrent use.
type Package struct {
	*annotate.Package
	SyntaxErrors []annotate.Diagnostic // of annotated files; the compiler reports those of others

	fset     *token.FileSet
	readFile func(path string) ([]byte, error)
	files    []*file
	byName   map[string]*file        // see fileNamed
	index    map[string]*declaration // of all files, once it is needed
	partial  bool                    // there are files whose declarations have not been needed
	complete *annotate.Package       // the package with all files parsed, once About has needed it
}

// A file is a File as far as it has been read.
type file struct {
	File
	outline outline.Outline
	needed  bool           // its declarations are parsed, and not only its imports
	given   bool           // parsed by the caller
	parsed  *annotate.File // nil if it can't be parsed

	comments bool           // parsed has comments
	whole    *annotate.File // with comments and bodies; nil until it is needed
}

// Read reads a package. Files are parsed into fset, but for those that come with
// their syntax, which was parsed with comments into it. Files that can't be read by
// readFile are left out.
func Read(fset *token.FileSet, importPath string, files []File, readFile func(path string) ([]byte, error)) *Package {
	p := &Package{fset: fset, readFile: readFile}
	for _, f := range files {
		p.files = append(p.files, &file{File: f, needed: f.Annotated || f.Syntax != nil, given: f.Syntax != nil})
	}
	slices.SortFunc(p.files, func(a, b *file) int { return cmp.Compare(a.Name, b.Name) })
	p.parseAnnotated()
	p.selectNeeded()
	p.parseUnannotated()
	p.Package = annotate.Read(importPath, p.parsed())
	if len(p.Diagnostics) > 0 && p.parseRest() {
		p.Package = annotate.Read(importPath, p.parsed()) // suggestions can name any declaration
	}
	if len(p.Plugins) > 0 {
		p.declarations() // they will be needed, and this is where packages are read several at once
	}
	for _, f := range p.files {
		p.partial = p.partial || !f.needed
		if f.parsed != nil && !f.given {
			dropBodies(f.parsed.Syntax)
		}
		f.Src = nil
	}
	return p
}

// parseAnnotated parses the annotated files, and outlines the others.
func (p *Package) parseAnnotated() {
	for _, f := range p.files {
		if f.given {
			f.parsed, f.comments = annotate.NewFile(p.fset, f.Name, f.Syntax), true
			f.whole = f.parsed
			continue
		}
		if f.Src != nil {
			f.outline = outline.Of(f.Src)
		}
		p.load(f)
		if !f.Annotated {
			continue
		}
		// A directive or a tag has no effect in the body of a function, which annotate reports.
		if p.parseOutside(f, parser.ParseComments, rules.MentionsPlugin[[]byte]) == nil {
			continue
		}
		// There is an error outside of functions. All of the file's are reported.
		if syntax, err := p.parse(f, f.Src, parser.ParseComments); err != nil {
			p.SyntaxErrors = append(p.SyntaxErrors, syntaxErrors(p.fset, syntax, err)...)
		}
	}
}

// load reads a file whose contents are not in memory. A file that can't be read is taken
// for empty, and so can't be parsed.
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

// selectNeeded selects the files without annotations whose declarations are needed: those
// that declare a name that is in an annotated file, or in another needed one. It selects
// all if no file is annotated, or if an annotated one imports the registry, and so may
// have a function or an alias by which others declare a registry.Spec.
func (p *Package) selectNeeded() {
	var read []*file
	rest := false
	for _, f := range p.files {
		if f.needed {
			read = append(read, f)
		}
		rest = rest || !f.needed
	}
	if !rest {
		return
	}
	if len(read) == 0 || slices.ContainsFunc(read, (*file).importsRegistry) {
		for _, f := range p.files {
			f.needed = true
		}
		return
	}
	declarations := p.declarations()
	for i := 0; i < len(read); i++ {
		p.load(read[i])
		for word := range read[i].outline.Words(read[i].Src) {
			for d := declarations[string(word)]; d != nil; d = d.next {
				if !d.file.needed {
					d.file.needed = true
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

func (p *Package) parseUnannotated() {
	for _, f := range p.files {
		if !f.Annotated && !f.given {
			p.parseUnannotatedFile(f)
		}
	}
}

// parseRest parses the declarations of the files that were not needed so far, and reports
// whether there are any.
func (p *Package) parseRest() bool {
	p.partial = false
	found := false
	for _, f := range p.files {
		if !f.needed {
			f.needed, found = true, true
			p.parseUnannotatedFile(f)
		}
	}
	return found
}

// parseUnannotatedFile parses the declarations of a file without annotations, or only its
// imports if the declarations are not needed.
func (p *Package) parseUnannotatedFile(f *file) {
	p.load(f)
	mode := parser.Mode(0)
	head := f.Src[:f.outline.Package] // where comments mean something
	for _, text := range []string{"//go:build", "+build", "// Code generated"} {
		if bytes.Contains(head, []byte(text)) {
			mode |= parser.ParseComments
		}
	}
	if f.needed { // errors are reported by UnannotatedErrors, if need be
		_ = p.parseOutside(f, mode, func([]byte) bool { return false })
	} else {
		_, _ = p.parse(f, f.Src, mode|parser.ImportsOnly)
	}
	f.Src = nil
}

// parseOutside parses a file without the bodies of its functions, except those for which
// keep reports true.
func (p *Package) parseOutside(f *file, mode parser.Mode, keep func(body []byte) bool) error {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	*buf = f.outline.AppendWithoutBodies((*buf)[:0], f.Src, keep)
	_, err := p.parse(f, *buf, mode)
	return err
}

// buffers hold sources without bodies. The parser copies what it keeps of them.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

func (p *Package) parse(f *file, src []byte, mode parser.Mode) (*ast.File, error) {
	f.parsed, f.comments = nil, mode&parser.ParseComments != 0
	syntax, err := parser.ParseFile(p.fset, f.Path, readfile.Parsable(src), mode|parser.SkipObjectResolution)
	if err != nil {
		return syntax, err
	}
	f.parsed = annotate.NewFile(p.fset, f.Name, syntax)
	return syntax, nil
}

// About returns the package with all declarations of a name. The files that declare it
// may not have been parsed before, if only other packages refer to it.
func (p *Package) About(name string) *annotate.Package {
	if p.complete == nil && p.declaresUnread(name) && p.parseRest() {
		p.complete = annotate.Read(p.Path, p.parsed())
	}
	return cmp.Or(p.complete, p.Package)
}

// declaresUnread reports whether a file whose declarations have not been needed has one of the
// name.
func (p *Package) declaresUnread(name string) bool {
	if !p.partial {
		return false
	}
	for d := p.declarations()[name]; d != nil; d = d.next {
		if d.offset >= 0 && !d.file.needed {
			return true
		}
	}
	return false
}

// WithComments returns the declaration of a type with its comments, which files without
// annotations are parsed without.
func (p *Package) WithComments(t annotate.TypeDecl) annotate.TypeDecl {
	f := p.fileNamed(t.File.Name)
	if f == nil || f.comments {
		return t
	}
	whole := p.parseWhole(f)
	if whole == nil {
		return t
	}
	for _, d := range whole.Syntax.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, s := range g.Specs {
			if spec := s.(*ast.TypeSpec); spec.Name.Name == t.Name.Name {
				return annotate.TypeDecl{TypeSpec: spec, File: whole}
			}
		}
	}
	return t
}

// WithBody returns the declaration of a function of a file with its body, or nil if it can't
// be parsed.
func (p *Package) WithBody(name string, in *annotate.File) *ast.FuncDecl {
	f := p.fileNamed(in.Name)
	if f == nil {
		return nil
	}
	whole := p.parseWhole(f)
	if whole == nil {
		return nil
	}
	for _, d := range whole.Syntax.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == name {
			return fn
		}
	}
	return nil
}

// fileNamed returns a file that could be parsed, or nil.
func (p *Package) fileNamed(name string) *file {
	if p.byName == nil {
		p.byName = make(map[string]*file, len(p.files))
		for _, f := range p.files {
			p.byName[f.Name] = f
		}
	}
	if f := p.byName[name]; f != nil && f.parsed != nil {
		return f
	}
	return nil
}

// parseWhole parses all of a file once. It returns nil if it can't be read or parsed.
func (p *Package) parseWhole(f *file) *annotate.File {
	if f.whole != nil {
		return f.whole
	}
	src, err := p.readFile(f.Path)
	if err != nil {
		return nil
	}
	mode := parser.ParseComments | parser.SkipObjectResolution
	syntax, err := parser.ParseFile(p.fset, f.Path, readfile.Parsable(src), mode)
	if err != nil {
		return nil
	}
	f.whole = annotate.NewFile(p.fset, f.Name, syntax)
	return f.whole
}

// Compiled returns the files that are in some build of the package: all but tests. Those that
// other tools generate are among them.
func (p *Package) Compiled() (files []*ast.File) {
	for _, f := range p.files {
		if p.contains(f) && !rules.IsTestFile(f.Name) {
			files = append(files, f.parsed.Syntax)
		}
	}
	return files
}

// Declares reports whether a file of the package declares a name at package level. Tests
// and files that other tools generate count.
func (p *Package) Declares(name string) bool { return p.declaration(name) != nil }

// Declaration returns where a name is declared. [Package.Declares] must be true for it.
func (p *Package) Declaration(name string) annotate.Span {
	d := p.declaration(name)
	start := d.file.parsed.Syntax.FileStart
	if !d.file.needed { // the parser has seen the lines of the imports only
		src, _ := p.readFile(d.file.Path)
		if file := p.fset.File(start); file.Size() == len(src) {
			file.SetLinesForContent(src)
		}
	}
	pos := start + token.Pos(d.offset)
	return annotate.Span{Pos: pos, End: pos + token.Pos(len(name))}
}

// Declared returns the names that the package declares. One that is declared in several
// builds is returned for each.
func (p *Package) Declared() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, f := range p.files {
			if !p.contains(f) {
				continue
			}
			for _, n := range f.outline.Names {
				if n.Text != "_" && n.Text != "init" && !yield(n.Text) {
					return
				}
			}
		}
	}
}

// contains reports whether a file is one of the package, and not of another in its directory.
func (p *Package) contains(f *file) bool {
	return f.parsed != nil && f.parsed.Syntax.Name.Name == p.Name
}

// declaration returns that of a name at package level, nil if there is none.
func (p *Package) declaration(name string) *declaration {
	if name == "_" || name == "init" {
		return nil
	}
	for d := p.declarations()[name]; d != nil; d = d.next {
		if d.offset >= 0 && p.contains(d.file) {
			return d
		}
	}
	return nil
}

// Damaged reports whether an annotated file can't be parsed, so that plugins may be
// missing.
func (p *Package) Damaged() bool {
	return slices.ContainsFunc(p.files, func(f *file) bool { return f.Annotated && f.parsed == nil })
}

// dropBodies releases the bodies of functions. They are most of the memory, and not needed
// once their comments have been read.
func dropBodies(f *ast.File) {
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			fn.Body = nil
		}
	}
}
