package gen

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/code"
)

// forgottenFactory reports a function plugin that is not of the contract's type, while
// its result satisfies the contract: the key factory is missing. It returns whether it
// did. Syntax has to be sure of both.
func forgottenFactory(p *pkg, x *annotate.Plugin, c *contract) bool {
	if x.Makes == nil || !p.satisfies(x, c) || sameSignature(x.Func.Type, c) {
		return false
	}
	want := "and its result satisfies " + c.String() + ", the contract of its namespace"
	if method, typ := c.callable(); typ != nil {
		want = "want " + types.ExprString(typ)
		if method != "" {
			want += " for the method " + method + " of " + c.String()
		}
	}
	p.report(annotate.Diagnostic{
		Span: x.Directive, Category: annotate.Role,
		Message: fmt.Sprintf("%s has type %s, %s; to use its result as the plugin, add factory", x.Symbol, types.ExprString(x.Func.Type), want),
		Fix:     x.FactoryFix(),
	})
	return true
}

// callable returns the type that a function plugin has to have, and of which method, if it
// is for one. The type is nil if it is not known, or if no function will do.
func (c *contract) callable() (method string, typ ast.Expr) {
	if c.decl == nil {
		return "", nil
	}
	if fn, ok := c.decl.Type.(*ast.FuncType); ok {
		return "", fn
	}
	if m := c.decl.Adapts(); m != nil {
		return m.Name, m.Type
	}
	return "", nil
}

// sameSignature reports whether a function may be of the type that the contract asks for.
func sameSignature(fn *ast.FuncType, c *contract) bool {
	_, typ := c.callable()
	want, ok := typ.(*ast.FuncType)
	if !ok {
		return c.decl == nil && c.form != nil && len(c.form.Methods) == 1 // of another module: not known
	}
	alike := func(a, b *ast.FieldList) bool {
		return slices.EqualFunc(flatten(a), flatten(b), func(a, b ast.Expr) bool { return unqualified(a) == unqualified(b) })
	}
	return alike(fn.Params, want.Params) && alike(fn.Results, want.Results)
}

// unqualified returns the text of a type without the names of packages.
func unqualified(t ast.Expr) string {
	var b strings.Builder
	for _, part := range strings.FieldsFunc(types.ExprString(t), func(r rune) bool { return strings.ContainsRune("*[]{}(), ", r) }) {
		b.WriteString(part[strings.LastIndex(part, ".")+1:] + " ")
	}
	return b.String()
}

// satisfies reports whether what a function makes is the contract's type, or a type of the
// package that has the methods which the contract asks for.
func (p *pkg) satisfies(x *annotate.Plugin, c *contract) bool {
	t := ast.Unparen(x.Makes)
	star, pointer := t.(*ast.StarExpr)
	if pointer {
		t = star.X
	}
	path, name := p.Path, ""
	switch t := t.(type) {
	case *ast.Ident:
		name = t.Name
	case *ast.SelectorExpr:
		if id, ok := t.X.(*ast.Ident); ok {
			path, name = x.File.ImportPath(id.Name), t.Sel.Name
		}
	}
	if path == c.path && name == c.Symbol && pointer == c.Pointer {
		return true
	}
	if c.form == nil || c.form.Unknown || path != p.Path || len(c.form.Methods) == 0 {
		return false
	}
	has := p.MethodNames(name, x.File)
	lifecycle := func(form string) string { name, _, _ := strings.Cut(form, "("); return name }
	return !slices.ContainsFunc(c.form.Methods, func(m code.Ident) bool { return !slices.Contains(has, m.String()) }) &&
		!slices.ContainsFunc(c.form.Lifecycle, func(m string) bool { return !slices.Contains(has, lifecycle(m)) })
}
