package registry_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
)

// five are the plugins of plux's own tests: two load, one should not, one cannot
// be made and one cannot be loaded. A sixth is of another namespace.
func five(j *journal) []*registry.Spec {
	other := j.spec("foreign", nil)
	other.Namespace = "test.others"
	initError := j.spec("init-error", nil)
	initError.New = func(*registry.Spec) (any, error) { return nil, errors.New("cannot be made") }
	return []*registry.Spec{
		j.spec("simple", nil),
		j.spec("also-simple", nil),
		j.spec("not-now", func(p *plugin) { p.should = func() bool { return false } }),
		initError,
		j.spec("load-error", func(p *plugin) {
			p.load = func(context.Context) error { return errors.New("cannot be loaded") }
		}),
		other,
	}
}

var fiveNames = []string{"also-simple", "init-error", "load-error", "not-now", "simple"}

func TestLoadAll(t *testing.T) {
	is := is.New(t)
	var j journal
	m := managerOf(five(&j))
	for _, name := range fiveNames {
		is.True(!m.IsLoaded(name))
	}
	plugins, err := m.LoadAll(t.Context())
	is.Equal(names(plugins), []string{"also-simple", "simple"})
	is.True(strings.Contains(err.Error(), "cannot be made"))
	is.True(strings.Contains(err.Error(), "cannot be loaded"))
	is.True(!strings.Contains(err.Error(), "not-now")) // disabled is no failure
	is.True(m.IsLoaded("simple"))
	is.True(!m.IsLoaded("load-error"))
	is.True(!m.Exists("foreign"))
	is.Equal(j.count("new foreign"), 0)
}

func TestNamesAndExists(t *testing.T) {
	is := is.New(t)
	var j journal
	m := managerOf(five(&j))
	is.Equal(m.Names(), fiveNames)
	is.Equal(len(m.Specs()), 5)
	for _, name := range fiveNames {
		is.True(m.Exists(name))
	}
	is.True(!m.Exists("foo"))
	is.Equal(len(j.all()), 0) // looking makes nothing
}

func TestLoadIsDoneOnce(t *testing.T) {
	is := is.New(t)
	var j journal
	m := managerOf(five(&j))
	m.LoadAll(t.Context())
	first, err := m.Load(t.Context(), "simple")
	is.NoErr(err)
	again, err := m.Load(t.Context(), "simple")
	is.NoErr(err)
	is.Equal(first, again)
	is.Equal(j.count("load simple"), 1)
}

func TestLoadMissing(t *testing.T) {
	is := is.New(t)
	m := managerOf(five(nil))
	_, err := m.Load(t.Context(), "simpel")
	is.True(errors.Is(err, registry.ErrNotFound))
	is.Equal(err.Error(), "no plugin named simpel in namespace test.plugins (did you mean simple?); "+
		"there are: also-simple, init-error, load-error, not-now, simple")
	e := errorOf(t, err)
	is.Equal(e.Namespace, ns)
	is.Equal(e.Name, "simpel")
	_, err = m.Load(t.Context(), ns+":simple")
	is.True(strings.Contains(err.Error(), " (did you mean simple?); "))
}

func TestErrorsAreOfTheirPhase(t *testing.T) {
	is := is.New(t)
	m := managerOf(five(nil))
	m.LoadAll(t.Context())
	states := map[string]registry.State{}
	for i := range m.Plugins() {
		states[i.Spec.Name] = i.State
		switch i.Spec.Name {
		case "init-error":
			is.Equal(errorOf(t, i.Err).Phase, registry.PhaseInit)
		case "load-error":
			is.Equal(errorOf(t, i.Err).Phase, registry.PhaseLoad)
		case "not-now":
			is.Equal(i.Reason, "its ShouldLoad returned false")
		default:
			is.NoErr(i.Err)
		}
	}
	is.Equal(states, map[string]registry.State{
		"simple": registry.StateLoaded, "also-simple": registry.StateLoaded, "not-now": registry.StateDisabled,
		"init-error": registry.StateFailed, "load-error": registry.StateFailed,
	})
}

