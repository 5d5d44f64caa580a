package registry_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// Whatever is wrong with a configuration is reported, all of it, and changes nothing.
func TestApplyRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		section string
		want    []string // what the error says, of which kind it is
		kind    error
	}{
		"two instances of one id": {
			`{"cpu/a": {}, "cpu": [{"id": "a"}]}`,
			[]string{`inputs."cpu/a"`, "two instances called cpu/a", "agent.json:1:"},
			registry.ErrDuplicate,
		},
		"two items of one id": {
			`{"cpu": [{"id": "a"}, {"id": "b"}, {"id": "cpu/a"}]}`,
			[]string{"two instances called cpu/a"},
			registry.ErrDuplicate,
		},
		"an id by position": {`{"cpu": [{"id": "1"}, {}]}`, []string{"cpu/1"}, registry.ErrDuplicate},
		"an id with a quote": {
			`{"cpu": [{"id": "a\"b"}]}`, []string{"no valid id", "inputs.cpu[0]"}, registry.ErrInvalid,
		},
		"an empty id":        {`{"cpu": [{"id": ""}]}`, []string{"no valid id"}, registry.ErrInvalid},
		"an empty label":     {`{"cpu/": {}}`, []string{"no valid id"}, registry.ErrInvalid},
		"an id that is none": {`{"cpu": [{"id": [1]}]}`, []string{"expected a string, got a list"}, nil},
		"an unknown plugin":  {`{"cpuu": {}}`, []string{"did you mean cpu?", "inputs.cpuu"}, registry.ErrNotFound},
		"an instance of an unknown plugin": {
			`{"cpuu/totals": {}}`, []string{"did you mean cpu?"}, registry.ErrNotFound,
		},
		"a list where a table belongs":    {`[{"cpu": {}}]`, []string{"expected a table of plugins, got a list"}, nil},
		"a list of one instance":          {`{"cpu/a": [{}]}`, []string{"expected a table, got a list", "[[inputs.cpu]]"}, nil},
		"a scalar":                        {`{"cpu": 5}`, []string{"expected a table of options, got an integer"}, nil},
		"a scalar in a list":              {`{"cpu": [{}, 5]}`, []string{"inputs.cpu[1]", "got an integer"}, nil},
		"a disabled plugin":               {`{"never": {}}`, []string{"its ShouldLoad returned false"}, registry.ErrDisabled},
		"an excluded plugin":              {`{"excluded": {}}`, []string{"excluded by the filter"}, registry.ErrDisabled},
		"an excluded instance":            {`{"excluded/a": {}}`, []string{"excluded/a", "excluded by the filter"}, registry.ErrDisabled},
		"a requirement not configured":    {`{"user": {}}`, []string{`requires "mem"`, "[inputs.mem]"}, registry.ErrNotFound},
		"a requirement that is unknown":   {`{"lost": {}}`, []string{`requires "mme"`, "did you mean mem?"}, registry.ErrNotFound},
		"plugins that require each other": {`{"left": {}, "right": {}}`, []string{"require each other"}, registry.ErrCycle},
		"a wrong option":                  {`{"cpu": {"size": 100}}`, []string{"inputs.cpu.size", "99"}, nil},
		"an unknown option":               {`{"cpu": {"sice": 1}}`, []string{"did you mean size?"}, nil},
		"id in a table":                   {`{"cpu": {"id": "a"}}`, []string{"inputs.cpu.id", "unknown option"}, nil},
		"all at once": {
			`{"cpuu": {}, "cpu": [{"size": 100, "mode": "x"}, 5], "user": {}, "never": {}}`,
			[]string{"did you mean cpu?", "inputs.cpu[0].size", "inputs.cpu[0].mode", "inputs.cpu[1]", `"mem"`, "ShouldLoad"},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			l := newLab("cpu", "mem", "user>mem", "lost>mme", "left>right", "right>left", "never", "excluded")
			l.specs[6].ShouldLoad = func(*registry.Spec) bool { return false }
			s := l.set(registry.WithFilter(registry.Exclude(registry.Pattern{Name: "excluded"})))
			_, err := s.Apply(ctx, section(t, `{"cpu": {"size": 1}}`))
			is.NoErr(err)
			l.took()
			first, _ := s.Get("cpu")

			for range 2 {
				r, err := s.Apply(ctx, section(t, test.section))
				is.True(!r.Applied)
				errorOf(t, err)
				for _, want := range test.want {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("%q is not in: %v", want, err)
					}
				}
				is.True(test.kind == nil || errors.Is(err, test.kind))
				is.Equal(err.Error(), s.Check(ctx, section(t, test.section)).Error())
				is.Equal(l.took(), "")
				is.Equal(has(s), "cpu 1")
			}
			now, _ := s.Get("cpu")
			is.True(first == now)
			r, err := s.Apply(ctx, section(t, `{"cpu": {"size": 1}}`))
			is.NoErr(err)
			is.Equal(r.Kept, 1)
		})
	}
}

