package registry_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
)

// stuck blocks without heeding the context, until it is let go.
func stuck(letGo <-chan struct{}) func(context.Context) error {
	return func(context.Context) error {
		<-letGo
		return nil
	}
}

func heeding(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestConcurrentLoadsAreOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		letGo := make(chan struct{})
		m := managerOf([]*registry.Spec{j.spec("a", func(p *plugin) { p.load = stuck(letGo) })})
		const n = 100
		got := make(chan service, n)
		for range n {
			go func() {
				p, err := m.Load(context.Background(), "a")
				is.NoErr(err)
				got <- p
			}()
		}
		synctest.Wait()
		close(letGo)
		first := <-got
		for range n - 1 {
			is.Equal(<-got, first)
		}
		is.Equal(j.count("load a"), 1)
	})
}

func TestDeadlineAbandonsCodeThatBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		letGo := make(chan struct{})
		m := managerOf([]*registry.Spec{j.spec("a", func(p *plugin) { p.load = stuck(letGo) })})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := m.Load(ctx, "a")
		is.True(errors.Is(err, context.DeadlineExceeded))
		is.Equal(errorOf(t, err).Phase, registry.PhaseLoad)
		i, _ := m.Info("a")
		is.Equal(i.State, registry.StateResolved) // cancellation is never final
		close(letGo)
		synctest.Wait()
		is.Equal(j.all(), []string{"new a", "load a", "close a"}) // closed, since it succeeded late
		is.True(!m.IsLoaded("a"))
		_, err = m.Load(t.Context(), "a")
		is.NoErr(err)
	})
}

func TestWaiterTakesOver(t *testing.T) {
	for name, load := range map[string]func(context.Context) error{"heeding": heeding, "stuck": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				is := is.New(t)
				var j journal
				letGo := make(chan struct{})
				defer close(letGo)
				first := true
				m := managerOf([]*registry.Spec{j.spec("a", func(p *plugin) {
					if first {
						p.load = load
						if load == nil {
							p.load = stuck(letGo)
						}
					}
					first = false
				})})
				ctx, cancel := context.WithCancel(t.Context())
				runner := make(chan error)
				go func() {
					_, err := m.Load(ctx, "a")
					runner <- err
				}()
				synctest.Wait()
				waiter := make(chan error)
				go func() {
					_, err := m.Load(t.Context(), "a")
					waiter <- err
				}()
				synctest.Wait()
				cancel()
				is.True(errors.Is(<-runner, context.Canceled))
				is.NoErr(<-waiter)
				is.True(m.IsLoaded("a"))
				is.Equal(j.count("new a"), 2)
			})
		})
	}
}

func TestWaiterHeedsItsOwnContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		letGo := make(chan struct{})
		m := managerOf([]*registry.Spec{new(journal).spec("a", func(p *plugin) { p.load = stuck(letGo) })})
		done := make(chan error)
		go func() {
			_, err := m.Load(context.Background(), "a")
			done <- err
		}()
		synctest.Wait()
		cause := errors.New("user gave up")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		_, err := m.Load(ctx, "a")
		is.True(errors.Is(err, context.Canceled))
		is.True(errors.Is(err, cause))
		close(letGo)
		is.NoErr(<-done)
	})
}

func TestLoadTimeoutOfEachPlugin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		letGo := make(chan struct{})
		m := managerOf([]*registry.Spec{
			j.spec("a", func(p *plugin) { p.load = stuck(letGo) }),
			j.spec("b", nil),
			j.spec("c", func(p *plugin) { p.load = heeding }),
		}, registry.WithLoadTimeout(time.Second))
		all, err := m.LoadAll(context.Background())
		is.Equal(names(all), []string{"b"})
		is.True(errors.Is(err, context.DeadlineExceeded))
		i, _ := m.Info("a")
		is.Equal(i.State, registry.StateFailed) // what the manager decides is a failure, not a cancellation
		close(letGo)
		synctest.Wait()
		is.Equal(j.count("close a"), 1)
		is.Equal(j.count("close c"), 1)
	})
}