func TestLoadDisabled(t *testing.T) {
	is := is.New(t)
	var j journal
	m := managerOf(five(&j))
	_, err := m.Load(t.Context(), "not-now")
	is.True(errors.Is(err, registry.ErrDisabled))
	is.Equal(err.Error(), "plugin test.plugins:not-now is disabled, reason: its ShouldLoad returned false")
	is.Equal(errorOf(t, err).Name, "not-now")
	is.Equal(j.all(), []string{"new not-now", "close not-now"}) // made to be asked, and closed again
}

// A failure may pass; what is asked next is the plugin, not the failure.
func TestFailedLoadIsTriedAgain(t *testing.T) {
	is := is.New(t)
	var j journal
	tries := 0
	m := managerOf([]*registry.Spec{j.spec("a", func(p *plugin) {
		tries++
		if tries == 1 {
			p.load = func(context.Context) error { return errors.New("not yet") }
		}
	})})
	_, err := m.Load(t.Context(), "a")
	is.True(strings.Contains(err.Error(), "load: not yet"))
	is.Equal(j.all(), []string{"new a", "load a", "close a"}) // nothing is left open
	_, err = m.Load(t.Context(), "a")
	is.NoErr(err)
	i, err := m.Info("a")
	is.NoErr(err)
	is.NoErr(i.Err) // the old error is gone
	is.True(i.Plugin.(*plugin) != nil)
	is.Equal(i.State, registry.StateLoaded)
}

func TestDisabledPluginIsAskedAgain(t *testing.T) {
	is := is.New(t)
	var j journal
	on := false
	s := j.spec("a", nil)
	s.ShouldLoad = func(*registry.Spec) bool { return on }
	m := managerOf([]*registry.Spec{s})
	_, err := m.Load(t.Context(), "a")
	is.True(errors.Is(err, registry.ErrDisabled))
	is.Equal(len(j.all()), 0) // the spec is asked before anything is made
	on = true
	_, err = m.Load(t.Context(), "a")
	is.NoErr(err)
}

// noLicence is an error of a program's own.
type noLicence struct{}

func (noLicence) Error() string { return "no licence" }
func (noLicence) Unwrap() error { return registry.ErrDisabled }

func TestDisabledWithoutReason(t *testing.T) {
	is := is.New(t)
	m := managerOf([]*registry.Spec{{
		Namespace: ns, Name: "p",
		New: func(*registry.Spec) (any, error) { return nil, registry.ErrDisabled },
	}})
	_, err := m.LoadAll(t.Context())
	is.NoErr(err)
	_, err = m.Load(t.Context(), "p")
	is.Equal(err.Error(), "plugin test.plugins:p is disabled, reason: none was given")
}

// A plugin that gives up because another is disabled has failed: nobody decided
// that it should not load.
func TestAnotherPluginIsDisabled(t *testing.T) {
	is := is.New(t)
	var j journal
	var m *registry.Manager[service]
	off := j.spec("off", func(p *plugin) { p.should = func() bool { return false } })
	needs := j.spec("needs", func(p *plugin) {
		p.load = func(ctx context.Context) error {
			_, err := m.Load(ctx, "off")
			return fmt.Errorf("cannot do without: %w", err)
		}
	})
	m = managerOf([]*registry.Spec{off, needs})
	_, err := m.LoadAll(t.Context())
	is.Equal(errorOf(t, err).Name, "needs")
	is.Equal(errorOf(t, err).Reason(), "")
}

