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

func TestStopsInReverse(t *testing.T) {
	for order, names := range map[string][]string{"abc": nil, "ca": {"c", "a"}} {
		t.Run(order, func(t *testing.T) {
			is := is.New(t)
			notes = nil
			s := New(setup.NewRuntime(setup.Options{}), config.Value{})
			services, err := s.Start(t.Context(), names...)
			is.NoErr(err)
			is.Equal(len(services), len(order))
			is.NoErr(s.Close())
			var want []string
			for _, name := range order {
				want = append(want, "load "+string(name))
			}
			for i := range order {
				want = append(want, "close "+string(order[len(order)-1-i]))
			}
			is.Equal(notes, want)
		})
	}
}

func TestSelection(t *testing.T) {
	is := is.New(t)
	s := New(setup.NewRuntime(setup.Options{Services: []string{"c", "a"}}), config.Value{})
	services, err := s.Start(t.Context())
	is.NoErr(err)
	is.Equal(len(services), 2)
	_, err = s.manager.Load(t.Context(), "b")
	is.True(errors.Is(err, registry.ErrDisabled))
	is.NoErr(s.Close())
}

func TestAWrongSelectionStartsNothing(t *testing.T) {
	is := is.New(t)
	notes = nil
	s := New(setup.NewRuntime(setup.Options{Services: []string{"a", "d"}}), config.Value{})
	_, err := s.Start(t.Context())
	is.True(errors.Is(err, registry.ErrNotFound))
	is.True(strings.Contains(err.Error(), "a, b, c")) // those there are
	is.Equal(len(notes), 0)
	is.NoErr(s.Close())
}

func TestAServiceThatFailsEndsTheWait(t *testing.T) {
	is := is.New(t)
	s := New(setup.NewRuntime(setup.Options{}), config.Value{})
	services, err := s.Start(t.Context())
	is.NoErr(err)
	failure := errors.New("the cable was cut")
	services[1].(*fake).stop <- failure
	is.Equal(s.Wait(t.Context()), failure)
	is.NoErr(s.Close())
}
