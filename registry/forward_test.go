package registry_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
)

type greeting func() string

// forwarded returns a namespace of its own to forward, and what has been registered by then.
func forwarded(t *testing.T) (namespace string, register func(string, greeting), names func() []string) {
	t.Helper()
	registered := map[string]greeting{}
	register = func(name string, g greeting) {
		if registered[name] != nil {
			panic("registered twice: " + name)
		}
		registered[name] = g
	}
	return "forward." + strings.ReplaceAll(t.Name(), "/", "."), register, func() (all []string) {
		for name, g := range registered {
			all = append(all, name+": "+g())
		}
		slices.Sort(all)
		return all
	}
}

func hello(namespace, name, text string) *registry.Spec {
	return &registry.Spec{
		Namespace: namespace, Name: name,
		New: func(s *registry.Spec) (any, error) {
			return registry.NewFunctionPlugin(s, func() string { return text }), nil
		},
	}
}

// TestForward forwards what is there before it, and what is linked and added later, each once.
func TestForward(t *testing.T) {
	is := is.New(t)
	namespace, register, names := forwarded(t)
	link := func(specs ...*registry.Spec) {
		registry.Default.Link(tableOf(namespace, specs...))
	}
	a, b := hello(namespace, "a", "A"), hello(namespace, "b", "B")
	link(a)
	is.Equal(names(), nil)
	registry.Forward(namespace, register)
	is.Equal(names(), []string{"a: A"})
	link(a, b) // another host, which links a too
	is.Equal(names(), []string{"a: A", "b: B"})
	c := hello(namespace, "c", "C")
	is.NoErr(registry.Default.Add(c, hello("forward.other", "d", "D")))
	t.Cleanup(func() { registry.Default.Remove(c) })
	is.Equal(names(), []string{"a: A", "b: B", "c: C"})
}

// TestForwardOrder registers by priority, and those of one by name.
func TestForwardOrder(t *testing.T) {
	is := is.New(t)
	namespace, _, _ := forwarded(t)
	specs := []*registry.Spec{hello(namespace, "a", ""), hello(namespace, "b", ""), hello(namespace, "c", "")}
	specs[1].Priority, specs[2].Priority = 1, 1
	specs[2] = &registry.Spec{Namespace: namespace, Name: "c", Var: specs[2]} // as generated code has a variable
	registry.Default.Link(tableOf(namespace, specs...))
	var order []string
	registry.Forward(namespace, func(name string, _ greeting) { order = append(order, name) })
	is.Equal(order, []string{"b", "c", "a"})
}

// TestForwardAdding has the registering function add a spec of its own.
func TestForwardAdding(t *testing.T) {
	is := is.New(t)
	namespace, register, names := forwarded(t)
	registry.Forward(namespace, func(name string, g greeting) {
		register(name, g)
		if name == "a" {
			is.NoErr(registry.Default.Add(hello(namespace, "b", "B")))
		}
	})
	is.NoErr(registry.Default.Add(hello(namespace, "a", "A")))
	is.Equal(names(), []string{"a: A", "b: B"})
}

func TestForwardErrors(t *testing.T) {
	cause := errors.New("no licence")
	for name, test := range map[string]struct {
		made any
		err  error
		want error
	}{
		"the factory fails":      {nil, cause, cause},
		"it is no such function": {42, nil, registry.ErrContract},
		"it is disabled":         {nil, registry.Disabled("not today"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			namespace, register, names := forwarded(t)
			spec := &registry.Spec{
				Namespace: namespace, Name: "a",
				New: func(*registry.Spec) (any, error) { return test.made, test.err },
			}
			is.NoErr(registry.Default.Add(spec))
			t.Cleanup(func() { registry.Default.Remove(spec) })
			defer func() {
				err, _ := recover().(error)
				is.True(errors.Is(err, test.want))
				is.Equal(names(), nil)
			}()
			registry.Forward(namespace, register)
		})
	}
}

// TestForwardWhatOnlyAManagerMakes has a plugin whose factory takes options, and one without any.
func TestForwardWhatOnlyAManagerMakes(t *testing.T) {
	withOptions := &registry.Spec{Name: "a", Options: &codecOptions, NewWith: func(*registry.Spec, any) (any, error) { return nil, nil }}
	for want, spec := range map[string]*registry.Spec{
		"it has options, which only a manager gives it": withOptions,
		"New is nil": {Name: "a"},
	} {
		t.Run(want, func(t *testing.T) {
			is := is.New(t)
			namespace, register, _ := forwarded(t)
			spec.Namespace = namespace
			registry.Default.Link(tableOf(namespace, spec))
			defer func() {
				err, _ := recover().(error)
				is.True(errors.Is(err, registry.ErrInvalid))
				is.True(strings.Contains(err.Error(), want))
			}()
			registry.Forward(namespace, register)
		})
	}
}