func TestLoadAllUnderDeadline(t *testing.T) {
	for _, limit := range []int{1, 2, 8} {
		synctest.Test(t, func(t *testing.T) {
			is := is.New(t)
			var j journal
			letGo := make(chan struct{})
			m := managerOf([]*registry.Spec{
				j.spec("a", nil),
				j.spec("b", func(p *plugin) { p.load = stuck(letGo) }),
				j.spec("c", func(p *plugin) { p.load = stuck(letGo) }),
				j.spec("d", nil),
			}, registry.WithConcurrency(limit))
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			all, err := m.LoadAll(ctx)
			is.Equal(names(all)[0], "a")
			is.True(errors.Is(err, context.DeadlineExceeded))
			is.True(strings.Contains(err.Error(), "test.plugins:b")) // who was in the way
			close(letGo)
			synctest.Wait()
			is.Equal(j.count("close b"), 1)
			is.True(!m.IsLoaded("b"))
			all, err = m.LoadAll(t.Context())
			is.NoErr(err)
			is.Equal(len(all), 4)
		})
	}
}

func TestCancelledBeforehand(t *testing.T) {
	is := is.New(t)
	var j journal
	m := managerOf([]*registry.Spec{j.spec("a", nil), j.spec("b", nil)})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := m.Load(ctx, "a")
	is.True(errors.Is(err, context.Canceled))
	all, err := m.LoadAll(ctx)
	is.Equal(len(all), 0)
	is.True(errors.Is(err, context.Canceled))
	is.Equal(len(j.all()), 0)
	_, err = m.Load(t.Context(), "a")
	is.NoErr(err)
	_, err = m.Load(ctx, "a") // loaded: it is there, whatever the context
	is.NoErr(err)
}

func TestGoexitHangsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		entered, letGo := make(chan struct{}), make(chan struct{})
		m := managerOf([]*registry.Spec{j.spec("a", func(p *plugin) {
			p.load = func(context.Context) error {
				close(entered)
				<-letGo
				runtime.Goexit()
				return nil
			}
		})})
		go m.Load(context.Background(), "a")
		<-entered
		waiter := make(chan error)
		go func() {
			_, err := m.Load(t.Context(), "a")
			waiter <- err
		}()
		synctest.Wait()
		close(letGo)
		err := <-waiter
		is.True(errors.Is(err, registry.ErrPanic))
		is.True(strings.Contains(err.Error(), "Goexit"))
		is.Equal(j.count("close a"), 1)
	})
}

func TestGoexitInLoadAll(t *testing.T) {
	for limit, ctx := range map[int]context.Context{1: t.Context(), 2: context.Background(), 3: t.Context()} {
		is := is.New(t)
		var j journal
		exit := func(p *plugin) {
			p.load = func(context.Context) error {
				runtime.Goexit()
				return nil
			}
		}
		f := j.spec("f", nil)
		f.After = []string{"b"} // which is over, if not loaded
		m := managerOf([]*registry.Spec{
			j.spec("a", exit), j.spec("b", exit), j.spec("c", nil),
			j.requiring("d", "a"), j.requiring("e", "c"), f,
		},
			registry.WithConcurrency(limit))
		all, err := m.LoadAll(ctx)
		is.Equal(names(all), []string{"c", "e", "f"})
		is.True(errors.Is(err, registry.ErrPanic))
	}
}

func TestGoexitInClose(t *testing.T) {
	for _, ctx := range []context.Context{t.Context(), context.Background()} {
		is := is.New(t)
		var j journal
		m := managerOf([]*registry.Spec{
			j.spec("a", nil),
			j.spec("b", func(p *plugin) {
				p.close = func(context.Context) error {
					runtime.Goexit()
					return nil
				}
			}),
		})
		_, err := m.LoadAll(ctx)
		is.NoErr(err)
		is.True(errors.Is(m.Close(ctx), registry.ErrPanic))
		is.Equal(j.count("close a"), 1)
	}
}

