package analyzer

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/plugingen/plugingen/annotate"

	"github.com/plugingen/plugingen/analyzer/internal/typedesc"
)

// added notes that there are plugins of which nothing is known but what the
// literals say.
func (v *managerVisitor) added(call *ast.CallExpr) {
	for _, arg := range call.Args {
		if u, ok := ast.Unparen(arg).(*ast.UnaryExpr); ok {
			if lit, ok := u.X.(*ast.CompositeLit); ok {
				v.complete(lit)
				continue // see literal
			}
		}
		v.facts.Dynamic = true
	}
}

// literal adds a registry.Spec that is built by hand inside a function to the
// facts, so that names that collide with it are found.
func (v *managerVisitor) literal(lit *ast.CompositeLit) {
	if !typedesc.IsSpec(v.TypesInfo.TypeOf(lit)) {
		return
	}
	namespace, ok1 := v.field(lit, "Namespace")
	name, ok2 := v.field(lit, "Name")
	if !ok1 || !ok2 {
		v.facts.Dynamic = true
		return
	}
	if slices.ContainsFunc(v.facts.named(namespace, name), func(p Plugin) bool { return p.Package == v.Pkg.Path() }) {
		return // annotate has found it at package level
	}
	v.facts.ByHand = append(v.facts.ByHand, Use{Namespace: namespace, Name: name, Package: v.Pkg.Path(), At: v.at(lit.Pos()), span: span(lit)})
}

func (v *managerVisitor) field(lit *ast.CompositeLit, name string) (string, bool) {
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == name {
				return v.text(kv.Value)
			}
		}
	}
	return "", false
}

// complete reports a registry.Spec that has nothing to make its plugin.
func (c *checker) complete(lit *ast.CompositeLit) {
	if len(lit.Elts) > 0 && field(lit, "New") == nil && field(lit, "Var") == nil && field(lit, "Name") != nil {
		c.Report(problem(annotate.Role, span(lit), "this registry.Spec has no New, which makes the plugin: add New: func(*registry.Spec) (any, error) { ... }"))
	}
}

// specs checks package-level variables that are specs.
func (c *checker) specs() {
	for _, p := range c.own.Plugins {
		lit := c.spec(p)
		if lit != nil && !c.objects().setsNew && !c.objects().passed[c.Pkg.Scope().Lookup(p.Symbol)] {
			c.complete(lit)
		}
	}
}

// spec returns the literal that a variable which is a spec is set to, or nil if there
// is none.
func (c *checker) spec(p *annotate.Plugin) *ast.CompositeLit {
	obj := c.Pkg.Scope().Lookup(p.Symbol)
	if p.Kind != annotate.Spec || !c.built(p.File) || obj == nil {
		return nil
	}
	return literalOf(c.objects().initial[obj])
}

func literalOf(e ast.Expr) *ast.CompositeLit {
	e = ast.Unparen(e)
	if u, ok := e.(*ast.UnaryExpr); ok {
		e = ast.Unparen(u.X)
	}
	lit, _ := e.(*ast.CompositeLit)
	return lit
}

// madeBySpec returns the type of what a spec's New makes, nil if it may be of several.
func (c *checker) madeBySpec(p *annotate.Plugin) types.Type {
	lit := c.spec(p)
	if lit == nil {
		return nil
	}
	var body *ast.BlockStmt
	switch fn := field(lit, "New").(type) {
	case *ast.FuncLit:
		body = fn.Body
	case *ast.Ident:
		body = c.objects().bodies[c.TypesInfo.Uses[fn]]
	}
	if body == nil {
		return nil
	}
	var made types.Type
	several := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			t := c.firstResult(n)
			several = several || t == nil || made != nil && !isNil(t) && !types.Identical(t, made)
			if t != nil && !isNil(t) {
				made = t
			}
		}
		return true
	})
	if several {
		return nil
	}
	return made
}

// firstResult returns the type of what a statement returns first, nil if it does not say.
func (c *checker) firstResult(r *ast.ReturnStmt) types.Type {
	if len(r.Results) == 0 {
		return nil
	}
	t := c.TypesInfo.TypeOf(r.Results[0])
	if tuple, ok := t.(*types.Tuple); ok {
		return tuple.At(0).Type()
	}
	return t
}

func isNil(t types.Type) bool { return t == types.Typ[types.UntypedNil] }

// field returns the value of a field of a composite literal, nil if it is not set.
func field(lit *ast.CompositeLit, name string) ast.Expr {
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == name {
				return kv.Value
			}
		}
	}
	return nil
}
