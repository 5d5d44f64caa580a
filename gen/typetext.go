package gen

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/annotate"
)

// A typeWriter writes types of a package so that any file of any package can
// understand them: with a qualifier of its own for each package that they mention, the
// package itself included.
type typeWriter struct {
	pkg     *pkg
	file    *annotate.File    // where the types are written
	imports map[string]string // what the qualifiers stand for
	params  map[string]string // what type parameters stand for
}

func newTypeWriter(p *pkg, f *annotate.File) *typeWriter {
	return &typeWriter{pkg: p, file: f, imports: map[string]string{}}
}

// text returns the type, and whether it is of a kind and of names that are known.
func (w *typeWriter) text(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.Ident:
		return w.ident(e.Name)
	case *ast.SelectorExpr:
		if id, ok := e.X.(*ast.Ident); ok {
			path := w.file.ImportPath(id.Name)
			return w.qualified(path, e.Sel.Name), path != ""
		}
	case *ast.ParenExpr:
		return w.prefixed("", e.X)
	case *ast.StarExpr:
		return w.prefixed("*", e.X)
	case *ast.Ellipsis:
		return w.prefixed("...", e.Elt)
	case *ast.ChanType:
		return w.prefixed(map[ast.ChanDir]string{ast.SEND: "chan<- ", ast.RECV: "<-chan ", ast.SEND | ast.RECV: "chan "}[e.Dir], e.Value)
	case *ast.ArrayType:
		if e.Len == nil {
			return w.prefixed("[]", e.Elt)
		}
		n, ok := w.length(e.Len)
		s, known := w.prefixed("["+n+"]", e.Elt)
		return s, ok && known
	case *ast.MapType:
		key, ok := w.text(e.Key)
		s, known := w.prefixed("map["+key+"]", e.Value)
		return s, ok && known
	case *ast.InterfaceType:
		return "interface{}", e.Methods.NumFields() == 0
	case *ast.StructType:
		return "struct{}", e.Fields.NumFields() == 0
	case *ast.FuncType:
		params, ok1 := w.list(flatten(e.Params))
		results, ok2 := w.list(flatten(e.Results))
		return "func(" + params + ") (" + results + ")", ok1 && ok2
	case *ast.IndexExpr:
		return w.instance(e.X, []ast.Expr{e.Index})
	case *ast.IndexListExpr:
		return w.instance(e.X, e.Indices)
	}
	return "", false
}

func (w *typeWriter) ident(name string) (string, bool) {
	if text, ok := w.params[name]; ok {
		return text, true
	}
	if _, ok := w.pkg.declared[name]; ok {
		return w.qualified(w.pkg.Path, name), true
	}
	return name, types.Universe.Lookup(name) != nil
}

// length returns the length of an array type, a number or a constant's name.
func (w *typeWriter) length(e ast.Expr) (string, bool) {
	if n, ok := e.(*ast.BasicLit); ok && n.Kind == token.INT {
		return n.Value, true
	}
	return w.text(e)
}

func (w *typeWriter) prefixed(before string, e ast.Expr) (string, bool) {
	s, ok := w.text(e)
	return before + s, ok
}

func (w *typeWriter) list(types []ast.Expr) (string, bool) {
	texts, ok := w.texts(types)
	return strings.Join(texts, ", "), ok
}

func (w *typeWriter) texts(types []ast.Expr) (texts []string, ok bool) {
	ok = true
	for _, t := range types {
		s, known := w.text(t)
		texts = append(texts, s)
		ok = ok && known
	}
	return texts, ok
}

func (w *typeWriter) instance(generic ast.Expr, args []ast.Expr) (string, bool) {
	s, ok := w.text(generic)
	list, known := w.list(args)
	return s + "[" + list + "]", ok && known
}

// qualified returns the name of a package's declaration.
func (w *typeWriter) qualified(path, symbol string) string {
	for q, p := range w.imports {
		if p == path {
			return q + "." + symbol
		}
	}
	q := "p" + strconv.Itoa(len(w.imports))
	w.imports[q] = path
	return q + "." + symbol
}

// flatten returns a type for each parameter or result of a list.
func flatten(list *ast.FieldList) []ast.Expr {
	var all []ast.Expr
	if list != nil {
		for _, f := range list.List {
			for range max(len(f.Names), 1) {
				all = append(all, f.Type)
			}
		}
	}
	return all
}
