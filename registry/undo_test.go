package registry_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
)

// What was made is closed, although it was never loaded.
func TestCloseOfWhatWasNeverLoaded(t *testing.T) {
	is := is.New(t)
	var j journal
	m := managerOf([]*registry.Spec{j.spec("shy", func(p *plugin) { p.should = func() bool { return false } })})
	_, err := m.Load(t.Context(), "shy")
	is.True(errors.Is(err, registry.ErrDisabled))
	is.Equal(j.all(), []string{"new shy", "close shy"})
}

// A plugin is disabled, and then cannot be closed. Nobody else would say so.
func TestCloseOfDisabledPluginFails(t *testing.T) {
	broken := errors.New("broken")
	for name, closing := range map[string]func(context.Context) error{
		"error": func(context.Context) error { return broken },
		"panic": func(context.Context) error { panic(broken) },
	} {
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			var told []string
			m := managerOf([]*registry.Spec{new(journal).spec("a", func(p *plugin) {
				p.load = func(context.Context) error { return registry.Disabled("no licence") }
				p.close = closing
			})}, registry.WithListener(func(_ context.Context, e registry.Event) error {
				if e.Err != nil {
					told = append(told, fmt.Sprint(e.Phase, " ", e.Moment, " ", errors.Is(e.Err, broken)))
				}
				return nil
			}))
			_, err := m.Load(t.Context(), "a")
			is.True(errors.Is(err, registry.ErrDisabled))
			is.True(errors.Is(err, broken))
			is.Equal(errors.Is(err, registry.ErrPanic), name == "panic")
			is.Equal(errorOf(t, err).Reason(), "no licence")
			is.Equal(told, []string{"load skipped false", "close failed true"})
			info, _ := m.Info("a")
			is.Equal(info.State, registry.StateDisabled)
			is.Equal(info.Reason, "no licence")
			all, err := m.LoadAll(t.Context())
			is.Equal(len(all), 0)
			is.True(errors.Is(err, broken)) // reported, unlike plain disabled ones
		})
	}
}

// A load is abandoned, ends too late, and its plugin cannot be closed: the listeners are all
// there is to tell.
func TestCloseFailsAfterAbandonedLoad(t *testing.T) {
	late, stuck := errors.New("too late"), errors.New("stuck")
	for name, load := range map[string]error{"fails": late, "succeeds": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				is := is.New(t)
				release := make(chan struct{})
				var told []registry.Event
				m := managerOf([]*registry.Spec{new(journal).spec("a", func(p *plugin) {
					p.load = func(context.Context) error { <-release; return load }
					p.close = func(context.Context) error { return stuck }
				})}, registry.WithListener(func(_ context.Context, e registry.Event) error {
					if e.Phase == registry.PhaseClose {
						told = append(told, e)
					}
					return nil
				}))
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				_, err := m.Load(ctx, "a")
				is.True(errors.Is(err, context.DeadlineExceeded))
				close(release)
				synctest.Wait()
				is.Equal(len(told), 1)
				is.Equal(told[0].Moment, registry.Failed)
				is.True(errors.Is(told[0].Err, stuck))
			})
		})
	}
}

// evil is an error whose methods panic if it is nil, as typed nils often do.
type evil struct{ err error }

func (e *evil) Error() string { return e.err.Error() }
func (e *evil) Unwrap() error { return e.err }
func (e *evil) Is(error) bool { return e.err == nil }

func TestErrorsThatAreTypedNils(t *testing.T) {
	for _, bad := range []error{(*evil)(nil), (*registry.Error)(nil), (*registry.PanicError)(nil)} {
		for name, load := range map[string]func(context.Context) error{
			"returned": func(context.Context) error { return bad },
			"panicked": func(context.Context) error { panic(bad) },
		} {
			t.Run(fmt.Sprintf("%T %s", bad, name), func(t *testing.T) {
				is := is.New(t)
				m := managerOf([]*registry.Spec{new(journal).spec("a",
					func(p *plugin) { p.load, p.close = load, load })},
					registry.WithFailFast())
				_, err := m.LoadAll(t.Context())
				is.Equal(errorOf(t, err).Phase, registry.PhaseLoad)
				_, err = m.Load(t.Context(), "a")
				is.Equal(errorOf(t, err).Phase, registry.PhaseLoad)
			})
		}
	}
}

