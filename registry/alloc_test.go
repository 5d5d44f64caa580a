//go:build !race

package registry_test

import (
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
)

func TestAllocations(t *testing.T) {
	is := is.New(t)
	ctx := t.Context()
	r, specs := linked(10_000)
	m := registry.NewManager[loadable]("bench.plugins", registry.WithFinder(r))
	i := 0
	is.Equal(testing.AllocsPerRun(1000, func() { m.Exists(specs[i*7919%len(specs)].Name); i++ }),
		0.0) // the first look at each
	name := specs[77].Name
	_, err := m.Load(ctx, name)
	is.NoErr(err)
	is.Equal(testing.AllocsPerRun(1000, func() { m.Load(ctx, name) }), 0.0)
	is.Equal(testing.AllocsPerRun(1000, func() { m.IsLoaded(name) }), 0.0)

	program, links := new(registry.Registry),
		tableOf("bench.plugins", specs...)
	is.Equal(testing.AllocsPerRun(1, func() { program.Link(links) }), 0.0)
}

// Besides what the factories allocate, LoadAll allocates each instance, and a few
// times however many plugins there are.
func TestAllocationsOfLoadAll(t *testing.T) {
	is := is.New(t)
	r, specs := linked(10_000)
	allocs := testing.AllocsPerRun(5, func() {
		m := registry.NewManager[loadable]("bench.plugins", registry.WithFinder(r))
		m.LoadAll(t.Context())
	})
	is.True(allocs < float64(2*len(specs)+50))
}
