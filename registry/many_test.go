package registry_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
)

func TestLoadNamed(t *testing.T) {
	is := is.New(t)
	var j journal
	m := managerOf(five(&j))
	all, err := m.LoadNamed(t.Context(), "simple", "also-simple", "simple")
	is.NoErr(err)
	is.Equal(names(all), []string{"simple", "also-simple"})
	all, err = m.LoadNamed(t.Context(), "also-simple", "missing", "not-now", "load-error")
	is.Equal(names(all), []string{"also-simple"})
	is.True(errors.Is(err, registry.ErrNotFound))
	is.True(strings.Contains(err.Error(), "cannot be loaded"))
	is.Equal(j.count("new init-error"), 0) // not asked for
}

func TestMissingNames(t *testing.T) {
	is := is.New(t)
	var missing []string
	m := managerOf(five(nil), registry.WithMissing(func(name string, err error) error {
		is.True(errors.Is(err, registry.ErrNotFound))
		missing = append(missing, name)
		return nil
	}))
	all, err := m.LoadNamed(t.Context(), "x", "simple", "y")
	is.NoErr(err)
	is.Equal(names(all), []string{"simple"})
	is.Equal(missing, []string{"x", "y"})
}

func TestLoadWhere(t *testing.T) {
	is := is.New(t)
	var j journal
	m := managerOf([]*registry.Spec{j.requiring("a", "b"), j.spec("b", nil), j.spec("c", nil)})
	all, err := m.LoadWhere(t.Context(), func(s *registry.Spec) bool { return s.Name == "a" })
	is.NoErr(err)
	is.Equal(names(all), []string{"a"})
	is.True(m.IsLoaded("b"))
	is.True(!m.IsLoaded("c"))
	_, err = m.LoadWhere(t.Context(), func(*registry.Spec) bool { panic("oops") })
	is.True(errors.Is(err, registry.ErrPanic))
}

func TestMap(t *testing.T) {
	is := is.New(t)
	m := managerOf(five(nil))
	name := func(_ context.Context, s *registry.Spec, p service) (string, error) {
		if s.Name == "also-simple" {
			return "", errors.New("no name")
		}
		return p.(*plugin).name, nil
	}
	results, err := registry.Map(t.Context(), m, name)
	is.Equal(results, []string{"simple"})
	is.True(strings.Contains(err.Error(), "no name"))
	is.True(strings.Contains(err.Error(), "cannot be loaded"))

	results, err = registry.MapNamed(t.Context(), m, []string{"simple"}, name)
	is.NoErr(err)
	is.Equal(results, []string{"simple"})

	results, err = registry.MapWhere(t.Context(), m, func(s *registry.Spec) bool { return s.Name == "simple" }, name)
	is.NoErr(err)
	is.Equal(results, []string{"simple"})

	_, err = registry.MapNamed(t.Context(), m, []string{"simple"},
		func(context.Context, *registry.Spec, service) (int, error) { panic("oops") })
	is.True(errors.Is(err, registry.ErrPanic))
}

func TestMapAfterTheEndOfItsContext(t *testing.T) {
	is := is.New(t)
	m := managerOf([]*registry.Spec{new(journal).spec("a", nil)})
	_, err := m.LoadAll(t.Context())
	is.NoErr(err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ended, err := registry.Map(ctx, m, func(ctx context.Context, _ *registry.Spec, _ service) (bool, error) {
		return ctx.Err() != nil, nil
	})
	is.NoErr(err)
	is.Equal(ended, []bool{true})
}
