package real

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// A pkg is the files of a directory, and what is to be changed in them.
type pkg struct {
	root  string // the directory of the module
	fset  *token.FileSet
	files map[string]*ast.File
	edits map[string][]edit
}

// An edit replaces bytes of a file.
type edit struct {
	from, to int
	text     string
}

// rewrite puts directives where plugins are registered in the packages below a directory, and
// takes the registrations out. It returns how many there were.
func rewrite(dir string, register func(*pkg) (int, error)) (n int, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		p, err := parse(dir, path)
		if err != nil {
			return err
		}
		found, err := register(p)
		if err != nil {
			return err
		}
		n += found
		return p.apply()
	})
	return n, err
}

func parse(root, dir string) (*pkg, error) {
	p := &pkg{root, token.NewFileSet(), map[string]*ast.File{}, map[string][]edit{}}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if p.files[name], err = parser.ParseFile(p.fset, name, nil,
			parser.ParseComments|parser.SkipObjectResolution); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// specs are what the declarations of a kind have: types, or constants.
func (p *pkg) specs(kind token.Token) iter.Seq2[*ast.GenDecl, ast.Spec] {
	return func(yield func(*ast.GenDecl, ast.Spec) bool) {
		for _, f := range p.files {
			for _, d := range f.Decls {
				g, ok := d.(*ast.GenDecl)
				if !ok || g.Tok != kind {
					continue
				}
				for _, spec := range g.Specs {
					if !yield(g, spec) {
						return
					}
				}
			}
		}
	}
}

// declare puts a directive before the declaration of a type, after what its comment says.
func (p *pkg) declare(name, directive string) error {
	for g, spec := range p.specs(token.TYPE) {
		if spec.(*ast.TypeSpec).Name.Name != name {
			continue
		}
		at := g.Pos()
		if g.Lparen.IsValid() {
			at = spec.Pos()
		}
		p.replace(at, at, "//\n"+directive+"\n")
		return nil
	}
	return fmt.Errorf("the declaration of type %s is not there", name)
}

// declareFunc puts a directive before the declaration of a function, after what
// its comment says.
func (p *pkg) declareFunc(name, directive string) error {
	for _, f := range p.files {
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Recv == nil && d.Name.Name == name {
				p.replace(d.Pos(), d.Pos(), "//\n"+directive+"\n")
				return nil
			}
		}
	}
	return fmt.Errorf("the declaration of function %s is not there", name)
}

// nameKey is the key that names a plugin as an expression does.
func (p *pkg) nameKey(e ast.Expr) (string, error) {
	if ident, ok := e.(*ast.Ident); ok {
		return "name_from=" + ident.Name, nil
	}
	name, err := p.constant(e)
	return "name=" + strconv.Quote(name), err
}

// keep uses an import in a file that has lost its registrations.
func (p *pkg) keep(f *ast.File, path, use string) {
	name := p.fset.Position(f.Pos()).Filename
	for _, imp := range f.Imports {
		if len(p.edits[name]) > 0 && imp.Path.Value == strconv.Quote(path) && imp.Name == nil {
			p.replace(f.FileEnd, f.FileEnd, "\nvar _ "+use+"\n")
		}
	}
}

// replace plans that the source from one position to another becomes a text.
func (p *pkg) replace(from, to token.Pos, text string) {
	name := p.fset.Position(from).Filename
	p.edits[name] = append(p.edits[name], edit{p.fset.Position(from).Offset, p.fset.Position(to).Offset, text})
}

func (p *pkg) apply() error {
	for name, edits := range p.edits {
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		slices.SortStableFunc(edits, func(a, b edit) int { return a.from - b.from })
		var b bytes.Buffer
		at := 0
		for _, e := range edits {
			b.Write(src[at:e.from])
			b.WriteString(e.text)
			at = e.to
		}
		b.Write(src[at:])
		if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}
