package registry_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// Sizes are numbers of plugins in a namespace.
var sizes = []int{10, 1_000, 10_000}

type trivial struct{ loaded bool }

func (p *trivial) Load(context.Context) error {
	p.loaded = true
	return nil
}

type loadable interface{ Load(context.Context) error }

func newTrivial(*registry.Spec) (any, error) { return new(trivial), nil }

// linked returns a registry with n plugins in a table like those of generated code.
func linked(n int) (*registry.Registry, []*registry.Spec) {
	specs := make([]*registry.Spec, n)
	for i := range specs {
		specs[i] = &registry.Spec{Namespace: "bench.plugins", Name: fmt.Sprintf("plugin-%05d", i), New: newTrivial}
	}
	r := new(registry.Registry)
	r.Link(tableOf("bench.plugins", specs...))
	return r, specs
}

func forSizes(b *testing.B, run func(b *testing.B, r *registry.Registry, specs []*registry.Spec)) {
	for _, n := range sizes {
		r, specs := linked(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			run(b, r, specs)
		})
	}
}

func BenchmarkNewManager(b *testing.B) {
	forSizes(b, func(b *testing.B, r *registry.Registry, _ []*registry.Spec) {
		for b.Loop() {
			registry.NewManager[loadable]("bench.plugins", registry.WithFinder(r))
		}
	})
}

// The first look at a name, by a manager that has looked at nothing yet.
func BenchmarkFirstLookup(b *testing.B) {
	forSizes(b, func(b *testing.B, r *registry.Registry, specs []*registry.Spec) {
		m := registry.NewManager[loadable]("bench.plugins", registry.WithFinder(r))
		i := 0
		for b.Loop() {
			if !m.Exists(specs[i*7919%len(specs)].Name) {
				b.Fatal("not there")
			}
			i++
		}
	})
}

