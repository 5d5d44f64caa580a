package gate

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/generated"
)

const namespace = "bench.plugins"

type plugin interface{ Load(context.Context) error }

type trivial struct{ loaded bool }

func (p *trivial) Load(context.Context) error {
	p.loaded = true
	return nil
}

var ctx = context.Background()

// linked returns a registry with n plugins in a table like that of generated code.
func linked(n int) (registry.Option, []*registry.Spec) {
	specs := make([]*registry.Spec, n)
	for i := range specs {
		specs[i] = &registry.Spec{
			Namespace: namespace, Name: fmt.Sprintf("plugin_%05d", i),
			New: func(*registry.Spec) (any, error) { return new(trivial), nil },
		}
	}
	r := new(registry.Registry)
	tables := []generated.Table[registry.Spec]{{Namespace: namespace, Specs: specs}}
	r.Link(&generated.Links[registry.Spec]{Tables: tables})
	return registry.WithFinder(r), specs
}

func manager(opts ...registry.Option) *registry.Manager[plugin] {
	return registry.NewManager[plugin](namespace, opts...)
}

// allocated returns how many allocations and bytes f makes, by itself.
func allocated(f func()) (allocs, bytes float64) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	f() // what is made once
	var before, after runtime.MemStats
	const runs = 5
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range runs {
		f()
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / runs, float64(after.TotalAlloc-before.TotalAlloc) / runs
}

func TestLinkAllocatesNothing(t *testing.T) {
	is := is.New(t)
	_, specs := linked(10_000)
	links := make([]generated.Links[registry.Spec], 100)
	for i := range links {
		links[i].Tables = []generated.Table[registry.Spec]{{Namespace: namespace, Specs: specs}}
	}
	r, i := new(registry.Registry), 0
	is.Equal(testing.AllocsPerRun(len(links)-1, func() { r.Link(&links[i]); i++ }), 0.0)
}

// A new manager costs the same whatever is linked.
func TestNewManager(t *testing.T) {
	is := is.New(t)
	few, _ := linked(10)
	many, _ := linked(10_000)
	allocs, bytes := allocated(func() { manager(few) })
	is.True(allocs <= 5)  // allocations
	is.True(bytes <= 500) // bytes
	allocsMany, bytesMany := allocated(func() { manager(many) })
	is.Equal(allocsMany, allocs)
	is.Equal(bytesMany, bytes)
}

func TestFirstLookup(t *testing.T) {
	for _, n := range []int{10, 1_000, 10_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			is := is.New(t)
			linked, specs := linked(n)
			managers := make([]*registry.Manager[plugin], 101)
			for i := range managers {
				managers[i] = manager(linked)
			}
			i := 0
			allocs := testing.AllocsPerRun(len(managers)-1, func() {
				if !managers[i].Exists(specs[i%n].Name) {
					t.Error("not there")
				}
				i++
			})
			is.True(allocs <= 1) // one allocation at most
		})
	}
}

// Load of a plugin that has been loaded by its name allocates nothing.
func TestLoadOfLoaded(t *testing.T) {
	is := is.New(t)
	linked, specs := linked(10_000)
	m := manager(linked)
	i := 0
	load := func() {
		if _, err := m.Load(ctx, specs[i%len(specs)].Name); err != nil {
			t.Error(err)
		}
		i++
	}
	for range specs {
		load()
	}
	is.Equal(testing.AllocsPerRun(1000, load), 0.0)
}

// LoadAll makes two allocations for each plugin, that of its factory and the instance, and few in all.
func TestLoadAll(t *testing.T) {
	is := is.New(t)
	const n = 10_000
	linked, _ := linked(n)
	for _, goroutines := range []int{1, 2} {
		allocs, bytes := allocated(func() {
			all, err := manager(linked, registry.WithConcurrency(goroutines)).LoadAll(ctx)
			is.NoErr(err)
			is.Equal(len(all), n)
		})
		t.Logf("%d goroutines: %.4f allocations and %.0f bytes for each plugin", goroutines, allocs/n, bytes/n)
		is.True(allocs/n <= 2.01) // allocations for each plugin
		is.True(bytes/n <= 270)   // bytes for each plugin
	}
}

// Loading all again allocates what it returns, and little else.
func TestLoadAllAgain(t *testing.T) {
	is := is.New(t)
	const n = 10_000
	linked, _ := linked(n)
	m := manager(linked)
	allocs, bytes := allocated(func() {
		_, err := m.LoadAll(ctx)
		is.NoErr(err)
	})
	t.Logf("%.0f allocations, %.1f bytes for each plugin", allocs, bytes/n)
	is.True(allocs <= 30) // allocations in all
}