func TestDisabledWithReason(t *testing.T) {
	reasons := map[string]*registry.Spec{
		"factory": {
			Namespace: ns, Name: "p",
			New: func(*registry.Spec) (any, error) { return nil, registry.Disabled("no licence") },
		},
		"wrapped": {Namespace: ns, Name: "p", New: func(*registry.Spec) (any, error) {
			return nil, fmt.Errorf("while looking: %w", registry.Disabled("no licence"))
		}},
		"load": new(journal).spec("p", func(p *plugin) {
			p.load = func(context.Context) error { return registry.Disabled("no licence") }
		}),
		"sentinel": new(journal).spec("p", func(p *plugin) {
			p.load = func(context.Context) error { return noLicence{} }
		}),
	}
	for from, s := range reasons {
		t.Run(from, func(t *testing.T) {
			is := is.New(t)
			m := managerOf([]*registry.Spec{s})
			_, err := m.Load(t.Context(), "p")
			is.Equal(err.Error(), "plugin test.plugins:p is disabled, reason: no licence")
			is.Equal(errorOf(t, err).Reason(), "no licence")
			all, err := m.LoadAll(t.Context())
			is.Equal(len(all), 0)
			is.NoErr(err)
		})
	}
}

type cli struct{ commands []string }

type cliPlugin interface {
	registry.Plugin[*cli]
	Attach(*cli)
}

type myCLI struct{ name string }

func (p *myCLI) Load(_ context.Context, c *cli) error {
	p.Attach(c)
	return nil
}
func (p *myCLI) Attach(c *cli) { c.commands = append(c.commands, p.name) }

func newCLI(s *registry.Spec) (any, error) { return &myCLI{s.Name}, nil }

func TestLoadArgument(t *testing.T) {
	is := is.New(t)
	c := &cli{}
	m := registry.For[cliPlugin]("my.plugins.cli", registry.WithSpecs(
		&registry.Spec{Namespace: "my.plugins.cli", Name: "b", New: newCLI},
		&registry.Spec{Namespace: "my.plugins.cli", Name: "a", New: newCLI},
		&registry.Spec{Namespace: "my.plugins.cli", Name: "z", New: newCLI, Priority: 1},
	)).With(c)
	plugins, err := m.LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(len(plugins), 3)
	is.Equal(c.commands, []string{"z", "a", "b"}) // one after the other, in order
}

func TestManagerFunc(t *testing.T) {
	is := is.New(t)
	c := &cli{}
	attach := func(_ context.Context, p *myCLI) error {
		p.Attach(c)
		return nil
	}
	m := registry.NewManagerFunc("my.plugins.cli", attach,
		registry.WithSpecs(&registry.Spec{Namespace: "my.plugins.cli", Name: "a", New: newCLI}))
	p, err := m.Load(t.Context(), "a")
	is.NoErr(err)
	is.Equal(p.name, "a")
	is.Equal(c.commands, []string{"a"})
}