func TestFailFast(t *testing.T) {
	is := is.New(t)
	var j journal
	failure := errors.New("no disk")
	m := managerOf([]*registry.Spec{
		j.spec("a", nil),
		j.spec("b", func(p *plugin) { p.load = func(context.Context) error { return failure } }),
		j.spec("c", nil),
	}, registry.WithFailFast())
	all, err := m.LoadAll(t.Context())
	is.Equal(names(all), []string{"a"})
	is.True(errors.Is(err, failure))
	is.Equal(strings.Count(err.Error(), "\n"), 0) // one error, not one for each that was not tried
	is.Equal(j.count("new c"), 0)
	is.NoErr(m.Close(t.Context()))
	is.Equal(j.count("close a"), 1)
}

// What the caller cancels is not what a failure has stopped: the error names each plugin that
// was being loaded.
func TestFailFastOfCancelledCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		letGo := make(chan struct{})
		defer close(letGo)
		blocks := func(p *plugin) {
			p.load = func(context.Context) error {
				<-letGo
				return nil
			}
		}
		m := managerOf([]*registry.Spec{j.spec("a", blocks), j.spec("b", blocks), j.spec("c", blocks)},
			registry.WithFailFast(), registry.WithConcurrency(2))
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error)
		go func() {
			_, err := m.LoadAll(ctx)
			failed <- err
		}()
		synctest.Wait()
		cancel()
		err := <-failed
		is.True(errors.Is(err, context.Canceled))
		is.True(strings.Contains(err.Error(), "plugin test.plugins:a: "))
		is.True(strings.Contains(err.Error(), "plugin test.plugins:b: "))
		is.True(strings.Contains(err.Error(), "1 not loaded: "))
	})
}

func TestFailFastCancelsTheOthers(t *testing.T) {
	is := is.New(t)
	var j journal
	running := make(chan struct{})
	m := managerOf([]*registry.Spec{
		j.spec("a", func(p *plugin) {
			p.load = func(ctx context.Context) error {
				close(running)
				return heeding(ctx)
			}
		}),
		j.spec("b", func(p *plugin) {
			p.load = func(context.Context) error {
				<-running
				return errors.New("no disk")
			}
		}),
	}, registry.WithFailFast(), registry.WithConcurrency(2))
	all, err := m.LoadAll(t.Context())
	is.Equal(len(all), 0)
	is.True(strings.Contains(err.Error(), "no disk"))
	is.True(!errors.Is(err, context.Canceled))
}

func TestConcurrencyLimit(t *testing.T) {
	for _, limit := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			is := is.New(t)
			var j journal
			slow := func(p *plugin) {
				p.load = func(context.Context) error {
					time.Sleep(time.Second)
					return nil
				}
			}
			var specs []*registry.Spec
			for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
				specs = append(specs, j.spec(name, slow))
			}
			begin := time.Now()
			all, err := managerOf(specs, registry.WithConcurrency(limit)).LoadAll(t.Context())
			is.NoErr(err)
			is.Equal(names(all), []string{"a", "b", "c", "d", "e", "f"}) // in a stable order
			is.Equal(time.Since(begin), time.Duration(6/limit)*time.Second)
		})
	}
}

func TestCloseInReverseOrder(t *testing.T) {
	is := is.New(t)
	var j journal
	m := managerOf([]*registry.Spec{j.spec("a", nil), j.spec("b", nil), j.spec("c", nil)})
	for _, name := range []string{"b", "c", "a"} {
		_, err := m.Load(t.Context(), name)
		is.NoErr(err)
	}
	is.NoErr(m.Close(t.Context()))
	is.Equal(j.all()[6:], []string{"close a", "close c", "close b"})
	is.NoErr(m.Close(t.Context())) // idempotent
	is.Equal(len(j.all()), 9)
	_, err := m.Load(t.Context(), "a")
	is.True(errors.Is(err, registry.ErrClosed))
	_, err = m.LoadAll(t.Context())
	is.True(errors.Is(err, registry.ErrClosed))
	is.True(!m.IsLoaded("a"))
	i, err := m.Info("a")
	is.NoErr(err)
	is.Equal(i.State, registry.StateClosed)
}

