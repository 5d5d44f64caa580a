package render

import (
	"go/ast"
	"go/parser"
	"go/token"

	"github.com/dave/jennifer/jen"
)

// typ writes a type that is given as text, whose qualifiers imports explains. The text
// is parsed and only types are written, so that nothing else can come of it.
func (r *renderer) typ(text string, imports map[string]string) *jen.Statement {
	expr, err := parser.ParseExpr(text)
	if err != nil {
		return jen.Id("_") // does not compile, but then it was no type
	}
	return r.typeExpr(expr, imports)
}

func (r *renderer) typeExpr(e ast.Expr, imports map[string]string) *jen.Statement {
	typ := func(e ast.Expr) *jen.Statement { return r.typeExpr(e, imports) }
	switch e := e.(type) {
	case *ast.Ident:
		return jen.Id(e.Name)
	case *ast.SelectorExpr:
		if id, ok := e.X.(*ast.Ident); ok {
			return jen.Qual(imports[id.Name], e.Sel.Name)
		}
	case *ast.ParenExpr:
		return typ(e.X)
	case *ast.StarExpr:
		return prefixed("*", typ(e.X))
	case *ast.Ellipsis:
		return prefixed("...", typ(e.Elt))
	case *ast.ChanType:
		switch e.Dir {
		case ast.SEND:
			return prefixed("chan<- ", typ(e.Value))
		case ast.RECV:
			return prefixed("<-chan ", typ(e.Value))
		}
		return glue(jen.Op("chan ("), typ(e.Value), jen.Op(")"))
	case *ast.ArrayType:
		switch n := e.Len.(type) {
		case nil:
			return prefixed("[]", typ(e.Elt))
		case *ast.BasicLit:
			if n.Kind == token.INT {
				return prefixed("["+n.Value+"]", typ(e.Elt))
			}
		default:
			return glue(jen.Op("["), typ(n), jen.Op("]"), typ(e.Elt))
		}
	case *ast.MapType:
		return glue(jen.Op("map["), typ(e.Key), jen.Op("]"), typ(e.Value))
	case *ast.InterfaceType:
		return jen.Interface()
	case *ast.StructType:
		return jen.Struct()
	case *ast.FuncType:
		return function(r.typeList(e.Params, imports), r.typeList(e.Results, imports))
	case *ast.IndexExpr:
		return instance(typ(e.X), []jen.Code{typ(e.Index)})
	case *ast.IndexListExpr:
		var args []jen.Code
		for _, x := range e.Indices {
			args = append(args, typ(x))
		}
		return instance(typ(e.X), args)
	}
	return jen.Id("_")
}

func (r *renderer) typeList(list *ast.FieldList, imports map[string]string) []jen.Code {
	var types []jen.Code
	if list != nil {
		for _, f := range list.List {
			types = append(types, r.typeExpr(f.Type, imports))
		}
	}
	return types
}
