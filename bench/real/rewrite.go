package real

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// rewrite puts a directive on every type that is registered as a module of Caddy, and
// takes the registrations out. It returns the IDs of the modules.
func rewrite(dir string) ([]string, error) {
	var ids []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		found, err := rewritePackage(path)
		ids = append(ids, found...)
		return err
	})
	slices.Sort(ids)
	return ids, err
}

// A pkg is the files of a folder, and what is to be changed in them.
type pkg struct {
	fset  *token.FileSet
	files map[string]*ast.File
	edits map[string][]edit
}

// An edit replaces bytes of a file.
type edit struct {
	from, to int
	text     string
}

func rewritePackage(dir string) ([]string, error) {
	p := &pkg{token.NewFileSet(), map[string]*ast.File{}, map[string][]edit{}}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if p.files[name], err = parser.ParseFile(p.fset, name, nil, parser.ParseComments|parser.SkipObjectResolution); err != nil {
			return nil, err
		}
	}
	ids, err := p.modules()
	if err != nil {
		return nil, err
	}
	return ids, p.apply()
}

// modules finds the registrations, and plans what becomes of them.
func (p *pkg) modules() ([]string, error) {
	var ids []string
	for _, f := range p.files {
		var failed error
		ast.Inspect(f, func(n ast.Node) bool {
			stmt, ok := n.(*ast.ExprStmt)
			if !ok || failed != nil {
				return failed == nil
			}
			name, ok := registered(stmt)
			if !ok {
				return true
			}
			id := p.id(name)
			if id == "" {
				return true // made up at run time, as for adapters of configurations
			}
			if failed = p.declare(name, id); failed == nil {
				p.replace(stmt.Pos(), stmt.End(), "")
				ids = append(ids, id)
			}
			return true
		})
		if failed != nil {
			return nil, failed
		}
		p.keepImport(f)
	}
	return ids, nil
}

// registered returns the type that a statement registers: T{}, &T{} or new(T).
func registered(stmt *ast.ExprStmt) (string, bool) {
	call, ok := stmt.X.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return "", false
	}
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		if f.Sel.Name != "RegisterModule" {
			return "", false
		}
	case *ast.Ident:
		if f.Name != "RegisterModule" {
			return "", false
		}
	default:
		return "", false
	}
	arg := call.Args[0]
	if u, ok := arg.(*ast.UnaryExpr); ok {
		arg = u.X
	}
	switch a := arg.(type) {
	case *ast.CompositeLit:
		arg = a.Type
	case *ast.CallExpr: // new
		arg = a.Args[0]
	}
	ident, ok := arg.(*ast.Ident)
	if !ok {
		return "", false
	}
	return ident.Name, true
}

// id returns what the type's CaddyModule method gives as ID.
func (p *pkg) id(name string) (id string) {
	for _, f := range p.files {
		for _, d := range f.Decls {
			m, ok := d.(*ast.FuncDecl)
			if !ok || m.Name.Name != "CaddyModule" || m.Recv == nil || receiver(m) != name {
				continue
			}
			ast.Inspect(m, func(n ast.Node) bool {
				if kv, ok := n.(*ast.KeyValueExpr); ok {
					if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "ID" {
						if lit, ok := kv.Value.(*ast.BasicLit); ok {
							id, _ = strconv.Unquote(lit.Value)
						}
					}
				}
				return true
			})
		}
	}
	return id
}

func receiver(m *ast.FuncDecl) string {
	t := m.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	ident, _ := t.(*ast.Ident)
	if ident == nil {
		return ""
	}
	return ident.Name
}

// declare puts a directive before the declaration of a type.
func (p *pkg) declare(name, id string) error {
	for _, f := range p.files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, spec := range g.Specs {
				if t := spec.(*ast.TypeSpec); t.Name.Name == name {
					at := g.Pos()
					if g.Lparen.IsValid() {
						at = t.Pos()
					}
					p.replace(at, at, directive(id))
					return nil
				}
			}
		}
	}
	return fmt.Errorf("the declaration of module %s is not there", name)
}

// directive is the mark of the module; those without a dot in the ID are in the
// namespace of Caddy's apps.
func directive(id string) string {
	namespace, name := "caddy", id
	if i := strings.LastIndex(id, "."); i >= 0 {
		namespace, name = "caddy."+id[:i], id[i+1:]
	}
	return fmt.Sprintf("//\n//plugin:namespace=%s name=%s\n", namespace, name)
}

// keepImport uses the import of caddy in a file that has lost its registrations.
func (p *pkg) keepImport(f *ast.File) {
	name := p.fset.Position(f.Pos()).Filename
	for _, imp := range f.Imports {
		if len(p.edits[name]) > 0 && imp.Path.Value == `"github.com/caddyserver/caddy/v2"` && imp.Name == nil {
			p.replace(f.FileEnd, f.FileEnd, "\nvar _ caddy.Module\n")
		}
	}
}

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
