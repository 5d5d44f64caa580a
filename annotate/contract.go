package annotate

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/language"
)

// contract reads a directive on an interface or func type, or one with the key contract.
func (r *reader) contract(t *ast.TypeSpec, d *directive) {
	for _, key := range []string{"name", "name_from"} {
		if p := d.get(key); p != nil && !p.guessed {
			r.errorf(Placement, p.span(), "%s is the contract of its namespace%s, and has no name: "+
				"remove the name, or write the directive above a plugin", t.Name.Name, becauseOf(d))
			return
		}
	}
	if p := d.get("contract"); p != nil {
		r.noValue(*p)
	}
	if !r.allowed(d, language.OnContract) {
		return
	}
	space := d.get("namespace")
	switch {
	case space == nil && d.broken:
		return
	case space == nil:
		r.errorf(Missing, d.Span, "a contract has a namespace: add namespace=...")
		return
	case t.TypeParams != nil:
		r.errorf(Role, d.Span, "a contract can't be generic: declare a type with type arguments, "+
			"as in type C Generic[int], and write the directive above that")
		return
	}
	expr, file := r.underlying(t.Type, r.file)
	if why := r.noContract(expr); why != "" {
		r.errorf(Role, d.Span, "%s can't be a contract: %s", t.Name.Name, why)
		return
	}
	_, isStruct := expr.(*ast.StructType)
	c := &Contract{
		Symbol: t.Name.Name, Decl: identSpan(t.Name), Directive: d.Span,
		File: r.file, Pointer: isStruct, Type: expr,
	}
	if !r.methodSet(&c.Methods, expr, file, map[ast.Expr]bool{}) {
		r.errorf(Role, d.Span, "%s can't be a contract: it has a type set in it (a union, ~T or "+
			"comparable), so it only constrains type parameters, and no plugin is a value "+
			"of it", t.Name.Name)
		return
	}
	if p := d.get("options"); p != nil {
		c.Options = r.naming(*p)
	}
	if p := d.get("section"); p != nil {
		c.Section = r.section(*p)
	}
	if c.Namespace = r.namespace(*space); c.Namespace != "" {
		r.Contracts = append(r.Contracts, c)
	}
}

// becauseOf returns why a type is a contract, if not because of the key contract.
func becauseOf(d *directive) string {
	if d.get("contract") != nil {
		return ""
	}
	return ", being an interface or func type"
}

// noContract returns why a type can't be a contract, or "" if it can.
func (r *reader) noContract(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.InterfaceType, *ast.FuncType, *ast.StructType, *ast.StarExpr:
		return ""
	case *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr:
		text := types.ExprString(t)
		return fmt.Sprintf("syntax does not tell what %s is: write struct{ %s } or interface{ %s "+
			"} instead", text, text, text)
	case *ast.Ident:
		if isIdent(t, "error") || isIdent(t, "any") {
			return ""
		}
	}
	return "a contract is an interface, a func type, a struct or a pointer"
}

// methodSet adds the methods of an interface, and of the interfaces that it embeds. It
// returns false for an interface that can only be a type constraint.
func (r *reader) methodSet(s *MethodSet, t ast.Expr, f *File, seen map[ast.Expr]bool) bool {
	iface, ok := t.(*ast.InterfaceType)
	switch {
	case isIdent(t, "error"), isIdent(t, "any"):
		return r.embedded(s, t, f, seen)
	case !ok || seen[t]:
		return true
	}
	seen[t] = true
	for _, m := range iface.Methods.List {
		if fn, ok := m.Type.(*ast.FuncType); ok && len(m.Names) > 0 {
			s.add(Method{m.Names[0].Name, fn, identSpan(m.Names[0]), f})
		} else if !r.embedded(s, m.Type, f, seen) {
			return false
		}
	}
	return true
}

