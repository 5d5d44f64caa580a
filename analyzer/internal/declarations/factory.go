package declarations

import (
	"go/types"

	"github.com/plugingen/plugingen/analyzer/internal/typedesc"
	"github.com/plugingen/plugingen/annotate"
)

// couldMake returns what a function plugin would make if its directive had the key factory,
// and the fix that adds the key. It returns nil if the function can't be a factory.
func couldMake(p *annotate.Plugin, t types.Type) (*typedesc.Type, *annotate.Fix) {
	sig, ok := t.(*types.Signature)
	if !ok || p.Kind != annotate.Func || sig.TypeParams().Len() > 0 || sig.Variadic() || sig.Params().Len() > 1 {
		return nil, nil
	}
	for param := range sig.Params().Variables() {
		if ptr, ok := param.Type().(*types.Pointer); !types.Identical(param.Type(),
			types.Typ[types.String]) && (!ok || !typedesc.IsSpec(ptr.Elem())) {
			return nil, nil
		}
	}
	results := sig.Results()
	if results.Len() == 0 || results.Len() > 2 || typedesc.IsError(results.At(0).Type()) ||
		results.Len() == 2 && !typedesc.IsError(results.At(1).Type()) {
		return nil, nil
	}
	made, known := typedesc.Of(results.At(0).Type())
	if !known || made.Name == "any" {
		return nil, nil
	}
	return &made, p.FactoryFix()
}
