package registry_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
)

// A plugin that was linked and loaded after a LoadAll is closed like the others.
func TestCloseAfterLinkAndLoad(t *testing.T) {
	is := is.New(t)
	var j journal
	r := new(registry.Registry)
	r.Link(table(j.spec("a", nil)))
	m := on(r)
	_, err := m.LoadAll(t.Context())
	is.NoErr(err)
	r.Link(table(j.spec("b", nil)))
	_, err = m.Load(t.Context(), "b")
	is.NoErr(err)
	is.Equal(loadedNames(m), []string{"a", "b"})
	is.NoErr(m.Close(t.Context()))
	is.Equal(j.all()[4:], []string{"close b", "close a"})
}

func loadedNames(m *registry.Manager[service]) (list []string) {
	for s := range m.Loaded() {
		list = append(list, s.Name)
	}
	return list
}

// A Close waits for a load, which closes the same manager: neither waits for ever.
func TestCloseFromALoadThatCloseWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		var m *registry.Manager[service]
		letGo := make(chan struct{})
		var inner error
		m = managerOf([]*registry.Spec{j.spec("a", func(p *plugin) {
			p.load = func(ctx context.Context) error {
				<-letGo
				inner = m.Close(ctx)
				return nil
			}
		})})
		loaded, closed := make(chan error), make(chan error)
		go func() {
			_, err := m.Load(context.Background(), "a")
			loaded <- err
		}()
		synctest.Wait()
		go func() { closed <- m.Close(context.Background()) }()
		synctest.Wait()
		close(letGo)
		is.NoErr(<-loaded)
		is.NoErr(<-closed)
		is.True(errors.Is(inner, registry.ErrCycle))
		is.True(strings.Contains(inner.Error(), "Close of test.plugins"))
		is.Equal(j.count("close a"), 1)
	})
}

// Plugins of two managers close each other's manager while both are being closed.
func TestClosesOfTwoManagersWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		var one, two *registry.Manager[service]
		begun := make(chan struct{}, 2)
		var inner [2]error
		closing := func(i int, other **registry.Manager[service]) func(*plugin) {
			return func(p *plugin) {
				p.close = func(ctx context.Context) error {
					begun <- struct{}{}
					synctestWait(begun)
					inner[i] = (*other).Close(ctx)
					return nil
				}
			}
		}
		one = managerOf([]*registry.Spec{j.spec("a", closing(0, &two))})
		two = managerOf([]*registry.Spec{j.spec("b", closing(1, &one))})
		for _, m := range []*registry.Manager[service]{one, two} {
			_, err := m.LoadAll(t.Context())
			is.NoErr(err)
		}
		closed := make(chan error)
		go func() { closed <- one.Close(context.Background()) }()
		go func() { closed <- two.Close(context.Background()) }()
		is.NoErr(<-closed)
		is.NoErr(<-closed)
		is.True(errors.Is(inner[0], registry.ErrCycle) || errors.Is(inner[1], registry.ErrCycle))
	})
}

// What a plugin requires is unloaded while the plugin is being loaded.
func TestUnloadOfARequirementInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		letGo := make(chan struct{})
		b := j.requiring("b", "a")
		b.New = j.spec("b", func(p *plugin) { p.load = stuck(letGo) }).New
		m := managerOf([]*registry.Spec{j.spec("a", nil), b})
		loaded, unloaded := make(chan error), make(chan error)
		go func() {
			_, err := m.Load(context.Background(), "b")
			loaded <- err
		}()
		synctest.Wait()
		go func() { unloaded <- m.Unload(context.Background(), "a") }()
		synctest.Wait()
		is.Equal(j.count("close a"), 0) // b is using it
		_, err := m.Load(t.Context(), "a")
		is.NoErr(err) // and may ask for it
		close(letGo)
		is.NoErr(<-loaded)
		is.NoErr(<-unloaded)
		is.True(!m.IsLoaded("b"))
		is.Equal(j.all(), []string{"new a", "load a", "new b", "load b", "close b", "close a"})
	})
}

// The same, when the one who unloads does not wait that long: everything stays as it is.
func TestUnloadThatGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		letGo := make(chan struct{})
		b := j.requiring("b", "a")
		b.New = j.spec("b", func(p *plugin) { p.load = stuck(letGo) }).New
		m := managerOf([]*registry.Spec{j.spec("a", nil), b})
		loaded := make(chan error)
		go func() {
			_, err := m.Load(context.Background(), "b")
			loaded <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := m.Unload(ctx, "a")
		is.True(errors.Is(err, context.DeadlineExceeded))
		close(letGo)
		is.NoErr(<-loaded)
		is.Equal(loadedNames(m), []string{"a", "b"})
		is.NoErr(m.Close(t.Context()))
		is.Equal(j.all()[4:], []string{"close b", "close a"})
	})
}

