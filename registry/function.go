package registry

import "context"

// A FunctionPlugin is a function as a plugin. It is for generated code: plugingen makes
// one for each function that is declared as a plugin.
//
// A manager whose plugins are of a func type returns Func itself, converted to
// that type; a manager of *FunctionPlugin[F] returns the FunctionPlugin.
type FunctionPlugin[F any] struct {
	// Func is the function.
	Func F

	// Spec is the spec that the plugin was made from.
	Spec *Spec

	// OnLoad, if not nil, is called when the plugin is loaded.
	OnLoad func(context.Context) error
}

// Load calls OnLoad, if there is one, and returns its error.
func (p *FunctionPlugin[F]) Load(ctx context.Context) error {
	if p.OnLoad == nil {
		return nil
	}
	return p.OnLoad(ctx)
}

// function returns Func, for managers, which do not know F.
func (p *FunctionPlugin[F]) function() any { return p.Func }

// NewFunctionPlugin returns a FunctionPlugin for a function. It is for the factories of
// generated code; one that is written by hand can return the function itself.
func NewFunctionPlugin[F any](spec *Spec, f F) *FunctionPlugin[F] {
	return &FunctionPlugin[F]{Func: f, Spec: spec}
}
