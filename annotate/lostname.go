package annotate

import (
	"fmt"
	"go/ast"
)

// A Generated is a plugin type as a generated file of the package has it.
type Generated struct{ File, Symbol, Namespace, Name string }

// LostNames reports structs that were plugins when the package's files were generated, and
// are abstract bases now that their directives have no name. A function without a name is a
// plugin still, so that this is easily overlooked. generated returns the plugin types in
// the package's generated files; it is called if there is a base that nothing embeds.
func (p *Package) LostNames(generated func() []Generated) (lost []Diagnostic) {
	if len(p.Bases) == 0 {
		return nil
	}
	declared, ids := p.embedded(), map[string]bool{}
	for _, x := range p.Plugins {
		declared[x.Symbol], ids[x.ID()] = true, true
	}
	bases := map[string]*Base{}
	for _, b := range p.Bases {
		if !declared[b.Symbol] {
			bases[b.Symbol] = b
		}
	}
	if len(bases) == 0 {
		return nil
	}
	for _, g := range generated() {
		b := bases[g.Symbol]
		if b == nil || ids[g.Namespace+":"+g.Name] {
			continue
		}
		delete(bases, g.Symbol) // once is enough
		lost = append(lost, Diagnostic{Span: b.Decl, Category: Missing, Message: fmt.Sprintf(
			"%s has no name, so it is an abstract base and no longer the plugin %s:%s, which %s has: write name=%q, or remove %s if it is meant to be a base",
			b.Symbol, g.Namespace, g.Name, g.File, g.Name, g.File)})
	}
	return lost
}

// embedded returns the names of the package's types that its structs embed.
func (p *Package) embedded() map[string]bool {
	names := map[string]bool{}
	for _, f := range p.Files {
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				return false
			case *ast.StructType:
				for _, field := range n.Fields.List {
					t := field.Type
					if star, ok := t.(*ast.StarExpr); ok {
						t = star.X
					}
					if id, ok := t.(*ast.Ident); ok && len(field.Names) == 0 {
						names[id.Name] = true
					}
				}
			}
			return true
		})
	}
	return names
}