// Plugins of another manager that require a plugin are closed before it, too.
func TestUnloadAcrossManagers(t *testing.T) {
	is := is.New(t)
	var j journal
	db := j.spec("db", nil)
	db.Namespace = "test.stores"
	stores := registry.NewManager[service]("test.stores", registry.WithSpecs(db))
	m := managerOf([]*registry.Spec{j.requiring("a", "test.stores:db"), j.spec("b", nil)},
		registry.WithManagers(stores))
	_, err := m.LoadAll(t.Context())
	is.NoErr(err)
	is.NoErr(stores.Unload(t.Context(), "db"))
	is.Equal(loadedNames(m), []string{"b"})
	_, err = m.LoadAll(t.Context())
	is.NoErr(err)
	is.NoErr(stores.Close(t.Context()))
	is.Equal(loadedNames(m), []string{"b"})
	is.Equal(j.count("close a"), 2)
}

// While a plugin is being closed it is not loaded any more, and no other instance
// of it is made, whatever the context of the one who unloads it.
func TestNoSecondInstanceWhileTheFirstCloses(t *testing.T) {
	for name, limit := range map[string]time.Duration{"ended": 0, "ends": time.Minute} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				is := is.New(t)
				var j journal
				letGo := make(chan struct{})
				m := managerOf([]*registry.Spec{j.spec("a", func(p *plugin) { p.close = stuck(letGo) })})
				_, err := m.Load(t.Context(), "a")
				is.NoErr(err)
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				err = m.Unload(ctx, "a")
				is.True(errors.Is(err, context.DeadlineExceeded))
				i, _ := m.Info("a")
				is.Equal(i.State, registry.StateClosing)
				is.Equal(i.Plugin, nil)
				again := make(chan error)
				go func() {
					_, err := m.Load(context.Background(), "a")
					again <- err
				}()
				synctest.Wait()
				is.Equal(j.count("new a"), 1)
				close(letGo)
				is.NoErr(<-again)
				is.Equal(j.all(), []string{"new a", "load a", "close a", "new a", "load a"})
				is.NoErr(m.Close(t.Context()))
			})
		})
	}
}

// What a Close returns after everybody has stopped waiting for it is passed to
// listeners, and kept.
func TestLateErrorOfAClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j, told journal
		broken := errors.New("broken")
		letGo := make(chan struct{})
		m := managerOf([]*registry.Spec{j.spec("a", func(p *plugin) {
			p.close = func(context.Context) error { <-letGo; return broken }
		})}, registry.WithListener(func(_ context.Context, e registry.Event) error {
			if e.Phase == registry.PhaseClose && e.Moment == registry.Failed {
				told.add(errors.Unwrap(e.Err).Error())
			}
			return nil
		}))
		_, err := m.Load(t.Context(), "a")
		is.NoErr(err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		is.True(errors.Is(m.Close(ctx), context.DeadlineExceeded))
		close(letGo)
		synctest.Wait()
		is.Equal(told.all(), []string{"abandoned: context deadline exceeded", "broken"})
		i, _ := m.Info("a")
		is.True(errors.Is(i.Err, broken))
		is.Equal(i.State, registry.StateClosed)
	})
}

// A load whose own context has not ended is abandoned by a Close: its caller gets
// ErrClosed.
func TestLoadThatACloseAbandons(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		letGo := make(chan struct{})
		m := managerOf([]*registry.Spec{j.spec("a", func(p *plugin) { p.load = stuck(letGo) })})
		errs := make(chan error, 2)
		load := func(ctx context.Context) {
			_, err := m.Load(ctx, "a")
			errs <- err
		}
		go load(context.Background())
		synctest.Wait()
		go load(context.Background())
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		is.True(errors.Is(m.Close(ctx), context.DeadlineExceeded))
		close(letGo)
		for range 2 {
			err := <-errs
			is.True(errors.Is(err, registry.ErrClosed))
			is.True(!errors.Is(err, context.DeadlineExceeded))
		}
		synctest.Wait()
		is.Equal(j.count("close a"), 1)
	})
}

// A listener that ends the goroutine, at any moment, leaves nothing open and nobody
// waiting.
func TestGoexitInListeners(t *testing.T) {
	for _, phase := range []registry.Phase{
		registry.PhaseResolve, registry.PhaseInit, registry.PhaseLoad,
		registry.PhaseClose,
	} {
		for _, moment := range []registry.Moment{registry.Before, registry.After, registry.Failed, registry.Skipped} {
			t.Run(phase.String()+" "+moment.String(), func(t *testing.T) {
				is := is.New(t)
				var j, second journal
				exit := func(_ context.Context, e registry.Event) error {
					if e.Phase == phase && e.Moment == moment {
						runtime.Goexit()
					}
					return nil
				}
				m := managerOf(append(five(&j), j.spec("fails-to-close", func(p *plugin) {
					p.close = func(context.Context) error { return errors.New("broken") }
				})), registry.WithListener(exit), registry.WithListener(events(&second)))
				m.LoadAll(t.Context())
				loaded := loadedNames(m)
				m.Close(t.Context())
				is.Equal(loadedNames(m), nil)
				for _, s := range five(nil) {
					is.Equal(j.count("new "+s.Name), j.count("close "+s.Name))
				}
				for _, name := range loaded { // the other listener is called all the same
					is.True(slices.Contains(second.all(), name+" close before"))
				}
			})
		}
	}
}

