package annotate

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
)

// reference returns the use of the declaration that a pair names, as role sees
// it. role returns why the declaration can't have it.
func (r *reader) reference(p Pair, what string, role func(*decl) (*Call, string)) *Call {
	w, ok := r.one(p)
	if !ok {
		return nil
	}
	if !token.IsIdentifier(w.Text) || w.Text == "_" {
		r.errorf(BadValue, w.Span, "%q is not an identifier: %s names a declaration of this package", w.Text, p.Key.Text)
		return nil
	}
	d := r.decls[w.Text]
	if d == nil {
		r.errorf(Unresolved, w.Span, "%s is not declared in package %s%s", w.Text, r.Name, didYouMean(w.Text, r.declared(role)))
		return nil
	}
	call, why := role(d)
	if why != "" {
		r.errorf(Role, w.Span, "%s can't be %s: %s", w.Text, what, why).Related =
			[]Related{{identSpan(d.ident), "it is declared here"}}
	}
	return call
}

// declared returns the names of the package-level declarations that could have
// the role, sorted.
func (r *reader) declared(role func(*decl) (*Call, string)) []string {
	var names []string
	for name, d := range r.decls {
		if _, why := role(d); why == "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// factoryCall says how to call a function as a factory, or why it can't be one.
func (r *reader) factoryCall(fn *ast.FuncDecl) (*Call, string) {
	const want = "a factory is a func() T or func() (T, error), and may take the plugin's name (a string) or its *registry.Spec"
	arg, ok := r.arg(fn)
	if !ok {
		return nil, "it takes other arguments; " + want
	}
	results := flatten(fn.Type.Results)
	switch {
	case len(results) == 1 && !isIdent(results[0], "error"):
		return &Call{Symbol: fn.Name.Name, Arg: arg, Decl: fn}, ""
	case len(results) == 2 && isIdent(results[1], "error"):
		return &Call{Symbol: fn.Name.Name, Arg: arg, Error: true, Decl: fn}, ""
	case len(results) == 0:
		return nil, "it returns nothing; " + want
	}
	return nil, "it returns something else; " + want
}

// shouldLoadCall says how to ask a declaration whether to load, or why it can't be.
func (r *reader) shouldLoadCall(d *decl) (*Call, string) {
	const want = "should_load is a bool, or a function that returns one and may take the plugin's name (a string) or its *registry.Spec"
	switch {
	case d.typ != nil:
		return nil, "it is a type; " + want
	case d.fn == nil:
		return &Call{Symbol: d.ident.Name, Value: true}, "" // the compiler checks that it is a bool
	}
	arg, ok := r.arg(d.fn)
	results := flatten(d.fn.Type.Results)
	if !ok || len(results) != 1 || !isIdent(results[0], "bool") || d.fn.Type.TypeParams != nil {
		return nil, "it has another signature; " + want
	}
	return &Call{Symbol: d.fn.Name.Name, Arg: arg, Decl: d.fn}, ""
}

// loadCall says how to call a function as load, or why it can't be.
func (r *reader) loadCall(d *decl) (*Call, string) {
	const want = "load is a func(context.Context) error"
	if d.fn == nil {
		return nil, "it is " + d.what() + "; " + want
	}
	params, results := flatten(d.fn.Type.Params), flatten(d.fn.Type.Results)
	if len(params) != 1 || len(results) != 1 || !isIdent(results[0], "error") || d.fn.Type.TypeParams != nil ||
		!d.file.refersTo(params[0], "context", "Context") {
		return nil, "it has another signature; " + want
	}
	return &Call{Symbol: d.fn.Name.Name, Decl: d.fn}, ""
}

// arg says what a function named in a directive takes.
func (r *reader) arg(fn *ast.FuncDecl) (Arg, bool) {
	params := flatten(fn.Type.Params)
	if len(params) == 0 {
		return NoArg, true
	}
	if len(params) > 1 {
		return 0, false
	}
	if isIdent(params[0], "string") {
		return NameArg, true
	}
	star, ok := params[0].(*ast.StarExpr)
	return SpecArg, ok && r.decls[fn.Name.Name].file.refersTo(star.X, RegistryPath, "Spec")
}

// flatten returns a type for each field of the list.
func flatten(list *ast.FieldList) []ast.Expr {
	if list == nil {
		return nil
	}
	var all []ast.Expr
	for _, f := range list.List {
		for range max(len(f.Names), 1) {
			all = append(all, f.Type)
		}
	}
	return all
}

func isIdent(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// typeArgs says whether as many type arguments are given as there are type parameters.
func (r *reader) typeArgs(p *Plugin, what string, params *ast.FieldList) bool {
	want := params.NumFields()
	switch {
	case want == len(p.TypeArgs):
		return true
	case want == 0:
		r.errorf(Role, p.Span("type_args"), "%s is not generic: it takes no type arguments", what)
	case len(p.TypeArgs) == 0:
		r.errorf(Missing, p.Directive, "%s is generic: say which type arguments the plugin has, as in type_args=int", what)
	default:
		r.errorf(Role, p.Span("type_args"), "%s has %d type parameters, but %d type arguments are given", what, want, len(p.TypeArgs))
	}
	return false
}

// types reads a list of types. What is accepted can only name types: no function
// literal, call or other expression.
func (r *reader) types(p Pair) []ast.Expr {
	var list []ast.Expr
	for _, w := range r.items(p) {
		expr, err := parser.ParseExpr(w.Text)
		if err != nil || !r.isType(expr) {
			r.errorf(BadValue, w.Span, "%q is not a type that a directive can name: write int, *T, pkg.T, []T, map[K]V or T[A]", w.Text)
			continue
		}
		list = append(list, expr)
	}
	return list
}

func (r *reader) isType(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name != "_"
	case *ast.SelectorExpr:
		id, ok := e.X.(*ast.Ident)
		return ok && r.file.importPath(id.Name) != ""
	case *ast.StarExpr:
		return r.isType(e.X)
	case *ast.ArrayType:
		_, fixed := e.Len.(*ast.BasicLit)
		return (e.Len == nil || fixed) && r.isType(e.Elt)
	case *ast.MapType:
		return r.isType(e.Key) && r.isType(e.Value)
	case *ast.IndexExpr:
		return r.isType(e.X) && r.isType(e.Index)
	case *ast.IndexListExpr:
		return r.isType(e.X) && !slices.ContainsFunc(e.Indices, func(x ast.Expr) bool { return !r.isType(x) })
	}
	return false
}
