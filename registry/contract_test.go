package registry_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
)

func making(v any) *registry.Spec {
	return &registry.Spec{
		Namespace: ns, Name: "p", Package: "example.com/app", Symbol: "NewP",
		New: func(*registry.Spec) (any, error) { return v, nil },
	}
}

type greeter interface{ Greet() string }

type english struct{}

func (english) Greet() string { return "hello" }

type byPointer struct{}

func (*byPointer) Greet() string { return "hello" }

type otherGreet struct{}

func (otherGreet) Greet(name string) string { return name }

type loadsOddly struct{ english }

func (loadsOddly) Load() {}

type loadsWithArgument struct{ english }

func (loadsWithArgument) Load(context.Context, *cli) error { return nil }

type asksOddly struct{ english }

func (asksOddly) ShouldLoad() (bool, error) { return true, nil }

type closesOddly struct{ english }

func (*closesOddly) Close(bool) {}

func contractError[P any](t *testing.T, v any) string {
	t.Helper()
	_, err := registry.NewManager[P](ns, registry.WithSpecs(making(v))).Load(t.Context(), "p")
	if !errors.Is(err, registry.ErrContract) {
		t.Fatalf("%v is no ErrContract", err)
	}
	return err.Error()
}

func TestContract(t *testing.T) {
	is := is.New(t)
	for _, test := range []struct{ got, want string }{
		{
			contractError[greeter](t, struct{}{}),
			"struct {} does not implement registry_test.greeter: it has no method Greet, or one of another signature",
		},
		{contractError[greeter](t, otherGreet{}), "it has no method Greet, or one of another signature"},
		{
			contractError[greeter](t, byPointer{}),
			"(but *registry_test.byPointer does: the factory should return a pointer)",
		},
		{contractError[greeter](t, 7), "int does not implement registry_test.greeter"},
		{contractError[*cli](t, &myCLI{}), "the plugin is a *registry_test.myCLI, not a *registry_test.cli"},
		{
			contractError[greeter](t, loadsOddly{}),
			"registry_test.loadsOddly has the method Load(), not Load(context.Context) error",
		},
		{contractError[greeter](t, loadsWithArgument{}), "make the manager with registry.For"},
		{contractError[greeter](t, asksOddly{}), "has the method ShouldLoad() (bool, error), not ShouldLoad() bool"},
		{
			contractError[greeter](t, &closesOddly{}),
			"has the method Close(bool), not Close(context.Context) error or Close() error",
		},
		{
			contractError[func(string) string](t, func(int) string { return "" }),
			"the plugin is a func(int) string, the namespace's contract is func(string) string",
		},
		{contractError[func(string) string](t, english{}), "the plugin is a registry_test.english"},
		{contractError[func(string) string](t, (func(string) string)(nil)), "nil"},
		{contractError[func(string) string](t, &registry.FunctionPlugin[func(string) string]{}), "the function is nil"},
	} {
		if !strings.Contains(test.got, test.want) {
			t.Errorf("%q is not in %q", test.want, test.got)
		}
		is.True(strings.Contains(test.got, "declared as example.com/app.NewP at "))
		is.True(strings.Contains(test.got, "contract_test.go:"))
	}
}

// A wrong contract leaves nothing open either.
func TestContractErrorCloses(t *testing.T) {
	is := is.New(t)
	closed := false
	_, err := registry.NewManager[greeter](ns, registry.WithSpecs(making(ioCloser{&closed}))).Load(t.Context(), "p")
	is.True(errors.Is(err, registry.ErrContract))
	is.True(closed)
}

func TestAnyTypeCanBeAContract(t *testing.T) {
	is := is.New(t)
	a, err := registry.NewManager[any](ns, registry.WithSpecs(making("text"))).Load(t.Context(), "p")
	is.NoErr(err)
	is.Equal(a, "text")
	s, err := registry.NewManager[string](ns, registry.WithSpecs(making("text"))).Load(t.Context(), "p")
	is.NoErr(err)
	is.Equal(s, "text")
	w, err := registry.NewManager[io.Writer](ns,
		registry.WithSpecs(making(new(strings.Builder)))).Load(t.Context(), "p")
	is.NoErr(err)
	is.True(w != nil)
	g, err := registry.NewManager[greeter](ns, registry.WithSpecs(making(&byPointer{}))).Load(t.Context(), "p")
	is.NoErr(err)
	is.Equal(g.Greet(), "hello")
}

type configurator func(*cli) error

func configure(c *cli) error {
	c.commands = append(c.commands, "configured")
	return nil
}

func TestFunctionPlugins(t *testing.T) {
	plain := func(f any) *registry.Spec { return making(f) }
	wrapped := &registry.Spec{Namespace: ns, Name: "p", New: func(s *registry.Spec) (any, error) {
		return registry.NewFunctionPlugin(s, configure), nil
	}}
	for name, s := range map[string]*registry.Spec{
		"plain": plain(configure), "named": plain(configurator(configure)), "wrapped": wrapped,
	} {
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			c := &cli{}
			fs, err := registry.NewManager[configurator](ns, registry.WithSpecs(s)).LoadAll(t.Context())
			is.NoErr(err)
			is.NoErr(fs[0](c))
			f, err := registry.NewManager[func(*cli) error](ns, registry.WithSpecs(s)).Load(t.Context(), "p")
			is.NoErr(err)
			is.NoErr(f(c))
			is.Equal(len(c.commands), 2)
		})
	}
}

func TestFunctionPluginItself(t *testing.T) {
	is := is.New(t)
	loads := 0
	s := &registry.Spec{Namespace: ns, Name: "p", New: func(s *registry.Spec) (any, error) {
		p := registry.NewFunctionPlugin(s, configure)
		p.OnLoad = func(context.Context) error {
			loads++
			return nil
		}
		return p, nil
	}}
	m := registry.NewManager[*registry.FunctionPlugin[func(*cli) error]](ns, registry.WithSpecs(s))
	is.Equal(loads, 0)
	p, err := m.Load(t.Context(), "p")
	is.NoErr(err)
	is.Equal(loads, 1)
	is.Equal(p.Spec, s)
	is.NoErr(p.Func(&cli{}))
}

func TestFunctionCondition(t *testing.T) {
	is := is.New(t)
	s := making(configure)
	s.ShouldLoad = func(*registry.Spec) bool { return false }
	_, err := registry.NewManager[configurator](ns, registry.WithSpecs(s)).Load(t.Context(), "p")
	is.Equal(err.Error(), "plugin test.plugins:p is disabled, reason: its ShouldLoad returned false")
}
