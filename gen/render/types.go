package render

import (
	"go/ast"

	"github.com/dave/jennifer/jen"

	"github.com/plugingen/plugingen/gen/code"
)

// typ writes a type.
func (r *renderer) typ(t code.Type) *jen.Statement {
	return typeWriter(t.Imports()).typ(t.Expr())
}

func (r *renderer) types(list []code.Type) []jen.Code {
	var all []jen.Code
	for _, t := range list {
		all = append(all, r.typ(t))
	}
	return all
}

// A typeWriter writes types whose qualifiers it explains.
type typeWriter map[string]code.ImportPath

// typ writes what code.Type can hold.
func (w typeWriter) typ(e ast.Expr) *jen.Statement {
	switch e := e.(type) {
	case *ast.Ident:
		return jen.Id(e.Name)
	case *ast.SelectorExpr:
		return jen.Qual(w[e.X.(*ast.Ident).Name].String(), e.Sel.Name)
	case *ast.BasicLit:
		return jen.Op(e.Value)
	case *ast.StarExpr:
		return prefixed("*", w.typ(e.X))
	case *ast.Ellipsis:
		return prefixed("...", w.typ(e.Elt))
	case *ast.ChanType:
		return w.channel(e)
	case *ast.ArrayType:
		if e.Len == nil {
			return prefixed("[]", w.typ(e.Elt))
		}
		return glue(jen.Op("["), w.typ(e.Len), jen.Op("]"), w.typ(e.Elt))
	case *ast.MapType:
		return glue(jen.Op("map["), w.typ(e.Key), jen.Op("]"), w.typ(e.Value))
	case *ast.InterfaceType:
		return jen.Interface()
	case *ast.StructType:
		return jen.Struct()
	case *ast.FuncType:
		return function(w.fields(e.Params), w.fields(e.Results))
	case *ast.IndexListExpr:
		var args []jen.Code
		for _, x := range e.Indices {
			args = append(args, w.typ(x))
		}
		return instance(w.typ(e.X), args)
	}
	return jen.Null()
}

func (w typeWriter) channel(c *ast.ChanType) *jen.Statement {
	switch {
	case c.Dir == ast.SEND:
		return prefixed("chan<- ", w.typ(c.Value))
	case c.Dir == ast.RECV:
		return prefixed("<-chan ", w.typ(c.Value))
	case code.NeedsParens(c):
		return glue(jen.Op("chan ("), w.typ(c.Value), jen.Op(")"))
	}
	return prefixed("chan ", w.typ(c.Value))
}

func (w typeWriter) fields(list *ast.FieldList) []jen.Code {
	var types []jen.Code
	for _, f := range list.List {
		types = append(types, w.typ(f.Type))
	}
	return types
}
