package declarations

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/analyzer/internal/typedesc"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// Embedded returns the names of the types that structs of the package embed, in any
// build, or can by an alias.
func Embedded(c *target.Target) map[string]bool {
	names := map[string]bool{}
	collect := func(n ast.Node) {
		switch n := n.(type) {
		case *ast.TypeSpec:
			if n.Assign.IsValid() {
				names[lastName(n.Type)] = true
			}
		case *ast.StructType:
			for _, field := range n.Fields.List {
				if len(field.Names) == 0 {
					names[lastName(field.Type)] = true
				}
			}
		}
	}
	nodes := []ast.Node{(*ast.TypeSpec)(nil), (*ast.StructType)(nil)}
	c.Inspector().Preorder(nodes, collect)
	for _, path := range c.Ignored {
		src, err := c.ReadFile(path)
		if err != nil {
			continue
		}
		if f, _ := parser.ParseFile(token.NewFileSet(), path, src, parser.SkipObjectResolution); f != nil {
			inspector.New([]*ast.File{f}).Preorder(nodes, collect)
		}
	}
	return names
}

// lastName returns the name of a type, without its package, pointer and arguments.
func lastName(t ast.Expr) string {
	switch t := ast.Unparen(t).(type) {
	case *ast.StarExpr:
		return lastName(t.X)
	case *ast.IndexExpr:
		return lastName(t.X)
	case *ast.IndexListExpr:
		return lastName(t.X)
	case *ast.SelectorExpr:
		return t.Sel.Name
	}
	return name(t)
}

// bases reports bases that only this package could embed and that it does not embed. It
// records those that may be plugins without a name.
func (c *declarations) bases() {
	if len(c.Own.Diagnostics) > 0 {
		return
	}
	plugins, lost := map[string]bool{}, map[token.Pos]bool{}
	for _, p := range c.Own.Plugins {
		plugins[p.Symbol] = true
	}
	for _, d := range c.Own.LostNames(c.GeneratedTypes) {
		lost[d.Pos], c.Facts.Blocked = true, true
		c.Report(target.Converted(d))
	}
	for _, b := range c.Own.Bases {
		obj := c.Pkg.Scope().Lookup(b.Symbol)
		switch {
		case obj == nil || c.Facts.Embedded[b.Symbol] || plugins[b.Symbol] || lost[b.Decl.Pos]:
		case !token.IsExported(b.Symbol) || c.Pkg.Name() == "main":
			c.Report(target.Problem(annotate.Missing, b.Decl, fmt.Sprintf(
				"%s has no name, so it is an abstract base of namespace %s, but no struct embeds it: "+
					"add name=%s to make it a plugin",
				b.Symbol, b.Namespace, rules.SnakeCase(b.Symbol))))
		case c.satisfiesContract(obj.Type(), b.Namespace):
			c.Facts.Unnamed = append(c.Facts.Unnamed, facts.Base{
				Namespace: b.Namespace,
				Origin:    c.Origin(b.Symbol, b.Decl),
			})
		}
	}
}

// satisfiesContract reports whether a pointer to the type has all that the namespace's contract
// asks for.
func (c *declarations) satisfiesContract(t types.Type, namespace string) bool {
	k := c.Facts.Contract(namespace)
	s, known := typedesc.Of(types.NewPointer(t))
	return k != nil && known && len(k.Type.Methods) > 0 &&
		len(typedesc.Mismatches(s, k.Type)) == 0
}

func name(e ast.Expr) string {
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}
