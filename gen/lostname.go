package gen

import (
	"fmt"
	"go/ast"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/genfile"
)

// checkLostNames reports structs that were plugins when the package's files were generated,
// and are abstract bases now that their directives have no name. A function without a name
// is a plugin still, so that this is easily overlooked.
func checkLostNames(p *pkg) {
	isPlugin := func(b *annotate.Base) bool {
		return slices.ContainsFunc(p.Plugins, func(x *annotate.Plugin) bool { return x.Symbol == b.Symbol })
	}
	for _, b := range p.Bases {
		if isPlugin(b) || p.embeds(b.Symbol) {
			continue
		}
		if s, file, ok := p.generatedSpec(b.Symbol); ok && !p.declaresPlugin(s.Namespace, s.Name) {
			p.report(annotate.Diagnostic{Span: b.Decl, Category: annotate.Missing, Message: fmt.Sprintf(
				"%s has no name, so it is an abstract base and no longer the plugin %s:%s, which %s has: write name=%q, or remove %s if it is meant to be a base",
				b.Symbol, s.Namespace, s.Name, file, s.Name, file)})
		}
	}
}

// generatedSpec returns the spec of a type in the package's generated files.
func (p *pkg) generatedSpec(symbol string) (spec genfile.Spec, file string, ok bool) {
	for _, g := range p.folder.Generated {
		for _, s := range specsIn(g.Src) {
			if s.Symbol == symbol && s.Kind == annotate.Type {
				return s, g.Name, true
			}
		}
	}
	return genfile.Spec{}, "", false
}

func (p *pkg) declaresPlugin(namespace, name string) bool {
	return slices.ContainsFunc(p.Plugins, func(x *annotate.Plugin) bool { return x.Namespace == namespace && x.Name == name })
}

// embeds reports whether a struct of the package embeds a type of it.
func (p *pkg) embeds(symbol string) bool {
	found := false
	visit := func(n ast.Node) bool {
		s, ok := n.(*ast.StructType)
		if !ok {
			return true
		}
		for _, field := range s.Fields.List {
			t := field.Type
			if star, ok := t.(*ast.StarExpr); ok {
				t = star.X
			}
			id, ok := t.(*ast.Ident)
			found = found || ok && len(field.Names) == 0 && id.Name == symbol
		}
		return true
	}
	for _, f := range p.Files {
		for _, d := range f.Syntax.Decls {
			if g, ok := d.(*ast.GenDecl); ok {
				ast.Inspect(g, visit)
			}
		}
	}
	return found
}
