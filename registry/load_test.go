package registry_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
)

// A load is abandoned in one step of its plugin's code. No further step is done,
// but closing.
func TestAbandonedLoadStops(t *testing.T) {
	for _, step := range []string{"condition", "filter", "listener", "init listener", "new", "should", "load"} {
		for how, load := range map[string]func(context.Context, *registry.Manager[service]) error{
			"Load": func(ctx context.Context, m *registry.Manager[service]) error {
				_, err := m.Load(ctx, "a")
				return err
			},
			"LoadAll": func(ctx context.Context, m *registry.Manager[service]) error {
				_, err := m.LoadAll(ctx)
				return err
			},
		} {
			t.Run(step+" "+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					is := is.New(t)
					var j journal
					letGo := make(chan struct{})
					at := func(name string) {
						j.add(name)
						if name == step {
							<-letGo
						}
					}
					a := j.spec("a", func(p *plugin) {
						at("new")
						p.should = func() bool { at("should"); return true }
						p.load = func(context.Context) error { at("load"); return nil }
					})
					a.ShouldLoad = func(*registry.Spec) bool { at("condition"); return true }
					opts := []registry.Option{
						registry.WithFilter(func(*registry.Spec) error { at("filter"); return nil }),
					}
					// without listeners, fewer steps look whether they are still wanted
					if strings.HasSuffix(step, "listener") {
						opts = append(opts, registry.WithListener(func(_ context.Context, e registry.Event) error {
							switch {
							case e.Moment != registry.Before:
							case e.Phase == registry.PhaseResolve:
								at("listener")
							case e.Phase == registry.PhaseInit:
								at("init listener")
							}
							return nil
						}), registry.WithListener(func(_ context.Context, e registry.Event) error {
							if e.Moment == registry.Before && e.Phase != registry.PhaseClose {
								at("next listener")
							}
							return nil
						}))
					}
					m := managerOf([]*registry.Spec{a}, opts...)
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					is.True(errors.Is(load(ctx, m), context.DeadlineExceeded))
					before := j.all()
					is.Equal(before[len(before)-1], step)
					close(letGo)
					synctest.Wait()
					want := []string{}
					if j.count("new a") > 0 {
						want = []string{"close a"}
					}
					is.Equal(j.all()[len(before):], want)
				})
			})
		}
	}
}

// With WithFailFast, the error of a plugin whose requirement was not tried wraps
// the failure that stopped the batch.
func TestFailFastKeepsTheCause(t *testing.T) {
	is := is.New(t)
	var j journal
	cause := errors.New("no disk")
	bad := j.spec("bad", func(p *plugin) { p.load = func(context.Context) error { return cause } })
	m := managerOf([]*registry.Spec{j.requiring("c", "b"), j.requiring("b", "bad"), bad}, registry.WithFailFast())
	_, err := m.Load(t.Context(), "c")
	is.True(errors.Is(err, cause))
	is.Equal(errorOf(t, err).Name, "c")
	_, err = m.LoadAll(t.Context())
	is.True(errors.Is(err, cause))
	is.Equal(strings.Count(err.Error(), "\n"), 0) // once
}

// A finder is asked once, though several goroutines are the first to need it.
func TestFinderIsAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		spec := j.spec("a", nil)
		m := registry.NewManager[service](ns,
			registry.WithFinder(registry.FinderFunc(func(string) ([]*registry.Spec, error) {
				j.add("find")
				time.Sleep(time.Second)
				return []*registry.Spec{spec}, nil
			})))
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				_, err := m.Load(t.Context(), "a")
				is.NoErr(err)
			})
		}
		all.Wait()
		is.Equal(j.count("find"), 1)
	})
}

