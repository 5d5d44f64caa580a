package options

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/plugingen/plugingen/annotate"
)

// maxCalls bounds how many functions are followed that return the result of another.
const maxCalls = 10

// maker returns the function that makes what a factory returns, and its file: the factory, or
// the function of the package whose result it returns.
func (r *reader) maker(c *annotate.Call) (*ast.FuncDecl, *annotate.File) {
	if c == nil || c.Decl == nil {
		return nil, nil
	}
	fn, file := r.pkg.WithBody(c.Symbol, c.File), c.File
	for range maxCalls {
		list := returned(fn)
		if len(list) != 1 {
			break
		}
		next, in := r.called(list[0], file)
		if next == nil {
			break
		}
		fn, file = r.pkg.WithBody(next.Name.Name, in), in
	}
	return fn, file
}

// called returns the function of the package that an expression calls, and its file; nil if
// there is none, or it is generic or not the same in all builds.
func (r *reader) called(e ast.Expr, from *annotate.File) (found *ast.FuncDecl, in *annotate.File) {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return nil, nil
	}
	id, ok := call.Fun.(*ast.Ident)
	if !ok {
		return nil, nil
	}
	for _, f := range r.pkg.About(id.Name).Files {
		for _, d := range f.Syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || fn.Name.Name != id.Name ||
				fn.Type.TypeParams != nil || fn.Type.Results.NumFields() == 0 {
				continue
			}
			if f.Name == from.Name {
				return fn, f
			}
			if found != nil {
				return nil, nil
			}
			found, in = fn, f
		}
	}
	return found, in
}

// made returns the type of what a factory returns, as the expressions that it returns tell, and
// the file in which that type is written; nil if there are none. If they do not tell, or
// differ, it is the result that the function declares.
func (r *reader) made(c *annotate.Call) (made ast.Expr, in *annotate.File) {
	fn, file := r.maker(c)
	if fn == nil {
		return nil, nil
	}
	for _, e := range returned(fn) {
		t, f := r.typeOfValue(e, fn, file)
		if t == nil || made != nil && (f != in || types.ExprString(t) != types.ExprString(made)) {
			return resultOf(fn.Type), file
		}
		made, in = t, f
	}
	return made, in
}

// typeOfValue returns the type of an expression in a function if it is a composite literal,
// new(T), the address of one, which new also returns, a variable that is declared as one, or the
// result of a function of the package.
func (r *reader) typeOfValue(e ast.Expr, fn *ast.FuncDecl, file *annotate.File) (ast.Expr, *annotate.File) {
	if r.depth++; r.depth > maxDepth {
		r.depth--
		return nil, nil
	}
	defer func() { r.depth-- }()
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return e.Type, file
	case *ast.UnaryExpr:
		if t, f := r.typeOfValue(e.X, fn, file); t != nil && e.Op == token.AND {
			return &ast.StarExpr{X: t}, f
		}
	case *ast.CallExpr:
		if arg := r.argumentOfNew(e); arg != nil {
			if t, f := r.typeOfValue(arg, fn, file); t != nil {
				return &ast.StarExpr{X: t}, f
			}
			return &ast.StarExpr{X: arg}, file // a type
		}
		if f, in := r.called(e, file); f != nil {
			return resultOf(f.Type), in
		}
	case *ast.Ident:
		typ, value := definition(fn, e.Name)
		if value == nil {
			return typ, file
		}
		return r.typeOfValue(value, fn, file)
	}
	return nil, nil
}

// argumentOfNew returns the type or, since Go 1.26, the value that an expression is new of; nil if
// it is something else.
func (r *reader) argumentOfNew(e ast.Expr) ast.Expr {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 || !isPredeclared(r.pkg, call.Fun, "new") {
		return nil
	}
	return ast.Unparen(call.Args[0])
}

// addressed returns X of &X and of new(X), and any other expression as it is.
func (r *reader) addressed(e ast.Expr) ast.Expr {
	if amp, ok := e.(*ast.UnaryExpr); ok && amp.Op == token.AND {
		return ast.Unparen(amp.X)
	}
	if arg := r.argumentOfNew(e); arg != nil {
		return arg
	}
	return e
}

// definition returns the type or the value with which a function declares a variable; neither if
// it does not, or does it more than once.
func definition(fn *ast.FuncDecl, name string) (typ, value ast.Expr) {
	declared := 0
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				id, ok := left.(*ast.Ident)
				if !ok || id.Name != name || n.Tok != token.DEFINE {
					continue
				}
				declared++
				if i < len(n.Rhs) {
					value = n.Rhs[i]
				}
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if id.Name != name {
					continue
				}
				declared++
				typ = n.Type
				if typ == nil && i < len(n.Values) {
					value = n.Values[i]
				}
			}
		}
		return true
	})
	if declared != 1 {
		return nil, nil
	}
	return typ, value
}

// returned returns the first results of the return statements of a function, without nil; none
// if one has no expression.
func returned(fn *ast.FuncDecl) (list []ast.Expr) {
	if fn == nil || fn.Body == nil {
		return nil
	}
	naked := false
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if len(n.Results) == 0 {
				naked = true
			} else if e := ast.Unparen(n.Results[0]); !isNil(e) {
				list = append(list, e)
			}
			return false
		}
		return true
	})
	if naked {
		return nil
	}
	return list
}

// resultOf returns the type of the first result of a function.
func resultOf(fn *ast.FuncType) ast.Expr { return ast.Unparen(fn.Results.List[0].Type) }

func isPointer(e ast.Expr) bool {
	_, ok := e.(*ast.StarExpr)
	return ok
}

// pointedTo returns T if a type is *T, and else the type.
func pointedTo(e ast.Expr) ast.Expr {
	if star, ok := e.(*ast.StarExpr); ok {
		return ast.Unparen(star.X)
	}
	return e
}
