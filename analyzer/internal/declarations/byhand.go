package declarations

import (
	"go/ast"
	"go/types"

	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/annotate"
)

// specs checks package-level variables that are specs.
func (c *declarations) specs() {
	for _, p := range c.Own.Plugins {
		lit := c.spec(p)
		if lit != nil && !c.objects().setsNew && !c.objects().passed[c.Pkg.Scope().Lookup(p.Symbol)] {
			c.CheckSpec(lit)
		}
	}
}

// spec returns the literal that a variable which is a spec is set to, or nil if there
// is none.
func (c *declarations) spec(p *annotate.Plugin) *ast.CompositeLit {
	obj := c.Pkg.Scope().Lookup(p.Symbol)
	if p.Kind != annotate.Spec || !c.IsBuilt(p.File) || obj == nil {
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
func (c *declarations) madeBySpec(p *annotate.Plugin) types.Type {
	lit := c.spec(p)
	if lit == nil {
		return nil
	}
	var body *ast.BlockStmt
	switch fn := target.Field(lit, "New").(type) {
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
func (c *declarations) firstResult(r *ast.ReturnStmt) types.Type {
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
