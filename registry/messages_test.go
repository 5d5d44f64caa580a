package registry_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
)

// saying returns a function that fails with a text.
func saying(text string) func(context.Context) error {
	return func(context.Context) error { return errors.New(text) }
}

// located returns the spec of a plugin that fails to load, declared where configure is.
func located(name, text string, requires ...string) *registry.Spec {
	s := new(journal).spec(name, func(p *plugin) { p.load = saying(text) })
	s.Package, s.Symbol, s.At, s.Requires = "example.com/app", strings.ToUpper(name), configure, requires
	return s
}

// textOf returns the text of an error without files and lines.
func textOf(err error) string {
	at := (&registry.Spec{At: configure}).Origin().Position()
	return strings.ReplaceAll(err.Error(), at, "file:1")
}

// Joined errors of many plugins can be told apart: what follows the first line of
// one is indented.
func TestErrorsOfSeveralLines(t *testing.T) {
	is := is.New(t)
	_, err := managerOf([]*registry.Spec{located("a", "no disk"), located("b", "one\ntwo")}).LoadAll(t.Context())
	is.Equal(textOf(err), `plugin test.plugins:a: load: no disk (declared as example.com/app.A at file:1)
plugin test.plugins:b: load: one
	two
	(declared as example.com/app.B at file:1)`)
}

// A chain of requirements is reported once, and with the place of the plugin that has
// to be looked at.
func TestErrorsOfRequirements(t *testing.T) {
	is := is.New(t)
	off := located("off", "")
	off.ShouldLoad = func(*registry.Spec) bool { return false }
	m := managerOf([]*registry.Spec{
		located("a", "", "b"), located("b", "", "c"), located("c", "no disk"),
		located("d", "", "missing"), located("e", "", "off"), off,
	})
	for name, want := range map[string]string{
		"a": "plugin test.plugins:a: resolve: requires test.plugins:b, which requires test.plugins:c, which " +
			"failed: load: no disk (declared as example.com/app.C at file:1)",
		"d": `plugin test.plugins:d: resolve: requires "missing": no plugin named missing in namespace test.plugins; ` +
			`there are: a, b, c, d, e, off (declared as example.com/app.D at file:1)`,
		"e": "plugin test.plugins:e: resolve: requires test.plugins:off, which is disabled, reason: its " +
			"ShouldLoad returned false (declared as example.com/app.E at file:1)",
	} {
		_, err := m.Load(t.Context(), name)
		is.Equal(textOf(err), want)
	}
}

// The text of a chain does not grow with it.
func TestErrorOfALongChain(t *testing.T) {
	is := is.New(t)
	specs := []*registry.Spec{located("p00", "no disk")}
	for i := 1; i < 100; i++ {
		specs = append(specs, located(fmt.Sprintf("p%02d", i), "", fmt.Sprintf("p%02d", i-1)))
	}
	_, err := managerOf(specs).Load(t.Context(), "p99")
	is.True(strings.HasPrefix(err.Error(),
		"plugin test.plugins:p99: resolve: requires test.plugins:p98, which requires test.plugins:p97, which"))
	is.True(strings.Contains(err.Error(), "p94, which requires (89 more), which requires test.plugins:p04"))
	is.True(strings.Contains(err.Error(), "test.plugins:p00, which failed: load: no disk"))
}

func TestOddNamesAreQuoted(t *testing.T) {
	is := is.New(t)
	m := managerOf([]*registry.Spec{new(journal).spec("a\nb", nil)})
	_, err := m.Load(t.Context(), "a\nb")
	is.True(strings.HasPrefix(err.Error(), `plugin test.plugins:"a\nb": resolve: the name "a\nb" has '\n' in it`))
	_, err = m.Load(t.Context(), "")
	is.Equal(err.Error(), `no plugin named "" in namespace test.plugins; there are: "a\nb"`)
}

// All errors in the options of a manager are reported together.
func TestErrorsOfOptionsAreReportedTogether(t *testing.T) {
	is := is.New(t)
	_, err := registry.NewManager[service](ns, registry.WithFilter(nil),
		registry.WithListener(nil)).LoadAll(t.Context())
	is.True(errors.Is(err, registry.ErrInvalid))
	is.Equal(err.Error(), "plugins of namespace \"test.plugins\": WithFilter was given nil\n\tWithListener "+
		"was given nil")
}

// A function that is nil is an error of whoever passed it, not a panic of each plugin.
func TestNilFunctions(t *testing.T) {
	var j journal
	m := managerOf([]*registry.Spec{j.spec("a", nil)})
	for what, call := range map[string]func() error{
		"LoadWhere": func() error { _, err := m.LoadWhere(t.Context(), nil); return err },
		"Map":       func() error { _, err := registry.Map[service, int](t.Context(), m, nil); return err },
		"Enabled": func() error {
			_, err := managerOf([]*registry.Spec{j.spec("a", nil)},
				registry.WithFilter(registry.Enabled(nil))).LoadAll(t.Context())
			return err
		},
		"FinderFunc": func() error {
			return registry.NewManager[service](ns, registry.WithFinder(registry.FinderFunc(nil))).Validate()
		},
	} {
		t.Run(what, func(t *testing.T) {
			is := is.New(t)
			err := call()
			is.True(errors.Is(err, registry.ErrInvalid))
			is.True(strings.Contains(err.Error(), "nil"))
			is.Equal(j.all(), nil)
		})
	}
}