func TestMisuse(t *testing.T) {
	nothing := &registry.Spec{Namespace: ns, Name: "p", New: func(*registry.Spec) (any, error) { return nil, nil }}
	typedNil := &registry.Spec{
		Namespace: ns, Name: "p",
		New: func(*registry.Spec) (any, error) { return (*plugin)(nil), nil },
	}
	comma, spaced := new(journal).spec("p,p", nil), new(journal).spec("p ", nil)
	tests := map[string]struct {
		m    *registry.Manager[service]
		load string
		ctx  context.Context
		want string
		kind error
	}{
		"nil factory": {
			m: managerOf([]*registry.Spec{{Namespace: ns, Name: "p"}}), want: "no factory",
			kind: registry.ErrInvalid,
		},
		"nil from factory": {
			m: managerOf([]*registry.Spec{nothing}), want: "the factory returned nil",
			kind: registry.ErrContract,
		},
		"typed nil": {
			m: managerOf([]*registry.Spec{typedNil}), want: "a nil *registry_test.plugin",
			kind: registry.ErrContract,
		},
		"comma in name": {
			m: managerOf([]*registry.Spec{comma}), load: "p,p", want: "',' in it",
			kind: registry.ErrInvalid,
		},
		"space behind name": {
			m: managerOf([]*registry.Spec{spaced}), load: "p ", want: "a space at an end",
			kind: registry.ErrInvalid,
		},
		"nil spec": {
			m: managerOf([]*registry.Spec{nil}), load: "p", want: "no plugin named p",
			kind: registry.ErrNotFound,
		},
		"nil finder": {
			m:    registry.NewManager[service](ns, registry.WithFinder(nil)),
			want: "WithFinder was given nil", kind: registry.ErrInvalid,
		},
		"nil registry": {
			m: registry.NewManager[service](ns,
				registry.WithFinder((*registry.Registry)(nil))), want: "WithFinder was given nil",
			kind: registry.ErrInvalid,
		},
		"nil listener": {
			m:    registry.NewManager[service](ns, registry.WithListener(nil)),
			want: "WithListener was given nil", kind: registry.ErrInvalid,
		},
		"nil filter": {
			m:    registry.NewManager[service](ns, registry.WithFilter(nil)),
			want: "WithFilter was given nil", kind: registry.ErrInvalid,
		},
		"negative limit": {
			m:    registry.NewManager[service](ns, registry.WithConcurrency(-1)),
			want: "WithConcurrency", kind: registry.ErrInvalid,
		},
		"nil load function": {
			m: registry.NewManagerFunc[service](ns, nil), want: "NewManagerFunc",
			kind: registry.ErrInvalid,
		},
		"no namespace": {
			m: registry.NewManager[service](""), want: "needs a namespace",
			kind: registry.ErrInvalid,
		},
		"odd namespace": {
			m: registry.NewManager[service]("a..b"), want: "needs a namespace",
			kind: registry.ErrInvalid,
		},
		"zero manager":        {m: new(registry.Manager[service]), want: "NewManager", kind: registry.ErrInvalid},
		"nil context":         {m: managerOf(nil), ctx: nil, want: "the context is nil", kind: registry.ErrInvalid},
		"nil option is no-op": {m: managerOf(nil, nil), want: "no plugin named p", kind: registry.ErrNotFound},
		"finder that fails": {m: registry.NewManager[service](ns,
			registry.WithFinder(registry.FinderFunc(func(string) ([]*registry.Spec, error) {
				return nil, errors.New("disk on fire")
			}))), want: "disk on fire"},
		"finder that panics": {m: registry.NewManager[service](ns,
			registry.WithFinder(registry.FinderFunc(func(string) ([]*registry.Spec, error) {
				panic("disk on fire")
			}))), want: "disk on fire", kind: registry.ErrPanic},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			ctx := t.Context()
			if name == "nil context" {
				ctx = test.ctx
			}
			if test.load == "" {
				test.load = "p"
			}
			_, err := test.m.Load(ctx, test.load)
			is.True(err != nil)
			is.True(strings.Contains(err.Error(), test.want))
			is.True(test.kind == nil || errors.Is(err, test.kind))
			if _, err := test.m.LoadAll(ctx); test.kind != registry.ErrNotFound {
				is.True(strings.Contains(err.Error(), test.want))
			}
			test.m.Names() // does not panic
			test.m.Specs()
			test.m.Exists("p")
			test.m.IsLoaded("p")
			test.m.Validate()
			for range test.m.Plugins() {
			}
			test.m.Unload(ctx, "p")
			test.m.Close(ctx)
		})
	}
}

func TestNilSpecIsReported(t *testing.T) {
	is := is.New(t)
	m := managerOf([]*registry.Spec{nil, new(journal).spec("a", nil), {Namespace: ns}})
	all, err := m.LoadAll(t.Context())
	is.Equal(names(all), []string{"a"})
	is.True(errors.Is(err, registry.ErrInvalid))
	is.True(strings.Contains(err.Error(), "the spec is nil"))
}

