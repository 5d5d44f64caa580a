package render

import (
	"go/ast"
	"go/token"
	"strings"

	"github.com/plugingen/plugingen/internal/code"
)

// typ returns a type as the file writes it.
func (r *renderer) typ(t code.Type) argument {
	w := &typeWriter{renderer: r, qualifiers: t.Imports()}
	w.typ(t.Expr())
	return argument{text: w.String(), imports: w.imports}
}

// A typeWriter writes types, as gofmt lays them out.
type typeWriter struct {
	*renderer
	strings.Builder
	qualifiers map[string]code.ImportPath
	imports    []string
}

// typ writes what code.Type can hold.
func (w *typeWriter) typ(e ast.Expr) {
	switch e := e.(type) {
	case *ast.Ident:
		w.WriteString(e.Name)
	case *ast.SelectorExpr:
		w.selector(e)
	case *ast.BasicLit:
		w.WriteString(number(e))
	case *ast.StarExpr:
		w.prefixed("*", e.X)
	case *ast.Ellipsis:
		w.prefixed("...", e.Elt)
	case *ast.ChanType:
		w.channel(e)
	case *ast.ArrayType:
		w.WriteString("[")
		if e.Len != nil {
			w.typ(e.Len)
		}
		w.prefixed("]", e.Elt)
	case *ast.MapType:
		w.prefixed("map[", e.Key)
		w.prefixed("]", e.Value)
	case *ast.InterfaceType:
		w.WriteString("interface{}")
	case *ast.StructType:
		w.WriteString("struct{}")
	case *ast.FuncType:
		w.function(e)
	case *ast.IndexListExpr:
		w.typ(e.X)
		w.list("[", e.Indices, "]")
	}
}

func (w *typeWriter) prefixed(before string, e ast.Expr) {
	w.WriteString(before)
	w.typ(e)
}

func (w *typeWriter) selector(e *ast.SelectorExpr) {
	f := w.qualified(w.qualifiers[e.X.(*ast.Ident).Name].String(), e.Sel.Name)
	w.WriteString(f.text)
	if f.path != "" {
		w.imports = append(w.imports, f.path)
	}
}

func (w *typeWriter) channel(c *ast.ChanType) {
	switch {
	case c.Dir == ast.SEND:
		w.prefixed("chan<- ", c.Value)
	case c.Dir == ast.RECV:
		w.prefixed("<-chan ", c.Value)
	case code.NeedsParens(c):
		w.prefixed("chan (", c.Value)
		w.WriteString(")")
	default:
		w.prefixed("chan ", c.Value)
	}
}

// number returns an integer as gofmt writes it, and if it is octal, as gofumpt does.
func number(lit *ast.BasicLit) string {
	s := lit.Value
	if lit.Kind != token.INT || len(s) < 2 || s[0] != '0' {
		return s
	}
	if digit := s[1]; '0' <= digit && digit <= '9' || digit == '_' {
		return "0o" + strings.TrimPrefix(s[1:], "_")
	}
	return strings.ToLower(s[:2]) + s[2:]
}

func (w *typeWriter) function(e *ast.FuncType) {
	w.list("func(", fields(e.Params), ")")
	switch results := fields(e.Results); len(results) {
	case 0:
	case 1:
		w.prefixed(" ", results[0])
	default:
		w.list(" (", results, ")")
	}
}

func (w *typeWriter) list(open string, all []ast.Expr, end string) {
	w.WriteString(open)
	for i, e := range all {
		if i > 0 {
			w.WriteString(", ")
		}
		w.typ(e)
	}
	w.WriteString(end)
}

func fields(list *ast.FieldList) []ast.Expr {
	var all []ast.Expr
	for _, f := range list.List {
		all = append(all, f.Type)
	}
	return all
}
