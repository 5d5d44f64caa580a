package supervisor

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/matryer/is"
	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/config"

	"example.com/ministack/service"
	"example.com/ministack/setup"
)

// A fake is a service that notes what happens to it.
type fake struct {
	name  string
	notes *[]string
	stop  chan error
}

func (f *fake) note(what string) { *f.notes = append(*f.notes, what+" "+f.name) }

func (f *fake) Name() string                               { return f.name }
func (f *fake) URL() string                                { return "http://" + f.name }
func (f *fake) Load(context.Context, *setup.Runtime) error { f.note("load"); return nil }
func (f *fake) Serve() error                               { return <-f.stop }
func (f *fake) Close(context.Context) error                { f.note("close"); close(f.stop); return nil }

var _ service.Plugin = (*fake)(nil)

// notes is what happened to the fakes a, b and c, which are the program's services.
var notes []string

func TestMain(m *testing.M) {
	for _, name := range []string{"a", "b", "c"} {
		err := registry.Default.Add(&registry.Spec{
			Namespace: service.Namespace, Name: name,
			New: func(*registry.Spec) (any, error) { return &fake{name, &notes, make(chan error, 1)}, nil },
		})
		if err != nil {
			panic(err)
		}
	}
	m.Run()
}

// section returns a section of the configuration that names services.
func section(t *testing.T, names ...string) config.Value {
	t.Helper()
	services := map[string]any{}
	for _, name := range names {
		services[name] = map[string]any{}
	}
	cfg, err := config.Load(config.FromMap("test", map[string]any{"services": services}))
	is.New(t).NoErr(err)
	return cfg.At("services")
}

func TestStopsInReverse(t *testing.T) {
	is := is.New(t)
	notes = nil
	s := New(setup.NewRuntime(setup.Options{}))
	_, err := s.Apply(t.Context(), section(t, "a", "b", "c"))
	is.NoErr(err)
	is.Equal(len(s.Services()), 3)
	is.NoErr(s.Close())
	is.Equal(notes, []string{"load a", "load b", "load c", "close c", "close b", "close a"})
}

func TestFollowsTheConfiguration(t *testing.T) {
	is := is.New(t)
	notes = nil
	s := New(setup.NewRuntime(setup.Options{}))
	_, err := s.Apply(t.Context(), section(t, "a", "b"))
	is.NoErr(err)
	result, err := s.Apply(t.Context(), section(t, "b", "c"))
	is.NoErr(err)
	is.Equal(result.Kept, 1)
	is.Equal(notes, []string{"load a", "load b", "close a", "load c"})
	is.NoErr(s.Close())
}

func TestAWrongConfigurationChangesNothing(t *testing.T) {
	is := is.New(t)
	notes = nil
	s := New(setup.NewRuntime(setup.Options{}))
	_, err := s.Apply(t.Context(), section(t, "a", "d"))
	is.True(errors.Is(err, registry.ErrNotFound))
	is.True(strings.Contains(err.Error(), "a, b, c")) // those there are
	is.Equal(len(notes), 0)
	is.NoErr(s.Close())
}

func TestAServiceThatFailsEndsTheWait(t *testing.T) {
	is := is.New(t)
	s := New(setup.NewRuntime(setup.Options{}))
	_, err := s.Apply(t.Context(), section(t, "a", "b"))
	is.NoErr(err)
	failure := errors.New("the cable was cut")
	s.Services()[1].(*fake).stop <- failure
	is.Equal(s.Wait(t.Context()), failure)
	is.NoErr(s.Close())
}
