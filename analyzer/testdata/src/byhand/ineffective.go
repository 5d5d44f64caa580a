package byhand

import "github.com/plugingen/plugingen/registry"

var pointer = &registry.Spec{Namespace: "byhand", Name: "pointer", New: makeBad} // want `nothing finds the spec in pointer, and nothing uses pointer: declare it as a registry.Spec, one to a variable, or pass it to registry.Default.Add`

var (
	list     = []registry.Spec{{Namespace: "byhand", Name: "list", New: makeBad}}          // want `nothing finds the spec in list`
	pointers = [...]*registry.Spec{{Namespace: "byhand", Name: "pointers", New: makeBad}}  // want `nothing finds the spec in pointers`
	byName   = map[string]*registry.Spec{"byname": {Namespace: "byhand", Name: "by_name"}} // want `nothing finds the spec in byName`
)

// These are somebody's: of those who import the package, of a function, of a test.
var (
	Exported = &registry.Spec{Namespace: "byhand", Name: "exported", New: makeBad}
	passed   = []*registry.Spec{{Namespace: "byhand", Name: "passed", New: makeBad}}
	tested   = &registry.Spec{Namespace: "byhand", Name: "tested", New: makeBad}

	elsewhere *registry.Spec
	none      = []string{"a"}
	_         = &registry.Spec{Namespace: "byhand", Name: "checked", New: makeBad}
)

func pass() { registry.Default.Add(passed...) }
