package registry_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
)

// loading returns a plugin whose Load loads others.
func (j *journal) loading(m **registry.Manager[service], name string, others ...string) *registry.Spec {
	return j.spec(name, func(p *plugin) {
		p.load = func(ctx context.Context) error {
			for _, other := range others {
				if _, err := (*m).Load(ctx, other); err != nil {
					return err
				}
			}
			return nil
		}
	})
}

func TestPluginsLoadOthers(t *testing.T) {
	is := is.New(t)
	var j journal
	var m *registry.Manager[service]
	m = managerOf([]*registry.Spec{j.loading(&m, "a", "b", "c"), j.loading(&m, "b", "c"), j.spec("c", nil)})
	_, err := m.Load(t.Context(), "a")
	is.NoErr(err)
	is.Equal(j.count("load c"), 1)
	is.NoErr(m.Close(t.Context()))
}

func TestCycleOfLoads(t *testing.T) {
	for name, ctx := range map[string]context.Context{"background": context.Background(), "cancellable": t.Context()} {
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			var m *registry.Manager[service]
			j := &journal{}
			m = managerOf([]*registry.Spec{
				j.loading(&m, "a", "b"), j.loading(&m, "b", "c"),
				j.loading(&m, "c", "a"), j.loading(&m, "d", "d"),
			})
			_, err := m.Load(ctx, "a")
			is.True(errors.Is(err, registry.ErrCycle))
			is.True(strings.Contains(err.Error(), "test.plugins:c → test.plugins:a → test.plugins:b → test.plugins:c"))
			_, err = m.Load(ctx, "d")
			is.True(errors.Is(err, registry.ErrCycle))
			is.True(strings.Contains(err.Error(), "test.plugins:d → test.plugins:d"))
		})
	}
}

// Code that does not pass its context on cannot be told from others that wait, but
// does not wait for ever.
func TestLoadTimeoutEndsAWaitForOneself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var j journal
		var m *registry.Manager[service]
		waits := func(p *plugin) {
			p.load = func(context.Context) error { _, err := m.Load(context.Background(), "a"); return err }
		}
		m = managerOf([]*registry.Spec{j.spec("a", waits)}, registry.WithLoadTimeout(time.Second))
		_, err := m.Load(context.Background(), "a")
		is.True(errors.Is(err, context.DeadlineExceeded))
		synctest.Wait()
		is.Equal(j.all(), []string{"new a", "load a", "close a"})
	})
}

// Neither load finds itself among those that asked for it.
func TestCycleFromBothEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := is.New(t)
		var m *registry.Manager[service]
		var j journal
		both := make(chan struct{}, 2)
		meet := func(other string) func(*plugin) {
			return func(p *plugin) {
				p.load = func(ctx context.Context) error {
					both <- struct{}{}
					synctestWait(both)
					_, err := m.Load(ctx, other)
					return err
				}
			}
		}
		m = managerOf([]*registry.Spec{j.spec("a", meet("b")), j.spec("b", meet("a"))})
		errs := make(chan error)
		for _, name := range []string{"a", "b"} {
			go func() {
				_, err := m.Load(context.Background(), name)
				errs <- err
			}()
		}
		is.True(errors.Is(<-errs, registry.ErrCycle))
		is.True(errors.Is(<-errs, registry.ErrCycle))
	})
}

// synctestWait returns when both plugins are being loaded.
func synctestWait(both chan struct{}) {
	for len(both) < 2 {
		synctest.Wait()
		if len(both) < 2 {
			return
		}
	}
}

func TestCycleOfLoadsAndRequirements(t *testing.T) {
	is := is.New(t)
	var m *registry.Manager[service]
	j := &journal{}
	m = managerOf([]*registry.Spec{j.requiring("a", "b"), j.loading(&m, "b", "a")})
	_, err := m.Load(t.Context(), "a")
	is.True(errors.Is(err, registry.ErrCycle))
	is.True(strings.Contains(err.Error(), "test.plugins:b → test.plugins:a → test.plugins:b"))
	_, err = m.Load(t.Context(), "b")
	is.True(errors.Is(err, registry.ErrCycle))
	_, err = m.LoadAll(t.Context())
	is.True(errors.Is(err, registry.ErrCycle))
}

func TestLoadAllWithinALoad(t *testing.T) {
	is := is.New(t)
	var m *registry.Manager[service]
	j := &journal{}
	var inner error
	m = managerOf([]*registry.Spec{
		j.spec("a", func(p *plugin) {
			p.load = func(ctx context.Context) error {
				_, inner = m.LoadAll(ctx)
				return nil
			}
		}),
		j.spec("b", nil),
	})
	all, err := m.LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(names(all), []string{"a", "b"})
	is.True(errors.Is(inner, registry.ErrCycle))
}

func TestCycleBetweenManagers(t *testing.T) {
	is := is.New(t)
	var one, two *registry.Manager[service]
	j := &journal{}
	one = managerOf([]*registry.Spec{j.loading(&two, "a", "b")})
	two = managerOf([]*registry.Spec{j.loading(&one, "b", "a")})
	_, err := one.Load(t.Context(), "a")
	is.True(errors.Is(err, registry.ErrCycle))
}

func TestUnloadWithinALoad(t *testing.T) {
	is := is.New(t)
	var m *registry.Manager[service]
	j := &journal{}
	m = managerOf([]*registry.Spec{j.spec("a", func(p *plugin) {
		p.load = func(ctx context.Context) error { return m.Unload(ctx, "a") }
	})})
	_, err := m.Load(t.Context(), "a")
	is.True(errors.Is(err, registry.ErrCycle))
}
