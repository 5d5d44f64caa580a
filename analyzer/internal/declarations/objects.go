package declarations

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/plugingen/plugingen/analyzer/internal/pkgfiles"
)

// objects records how the package's files use its variables and functions. It is collected
// once for all plugins.
type objects struct {
	// initial is what package-level variables are declared with: nil for those
	// without a value. One that shares its value with others is left out.
	initial map[types.Object]ast.Expr
	bodies  map[types.Object]*ast.BlockStmt // of functions

	assigned map[types.Object]bool // set, or their address is taken
	passed   map[types.Object]bool // they or their address are arguments of a call that is none of package registry
	setsNew  bool                  // a field called New is set

	used map[types.Object]bool // referred to by hand-written code; of an instance, what it is an instance of
}

// objects returns how the package's files use its variables and functions.
func (c *declarations) objects() *objects {
	if c.uses == nil {
		c.uses = &objects{
			initial: map[types.Object]ast.Expr{}, bodies: map[types.Object]*ast.BlockStmt{},
			assigned: map[types.Object]bool{}, passed: map[types.Object]bool{},
		}
		c.readDeclared(c.uses)
		c.uses.used = c.usedByHand()
	}
	return c.uses
}

// readDeclared reads what variables and functions are declared with, and what becomes of them.
func (c *declarations) readDeclared(o *objects) {
	variable := func(e ast.Expr) types.Object {
		if id, ok := ast.Unparen(e).(*ast.Ident); ok {
			return c.TypesInfo.Uses[id]
		}
		return nil
	}
	c.Inspector().Preorder([]ast.Node{
		(*ast.ValueSpec)(nil), (*ast.FuncDecl)(nil), (*ast.AssignStmt)(nil), (*ast.RangeStmt)(nil),
		(*ast.UnaryExpr)(nil), (*ast.CallExpr)(nil),
	}, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.ValueSpec:
			for i, id := range n.Names {
				switch {
				case len(n.Values) == 0:
					o.initial[c.TypesInfo.Defs[id]] = nil
				case len(n.Values) == len(n.Names):
					o.initial[c.TypesInfo.Defs[id]] = n.Values[i]
				}
			}
		case *ast.FuncDecl:
			o.bodies[c.TypesInfo.Defs[n.Name]] = n.Body
		case *ast.AssignStmt:
			for _, lhs := range n.Lhs {
				o.assigned[variable(lhs)] = true
				sel, ok := lhs.(*ast.SelectorExpr)
				o.setsNew = o.setsNew || ok && sel.Sel.Name == "New"
			}
		case *ast.RangeStmt:
			o.assigned[variable(n.Key)] = true
			o.assigned[variable(n.Value)] = true
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				o.assigned[variable(n.X)] = true
			}
		case *ast.CallExpr:
			if c.Callee(n) != nil {
				return
			}
			for _, arg := range n.Args {
				if u, ok := ast.Unparen(arg).(*ast.UnaryExpr); ok {
					arg = u.X
				}
				o.passed[variable(arg)] = true
			}
		}
	})
}

// usedByHand returns what hand-written code refers to.
func (c *declarations) usedByHand() map[types.Object]bool {
	used := make(map[types.Object]bool, len(c.TypesInfo.Uses))
	generated := c.generatedFiles()
	for id, obj := range c.TypesInfo.Uses {
		within := func(f *ast.File) bool { return f.FileStart <= id.Pos() && id.Pos() < f.FileEnd }
		if slices.ContainsFunc(generated, within) {
			continue
		}
		used[obj] = true
		if fn, ok := obj.(*types.Func); ok {
			used[fn.Origin()] = true
		}
	}
	return used
}

// generatedFiles returns the files that plugingen has written: they refer to methods of plugins
// only to tell where these are.
func (c *declarations) generatedFiles() (files []*ast.File) {
	for _, f := range c.Files {
		if pkgfiles.IsGenerated(c.Pass, f) {
			files = append(files, f)
		}
	}
	return files
}