func TestPanicsAreErrors(t *testing.T) {
	boom := func() { panic(errors.New("boom")) }
	specs := map[string]*registry.Spec{
		"factory": {Namespace: ns, Name: "p", New: func(*registry.Spec) (any, error) { boom(); return nil, nil }},
		"condition of spec": {
			Namespace: ns, Name: "p", New: func(*registry.Spec) (any, error) { return &plugin{}, nil },
			ShouldLoad: func(*registry.Spec) bool { boom(); return true },
		},
		"load": new(journal).spec("p",
			func(p *plugin) { p.load = func(context.Context) error { boom(); return nil } }),
		"should": new(journal).spec("p", func(p *plugin) { p.should = func() bool { boom(); return true } }),
		"nil": new(journal).spec("p", func(p *plugin) {
			p.load = func(context.Context) error {
				panic(nil) //nolint:all
			}
		}),
	}
	for name, s := range specs {
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			_, err := managerOf([]*registry.Spec{s}).Load(t.Context(), "p")
			is.True(errors.Is(err, registry.ErrPanic))
			p, ok := errors.AsType[*registry.PanicError](err)
			is.True(ok)
			is.True(strings.Contains(string(p.Stack), "manager_test.go"))
			if name != "nil" {
				is.True(strings.Contains(err.Error(), "boom"))
			}
		})
	}
}

func TestPanicInClose(t *testing.T) {
	is := is.New(t)
	var j journal
	m := managerOf([]*registry.Spec{
		j.spec("a", nil),
		j.spec("b", func(p *plugin) { p.close = func(context.Context) error { panic("boom") } }),
	})
	_, err := m.LoadAll(t.Context())
	is.NoErr(err)
	err = m.Close(t.Context())
	is.True(errors.Is(err, registry.ErrPanic))
	is.Equal(errorOf(t, err).Phase, registry.PhaseClose)
	is.Equal(j.count("close a"), 1)
}

func TestAliases(t *testing.T) {
	is := is.New(t)
	var j journal
	s := j.spec("a", nil)
	s.Aliases = []string{"old-a", "older-a"}
	m := managerOf([]*registry.Spec{s, j.spec("b", nil)})
	is.True(m.Exists("old-a"))
	is.True(!m.IsLoaded("old-a"))
	p, err := m.Load(t.Context(), "old-a")
	is.NoErr(err)
	is.Equal(p.(*plugin).name, "a")
	again, err := m.Load(t.Context(), "a")
	is.NoErr(err)
	is.Equal(p, again)
	is.True(m.IsLoaded("older-a"))
	is.Equal(m.Names(), []string{"a", "b"})
}

func TestDuplicates(t *testing.T) {
	tests := map[string]struct {
		specs func(j *journal) []*registry.Spec
		bad   []string
	}{
		"names": {func(j *journal) []*registry.Spec {
			return []*registry.Spec{j.spec("a", nil), j.spec("b", nil), j.spec("a", nil)}
		}, []string{"a"}},
		"name and alias": {func(j *journal) []*registry.Spec {
			c := j.spec("c", nil)
			c.Aliases = []string{"a"}
			return []*registry.Spec{j.spec("a", nil), j.spec("b", nil), c}
		}, []string{"a", "c"}},
		"aliases": {func(j *journal) []*registry.Spec {
			a, c := j.spec("a", nil), j.spec("c", nil)
			a.Aliases, c.Aliases = []string{"x"}, []string{"x"}
			return []*registry.Spec{a, j.spec("b", nil), c}
		}, []string{"a", "c", "x"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			m := managerOf(test.specs(&journal{}))
			for _, bad := range test.bad {
				_, err := m.Load(t.Context(), bad)
				is.True(errors.Is(err, registry.ErrDuplicate))
				is.Equal(strings.Count(err.Error(), "plugins_test.go:")-1, 2) // both places, and the declaration
			}
			all, err := m.LoadAll(t.Context())
			is.Equal(names(all), []string{"b"}) // the others go on
			is.True(errors.Is(err, registry.ErrDuplicate))
		})
	}
}