func TestCloseGoesOnAfterErrors(t *testing.T) {
	is := is.New(t)
	var j journal
	bad := func(p *plugin) { p.close = func(context.Context) error { return errors.New("bad " + p.name) } }
	m := managerOf([]*registry.Spec{j.spec("a", bad), j.spec("b", nil), j.spec("c", bad)})
	_, err := m.LoadAll(t.Context())
	is.NoErr(err)
	err = m.Close(t.Context())
	is.True(strings.Contains(err.Error(), "bad a"))
	is.True(strings.Contains(err.Error(), "bad c"))
	is.Equal(j.count("close b"), 1)
	is.NoErr(m.Close(t.Context()))
}

func TestCloseBlocksForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		letGo := make(chan struct{})
		m := managerOf([]*registry.Spec{
			j.spec("a", nil),
			j.spec("b", func(p *plugin) { p.close = stuck(letGo) }),
			j.spec("c", nil),
		})
		_, err := m.LoadAll(t.Context())
		is.NoErr(err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begin := time.Now()
		err = m.Close(ctx)
		is.Equal(time.Since(begin), time.Minute)
		is.True(errors.Is(err, context.DeadlineExceeded))
		is.Equal(errorOf(t, err).Name, "b")
		is.Equal(j.count("close a"), 1) // closed all the same
		close(letGo)
	})
}

func TestCloseWithManyThatBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		letGo := make(chan struct{})
		defer close(letGo)
		var specs []*registry.Spec
		for i := range 100 {
			specs = append(specs, j.spec(string(rune('A'+i%26))+string(rune('a'+i/26)),
				func(p *plugin) { p.close = stuck(letGo) }))
		}
		m := managerOf(specs)
		_, err := m.LoadAll(t.Context())
		is.NoErr(err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begin := time.Now()
		is.True(m.Close(ctx) != nil)
		is.Equal(time.Since(begin), time.Minute+time.Second) // one second's grace for all
		synctest.Wait()
		is.Equal(len(j.all()), 300)
	})
}

func TestCloseTimeoutOfEachPlugin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		letGo := make(chan struct{})
		defer close(letGo)
		m := managerOf([]*registry.Spec{
			j.spec("a", nil),
			j.spec("b", func(p *plugin) { p.close = stuck(letGo) }),
		}, registry.WithCloseTimeout(time.Second))
		_, err := m.LoadAll(t.Context())
		is.NoErr(err)
		err = m.Close(context.Background())
		is.True(errors.Is(err, context.DeadlineExceeded))
		is.Equal(j.count("close a"), 1)
	})
}

func TestCloseWaitsForLoads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		letGo := make(chan struct{})
		m := managerOf([]*registry.Spec{j.spec("a", func(p *plugin) { p.load = stuck(letGo) })})
		loaded, closed := make(chan error), make(chan error)
		go func() {
			_, err := m.Load(context.Background(), "a")
			loaded <- err
		}()
		synctest.Wait()
		go func() { closed <- m.Close(t.Context()) }()
		synctest.Wait()
		_, err := m.Load(t.Context(), "a")
		is.True(errors.Is(err, registry.ErrClosed)) // from its beginning on
		close(letGo)
		is.NoErr(<-loaded)
		is.NoErr(<-closed)
		is.Equal(j.all(), []string{"new a", "load a", "close a"})
	})
}

func TestCloseAbandonsLoadsAtItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		letGo := make(chan struct{})
		m := managerOf([]*registry.Spec{j.spec("a", func(p *plugin) { p.load = stuck(letGo) }), j.spec("b", nil)})
		_, err := m.Load(t.Context(), "b")
		is.NoErr(err)
		go m.Load(context.Background(), "a")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err = m.Close(ctx)
		is.True(errors.Is(err, context.DeadlineExceeded))
		is.Equal(j.count("close b"), 1)
		close(letGo)
		synctest.Wait()
		is.Equal(j.count("close a"), 1)
	})
}

func TestCloseByThePluginItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		var m *registry.Manager[service]
		m = managerOf([]*registry.Spec{
			j.spec("a", func(p *plugin) { p.load = func(ctx context.Context) error { return m.Close(ctx) } }),
			j.spec("b", func(p *plugin) { p.close = func(ctx context.Context) error { return m.Close(ctx) } }),
		})
		_, err := m.Load(t.Context(), "b")
		is.NoErr(err)
		_, err = m.Load(t.Context(), "a")
		is.True(errors.Is(err, registry.ErrClosed))
		synctest.Wait()
		is.Equal(j.count("close a"), 1)
		is.Equal(j.count("close b"), 1)
	})
}

func TestCloseAfterHalfAStart(t *testing.T) {
	is := is.New(t)
	var j journal
	m := managerOf(five(&j))
	_, err := m.LoadAll(t.Context())
	is.True(strings.Contains(fmt.Sprint(err), "cannot be made"))
	is.True(strings.Contains(fmt.Sprint(err), "cannot be loaded"))
	is.NoErr(m.Close(t.Context()))
	for _, name := range []string{"simple", "also-simple", "load-error", "not-now"} {
		is.Equal(j.count("close "+name), 1) // whatever was made is closed, once
	}
}

func TestUnload(t *testing.T) {
	is := is.New(t)
	var j journal
	m := managerOf([]*registry.Spec{j.spec("a", nil), j.requiring("b", "a"), j.requiring("c", "b"), j.spec("d", nil)})
	_, err := m.LoadAll(t.Context())
	is.NoErr(err)
	before := len(j.all())
	is.NoErr(m.Unload(t.Context(), "a"))
	is.Equal(j.all()[before:], []string{"close c", "close b", "close a"}) // those that require it first
	is.True(m.IsLoaded("d"))
	is.True(!m.IsLoaded("a"))
	is.NoErr(m.Unload(t.Context(), "a"))
	is.True(errors.Is(m.Unload(t.Context(), "x"), registry.ErrNotFound))
	_, err = m.Load(t.Context(), "c") // and everything can be loaded again
	is.NoErr(err)
	is.True(m.IsLoaded("a"))
	is.NoErr(m.Close(t.Context()))
}

type ioCloser struct{ closed *bool }

func (c ioCloser) Close() error {
	*c.closed = true
	return nil
}

func TestIOCloser(t *testing.T) {
	is := is.New(t)
	closed := false
	m := registry.NewManager[any](ns, registry.WithSpecs(&registry.Spec{
		Namespace: ns, Name: "a",
		New: func(*registry.Spec) (any, error) { return ioCloser{&closed}, nil },
	}))
	_, err := m.Load(t.Context(), "a")
	is.NoErr(err)
	is.NoErr(m.Close(t.Context()))
	is.True(closed)
}

// asking is a context that asks the manager.
type asking struct {
	context.Context
	m *registry.Manager[any]
}

func (c asking) Err() error {
	for range c.m.Loaded() {
		continue
	}
	return c.Context.Err()
}

// The code of a context, which is the program's own, can use the manager when a load is abandoned.
func TestContextsThatUseTheManager(t *testing.T) {
	began, release := make(chan struct{}), make(chan struct{})
	defer close(release)
	m := registry.NewManager[any](ns, registry.WithSpecs(&registry.Spec{
		Namespace: ns, Name: "a",
		New: func(*registry.Spec) (any, error) {
			close(began)
			<-release
			return new(int), nil
		},
	}))
	ctx, cancel := context.WithCancel(t.Context())
	loaded := make(chan error)
	go func() {
		_, err := m.Load(asking{ctx, m}, "a")
		loaded <- err
	}()
	<-began
	cancel()
	select {
	case err := <-loaded:
		is.New(t).True(errors.Is(err, context.Canceled))
	case <-time.After(20 * time.Second):
		t.Fatal("the manager waits for itself")
	}
}
