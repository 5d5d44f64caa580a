package gen

import (
	"go/ast"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/render"
	"github.com/plugingen/plugingen/internal/rules"
)

// adapter returns the type that makes a function satisfy an interface, as
// http.HandlerFunc does http.Handler. It returns nil if none is needed, or if it can't
// be, and then reports why.
func (t *tree) adapter(p *pkg, x *annotate.Plugin, c *contract) *render.Adapter {
	form := c.form
	if form == nil {
		return nil
	}
	loadOnly := !slices.ContainsFunc(form.Lifecycle, func(m string) bool { return m != genfile.LoadMethod })
	switch {
	case form.Unknown:
		p.errorf(annotate.Unresolved, x.Directive, "%s is a function, and whether it can satisfy the contract %s can't be told, since that embeds an interface whose methods are not known here: "+
			"list the methods in %s, or mark a type", x.Symbol, c, c.Symbol)
		return nil
	case len(form.Methods) > 1:
		p.errorf(annotate.Role, x.Directive, "%s is a function, and can't stand for the methods %s of the contract %s, which are more than one: mark a type",
			x.Symbol, joined(form.Methods), c)
		return nil
	case len(form.Methods) == 0 && loadOnly:
		return nil // a FunctionPlugin satisfies it
	case len(form.Methods) == 0:
		p.errorf(annotate.Role, x.Directive, "%s is a function, and the contract %s has no method that it could be: mark a type", x.Symbol, c)
		return nil
	}
	if !form.Methods[0].IsExported() && c.path != p.Path {
		p.errorf(annotate.Role, x.Directive, "%s is a function, and can't stand for the method %s of the contract %s, which is not exported: mark a type in %s",
			x.Symbol, form.Methods[0], c, c.path)
		return nil
	}
	a := &render.Adapter{Method: form.Methods[0], Lifecycle: form.Lifecycle, LoadArg: form.LoadArg}
	if slices.Contains(form.Lifecycle, genfile.LoadArgMethod) && !nameable(p, form) {
		p.errorf(annotate.Unresolved, x.Directive, "%s is a function, and can't be made a %s, since this package can't name the type of the argument of its Load: mark a type", x.Symbol, c)
		return nil
	}
	return a
}

func joined(names []code.Ident) string {
	var all []string
	for _, name := range names {
		all = append(all, name.String())
	}
	return strings.Join(all, ", ")
}

// nameable reports whether a package can write the type that an interface's Load takes.
func nameable(p *pkg, form *genfile.Interface) bool {
	if form.LoadArg.IsZero() {
		return false
	}
	imports, ok := form.LoadArg.Imports(), true
	ast.Inspect(form.LoadArg.Expr(), func(n ast.Node) bool {
		if sel, isName := n.(*ast.SelectorExpr); isName {
			path := imports[sel.X.(*ast.Ident).Name].String()
			ok = ok && (path == p.Path || sel.Sel.IsExported() && rules.CanImport(p.Path, path))
		}
		return true
	})
	return ok
}

// signature completes an adapter with what the function takes and returns, with
// its type arguments in the place of its type parameters.
func (t *tree) signature(p *pkg, x *annotate.Plugin, a *render.Adapter, w *typeWriter, typeArgs []code.Type) {
	w.params = map[string]ast.Expr{}
	if list := x.Func.Type.TypeParams; list != nil {
		i := 0
		for _, f := range list.List {
			for _, name := range f.Names {
				w.params[name.Name] = typeArgs[i].Expr()
				i++
			}
		}
	}
	defer func() { w.params = nil }()
	params := flatten(x.Func.Type.Params)
	if n := len(params); n > 0 {
		if last, ok := params[n-1].(*ast.Ellipsis); ok {
			a.Variadic = true
			params[n-1] = last.Elt
		}
	}
	var ok1, ok2 bool
	a.Params, ok1 = w.types(params)
	a.Results, ok2 = w.types(flatten(x.Func.Type.Results))
	if !ok1 || !ok2 {
		p.errorf(annotate.Unresolved, x.Decl, "%s can't be wrapped in a method %s, since its signature has a type in it that can't be told from its syntax: "+
			"declare a type of this package for it, and give imports names", x.Symbol, a.Method)
	}
}
