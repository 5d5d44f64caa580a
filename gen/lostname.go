package gen

import (
	"fmt"
	"go/ast"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/genfile"
)

// checkLostNames reports structs that were plugins when the package's files were generated,
// and are abstract bases now that their directives have no name. A function without a name
// is a plugin still, so that this is easily overlooked.
func checkLostNames(p *pkg) {
	if len(p.Bases) == 0 || len(p.folder.Generated) == 0 {
		return
	}
	plugins, declared, embedded := map[string]bool{}, map[string]bool{}, p.embedded()
	for _, x := range p.Plugins {
		plugins[x.Symbol], declared[x.ID()] = true, true
	}
	specs := p.generatedTypes()
	for _, b := range p.Bases {
		s, ok := specs[b.Symbol]
		if !ok || plugins[b.Symbol] || embedded[b.Symbol] || declared[s.Namespace+":"+s.Name] {
			continue
		}
		p.report(annotate.Diagnostic{Span: b.Decl, Category: annotate.Missing, Message: fmt.Sprintf(
			"%s has no name, so it is an abstract base and no longer the plugin %s:%s, which %s has: write name=%q, or remove %s if it is meant to be a base",
			b.Symbol, s.Namespace, s.Name, s.file, s.Name, s.file)})
	}
}

// A generatedType is the spec of a type in a generated file.
type generatedType struct {
	genfile.Spec
	file string
}

// generatedTypes returns the specs of types in the package's generated files, by the types'
// names.
func (p *pkg) generatedTypes() map[string]generatedType {
	types := map[string]generatedType{}
	for _, g := range p.folder.Generated {
		for _, s := range specsIn(g.Src) {
			if _, ok := types[s.Symbol]; !ok && s.Kind == annotate.Type {
				types[s.Symbol] = generatedType{s, g.Name}
			}
		}
	}
	return types
}

// embedded returns the names of the package's types that its structs embed.
func (p *pkg) embedded() map[string]bool {
	names := map[string]bool{}
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
			if id, ok := t.(*ast.Ident); ok && len(field.Names) == 0 {
				names[id.Name] = true
			}
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
	return names
}
