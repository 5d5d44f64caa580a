package registry_test

import (
	"context"
	"testing"
	"time"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
)

// Whatever code of a plugin or about a plugin is given a context can learn from it
// which plugin that is.
func TestSpecFrom(t *testing.T) {
	for name, opts := range map[string][]registry.Option{
		"plain":   nil,
		"timeout": {registry.WithLoadTimeout(time.Minute), registry.WithCloseTimeout(time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			j := new(journal)
			note := func(what string) func(context.Context) error {
				return func(ctx context.Context) error {
					j.add(what + " of " + registry.SpecFrom(ctx).InstanceID())
					return nil
				}
			}
			other := managerOf([]*registry.Spec{j.spec("b", func(p *plugin) {
				p.load, p.close = note("Load"), note("Close")
			})}, opts...)
			a := j.spec("a", func(p *plugin) {
				p.load = func(ctx context.Context) error {
					_, err := other.Load(ctx, "b") // b is loaded on behalf of a
					is.NoErr(note("Load")(ctx))
					return err
				}
				p.close = note("Close")
			})
			m := managerOf([]*registry.Spec{a}, append(opts, registry.WithListener(
				func(ctx context.Context, e registry.Event) error {
					is.Equal(registry.SpecFrom(ctx), e.Spec)
					return nil
				}))...)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			_, err := m.Load(ctx, "a")
			is.NoErr(err)
			is.NoErr(m.Close(ctx))
			is.NoErr(other.Close(ctx))
			is.Equal(j.all(), []string{
				"new a", "load a", "new b", "load b", "Load of b", "Load of a",
				"close a", "Close of a", "close b", "Close of b",
			})
			is.Equal(registry.SpecFrom(ctx), nil)
			is.Equal(registry.SpecFrom(ctx).InstanceID(), "")
		})
	}
}

func TestSpecFromInALoadFunction(t *testing.T) {
	is := is.New(t)
	m := registry.NewManagerFunc(ns, func(ctx context.Context, _ service) error {
		is.Equal(registry.SpecFrom(ctx).ID(), ns+":a")
		return nil
	}, registry.WithSpecs(new(journal).spec("a", nil)))
	_, err := m.Load(context.Background(), "a")
	is.NoErr(err)
}
