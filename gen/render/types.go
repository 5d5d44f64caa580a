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
		return jen.Op("*").Add(typ(e.X))
	case *ast.Ellipsis:
		return jen.Op("...").Add(typ(e.Elt))
	case *ast.ChanType:
		switch e.Dir {
		case ast.SEND:
			return jen.Chan().Op("<-").Add(typ(e.Value))
		case ast.RECV:
			return jen.Op("<-").Chan().Add(typ(e.Value))
		}
		return jen.Chan().Parens(typ(e.Value))
	case *ast.ArrayType:
		switch n := e.Len.(type) {
		case nil:
			return jen.Index().Add(typ(e.Elt))
		case *ast.BasicLit:
			if n.Kind == token.INT {
				return jen.Index(jen.Id(n.Value)).Add(typ(e.Elt))
			}
		default:
			return jen.Index(typ(n)).Add(typ(e.Elt))
		}
	case *ast.MapType:
		return jen.Map(typ(e.Key)).Add(typ(e.Value))
	case *ast.InterfaceType:
		return jen.Interface()
	case *ast.StructType:
		return jen.Struct()
	case *ast.FuncType:
		return jen.Func().Params(r.typeList(e.Params, imports)...).Params(r.typeList(e.Results, imports)...)
	case *ast.IndexExpr:
		return typ(e.X).Types(typ(e.Index))
	case *ast.IndexListExpr:
		var args []jen.Code
		for _, x := range e.Indices {
			args = append(args, typ(x))
		}
		return typ(e.X).Types(args...)
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
