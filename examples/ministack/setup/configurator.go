package setup

import (
	"context"
	"fmt"

	"github.com/plugingen/plugingen/registry"
)

// Namespace is the namespace of configurators.
const Namespace = "ministack.setup"

// A Configurator makes something of a runtime ready. Those of higher priority are
// called first; give the plugin a priority if others build on what it does.
//
//plugin:namespace=ministack.setup
type Configurator func(*Runtime) error

// Run returns a runtime that all configurators of the program have seen, or with opts,
// those of a test.
func Run(ctx context.Context, o Options, opts ...registry.Option) (*Runtime, error) {
	configurators, err := registry.NewManager[Configurator](Namespace, opts...).LoadAll(ctx)
	if err != nil {
		return nil, err
	}
	rt := NewRuntime(o)
	for _, configure := range configurators {
		if err := configure(rt); err != nil {
			return nil, fmt.Errorf("set-up: %w", err)
		}
	}
	return rt, nil
}
