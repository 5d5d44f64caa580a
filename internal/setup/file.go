package setup

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/internal/builds"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/rules"
)

// A file is a Go file of a package that links plugins.
type file struct {
	name        string
	src         []byte
	fset        *token.FileSet
	ast         *ast.File
	constrained bool // it is not compiled in every build
}

// readPackage returns the files of a package, without tests and what plugingen wrote.
func readPackage(dir string) ([]file, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []file
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || !rules.IsGoFile(name) || rules.IsTestFile(name) {
			continue
		}
		f := file{name: filepath.Join(dir, name), fset: token.NewFileSet()}
		if f.src, err = readfile.Source(f.name); err != nil {
			return nil, err
		}
		if genfile.HasHeader(f.src) {
			continue
		}
		if f.ast, err = parser.ParseFile(f.fset, short(f.name), f.src, parser.ParseComments); err != nil {
			return nil, err
		}
		f.constrained = builds.OfFile(f.fset.File(f.ast.FileStart), name, f.ast).String() != ""
		files = append(files, f)
	}
	return files, nil
}

// choose returns the file to write comments into, nil if there is none.
func choose(files []file) *file {
	var best *file
	for i := range files {
		f := &files[i]
		if ast.IsGenerated(f.ast) {
			continue
		}
		if !f.constrained && (best == nil || f.rank() > best.rank()) {
			best = f
		}
	}
	// The constraints of the only file are those of the package.
	if best == nil && len(files) == 1 && !ast.IsGenerated(files[0].ast) {
		best = &files[0]
	}
	return best
}

// rank is greater for files in which a reader looks first.
func (f *file) rank() int {
	switch {
	case slices.ContainsFunc(f.ast.Decls, isFuncMain):
		return 2
	case filepath.Base(f.name) == "doc.go":
		return 1
	}
	return 0
}

func isFuncMain(d ast.Decl) bool {
	fn, ok := d.(*ast.FuncDecl)
	return ok && fn.Recv == nil && fn.Name.Name == "main"
}

// insert returns the source with text as a paragraph of its own below the imports.
func (f *file) insert(text string) ([]byte, error) {
	at, err := f.belowImports()
	if err != nil {
		return nil, err
	}
	end := "\n"
	if bytes.Contains(f.src, []byte("\r\n")) {
		end = "\r\n"
	}
	head, tail := f.src[:at], f.src[at:]
	var b bytes.Buffer
	b.Write(head)
	if !bytes.HasSuffix(head, []byte("\n")) {
		b.WriteString(end)
	}
	b.WriteString(end)
	b.WriteString(strings.ReplaceAll(text, "\n", end))
	if line, _, _ := bytes.Cut(tail, []byte("\n")); len(bytes.TrimSpace(line)) > 0 {
		b.WriteString(end)
	}
	b.Write(tail)
	if _, err := parser.ParseFile(token.NewFileSet(), "", b.Bytes(), parser.SkipObjectResolution); err != nil {
		return nil, fmt.Errorf("%s: there is no place for comments below the imports", short(f.name))
	}
	return b.Bytes(), nil
}

// belowImports returns the offset of the first line below the imports, or below the package
// clause, that is in no declaration or comment.
func (f *file) belowImports() (int, error) {
	offset := func(p token.Pos) int { return f.fset.PositionFor(p, false).Offset }
	at := offset(f.ast.Name.End())
	for _, d := range f.ast.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			at = max(at, offset(g.End()))
		}
	}
	at = f.lineEnd(at)
	for _, group := range f.ast.Comments {
		for _, c := range group.List {
			if offset(c.Pos()) < at && offset(c.End()) > at {
				at = f.lineEnd(offset(c.End()))
			}
		}
	}
	for _, d := range f.ast.Decls {
		if offset(d.Pos()) < at && offset(d.End()) > at {
			return 0, fmt.Errorf("%s: begin a new line after the imports, for comments that link plugins",
				short(f.name))
		}
	}
	return at, nil
}

// lineEnd returns the offset behind the line that the offset is in.
func (f *file) lineEnd(offset int) int {
	if i := bytes.IndexByte(f.src[offset:], '\n'); i >= 0 {
		return offset + i + 1
	}
	return cmp.Or(len(f.src), offset)
}