// The first load of a plugin by a new manager, the making of both included.
func BenchmarkFirstLoad(b *testing.B) {
	forSizes(b, func(b *testing.B, r *registry.Registry, specs []*registry.Spec) {
		ctx := context.Background()
		name := specs[len(specs)/3].Name
		for b.Loop() {
			m := registry.NewManager[loadable]("bench.plugins", registry.WithFinder(r))
			if _, err := m.Load(ctx, name); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkLoadLoaded(b *testing.B) {
	forSizes(b, func(b *testing.B, r *registry.Registry, specs []*registry.Spec) {
		ctx := context.Background()
		m := registry.NewManager[loadable]("bench.plugins", registry.WithFinder(r))
		name := specs[len(specs)/3].Name
		for b.Loop() {
			if _, err := m.Load(ctx, name); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// All plugins are loaded; each Load asks for another.
func BenchmarkLoadLoadedMany(b *testing.B) {
	forSizes(b, func(b *testing.B, r *registry.Registry, specs []*registry.Spec) {
		ctx := context.Background()
		m := registry.NewManager[loadable]("bench.plugins", registry.WithFinder(r))
		for _, s := range specs {
			m.Load(ctx, s.Name)
		}
		i := 0
		for b.Loop() {
			i++
			if _, err := m.Load(ctx, specs[i%len(specs)].Name); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkLoadLoadedParallel(b *testing.B) {
	forSizes(b, func(b *testing.B, r *registry.Registry, specs []*registry.Spec) {
		ctx := context.Background()
		m := registry.NewManager[loadable]("bench.plugins", registry.WithFinder(r))
		name := specs[len(specs)/3].Name
		m.Load(ctx, name)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := m.Load(ctx, name); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

func BenchmarkLoadAll(b *testing.B) {
	cancellable, cancel := context.WithCancel(context.Background())
	defer cancel()
	for name, ctx := range map[string]context.Context{"Background": context.Background(), "Cancellable": cancellable} {
		for _, limit := range []int{1, runtime.GOMAXPROCS(0)} {
			b.Run(fmt.Sprintf("%s/limit=%d", name, limit), func(b *testing.B) {
				forSizes(b, func(b *testing.B, r *registry.Registry, specs []*registry.Spec) {
					for b.Loop() {
						m := registry.NewManager[loadable]("bench.plugins", registry.WithFinder(r),
							registry.WithConcurrency(limit))
						all, err := m.LoadAll(ctx)
						if len(all) != len(specs) || err != nil {
							b.Fatal(len(all), err)
						}
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(specs)), "ns/plugin")
				})
			})
		}
	}
}

// The same factories and loads without a manager.
func BenchmarkBareLoop(b *testing.B) {
	for _, limit := range []int{1, runtime.GOMAXPROCS(0)} {
		b.Run(fmt.Sprintf("limit=%d", limit), func(b *testing.B) {
			forSizes(b, func(b *testing.B, _ *registry.Registry, specs []*registry.Spec) {
				for b.Loop() {
					bareLoop(limit, specs)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(specs)), "ns/plugin")
			})
		})
	}
}

func bareLoop(goroutines int, specs []*registry.Spec) []loadable {
	all := make([]loadable, len(specs))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range goroutines {
		workers.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(specs) {
					return
				}
				p, err := specs[i].New(specs[i])
				if err == nil {
					all[i] = p.(loadable)
					err = all[i].Load(context.Background())
				}
				if err != nil {
					panic(err)
				}
			}
		})
	}
	workers.Wait()
	return all
}

// LoadAll of what is loaded already.
func BenchmarkLoadAllAgain(b *testing.B) {
	forSizes(b, func(b *testing.B, r *registry.Registry, _ []*registry.Spec) {
		m := registry.NewManager[loadable]("bench.plugins", registry.WithFinder(r))
		m.LoadAll(context.Background())
		for b.Loop() {
			m.LoadAll(context.Background())
		}
	})
}

// nopInput has ten options.
type nopInput struct {
	A, B, C, D, E, F, G, H, I, J int
}

var nopOptions = generated.Options{
	New: func() any { return new(nopInput) },
	Fill: func(d *generated.Decoder, target any) {
		o := target.(*nopInput)
		d.Begin()
		for i, p := range []*int{&o.A, &o.B, &o.C, &o.D, &o.E, &o.F, &o.G, &o.H, &o.I, &o.J} {
			if d.Option(i) {
				generated.Int(d, p)
			}
		}
		d.End()
	},
	Options: []generated.Option{
		{Name: "a", Type: "int"},
		{Name: "b", Type: "int"},
		{Name: "c", Type: "int"},
		{Name: "d", Type: "int"},
		{Name: "e", Type: "int"},
		{Name: "f", Type: "int"},
		{Name: "g", Type: "int"},
		{Name: "h", Type: "int"},
		{Name: "i", Type: "int"},
		{Name: "j", Type: "int"},
	},
}

// newBenchSet returns a set, and the section of n instances, of which changed have other
// options than all have in a section of which none are changed.
func newBenchSet(tb testing.TB, reloads bool) (*registry.Set[any], func(n, changed int) config.Value) {
	spec := &registry.Spec{
		Namespace: "bench.inputs", Name: "nop", Options: &nopOptions,
		NewWith: func(_ *registry.Spec, options any) (any, error) { return options, nil },
	}
	if reloads {
		spec.Reload = func(_ context.Context, plugin, options any) error {
			*plugin.(*nopInput) = *options.(*nopInput)
			return nil
		}
	}
	return registry.NewSet[any]("bench.inputs", registry.WithSpecs(spec)), func(n, changed int) config.Value {
		section := make(map[string]any, n)
		for i := range n {
			options := make(map[string]any)
			for _, o := range nopOptions.Options {
				options[o.Name] = i
			}
			if i < changed {
				options["j"] = -1
			}
			section[fmt.Sprintf("nop/%d", i)] = options
		}
		v, err := config.Load(config.FromMap("bench", map[string]any{"inputs": section}))
		if err != nil {
			tb.Fatal(err)
		}
		return v.At("inputs")
	}
}

// Apply of sections of 1,000 instances that were loaded anew each.
func BenchmarkApply(b *testing.B) {
	for name, changed := range map[string]int{"unchanged": 0, "one replaced": 1, "one reloaded": 1, "all replaced": 1_000} {
		b.Run(name, func(b *testing.B) {
			ctx := context.Background()
			s, section := newBenchSet(b, name == "one reloaded")
			sections := []config.Value{section(1_000, 0), section(1_000, changed)}
			i := 0
			apply := func() {
				i++
				if _, err := s.Apply(ctx, sections[i%2]); err != nil {
					b.Fatal(err)
				}
			}
			apply()
			apply()
			b.ReportAllocs()
			for b.Loop() {
				apply()
			}
		})
	}
}

func BenchmarkGet(b *testing.B) {
	s, section := newBenchSet(b, false)
	if _, err := s.Apply(context.Background(), section(1_000, 0)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := s.Get("nop/500"); !ok {
			b.Fatal("not there")
		}
	}
}