// A name that is looked up in vain costs little; what was meant is found out only
// for those who read the error, and not by looking at everything.
func TestMissesAreCheap(t *testing.T) {
	is := is.New(t)
	bytes := func(n int, read bool) uint64 {
		r, _ := linked(n)
		m := registry.NewManager[loadable]("bench.plugins", registry.WithFinder(r),
			registry.WithMissing(func(string, error) error { return nil }))
		m.Names()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range 100 {
			_, err := m.Load(t.Context(), "plugin-0000x")
			is.True(errors.Is(err, registry.ErrNotFound))
			if read {
				is.True(strings.Contains(err.Error(), "did you mean plugin-0000"))
			}
		}
		runtime.ReadMemStats(&after)
		return (after.TotalAlloc - before.TotalAlloc) / 100
	}
	is.True(bytes(10_000, false) < 2_000)
	is.True(bytes(10_000, true) < 2*bytes(1_000, true)+2_000)
}

// An alias has been asked for, and then a plugin of that name is linked: it is that
// one that everybody gets.
func TestNameInPlaceOfAnAlias(t *testing.T) {
	is := is.New(t)
	var j journal
	a := j.spec("a", nil)
	a.Aliases = []string{"old"}
	r := new(registry.Registry)
	r.Link(table(a))
	m := on(r)
	for range 2 { // found, and found again
		p, err := m.Load(t.Context(), "old")
		is.NoErr(err)
		is.Equal(p.(*plugin).name, "a")
	}
	r.Link(table(j.spec("old", nil)))
	p, err := m.Load(t.Context(), "old")
	is.NoErr(err)
	is.Equal(p.(*plugin).name, "old")
	is.NoErr(m.Close(t.Context()))
	is.Equal(j.count("close a"), 1)
}

// Plugins that come and go leave nothing behind in a manager.
func TestMemoryOfPluginsThatComeAndGo(t *testing.T) {
	is := is.New(t)
	r := new(registry.Registry)
	m := on(r)
	n := 0
	cycles := func(count int) {
		for range count {
			s := new(journal).spec(fmt.Sprintf("plugin-%d", n), nil)
			n++
			is.NoErr(r.Add(s))
			_, err := m.Load(t.Context(), s.Name)
			is.NoErr(err)
			is.NoErr(m.Unload(t.Context(), s.Name))
			r.Remove(s)
			is.Equal(m.Names(), []string{})
		}
	}
	heap := func() int64 {
		runtime.GC()
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int64(stats.HeapAlloc)
	}
	cycles(100)
	before := heap()
	cycles(2000)
	grown := heap() - before
	if grown > 200_000 {
		t.Errorf("the heap has grown by %d bytes", grown)
	}
	runtime.KeepAlive(m)
	runtime.KeepAlive(r)
}

// A plugin is removed from the registry, and forgotten, before a LoadAll in progress loads it. It is found
// by its name then, and closed.
func TestRemoveDuringLoadAll(t *testing.T) {
	is := is.New(t)
	var j journal
	r := new(registry.Registry)
	var m *registry.Manager[service]
	b := j.spec("b", nil)
	is.NoErr(r.Add(b, j.spec("a", func(p *plugin) {
		p.load = func(context.Context) error {
			r.Remove(b)
			is.Equal(m.Names(), []string{"a"})
			return nil
		}
	})))
	m = on(r)
	all, err := m.LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(names(all), []string{"a", "b"}) // what was there when it began
	is.True(m.IsLoaded("b"))
	is.NoErr(m.Unload(t.Context(), "b"))
	is.Equal(j.count("close b"), 1)
	m.Load(t.Context(), "b")
	is.NoErr(m.Close(t.Context()))
	is.Equal(j.count("close a"), 1)
}

// A load fails, and is abandoned while listeners are being called about that: they are called once.
func TestFailureIsAnnouncedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j, told journal
		m := managerOf([]*registry.Spec{j.spec("a", func(p *plugin) {
			p.load = func(context.Context) error { return errors.New("no disk") }
		})}, registry.WithLoadTimeout(time.Second),
			registry.WithListener(func(_ context.Context, e registry.Event) error {
				if e.Moment == registry.Failed {
					told.add(errors.Unwrap(e.Err).Error())
					time.Sleep(time.Minute)
				}
				return nil
			}))
		_, err := m.Load(t.Context(), "a")
		is.True(errors.Is(err, context.DeadlineExceeded))
		time.Sleep(time.Hour)
		is.Equal(told.all(), []string{"no disk"})
		is.Equal(j.count("close a"), 1)
	})
}