// Nothing that a plugin has had is kept once it is closed: not the instance, not
// the context in which it was loaded.
func TestClosedPluginIsNotKeptAlive(t *testing.T) {
	type key struct{}
	for name, end := range map[string]func(*registry.Manager[service]){
		"unload": func(m *registry.Manager[service]) { m.Unload(context.Background(), "a") },
		"close":  func(m *registry.Manager[service]) { m.Close(context.Background()) },
		"again": func(m *registry.Manager[service]) {
			m.Unload(context.Background(), "a")
			m.Load(context.Background(), "a")
		},
	} {
		for how, load := range map[string]func(context.Context, *registry.Manager[service]){
			"load":     func(ctx context.Context, m *registry.Manager[service]) { m.Load(ctx, "a") },
			"load all": func(ctx context.Context, m *registry.Manager[service]) { m.LoadAll(ctx) },
			"by another": func(ctx context.Context, m *registry.Manager[service]) {
				m.Load(ctx, "b")
			},
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				is := is.New(t)
				gone := make(chan string, 10)
				first := true
				a := new(journal).spec("a", func(p *plugin) {
					if first {
						runtime.AddCleanup(p, func(what string) { gone <- what }, "instance")
					}
					first = false
				})
				m := managerOf([]*registry.Spec{a, new(journal).requiring("b", "a")})
				func() {
					value := new([64]byte)
					runtime.AddCleanup(value, func(what string) { gone <- what }, "context")
					load(context.WithValue(context.Background(), key{}, value), m)
				}()
				is.True(m.IsLoaded("a"))
				end(m)
				var all []string
				for i := 0; i < 200 && len(all) < 2; i++ {
					runtime.GC()
					select {
					case what := <-gone:
						all = append(all, what)
					case <-time.After(5 * time.Millisecond):
					}
				}
				slices.Sort(all)
				is.Equal(all, []string{"context", "instance"})
				runtime.KeepAlive(m)
			})
		}
	}
}

// A Close forces the closing of a plugin that somebody is unloading, and gives up later: the plugin
// does not stay loaded without what it requires.
func TestCloseForcesAnUnload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		letGo := make(chan struct{})
		a := j.spec("a", nil)
		a.Namespace = "test.stores"
		stores := registry.NewManager[service]("test.stores", registry.WithSpecs(a))
		c := j.spec("c", func(p *plugin) { p.load = stuck(letGo) })
		c.Requires = []string{"b"}
		m := managerOf([]*registry.Spec{j.requiring("b", "test.stores:a"), c}, registry.WithManagers(stores))
		loaded, unloaded := make(chan error), make(chan error)
		go func() {
			_, err := m.Load(context.Background(), "c")
			loaded <- err
		}()
		synctest.Wait()
		go func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			unloaded <- m.Unload(ctx, "b")
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		is.True(stores.Close(ctx) != nil)
		is.Equal(j.count("close a"), 1)
		is.True(<-unloaded != nil)
		close(letGo)
		is.True(<-loaded != nil)
		synctest.Wait()
		is.Equal(loadedNames(m), nil)
		is.Equal(j.count("close b"), 1)
		is.Equal(j.count("close c"), 1)
	})
}

// A plugin closes its manager in its Load. The load is abandoned, for two reasons.
func TestErrorOfALoadThatClosesItsManager(t *testing.T) {
	is := is.New(t)
	var j journal
	var m *registry.Manager[service]
	var inner error
	m = managerOf([]*registry.Spec{j.spec("a", func(p *plugin) {
		p.load = func(ctx context.Context) error { inner = m.Close(ctx); return nil }
	})})
	_, err := m.Load(t.Context(), "a")
	is.True(errors.Is(err, registry.ErrClosed))
	is.True(errors.Is(err, registry.ErrCycle))
	eventually(t, func() bool { return j.count("close a") == 1 })
	is.True(errors.Is(inner, registry.ErrCycle))
}

// eventually waits for what code does that nobody waits for.
func eventually(t *testing.T, so func() bool) {
	t.Helper()
	for i := 0; !so(); i++ {
		if i == 1000 {
			t.Fatal("it never is")
		}
		time.Sleep(time.Millisecond)
	}
}

// The plugin's code may keep the context of its Load, without keeping the instance.
func TestContextDoesNotKeepTheInstance(t *testing.T) {
	is := is.New(t)
	gone := make(chan struct{})
	var kept context.Context
	m := managerOf([]*registry.Spec{new(journal).spec("a", func(p *plugin) {
		runtime.AddCleanup(p, func(c chan struct{}) { close(c) }, gone)
		p.load = func(ctx context.Context) error { kept = context.WithoutCancel(ctx); return nil }
	})})
	_, err := m.Load(t.Context(), "a")
	is.NoErr(err)
	is.NoErr(m.Unload(t.Context(), "a"))
	eventually(t, func() bool {
		runtime.GC()
		select {
		case <-gone:
			return true
		default:
			return false
		}
	})
	runtime.KeepAlive(kept)
}
