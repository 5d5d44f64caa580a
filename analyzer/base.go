package analyzer

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"

	"github.com/plugingen/plugingen/annotate"

	"github.com/plugingen/plugingen/analyzer/internal/typedesc"
)

// embedded returns the names of the types that structs of the package embed, in any
// build, or can by an alias.
func (c *checker) embedded() map[string]bool {
	names := map[string]bool{}
	collect := func(f *ast.File) {
		ast.Inspect(f, func(n ast.Node) bool {
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
			return true
		})
	}
	for _, f := range c.Files {
		collect(f)
	}
	for _, path := range c.leftOut {
		src, err := c.ReadFile(path)
		if err != nil {
			continue
		}
		if f, _ := parser.ParseFile(token.NewFileSet(), path, src, parser.SkipObjectResolution); f != nil {
			collect(f)
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

// bases reports abstract bases that nothing can embed but this package, and nothing
// does. It notes those that might be plugins.
func (c *checker) bases() {
	if len(c.own.Diagnostics) > 0 {
		return
	}
	plugins, lost := map[string]bool{}, map[token.Pos]bool{}
	for _, p := range c.own.Plugins {
		plugins[p.Symbol] = true
	}
	for _, d := range c.own.LostNames(c.generatedTypes) {
		lost[d.Pos], c.facts.halts = true, true
		c.Report(converted(d))
	}
	for _, b := range c.own.Bases {
		obj := c.Pkg.Scope().Lookup(b.Symbol)
		switch {
		case obj == nil || c.facts.embeds[b.Symbol] || plugins[b.Symbol] || lost[b.Decl.Pos]:
		case !token.IsExported(b.Symbol) || c.Pkg.Name() == "main":
			c.Report(problem(annotate.Missing, b.Decl, fmt.Sprintf(
				"%s has no name, so it is no plugin but a base that passes namespace %s on to what embeds it, and nothing does: add name=... to make it a plugin", b.Symbol, b.Namespace)))
		case c.isWhole(obj.Type(), b.Namespace):
			c.facts.whole = append(c.facts.whole, Base{b.Namespace, c.symbol(b.Symbol, b.Decl)})
		}
	}
}

// isWhole reports whether a pointer to the type has all that the namespace's contract asks
// for, which is of another package: bases are often declared beside their contract.
func (c *checker) isWhole(t types.Type, namespace string) bool {
	k := c.facts.contract(namespace)
	s, known := typedesc.Of(types.NewPointer(t))
	return k != nil && known && k.Package != c.Pkg.Path() && len(k.Type.Methods) > 0 && len(typedesc.Mismatches(s, k.Type)) == 0
}

// nameless reports structs that would be plugins if they had a name, and are no bases
// either: nothing in a complete program embeds them.
func (c *checker) nameless(packages []*Facts) {
	embeds := map[string]bool{}
	for _, f := range packages {
		for name := range f.embeds {
			embeds[name] = true
		}
	}
	for _, f := range packages {
		for _, b := range f.whole {
			if !embeds[b.Symbol] && !saysBase(b.Symbol) {
				c.Report(problem(annotate.Missing, b.span, fmt.Sprintf(
					"%s has all that plugins of %s need but a name, and nothing embeds it: add name=... to make it a plugin", b.Symbol, b.Namespace)))
			}
		}
	}
}

// saysBase reports whether a name is one that types have which are to be embedded.
func saysBase(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"base", "abstract", "default", "unimplemented", "noop", "embed", "mixin"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

func name(e ast.Expr) string {
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}