func TestApplyOfAnotherSection(t *testing.T) {
	is := is.New(t)
	ctx := context.Background()
	l := newLab("cpu")
	s := l.set()
	cfg, err := config.Load(config.FromMap("map", map[string]any{
		"inputs": map[string]any{"cpu": map[string]any{}}, "outputs": map[string]any{"cpu": map[string]any{}},
	}))
	is.NoErr(err)
	_, err = s.Apply(ctx, cfg.At("inputs"))
	is.NoErr(err)
	for _, other := range []config.Value{cfg.At("outputs"), cfg, cfg.At("missing"), {}} {
		_, err = s.Apply(ctx, other)
		is.True(errors.Is(err, registry.ErrInvalid))
		is.Equal(has(s), "cpu 0")
	}

	// The program says where the section is.
	r := new(registry.Registry)
	is.NoErr(r.Add(l.specs...))
	r.Link(&generated.Links[registry.Spec]{Sections: []generated.Section{{Path: "inputs", Namespace: inputs}}})
	s = registry.NewSet[inputContract](inputs, registry.WithFinder(r))
	_, err = s.Apply(ctx, cfg.At("outputs"))
	is.True(errors.Is(err, registry.ErrInvalid))
	_, err = s.Apply(ctx, cfg.At("inputs"))
	is.NoErr(err)

	// A section that is no longer there has no instances.
	none, err := config.Load()
	is.NoErr(err)
	_, err = s.Apply(ctx, none.At("inputs"))
	is.NoErr(err)
	is.Equal(has(s), "")
}

// Code of an instance cannot change the set that waits for it.
func TestApplyFromWithin(t *testing.T) {
	for _, where := range []string{"load cpu", "reload mem", "close cpu", "goroutine of load cpu"} {
		for _, what := range []string{"apply", "close"} {
			t.Run(what+" in "+where, func(t *testing.T) {
				is := is.New(t)
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				l := newLab("cpu", "mem!")
				s := l.set()
				_, err := s.Apply(ctx, section(t, `{"mem": {}, "cpu": {"size": 1}}`))
				is.NoErr(err)
				var within []error
				l.do = func(ctx context.Context, step string, _ *input) error {
					if !strings.HasSuffix(where, step) {
						return nil
					}
					done := make(chan error, 1)
					change := func() {
						if what == "apply" {
							_, err := s.Apply(ctx, section(t, `{}`))
							done <- err
							return
						}
						done <- s.Close(ctx)
					}
					if strings.HasPrefix(where, "goroutine") {
						go change()
					} else {
						change()
					}
					within = append(within, <-done)
					return nil
				}
				_, err = s.Apply(ctx, section(t, `{"mem": {"size": 2}, "cpu": {"size": 2}}`))
				is.NoErr(err)
				is.Equal(len(within), 1)
				is.True(errors.Is(within[0], registry.ErrCycle))
				is.Equal(has(s), "cpu 2, mem 2")
				l.do = nil
				is.NoErr(s.Close(ctx))
			})
		}
	}
}

func TestSetMisuse(t *testing.T) {
	is := is.New(t)
	ctx := context.Background()
	l := newLab("cpu")
	for name, s := range map[string]*registry.Set[inputContract]{
		"namespace": registry.NewSet[inputContract]("No Namespace"),
		"option":    l.set(registry.WithConcurrency(-1)),
		"config":    l.set(registry.WithConfig(config.Value{})),
		"function":  registry.NewSetFunc[inputContract](inputs, nil, registry.WithSpecs(l.specs...)),
	} {
		_, err := s.Apply(ctx, section(t, `{"cpu": {}}`))
		if !errors.Is(err, registry.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		is.True(errors.Is(s.Validate(), registry.ErrInvalid))
		is.NoErr(s.Close(ctx))
	}
	s := l.set()
	is.NoErr(s.Validate())
	_, err := s.Apply(nil, section(t, `{}`)) //nolint:staticcheck // that is the misuse
	is.True(errors.Is(err, registry.ErrInvalid))
	is.True(errors.Is(s.Close(nil), registry.ErrInvalid)) //nolint:staticcheck // that is the misuse
	_, err = s.Info("cpu")
	is.True(errors.Is(err, registry.ErrNotFound))
	is.Equal(len(s.Specs()), 1)

	var zero registry.Set[inputContract]
	_, err = zero.Apply(ctx, section(t, `{}`))
	is.True(errors.Is(err, registry.ErrInvalid))
	is.True(errors.Is(zero.Validate(), registry.ErrInvalid))
	is.True(errors.Is(zero.Check(ctx, section(t, `{}`)), registry.ErrInvalid))
	is.Equal(has(&zero), "")
	is.NoErr(zero.Close(ctx))

	none := registry.NewSet[inputContract]("agent.none", registry.WithSpecs(l.specs...))
	_, err = none.Apply(ctx, section(t, `{"cpu": {}}`))
	is.True(errors.Is(err, registry.ErrNotLinked))

	_, ok := s.Get("cpu")
	is.True(!ok)
	is.NoErr(s.Close(ctx))
	is.NoErr(s.Close(ctx))
	_, err = s.Apply(ctx, section(t, `{}`))
	is.True(errors.Is(err, registry.ErrClosed))
	is.True(errors.Is(s.Check(ctx, section(t, `{}`)), registry.ErrClosed))
	is.True(errors.Is(s.Validate(), registry.ErrClosed))
}

// The context of a Load that has succeeded is that of nothing that an Apply would wait for.
func TestApplyWithTheContextOfALoad(t *testing.T) {
	is := is.New(t)
	var kept context.Context
	l := newLab("cpu", "mem")
	l.do = func(ctx context.Context, what string, _ *input) error {
		if what == "load cpu" {
			kept = ctx
		}
		return nil
	}
	s := l.set()
	_, err := s.Apply(t.Context(), section(t, `{"cpu": {}}`))
	is.NoErr(err)
	_, err = s.Apply(kept, section(t, `{"cpu": {}, "mem": {}}`))
	is.NoErr(err)
	is.Equal(has(s), "cpu 0, mem 0")
	is.NoErr(s.Close(kept))
}