func TestConflictsCanBeSettled(t *testing.T) {
	is := is.New(t)
	var j journal
	older, newer := j.spec("a", nil), j.spec("a", nil)
	newer.Priority = 1
	m := managerOf([]*registry.Spec{older, newer},
		registry.WithConflict(func(_ string, specs []*registry.Spec) (*registry.Spec, error) {
			is.Equal(len(specs), 2)
			return specs[1], nil
		}))
	all, err := m.LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(len(all), 1)
	is.Equal(m.Specs()[0].Priority, 1)

	m = managerOf([]*registry.Spec{older, newer},
		registry.WithConflict(func(string, []*registry.Spec) (*registry.Spec, error) {
			return nil, errors.New("cannot decide")
		}))
	_, err = m.Load(t.Context(), "a")
	is.True(strings.Contains(err.Error(), "cannot decide"))

	m = managerOf([]*registry.Spec{older, newer},
		registry.WithConflict(func(string, []*registry.Spec) (*registry.Spec, error) {
			return nil, nil
		}))
	_, err = m.Load(t.Context(), "a")
	is.True(errors.Is(err, registry.ErrDuplicate))
}

func TestConflictWithAnAliasIsNotSettled(t *testing.T) {
	is := is.New(t)
	var j journal
	x, y := j.spec("x", nil), j.spec("y", nil)
	y.Aliases = []string{"x"}
	m := managerOf([]*registry.Spec{x, y},
		registry.WithConflict(func(_ string, specs []*registry.Spec) (*registry.Spec, error) {
			return specs[0], nil
		}))
	is.True(errors.Is(m.Validate(), registry.ErrDuplicate))
}

func TestIterators(t *testing.T) {
	is := is.New(t)
	var j journal
	m := managerOf(five(&j))
	var seen []string
	failures := 0
	for p, err := range m.All(t.Context()) {
		if err != nil {
			failures++
			continue
		}
		seen = append(seen, p.(*plugin).name)
	}
	is.Equal(seen, []string{"also-simple", "simple"})
	is.Equal(failures, 2)
	seen = nil
	for s, p := range m.Loaded() {
		is.Equal(s.Name, p.(*plugin).name)
		seen = append(seen, s.Name)
	}
	is.Equal(seen, []string{"also-simple", "simple"})

	lazy := managerOf(five(&j))
	for range lazy.All(t.Context()) {
		break
	}
	is.True(lazy.IsLoaded("also-simple"))
	is.True(!lazy.IsLoaded("simple")) // what is not iterated over is not loaded
}

// All says why it stops: the plugin that it has come to is not loaded, since the context has ended.
func TestAllEndsWithItsContext(t *testing.T) {
	is := is.New(t)
	var j journal
	m := managerOf([]*registry.Spec{j.spec("a", nil), j.spec("b", nil), j.spec("c", nil)})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var errs []error
	for _, err := range m.All(ctx) {
		errs = append(errs, err)
		cancel()
	}
	is.Equal(len(errs), 2)
	is.NoErr(errs[0])
	is.True(errors.Is(errs[1], context.Canceled))
	is.True(strings.Contains(errs[1].Error(), ns+":b"))
}

// Plugins that can have no order fail in All as they do in LoadAll.
func TestAllHasCycles(t *testing.T) {
	is := is.New(t)
	var j journal
	a, b := j.spec("a", nil), j.spec("b", nil)
	a.After, b.After = []string{"b"}, []string{"a"}
	failures := 0
	for _, err := range managerOf([]*registry.Spec{a, b, j.spec("c", nil)}).All(t.Context()) {
		if err != nil {
			is.True(errors.Is(err, registry.ErrCycle))
			failures++
		}
	}
	is.Equal(failures, 2)
}

func TestValidate(t *testing.T) {
	is := is.New(t)
	var j journal
	m := managerOf([]*registry.Spec{
		j.requiring("a", "b"), j.requiring("b", "a"), j.requiring("c", "d"),
		j.spec("e", nil),
		{Namespace: ns, Name: "f"},
	})
	err := m.Validate()
	is.True(errors.Is(err, registry.ErrCycle))
	is.True(errors.Is(err, registry.ErrNotFound))
	is.True(errors.Is(err, registry.ErrInvalid))
	is.Equal(len(j.all()), 0)
	is.NoErr(managerOf([]*registry.Spec{j.spec("e", nil)}).Validate())
}
