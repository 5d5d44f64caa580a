package gen

import (
	"bytes"
	"cmp"
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/outline"
	"github.com/plugingen/plugingen/gen/scan"
)

// A source is a file of a package. One without annotations, a plain one, matters only for
// what the others refer to, and its outline tells whether they do in a tenth of the
// time that parsing it takes.
type source struct {
	scan.File
	outline.Outline
	path   string
	marked bool
	wanted bool           // more of it than its imports; of a marked file, all
	syntax *annotate.File // nil if it can't be parsed
}

// parseFolder reads a folder: its files too, or only what was generated before,
// which is all that is of interest where no file is marked.
func (t *tree) parseFolder(folder *scan.Folder, syntax bool) *pkg {
	p := &pkg{folder: withoutPlain(folder)}
	if syntax {
		p.sources = sourcesOf(folder)
	}
	p.parseMarked(t.plan.Fset)
	p.want()
	p.parsePlain(t.plan.Fset)
	path := t.main.ImportPath(folder.Dir)
	p.Package = annotate.Read(path, p.files())
	if len(p.Diagnostics) > 0 && p.parseRest(t.plan.Fset) {
		p.Package = annotate.Read(path, p.files()) // which may name what is declared anywhere
	}
	p.declared = declared(p.Name, p.sources)
	for _, f := range p.files() {
		dropBodies(f.Syntax)
	}
	return p
}

// withoutPlain returns a folder without its plain files: once their sources are parsed, what
// they hold is of no interest, and a large part of the memory.
func withoutPlain(folder *scan.Folder) *scan.Folder {
	without := *folder
	without.Plain = nil
	return &without
}

// sourcesOf returns the files of a folder, by name.
func sourcesOf(folder *scan.Folder) []*source {
	var all []*source
	add := func(f scan.File, marked bool) {
		s := &source{File: f, path: filepath.Join(folder.Dir, f.Name), marked: marked, wanted: marked}
		s.load()
		s.Outline = outline.Of(s.Src)
		all = append(all, s)
	}
	for _, f := range folder.Marked {
		add(f, true)
	}
	for _, f := range folder.Plain {
		add(f, false)
	}
	slices.SortFunc(all, func(a, b *source) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// load reads a file again that has been let go of.
func (s *source) load() {
	if s.Src == nil {
		s.Src, _ = os.ReadFile(s.path) // what can't be read can't be parsed
	}
}

// files returns the files that could be parsed, by name.
func (p *pkg) files() []*annotate.File {
	var files []*annotate.File
	for _, s := range p.sources {
		if s.syntax != nil {
			files = append(files, s.syntax)
		}
	}
	return files
}

func (p *pkg) parseMarked(fset *token.FileSet) {
	for _, s := range p.sources {
		if s.marked {
			if syntax, err := s.parse(fset, s.Src, parser.ParseComments); err != nil {
				p.diagnostics = append(p.diagnostics, syntaxErrors(fset, syntax, err)...)
			}
		}
	}
}

// want decides which plain files are wanted: those that declare something that a marked
// file mentions, or another that is wanted. All are if no file is marked, or if one that is
// may have a function or an alias by which a plain file declares a registry.Spec.
func (p *pkg) want() {
	var read []*source
	for _, s := range p.sources {
		if s.marked {
			read = append(read, s)
		}
	}
	if len(read) == 0 || slices.ContainsFunc(read, (*source).importsRegistry) {
		for _, s := range p.sources {
			s.wanted = true
		}
		return
	}
	for i := 0; i < len(read); i++ {
		code := read[i].WithoutBodies(read[i].Src)
		for _, s := range p.sources {
			if !s.wanted && s.declaresAnyIn(code) {
				s.wanted = true
				read = append(read, s)
			}
		}
	}
}

// declaresAnyIn says whether the code may mention something that the file declares, or a
// type that it declares methods on.
func (s *source) declaresAnyIn(code []byte) bool {
	return slices.ContainsFunc(s.Names, func(n outline.Name) bool { return bytes.Contains(code, []byte(n.Text)) }) ||
		slices.ContainsFunc(s.Receivers, func(name string) bool { return bytes.Contains(code, []byte(name)) })
}

func (s *source) importsRegistry() bool {
	return s.syntax != nil && slices.ContainsFunc(s.syntax.Syntax.Imports, func(imp *ast.ImportSpec) bool {
		return imp.Path.Value == strconv.Quote(annotate.RegistryPath)
	})
}

func (p *pkg) parsePlain(fset *token.FileSet) {
	for _, s := range p.sources {
		if !s.marked {
			s.parsePlain(fset)
		}
	}
}

// parseRest parses the plain files that were not wanted, and says whether there were any.
func (p *pkg) parseRest(fset *token.FileSet) bool {
	found := false
	for _, s := range p.sources {
		if !s.wanted {
			s.wanted, found = true, true
			s.parsePlain(fset)
		}
	}
	return found
}

// parsePlain parses the declarations of a plain file, or only its imports if it is not
// wanted. That it can't be parsed is for the compiler to report.
func (s *source) parsePlain(fset *token.FileSet) {
	s.load()
	src, mode := s.Src, parser.ImportsOnly
	if s.wanted {
		src, mode = s.WithoutBodies(s.Src), 0
	}
	if bytes.Contains(s.Src, []byte("//go:build")) || bytes.Contains(s.Src, []byte("+build")) || bytes.Contains(s.Src, []byte("// Code generated")) {
		mode |= parser.ParseComments
	}
	if syntax, err := s.parse(fset, src, mode); err == nil && !s.wanted {
		fset.File(syntax.FileStart).SetLinesForContent(src) // the parser has not seen all
	}
	s.Src = nil
}

func (s *source) parse(fset *token.FileSet, src []byte, mode parser.Mode) (*ast.File, error) {
	s.syntax = nil
	syntax, err := parser.ParseFile(fset, s.path, src, mode|parser.SkipObjectResolution)
	if err != nil {
		return syntax, err
	}
	s.syntax = annotate.NewFile(fset, s.Name, syntax)
	return syntax, nil
}

// about returns the package with all that is known of a name: what other packages ask for
// need not be in the files that are wanted.
func (t *tree) about(p *pkg, name string) *annotate.Package {
	unread := slices.ContainsFunc(p.sources, func(s *source) bool {
		return !s.wanted && slices.ContainsFunc(s.Names, func(n outline.Name) bool { return n.Text == name })
	})
	if unread && p.parseRest(t.plan.Fset) {
		p.whole = annotate.Read(p.Path, p.files())
	}
	return cmp.Or(p.whole, p.Package)
}

// dropBodies lets go of what is in functions: once their comments have been read, it is
// of no interest, and most of the memory.
func dropBodies(f *ast.File) {
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			fn.Body = nil
		}
	}
}

// syntaxErrors returns diagnostics for what the parser says of a file.
func syntaxErrors(fset *token.FileSet, syntax *ast.File, err error) []annotate.Diagnostic {
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		list = scanner.ErrorList{{Msg: err.Error()}}
	}
	var diags []annotate.Diagnostic
	for _, e := range list {
		pos := syntax.FileStart
		if file := fset.File(pos); file != nil {
			pos = file.Pos(min(e.Pos.Offset, file.Size()))
		}
		diags = append(diags, annotate.Diagnostic{Span: annotate.Span{Pos: pos, End: pos}, Category: annotate.Syntax, Message: e.Msg})
	}
	return diags
}
