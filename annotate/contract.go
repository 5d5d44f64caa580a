package annotate

import (
	"go/ast"

	"github.com/plugingen/plugingen/internal/rules"
)

// A Contract is an interface or func type that the plugins of a namespace satisfy.
type Contract struct {
	Namespace string
	Symbol    string
	Decl      Span
	Directive Span
	File      *File
	Type      ast.Expr // *ast.InterfaceType or *ast.FuncType, or the identifier error or any
	TypeFile  *File    // the file that Type is in, whose imports it refers to
	Methods   MethodSet
}

// Adapts returns the method by which a function satisfies the contract, as
// http.HandlerFunc does http.Handler: the only one besides the lifecycle's. It returns
// nil for a func type, and if there is no such method, or more than one, or it
// isn't known.
func (c *Contract) Adapts() *Method {
	if len(c.Methods.Own) != 1 || len(c.Methods.Unknown) > 0 {
		return nil
	}
	return &c.Methods.Own[0]
}

// A MethodSet is what syntax tells of an interface's methods.
type MethodSet struct {
	Own       []Method   // besides the lifecycle's
	Lifecycle []Method   // Load, ShouldLoad and Close, if the interface lists them
	LoadArgs  []TypeExpr // the A of each embedded registry.Plugin[A]
	Unknown   []TypeExpr // embedded interfaces that are not of the package

	names map[string]bool // of the methods
}

// A Method is a method of an interface.
type Method struct {
	Name string
	Type *ast.FuncType
	Decl Span
	File *File
}

// A TypeExpr is a type as a file writes it, with the file's imports.
type TypeExpr struct {
	Expr ast.Expr
	File *File
}

// contract reads a directive on an interface or func type.
func (r *reader) contract(t *ast.TypeSpec, d *Directive) {
	if p := d.Get("name"); p != nil {
		r.errorf(Placement, p.span(), "%s is an interface or func type, so it is the contract of its namespace and has no name: "+
			"remove the name, or mark a type that satisfies it", t.Name.Name)
		return
	}
	if !r.allowed(d, OnContract) {
		return
	}
	space := d.Get("namespace")
	switch {
	case space == nil && d.broken:
		return
	case space == nil:
		r.errorf(Missing, d.Span, "a contract has a namespace: add namespace=...")
		return
	case t.TypeParams != nil:
		r.errorf(Role, d.Span, "a contract can't be generic: declare a type with its type arguments given, and mark that")
		return
	}
	expr, file := r.underlying(t.Type, r.file)
	c := &Contract{
		Symbol: t.Name.Name, Decl: identSpan(t.Name), Directive: d.Span,
		File: r.file, Type: expr, TypeFile: file,
	}
	if !r.methodSet(&c.Methods, expr, file, map[ast.Expr]bool{}) {
		r.errorf(Role, d.Span, "%s only constrains type parameters: no plugin can be a value of it", t.Name.Name)
		return
	}
	if c.Namespace = r.namespace(*space); c.Namespace != "" {
		r.Contracts = append(r.Contracts, c)
	}
}

// methodSet adds the methods of an interface, and of those of the package that it
// embeds. It returns false for a constraint, which no value can have as its type.
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

// embedded adds the methods of an embedded interface.
func (r *reader) embedded(s *MethodSet, t ast.Expr, f *File, seen map[ast.Expr]bool) bool {
	switch x := ast.Unparen(t).(type) {
	case *ast.BinaryExpr, *ast.UnaryExpr: // a union, or ~T
		return false
	case *ast.IndexExpr:
		if f.refersTo(x.X, RegistryPath, "Plugin") {
			s.LoadArgs = append(s.LoadArgs, TypeExpr{x.Index, f})
			return true
		}
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

// returning returns the type of a function without parameters.
func returning(result string) *ast.FuncType {
	return &ast.FuncType{
		Params:  &ast.FieldList{},
		Results: &ast.FieldList{List: []*ast.Field{{Type: ast.NewIdent(result)}}},
	}
}

// add adds a method, unless it is there already: interfaces may overlap.
func (s *MethodSet) add(m Method) {
	switch {
	case s.names[m.Name]:
		return
	case s.names == nil:
		s.names = map[string]bool{}
	}
	s.names[m.Name] = true
	if rules.IsLifecycle(m.Name) {
		s.Lifecycle = append(s.Lifecycle, m)
	} else {
		s.Own = append(s.Own, m)
	}
}