// embedded adds the methods of an embedded element. It returns false as methodSet does.
func (r *reader) embedded(s *MethodSet, t ast.Expr, f *File, seen map[ast.Expr]bool) bool {
	switch x := ast.Unparen(t).(type) {
	case *ast.BinaryExpr, *ast.UnaryExpr: // a union, or ~T
		return false
	case *ast.IndexExpr:
		if f.refersTo(x.X, RegistryPath, "Plugin") {
			s.LoadArgs = append(s.LoadArgs, TypeExpr{x.Index, f})
			return true
		}
		return r.instance(s, x.X, []ast.Expr{x.Index}, f, seen)
	case *ast.IndexListExpr:
		return r.instance(s, x.X, x.Indices, f, seen)
	case *ast.Ident, *ast.SelectorExpr:
		expr, file := r.underlying(t, f)
		switch {
		case file.refersTo(expr, "io", "Closer"):
			s.add(Method{Name: "Close", Type: returning("error"), File: f})
			return true
		case isIdent(expr, "error"):
			s.add(Method{Name: "Error", Type: returning("string"), File: f})
			return true
		case isIdent(expr, "comparable"):
			return false
		case isIdent(expr, "any"):
			return true
		}
		if iface, ok := expr.(*ast.InterfaceType); ok {
			return r.methodSet(s, iface, file, seen)
		}
	}
	s.Unknown = append(s.Unknown, TypeExpr{t, f})
	return true
}

// instance adds the methods of an embedded generic interface of the package. Type
// arguments replace its type parameters only in the type of Load's argument: other
// methods are needed by name.
func (r *reader) instance(s *MethodSet, generic ast.Expr, args []ast.Expr, f *File, seen map[ast.Expr]bool) bool {
	var own MethodSet
	iface, file := r.underlying(generic, f)
	params := r.paramsOf(generic, f)
	if _, ok := iface.(*ast.InterfaceType); !ok || len(params) != len(args) {
		s.Unknown = append(s.Unknown, TypeExpr{generic, f})
		return true
	}
	if !r.methodSet(&own, iface, file, seen) {
		return false
	}
	for _, m := range own.Own {
		s.add(m)
	}
	for _, m := range own.Lifecycle {
		if types := code.Flatten(m.Type.Params); m.Name == "Load" && len(types) == 2 && mentions(types[1], params) {
			own.LoadArgs = append(own.LoadArgs, TypeExpr{types[1], m.File})
			continue
		}
		s.add(m)
	}
	for _, arg := range own.LoadArgs {
		id, _ := ast.Unparen(arg.Expr).(*ast.Ident)
		switch {
		case id != nil && slices.Contains(params, id.Name):
			s.LoadArgs = append(s.LoadArgs, TypeExpr{args[slices.Index(params, id.Name)], f})
		case mentions(arg.Expr, params):
			s.Unknown = append(s.Unknown, TypeExpr{generic, f})
		default:
			s.LoadArgs = append(s.LoadArgs, arg)
		}
	}
	s.Unknown = append(s.Unknown, own.Unknown...)
	return true
}

// paramsOf returns the names of the type parameters of a type of the package.
func (r *reader) paramsOf(generic ast.Expr, f *File) []string {
	id, _ := ast.Unparen(generic).(*ast.Ident)
	if id == nil {
		return nil
	}
	d := r.declared(id.Name, f)
	if d == nil || d.typ == nil || d.typ.TypeParams == nil {
		return nil
	}
	var names []string
	for _, field := range d.typ.TypeParams.List {
		for _, name := range field.Names {
			names = append(names, name.Name)
		}
	}
	return names
}

// mentions reports whether a type contains one of the names.
func mentions(t ast.Expr, names []string) bool {
	found := false
	ast.Inspect(t, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && slices.Contains(names, id.Name)
		return true
	})
	return found
}

// returning returns the type of a function with one result and without parameters.
func returning(result string) *ast.FuncType {
	return &ast.FuncType{
		Params:  &ast.FieldList{},
		Results: &ast.FieldList{List: []*ast.Field{{Type: ast.NewIdent(result)}}},
	}
}
