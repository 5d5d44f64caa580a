package gen

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/genfile"
	"github.com/plugingen/plugingen/gen/render"
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
		p.errorf(annotate.Unresolved, x.Directive, "%s is a function, and whether it can satisfy the contract %s can't be told, since that embeds an interface of another package: "+
			"list the methods in %s, or mark a type", x.Symbol, c, c.Symbol)
		return nil
	case len(form.Methods) > 1:
		p.errorf(annotate.Role, x.Directive, "%s is a function, and can't stand for the methods %s of the contract %s, which are more than one: mark a type",
			x.Symbol, strings.Join(form.Methods, ", "), c)
		return nil
	case len(form.Methods) == 0 && loadOnly:
		return nil // a FunctionPlugin satisfies it
	case len(form.Methods) == 0:
		p.errorf(annotate.Role, x.Directive, "%s is a function, and the contract %s has no method that it could be: mark a type", x.Symbol, c)
		return nil
	}
	a := &render.Adapter{Method: form.Methods[0], Lifecycle: form.Lifecycle, LoadArg: form.LoadArg, LoadImports: form.Imports}
	if slices.Contains(form.Lifecycle, genfile.LoadArgMethod) && !nameable(p, form) {
		p.errorf(annotate.Unresolved, x.Directive, "%s is a function, and can't be made a %s, since this package can't name the type of the argument of its Load: mark a type", x.Symbol, c)
		return nil
	}
	return a
}

// nameable says whether a package can write the type that an interface's Load takes.
func nameable(p *pkg, form *genfile.Interface) bool {
	if form.LoadArg == "" {
		return false
	}
	for q, path := range form.Imports {
		if path == p.Path {
			continue
		}
		if !rules.CanImport(p.Path, path) {
			return false
		}
		for _, word := range strings.FieldsFunc(form.LoadArg, func(r rune) bool { return strings.ContainsRune("*[]{}(), ", r) }) {
			if name, ok := strings.CutPrefix(word, q+"."); ok && !token.IsExported(name) {
				return false
			}
		}
	}
	return true
}

// signature completes an adapter with what the function takes and returns, with
// its type arguments in the place of its type parameters.
func (t *tree) signature(p *pkg, x *annotate.Plugin, a *render.Adapter, w *typeWriter, typeArgs []string) {
	w.params = map[string]string{}
	if list := x.Func.Type.TypeParams; list != nil {
		i := 0
		for _, f := range list.List {
			for _, name := range f.Names {
				w.params[name.Name] = typeArgs[i]
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
	a.Params, ok1 = w.texts(params)
	a.Results, ok2 = w.texts(flatten(x.Func.Type.Results))
	if !ok1 || !ok2 {
		p.errorf(annotate.Unresolved, x.Decl, "%s can't be wrapped in a method %s, since its signature has a type in it that can't be told from its syntax: "+
			"declare a type of this package for it, and give imports names", x.Symbol, a.Method)
	}
}