// Specs that are given to a manager and are not of its namespace are not left out
// in silence.
func TestSpecsOfOtherNamespaces(t *testing.T) {
	is := is.New(t)
	var j journal
	forgotten, other := j.spec("a", nil), j.spec("b", nil)
	forgotten.Namespace, other.Namespace = "", "test.plugin"

	m := managerOf([]*registry.Spec{forgotten, other, j.spec("c", nil)})
	all, err := m.LoadAll(t.Context())
	is.Equal(names(all), []string{"c"})
	is.True(errors.Is(err, registry.ErrInvalid))
	is.True(strings.HasPrefix(err.Error(),
		"plugin test.plugins:a: resolve: the spec has no namespace: Namespace is empty"))
	is.True(errors.Is(m.Validate(), registry.ErrInvalid))

	m = managerOf([]*registry.Spec{other})
	_, err = m.LoadAll(t.Context())
	is.True(errors.Is(err, registry.ErrNotLinked))
	is.Equal(err.Error(), "none of the plugins that the manager was given is of namespace test.plugins "+
		"(did you mean test.plugin?); there are plugins of test.plugin")
	_, err = m.Load(t.Context(), "b")
	is.True(errors.Is(err, registry.ErrNotLinked))
}

// What a closed manager refuses to load is one error, not one for each plugin.
func TestCloseWithinLoadAll(t *testing.T) {
	is := is.New(t)
	var m *registry.Manager[service]
	closed := make(chan error, 1)
	specs := []*registry.Spec{new(journal).spec("a", func(p *plugin) {
		p.load = func(context.Context) error {
			go func() { closed <- m.Close(context.Background()) }()
			for !errors.Is(m.Validate(), registry.ErrClosed) {
				runtime.Gosched()
			}
			return nil
		}
	})}
	for _, name := range []string{"b", "c", "d"} {
		specs = append(specs, new(journal).spec(name, nil))
	}
	m = managerOf(specs)
	_, err := m.LoadAll(t.Context())
	is.True(errors.Is(err, registry.ErrClosed))
	is.Equal(err.Error(), `plugins of namespace "test.plugins": 3 not loaded: plugin manager is closed`)
	is.NoErr(<-closed)
}

// A name may have spaces in it. Messages quote it then.
func TestNamesWithSpaces(t *testing.T) {
	is := is.New(t)
	r := new(registry.Registry)
	is.NoErr(r.Add(located("google cloud storage", "no disk")))
	for _, name := range []string{" a", "a ", "a\tb", "a\u00a0b", "a\u2028b", " "} {
		is.True(errors.Is(r.Add(new(journal).spec(name, nil)), registry.ErrInvalid))
	}
	_, err := on(r).Load(t.Context(), "google cloud storage")
	is.Equal(textOf(err), `plugin test.plugins:"google cloud storage": load: no disk `+
		`(declared as example.com/app.GOOGLE CLOUD STORAGE at file:1)`)
	_, err = on(r).Load(t.Context(), "google cloud storag")
	is.True(strings.Contains(err.Error(), `did you mean "google cloud storage"?`))
}

// Package-level variables and init functions are too early to ask the program's registry.
var (
	askedEarly              = registry.NewManager[service]("test.early")
	namesEarly              = askedEarly.Names()
	earlyPlugins, earlyFail = registry.NewManager[service]("test.early").LoadAll(context.Background())
)

func TestUsedTooEarly(t *testing.T) {
	is := is.New(t)
	is.Equal(len(namesEarly)+len(earlyPlugins), 0)
	is.True(errors.Is(earlyFail, registry.ErrNotLinked))
	for _, part := range []string{"too early", "init function of package main", "func main or later"} {
		is.True(strings.Contains(earlyFail.Error(), part))
	}

	s := new(journal).spec("a", nil)
	s.Namespace = "test.early"
	is.NoErr(registry.Default.Add(s))
	defer registry.Default.Remove(s)
	_, err := askedEarly.LoadAll(t.Context())
	is.NoErr(err)
	err = askedEarly.Validate() // Names could not say so
	is.True(errors.Is(err, registry.ErrNotLinked))
	is.True(strings.Contains(err.Error(), "messages_test.go:"))
	_, err = askedEarly.Load(t.Context(), "b")
	is.True(errors.Is(err, registry.ErrNotFound))
	is.True(strings.Contains(err.Error(), "too early"))
}
