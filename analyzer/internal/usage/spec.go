package usage

import (
	"go/ast"
	"slices"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/analyzer/internal/typedesc"
)

// added notes that there are plugins of which nothing is known but what the
// literals say.
func (v *visitor) added(call *ast.CallExpr) {
	for _, arg := range call.Args {
		if u, ok := ast.Unparen(arg).(*ast.UnaryExpr); ok {
			if lit, ok := u.X.(*ast.CompositeLit); ok {
				v.CheckSpec(lit)
				continue // see literal
			}
		}
		v.Facts.Incomplete = true
	}
}

// literal adds a registry.Spec that is built by hand inside a function to the
// facts, so that names that collide with it are found.
func (v *visitor) literal(lit *ast.CompositeLit) {
	if !typedesc.IsSpec(v.TypesInfo.TypeOf(lit)) {
		return
	}
	namespace, ok1 := v.field(lit, "Namespace")
	name, ok2 := v.field(lit, "Name")
	if !ok1 || !ok2 {
		v.Facts.Incomplete = true
		return
	}
	if slices.ContainsFunc(v.Facts.Named(namespace, name),
		func(p facts.Plugin) bool { return p.Package == v.Pkg.Path() }) {
		return // annotate has found it at package level
	}
	v.Facts.ByHand = append(v.Facts.ByHand, facts.Use{
		Namespace: namespace, Name: name,
		Package: v.Pkg.Path(), Place: facts.NewPlace(v.At(lit.Pos()), target.Span(lit)),
	})
}

func (v *visitor) field(lit *ast.CompositeLit, name string) (string, bool) {
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == name {
				return v.Text(kv.Value)
			}
		}
	}
	return "", false
}

// use adds a use to the facts.
func (v *visitor) use(namespace, name string, at ast.Expr) *facts.Use {
	_, literal := ast.Unparen(at).(*ast.BasicLit)
	v.Facts.Uses = append(v.Facts.Uses, facts.Use{
		Namespace: namespace, Name: name, Package: v.Pkg.Path(), Place: facts.NewPlace(v.At(at.Pos()), target.Span(at)),
		HandlesMissing: v.handlesMissing, Literal: literal,
	})
	return &v.Facts.Uses[len(v.Facts.Uses)-1]
}
