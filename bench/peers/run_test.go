package peers

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/samber/do/v2"
	"go.uber.org/dig"

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

// CaddyModule is here so that a trivial can be a module of Caddy.
func (*trivial) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: namespace + ".template", New: func() caddy.Module { return new(trivial) }}
}

var ctx = context.Background()

// names returns n names of plugins.
func names(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("plugin_%05d", i)
	}
	return all
}

// wanted is one of the names, whatever their number.
const wanted = "plugin_00003"

// forSizes runs a benchmark with three numbers of plugins.
func forSizes(b *testing.B, run func(b *testing.B, names []string)) {
	for _, n := range []int{10, 1_000, 10_000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			run(b, names(n))
		})
	}
}

// A stateful plugin is nearly as trivial, and has 64 bytes of its own.
type stateful struct {
	trivial
	_ [63]byte
}

func newTrivial(*registry.Spec) (any, error)  { return new(trivial), nil }
func newStateful(*registry.Spec) (any, error) { return new(stateful), nil }

// linked returns a registry with plugins in a table like that of generated code.
func linked(names []string) (*registry.Registry, []*registry.Spec) {
	return linkedOf(names, newTrivial)
}

func linkedOf(names []string, factory func(*registry.Spec) (any, error)) (*registry.Registry, []*registry.Spec) {
	specs := make([]*registry.Spec, len(names))
	for i, name := range names {
		specs[i] = &registry.Spec{Namespace: namespace, Name: name, New: factory}
	}
	r := new(registry.Registry)
	tables := []generated.Table[registry.Spec]{{Namespace: namespace, Specs: specs}}
	r.Link(&generated.Links[registry.Spec]{Tables: tables})
	return r, specs
}

func manager(r *registry.Registry, opts ...registry.Option) *registry.Manager[plugin] {
	return registry.NewManager[plugin](namespace, append(opts, registry.WithFinder(r))...)
}

// A mutexMap is what people write by hand.
type mutexMap struct {
	mu      sync.Mutex
	make    map[string]func() plugin
	plugins map[string]plugin
}

func filled(names []string) *mutexMap {
	m := &mutexMap{make: map[string]func() plugin{}, plugins: map[string]plugin{}}
	for _, name := range names {
		m.make[name] = func() plugin { return new(trivial) }
	}
	return m
}

func (m *mutexMap) load(ctx context.Context, name string) (plugin, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.plugins[name]; p != nil {
		return p, nil
	}
	create := m.make[name]
	if create == nil {
		return nil, fmt.Errorf("no plugin %s", name)
	}
	p := create()
	if err := p.Load(ctx); err != nil {
		return nil, err
	}
	m.plugins[name] = p
	return p, nil
}

func injector(names []string) *do.RootScope {
	i := do.New()
	for _, name := range names {
		do.ProvideNamed(i, name, func(do.Injector) (plugin, error) {
			p := new(trivial)
			return p, p.Load(ctx)
		})
	}
	return i
}

func container(b *testing.B, names []string, opts func(name string) dig.ProvideOption) *dig.Container {
	c := dig.New(dig.DeferAcyclicVerification()) // Provide would be quadratic otherwise
	for _, name := range names {
		if err := c.Provide(func() plugin { return new(trivial) }, opts(name)); err != nil {
			b.Fatal(err)
		}
	}
	return c
}

// caddyModules registers modules, once: Caddy's registry is the process's.
func caddyModules(names []string) {
	for _, name := range names {
		id := fmt.Sprintf("%s%d.%s", namespace, len(names), name)
		if _, err := caddy.GetModule(id); err != nil {
			caddy.RegisterModule(module{id})
		}
	}
}

type module struct{ id string }

func (m module) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: caddy.ModuleID(m.id), New: func() caddy.Module { return new(trivial) }}
}

// Creation of a manager of plugins that are linked.
func BenchmarkNewManager(b *testing.B) {
	b.Run("plugingen", func(b *testing.B) {
		forSizes(b, func(b *testing.B, names []string) {
			r, _ := linked(names)
			for b.Loop() {
				manager(r)
			}
		})
	})
}

// The first look at a name by a manager that has looked at nothing yet; for the
// others, whose registries have no such state, any look.
func BenchmarkFirstLookup(b *testing.B) {
	b.Run("plugingen", func(b *testing.B) {
		forSizes(b, func(b *testing.B, names []string) {
			r, _ := linked(names)
			managers := make([]*registry.Manager[plugin], 1000)
			i := len(managers)
			for b.Loop() {
				if i == len(managers) {
					b.StopTimer()
					for k := range managers {
						managers[k] = manager(r)
					}
					i = 0
					b.StartTimer()
				}
				if !managers[i].Exists(names[i*7919%len(names)]) {
					b.Fatal("not there")
				}
				i++
			}
		})
	})
	b.Run("caddy", func(b *testing.B) {
		forSizes(b, func(b *testing.B, names []string) {
			caddyModules(names)
			ids := make([]string, len(names))
			for i, name := range names {
				ids[i] = fmt.Sprintf("%s%d.%s", namespace, len(names), name)
			}
			i := 0
			for b.Loop() {
				if _, err := caddy.GetModule(ids[i*7919%len(ids)]); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	})
	b.Run("map", func(b *testing.B) {
		forSizes(b, func(b *testing.B, names []string) {
			m := filled(names)
			i := 0
			for b.Loop() {
				m.mu.Lock()
				if m.make[names[i*7919%len(names)]] == nil {
					b.Fatal("not there")
				}
				m.mu.Unlock()
				i++
			}
		})
	})
}

// A load of what is loaded already, the same plugin again and again.
func BenchmarkLoaded(b *testing.B)         { loaded(b, again) }
func BenchmarkLoadedParallel(b *testing.B) { loaded(b, parallel) }

func again(b *testing.B, load func() error) {
	for b.Loop() {
		if err := load(); err != nil {
			b.Fatal(err)
		}
	}
}

func parallel(b *testing.B, load func() error) {
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := load(); err != nil {
				panic(err)
			}
		}
	})
}

