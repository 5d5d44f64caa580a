package registry_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
)

func TestPatterns(t *testing.T) {
	s := &registry.Spec{
		Namespace: "dummy.plugins", Name: "also-simple", Package: "example.com/app/services",
		Symbol: "NewAlso",
	}
	tests := []struct {
		pattern registry.Pattern
		want    bool
	}{
		{registry.Pattern{}, true},
		{registry.Pattern{Namespace: "dummy.plugins"}, true},
		{registry.Pattern{Namespace: "dummy"}, false},
		{registry.Pattern{Namespace: "dummy.*"}, true},
		{registry.Pattern{Namespace: "dummy.plugins.*"}, false}, // as plux has it
		{registry.Pattern{Namespace: "*"}, true},
		{registry.Pattern{Name: "*also*"}, true},
		{registry.Pattern{Name: "also-simpl?"}, true},
		{registry.Pattern{Name: "also-simple?"}, false},
		{registry.Pattern{Name: "[a-c]lso*"}, true},
		{registry.Pattern{Name: "[!a-c]lso*"}, false},
		{registry.Pattern{Name: "also[-]simple"}, true},
		{registry.Pattern{Name: "[also"}, false}, // a set without end is text
		{registry.Pattern{Name: "*a*s*e"}, true},
		{registry.Pattern{Name: "*a*s*x"}, false},
		{registry.Pattern{Symbol: "example.com/*.NewAlso"}, true}, // a star passes slashes
		{registry.Pattern{Symbol: "example.com/*.NewOther"}, false},
		{registry.Pattern{Namespace: "dummy.*", Name: "other"}, false},
	}
	for _, test := range tests {
		if got := test.pattern.Match(s); got != test.want {
			t.Errorf("%+v: got %v", test.pattern, got)
		}
	}
}

// With WithFailFast a plugin that is disabled does not stop the others: it has not failed.
func TestDisabledPluginsDoNotStopABatch(t *testing.T) {
	is := is.New(t)
	m := managerOf(five(nil), registry.WithFailFast(), registry.WithConcurrency(1),
		registry.WithFilter(registry.Only(registry.Pattern{Name: "simple"})))
	all, err := m.LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(names(all), []string{"simple"})
}

func TestFilters(t *testing.T) {
	is := is.New(t)
	m := managerOf(five(nil), registry.WithFilter(registry.Exclude(registry.Pattern{Name: "*also*"})))
	all, _ := m.LoadAll(t.Context())
	is.Equal(names(all), []string{"simple"})
	is.Equal(m.Names(), fiveNames) // what is filtered out is there, and disabled
	_, err := m.Load(t.Context(), "also-simple")
	is.True(errors.Is(err, registry.ErrDisabled))
	is.Equal(err.Error(), "plugin test.plugins:also-simple is disabled, reason: excluded by the filter for name=*also*")

	m = managerOf(five(nil), registry.WithFilter(registry.Only(registry.Pattern{Name: "s*"},
		registry.Pattern{Namespace: "my.*", Name: "a*"})))
	all, err = m.LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(names(all), []string{"simple"})
	_, err = m.Load(t.Context(), "also-simple")
	is.Equal(errorOf(t, err).Reason(), "not among those that the filter lets pass: name=s*, namespace=my.* name=a*")

	_, err = managerOf(five(nil), registry.WithFilter(registry.Only())).Load(t.Context(), "simple")
	is.Equal(errorOf(t, err).Reason(), "not among those that the filter lets pass: none")
	is.Equal(registry.Pattern{}.String(), "every plugin")

	simple := func(s *registry.Spec) bool { return s.Name == "simple" }
	m = managerOf(five(nil), registry.WithFilter(registry.Enabled(simple)))
	all, err = m.LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(names(all), []string{"simple"})

	m = managerOf(five(nil), registry.WithFilter(func(*registry.Spec) error { panic("oops") }))
	_, err = m.Load(t.Context(), "simple")
	is.True(errors.Is(err, registry.ErrPanic))
}

func TestFilterOfTheProcess(t *testing.T) {
	is := is.New(t)
	program := new(registry.Registry) // as registry.Default is
	is.NoErr(program.Add(five(nil)...))
	remove := program.Filter(registry.Exclude(registry.Pattern{Namespace: "test.*"}))
	one := registry.NewManager[service](ns, registry.WithFinder(program))
	all, err := one.LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(len(all), 0)
	all, _ = managerOf(five(nil)).LoadAll(t.Context()) // a test's own specs
	is.Equal(len(all), 2)
	remove()
	all, _ = one.LoadAll(t.Context())
	is.Equal(len(all), 2)
}

func FuzzPattern(f *testing.F) {
	f.Add("*[!a-b]?", "xyz")
	f.Add("[", "[")
	f.Add("[]]", "]")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		registry.Pattern{Name: pattern}.Match(&registry.Spec{Name: text})
		if !strings.ContainsAny(text, "*?[") && !(registry.Pattern{Name: text}).Match(&registry.Spec{Name: text}) {
			t.Errorf("%q does not match itself", text)
		}
	})
}

func TestStability(t *testing.T) {
	levels := []registry.Stability{
		"", registry.StabilityUnmaintained, registry.StabilityDeprecated,
		registry.StabilityDevelopment, registry.StabilityAlpha, registry.StabilityBeta,
		registry.StabilityStable, "unheard-of",
	}
	for least, want := range map[registry.Stability][]string{
		registry.StabilityDevelopment: {"level-", "level-alpha", "level-beta", "level-development", "level-stable"},
		registry.StabilityBeta:        {"level-", "level-beta", "level-stable"},
		registry.StabilityStable:      {"level-", "level-stable"},
	} {
		is := is.New(t)
		var specs []*registry.Spec
		for _, level := range levels {
			s := new(journal).spec("level-"+string(level), nil)
			s.Stability = level
			specs = append(specs, s)
		}
		m := managerOf(specs, registry.WithFilter(registry.MinStability(least)))
		all, err := m.LoadAll(t.Context())
		is.NoErr(err)
		is.Equal(names(all), want)
		_, err = m.Load(t.Context(), "level-deprecated")
		is.Equal(errorOf(t, err).Reason(), "its stability is deprecated, less than "+string(least))
		i, err := m.Info("level-beta")
		is.NoErr(err)
		is.Equal(i.Spec.Stability, registry.StabilityBeta)
	}
	is := is.New(t)
	_, err := managerOf(five(nil), registry.WithFilter(registry.MinStability("betta"))).Load(t.Context(), "simple")
	is.True(errors.Is(err, registry.ErrInvalid))
}

func TestExcludeDeprecated(t *testing.T) {
	is := is.New(t)
	old, older, marked, fresh := new(journal).spec("old", nil), new(journal).spec("older", nil),
		new(journal).spec("marked", nil), new(journal).spec("fresh", nil)
	old.Deprecated = "use fresh"
	older.Deprecated, older.DeprecatedSince, older.RemovalIn = "use fresh", "v1.2", "v2"
	marked.Stability = registry.StabilityDeprecated
	m := managerOf([]*registry.Spec{old, older, marked, fresh}, registry.WithFilter(registry.ExcludeDeprecated()))
	all, err := m.LoadAll(t.Context())
	is.NoErr(err)
	is.Equal(names(all), []string{"fresh"})
	for name, want := range map[string]string{
		"old": "deprecated: use fresh", "older": "deprecated since v1.2, to be removed in v2: use fresh",
		"marked": "deprecated",
	} {
		i, err := m.Info(name)
		is.NoErr(err)
		is.Equal(i.Reason, want)
	}
}