func TestGoexitKeepsItsPhase(t *testing.T) {
	is := is.New(t)
	s := &registry.Spec{
		Namespace: ns, Name: "a",
		New: func(*registry.Spec) (any, error) { runtime.Goexit(); return nil, nil },
	}
	_, err := managerOf([]*registry.Spec{s}).LoadAll(t.Context())
	is.Equal(errorOf(t, err).Phase, registry.PhaseInit)
	p, ok := errors.AsType[*registry.PanicError](err)
	is.True(ok && p.Value == nil && len(p.Stack) > 0)
}

// Nothing of a plugin that failed is kept, though it had a place beside others.
func TestFailedPluginIsNotKeptAlive(t *testing.T) {
	is := is.New(t)
	var j journal
	gone := make(chan struct{})
	m := managerOf([]*registry.Spec{j.spec("good", nil), j.spec("failing", func(p *plugin) {
		runtime.AddCleanup(p, func(c chan struct{}) { close(c) }, gone)
		p.load = func(context.Context) error { return errors.New("no") }
	})})
	all, err := m.LoadAll(t.Context())
	is.Equal(len(all), 1)
	is.Equal(errorOf(t, err).Name, "failing")
	for range 100 {
		runtime.GC()
		select {
		case <-gone:
			runtime.KeepAlive(m)
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Error("the plugin that failed is still there")
}

// Loads and closes from all sides, with deadlines that end in the middle: what
// was loaded is closed, once.
func TestWhatIsLoadedIsClosed(t *testing.T) {
	for range 50 {
		var j journal
		var specs []*registry.Spec
		for i := range 10 {
			specs = append(specs, j.spec(fmt.Sprint("p", i), func(p *plugin) {
				p.load = func(context.Context) error { time.Sleep(20 * time.Microsecond); return nil }
			}))
		}
		m := managerOf(specs, registry.WithConcurrency(2), registry.WithLoadTimeout(60*time.Microsecond))
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Microsecond)
		done := make(chan struct{})
		calls := []func(){
			func() { m.LoadAll(t.Context()) },
			func() { m.LoadAll(ctx) },
			func() { m.LoadNamed(ctx, "p9", "p3") },
			func() { m.Unload(ctx, "p1") },
			func() { m.Close(ctx) },
		}
		for _, call := range calls {
			go func() { call(); done <- struct{}{} }()
		}
		for range calls {
			<-done
		}
		cancel()
		balanced := func() bool {
			for _, s := range specs {
				if j.count("new "+s.Name) != j.count("close "+s.Name) {
					return false
				}
			}
			return true
		}
		for i := 0; !balanced(); i++ {
			if i == 500 {
				t.Fatal(j.all())
			}
			time.Sleep(time.Millisecond)
		}
	}
}

// A plugin is taken out of its registry while it is loaded. It is closed all the same.
func TestRemovedPluginIsClosed(t *testing.T) {
	is := is.New(t)
	var j journal
	r := new(registry.Registry)
	a, b := j.spec("a", nil), j.spec("b", nil)
	is.NoErr(r.Add(a, b))
	m := registry.NewManager[service](ns, registry.WithFinder(r))
	_, err := m.LoadAll(t.Context())
	is.NoErr(err)
	r.Remove(a)
	is.Equal(m.Names(), []string{"b"})
	is.True(m.IsLoaded("a"))
	is.NoErr(r.Add(j.spec("a", nil))) // another of the same name
	is.Equal(m.Names(), []string{"a", "b"})
	_, err = m.Load(t.Context(), "a")
	is.NoErr(err)
	is.NoErr(m.Close(t.Context()))
	is.Equal(j.all(), []string{"new a", "load a", "new b", "load b", "close b", "close a"})
}