func loaded(b *testing.B, repeat func(*testing.B, func() error)) {
	compare := func(who string, prepare func(b *testing.B, names []string) func() error) {
		b.Run(who, func(b *testing.B) {
			forSizes(b, func(b *testing.B, names []string) {
				load := prepare(b, names)
				if err := load(); err != nil {
					b.Fatal(err)
				}
				repeat(b, load)
			})
		})
	}
	compare("plugingen", func(_ *testing.B, names []string) func() error {
		r, _ := linked(names)
		m := manager(r)
		return func() error { _, err := m.Load(ctx, wanted); return err }
	})
	compare("map", func(_ *testing.B, names []string) func() error {
		m := filled(names)
		return func() error { _, err := m.load(ctx, wanted); return err }
	})
	compare("do", func(_ *testing.B, names []string) func() error {
		i := injector(names)
		return func() error { _, err := do.InvokeNamed[plugin](i, wanted); return err }
	})
	if b.Name() == "BenchmarkLoadedParallel" {
		return // a container of dig is not for several goroutines
	}
	compare("dig", func(b *testing.B, names []string) func() error {
		c := container(b, names, func(name string) dig.ProvideOption { return dig.Name(name) })
		type in struct {
			dig.In
			Plugin plugin `name:"plugin_00003"`
		}
		return func() error { return c.Invoke(func(in) {}) }
	})
}

// Making and loading of all plugins, from nothing. "bare" is the factories and loads
// alone, on one goroutine or as many as there are processors.
func BenchmarkLoadAll(b *testing.B) {
	compare := func(who string, prepare func(b *testing.B, names []string) func() (int, error)) {
		b.Run(who, func(b *testing.B) {
			forSizes(b, func(b *testing.B, names []string) {
				all := prepare(b, names)
				for b.Loop() {
					if n, err := all(); n != len(names) || err != nil {
						b.Fatal(n, err)
					}
				}
			})
		})
	}
	for _, how := range []struct {
		suffix     string
		goroutines int
		factory    func(*registry.Spec) (any, error)
	}{{"", 1, newTrivial}, {"-concurrent", 0, newTrivial}, {"-stateful", 1, newStateful}} {
		compare("bare"+how.suffix, func(_ *testing.B, names []string) func() (int, error) {
			_, specs := linkedOf(names, how.factory)
			return func() (int, error) { return bare(specs, how.goroutines) }
		})
		compare("plugingen"+how.suffix, func(_ *testing.B, names []string) func() (int, error) {
			r, _ := linkedOf(names, how.factory)
			return func() (int, error) {
				all, err := manager(r, registry.WithConcurrency(how.goroutines)).LoadAll(ctx)
				return len(all), err
			}
		})
	}
	compare("caddy", func(_ *testing.B, names []string) func() (int, error) {
		caddyModules(names)
		scope := fmt.Sprintf("%s%d", namespace, len(names))
		return func() (int, error) {
			n := 0
			for _, info := range caddy.GetModules(scope) {
				if err := info.New().(plugin).Load(ctx); err != nil {
					return n, err
				}
				n++
			}
			return n, nil
		}
	})
	compare("map", func(_ *testing.B, names []string) func() (int, error) {
		m := filled(names)
		return func() (int, error) {
			clear(m.plugins)
			for name := range m.make {
				if _, err := m.load(ctx, name); err != nil {
					return 0, err
				}
			}
			return len(m.plugins), nil
		}
	})
	compare("do", func(b *testing.B, names []string) func() (int, error) {
		return func() (int, error) {
			b.StopTimer()
			i := injector(names)
			b.StartTimer()
			for n, name := range names {
				if _, err := do.InvokeNamed[plugin](i, name); err != nil {
					return n, err
				}
			}
			return len(names), nil
		}
	})
	compare("dig", func(b *testing.B, names []string) func() (int, error) {
		type in struct {
			dig.In
			Plugins []plugin `group:"plugins"`
		}
		return func() (n int, err error) {
			b.StopTimer()
			c := container(b, names, func(string) dig.ProvideOption { return dig.Group("plugins") })
			b.StartTimer()
			err = c.Invoke(func(in in) error {
				for _, p := range in.Plugins {
					if err := p.Load(ctx); err != nil {
						return err
					}
				}
				n = len(in.Plugins)
				return nil
			})
			return n, err
		}
	})
}
