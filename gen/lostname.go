package gen

import "github.com/plugingen/plugingen/annotate"

// checkLostNames reports structs that were plugins when the package's files were generated.
func checkLostNames(p *pkg) {
	for _, d := range p.LostNames(p.generatedTypes) {
		p.report(d)
	}
}

// generatedTypes returns the plugin types in the package's generated files.
func (p *pkg) generatedTypes() (types []annotate.Generated) {
	for _, g := range p.folder.Generated {
		for _, s := range specsIn(g.Src) {
			if s.Kind == annotate.Type {
				types = append(types, annotate.Generated{File: g.Name, Symbol: s.Symbol, Namespace: s.Namespace, Name: s.Name})
			}
		}
	}
	return types
}
