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
	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// An input is a plugin whose factory takes options.
type input struct {
	spec    *registry.Spec
	options inputOptions
	lab     *lab
}

type inputOptions struct {
	Size int
	Mode string
}

// A lab has the plugins of a test, and does with them what the test wants. What happens is
// in its journal.
type lab struct {
	*journal
	specs []*registry.Spec

	// What the plugins do besides, by what they do and their id: "load cpu/a".
	do func(ctx context.Context, what string, p *input) error
}

func (l *lab) step(ctx context.Context, what string, p *input) error {
	what += " " + p.spec.InstanceID()
	l.add(what)
	if l.do == nil {
		return nil
	}
	return l.do(ctx, what, p)
}

func (p *input) Load(ctx context.Context) error  { return p.lab.step(ctx, "load", p) }
func (p *input) Close(ctx context.Context) error { return p.lab.step(ctx, "close", p) }
func (p *input) Options() inputOptions           { return p.options }

type inputContract interface{ Options() inputOptions }

var inputDescription = generated.Options{
	Type: "example.org/agent.inputOptions",
	Zero: (*inputOptions)(nil),
	New:  func() any { return new(inputOptions) },
	Fill: func(d *generated.Decoder, target any) {
		o := target.(*inputOptions)
		d.Begin()
		if d.Option(0) {
			generated.String(d, &o.Mode)
		}
		if d.Option(1) {
			generated.Int(d, &o.Size)
		}
		d.End()
	},
	Options: []generated.Option{
		{Name: "mode", Type: "string", Enum: []string{"fast", "slow"}, Default: "fast", HasDefault: true},
		{Name: "size", Type: "int", Max: "99"},
	},
}

const inputs = "agent.inputs"

// newLab returns a lab with plugins of these names. One of the name "x:y,z" requires y and z,
// and one that ends in ! can be reloaded.
func newLab(names ...string) *lab {
	l := &lab{journal: new(journal)}
	for _, name := range names {
		name, requires, _ := strings.Cut(name, ">")
		name, reloads := strings.CutSuffix(name, "!")
		s := &registry.Spec{
			Namespace: inputs, Name: name, Options: &inputDescription,
			NewWith: func(s *registry.Spec, options any) (any, error) {
				p := &input{s, *options.(*inputOptions), l}
				return p, l.step(context.Background(), "new", p)
			},
		}
		if requires != "" {
			s.Requires = strings.Split(requires, ",")
		}
		if reloads {
			s.Reload = func(ctx context.Context, plugin, options any) error {
				p := plugin.(*input)
				o := *options.(*inputOptions)
				err := l.step(ctx, "reload", p)
				if err == nil {
					p.options = o
				}
				return err
			}
		}
		l.specs = append(l.specs, s)
	}
	return l
}

func (l *lab) set(opts ...registry.Option) *registry.Set[inputContract] {
	return registry.NewSet[inputContract](inputs, append(opts, registry.WithSpecs(l.specs...))...)
}

// took returns what has happened, in one line, and forgets it.
func (l *lab) took() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	line := strings.Join(l.lines, ", ")
	l.lines = nil
	return line
}

// section returns the value of inputs in a configuration.
func section(t testing.TB, text string) config.Value {
	t.Helper()
	v, err := config.Load(config.JSON("agent.json", []byte(`{"inputs": `+text+`}`)))
	if err != nil {
		t.Fatal(err)
	}
	return v.At("inputs")
}

// has returns the instances of a set, with their options.
func has(s *registry.Set[inputContract]) string {
	var list []string
	for _, id := range s.Names() {
		p, ok := s.Get(id)
		if !ok {
			list = append(list, id+" missing")
			continue
		}
		list = append(list, fmt.Sprintf("%s %d", id, p.Options().Size))
	}
	return strings.Join(list, ", ")
}

func TestApply(t *testing.T) {
	is := is.New(t)
	ctx := context.Background()
	l := newLab("cpu", "disk!", "mem")
	s := l.set()
	is.Equal(has(s), "")

	r, err := s.Apply(ctx, section(t, `{"cpu": {"size": 1}, "cpu/totals": {}, "disk": [{"size": 3}, {"id": "root"}]}`))
	is.NoErr(err)
	is.True(r.Applied)
	is.Equal(r.IDs(registry.Added), []string{"cpu", "cpu/totals", "disk/0", "disk/root"})
	is.Equal(l.took(), "new cpu, load cpu, new cpu/totals, load cpu/totals, new disk/0, load disk/0, new disk/root, load disk/root")
	is.Equal(has(s), "cpu 1, cpu/totals 0, disk/0 3, disk/root 0")
	before, _ := s.Get("disk/root")

	// The same again, written otherwise.
	r, err = s.Apply(ctx, section(t, `{"disk": [{"size": 3}, {"id": "root"}], "cpu/totals": {},  "cpu": {"size": 1}}`))
	is.NoErr(err)
	is.Equal(r.Kept, 4)
	is.Equal(len(r.Changes), 0)
	is.Equal(l.took(), "")

	// One of each.
	r, err = s.Apply(ctx, section(t, `{"cpu": {"size": 2}, "mem": {}, "disk": [{"id": "root", "size": 9}]}`))
	is.NoErr(err)
	is.Equal(r.IDs(registry.Added), []string{"mem"})
	is.Equal(r.IDs(registry.Removed), []string{"cpu/totals", "disk/0"})
	is.Equal(r.IDs(registry.Replaced), []string{"cpu"})
	is.Equal(r.IDs(registry.Reloaded), []string{"disk/root"})
	is.Equal(l.took(), "reload disk/root, close disk/0, close cpu/totals, close cpu, new cpu, load cpu, new mem, load mem")
	is.Equal(has(s), "cpu 2, disk/root 9, mem 0")
	after, _ := s.Get("disk/root")
	is.True(before == after)

	is.NoErr(s.Close(ctx))
	is.Equal(l.took(), "close mem, close cpu, close disk/root")
	_, err = s.Apply(ctx, section(t, `{}`))
	is.True(errors.Is(err, registry.ErrClosed))
}

func TestApplyWhatIsRequired(t *testing.T) {
	is := is.New(t)
	ctx := context.Background()
	l := newLab("cpu>mem", "disk>cpu", "mem!", "net>cpu")
	s := l.set()
	_, err := s.Apply(ctx, section(t, `{"disk": {}, "cpu": [{}, {"size": 1}], "mem": {}}`))
	is.NoErr(err)
	is.Equal(l.took(), "new mem, load mem, new cpu/0, load cpu/0, new cpu/1, load cpu/1, new disk, load disk")

	r, err := s.Apply(ctx, section(t, `{"disk": {}, "cpu": [{}, {"size": 2}], "mem": {}}`))
	is.NoErr(err)
	is.Equal(l.took(), "close disk, close cpu/1, new cpu/1, load cpu/1, new disk, load disk")
	is.Equal(r.Changes[1].Because, "cpu/1")

	_, err = s.Apply(ctx, section(t, `{"disk": {}, "cpu": [{}], "mem": {"size": 7}}`)) // is reloaded
	is.NoErr(err)
	is.Equal(l.took(), "reload mem, close disk, close cpu/1, new disk, load disk")
	_, err = s.Apply(ctx, section(t, `{"disk": {}, "cpu": [{}, {}], "mem": {"size": 7}}`))
	is.NoErr(err)
	is.Equal(l.took(), "close disk, new cpu/1, load cpu/1, new disk, load disk")

	_, err = s.Apply(ctx, section(t, `{"disk": {}, "mem": {}}`))
	is.True(errors.Is(err, registry.ErrNotFound))
	is.Equal(l.took(), "")
	t.Log(err)
}

// One that requires a whole namespace is started after all that the set is to have, and again
// when there is another.
func TestApplyWithAllRequired(t *testing.T) {
	is := is.New(t)
	ctx := context.Background()
	l := newLab("all>"+inputs+":*", "cpu", "mem")
	s := l.set()
	_, err := s.Apply(ctx, section(t, `{"all": {}, "mem": {}}`))
	is.NoErr(err)
	is.Equal(l.took(), "new mem, load mem, new all, load all")
	_, err = s.Apply(ctx, section(t, `{"all": {}, "cpu": {}, "mem": {}}`))
	is.NoErr(err)
	is.Equal(l.took(), "close all, new cpu, load cpu, new all, load all")
	_, err = s.Apply(ctx, section(t, `{"all": {}, "cpu": {}}`))
	is.NoErr(err)
	is.Equal(l.took(), "close all, close mem, new all, load all")
	is.NoErr(s.Close(ctx))
	is.Equal(l.took(), "close all, close cpu")
}

func TestApplyChain(t *testing.T) {
	is := is.New(t)
	ctx := context.Background()
	l := newLab("a", "b>a", "c>b", "d>c")
	s := l.set()
	_, err := s.Apply(ctx, section(t, `{"a": {}, "b": {}, "c": {}, "d": {}}`))
	is.NoErr(err)
	l.took()
	_, err = s.Apply(ctx, section(t, `{"a": {"size": 1}, "b": {}, "c": {}, "d": {}}`))
	is.NoErr(err)
	is.Equal(l.took(), "close d, close c, close b, close a, new a, load a, new b, load b, new c, load c, new d, load d")
	is.Equal(has(s), "a 1, b 0, c 0, d 0")
}

// A program may be reconfigured for years: nothing is left of instances that are gone,
// whatever they were called, nor of configurations.
func TestApplyKeepsMemoryFlat(t *testing.T) {
	is := is.New(t)
	times := 100_000
	if testing.Short() {
		times = 2_000
	}
	ctx := context.Background()
	l := newLab("cpu", "disk!", "mem>cpu")
	l.journal = nil
	s := l.set()
	apply := func(i int) {
		cfg, err := config.Load(config.FromMap("map", map[string]any{"inputs": map[string]any{
			"cpu": map[string]any{"size": i / 10 % 2}, fmt.Sprint("cpu/", i): map[string]any{},
			"disk": map[string]any{"size": i % 7}, "mem": []any{map[string]any{"id": fmt.Sprint(i / 3)}},
			"disk/kept": map[string]any{},
		}}))
		is.NoErr(err)
		if _, err := s.Apply(ctx, cfg.At("inputs")); err != nil {
			t.Fatal(err)
		}
	}
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapObjects
	}
	for i := range 1_000 {
		apply(i)
	}
	before, goroutines := heap(), runtime.NumGoroutine()
	for i := range times {
		apply(1_000 + i)
	}
	if after := heap(); after > before+1_000 {
		t.Errorf("%d objects, %d before %d more calls of Apply", after, before, times)
	}
	is.True(runtime.NumGoroutine() <= goroutines)
	is.Equal(len(s.Names()), 5)
	is.NoErr(s.Close(ctx))
}

type inputWithArgument interface {
	registry.Plugin[*lab]
	Options() inputOptions
}

type arguedInput struct {
	*input
	l *lab
}

func (p *arguedInput) Load(_ context.Context, l *lab) error {
	p.l = l
	return nil
}

// The ways to load plugins are those of managers.
func TestSetsOfOtherWaysToLoad(t *testing.T) {
	is := is.New(t)
	ctx := context.Background()
	l := newLab("cpu")
	plain := l.specs[0].NewWith
	l.specs[0].NewWith = func(s *registry.Spec, options any) (any, error) {
		made, err := plain(s, options)
		return &arguedInput{made.(*input), nil}, err
	}
	s := registry.For[inputWithArgument](inputs, registry.WithSpecs(l.specs...)).Set(l)
	_, err := s.Apply(ctx, section(t, `{"cpu": {}}`))
	is.NoErr(err)
	p, _ := s.Get("cpu")
	is.True(p.(*arguedInput).l == l)
	is.NoErr(s.Close(ctx))

	var loaded []string
	f := registry.NewSetFunc(inputs, func(ctx context.Context, _ inputContract) error {
		loaded = append(loaded, registry.SpecFrom(ctx).InstanceID())
		return nil
	}, registry.WithSpecs(l.specs...))
	_, err = f.Apply(ctx, section(t, `{"cpu": [{}, {"id": 7}]}`))
	is.NoErr(err)
	is.Equal(loaded, []string{"cpu/0", "cpu/7"})
	is.NoErr(f.Close(ctx))
}

// A list is the same whatever the order of its items, if they have ids.
func TestApplyOfAnotherOrder(t *testing.T) {
	is := is.New(t)
	ctx := context.Background()
	l := newLab("cpu!")
	s := l.set()
	_, err := s.Apply(ctx, section(t, `{"cpu": [{"id": "a", "size": 1}, {"id": "b", "size": 2}]}`))
	is.NoErr(err)
	l.took()
	r, err := s.Apply(ctx, section(t, `{"cpu": [{"id": "b", "size": 2}, {"id": "a", "size": 1}]}`))
	is.NoErr(err)
	is.Equal(r.Kept, 2)
	is.Equal(l.took(), "")
	r, err = s.Apply(ctx, section(t, `{"cpu": [{"id": "b", "size": 3}, {"id": "a", "size": 1}]}`))
	is.NoErr(err)
	is.Equal(r.IDs(registry.Reloaded), []string{"cpu/b"})
	is.Equal(has(s), "cpu/a 1, cpu/b 3")
}

// The environment is part of the configuration.
func TestApplyOfAnotherEnvironment(t *testing.T) {
	is := is.New(t)
	ctx := context.Background()
	l := newLab("cpu", "mem")
	s := l.set()
	apply := func(variables ...string) registry.Result {
		cfg, err := config.Load(config.JSON("agent.json", []byte(`{"inputs": {"cpu": {}, "mem": {"size": 1}}}`)),
			config.EnvironmentOf("AGENT_", variables))
		is.NoErr(err)
		r, err := s.Apply(ctx, cfg.At("inputs"))
		is.NoErr(err)
		return r
	}
	apply("HOME=/")
	is.Equal(apply("HOME=/root").Kept, 2)
	is.Equal(apply("AGENT_INPUTS_CPU_SIZE=5").IDs(registry.Replaced), []string{"cpu"})
	is.Equal(has(s), "cpu 5, mem 1")
	is.Equal(apply().IDs(registry.Replaced), []string{"cpu"})
	is.Equal(has(s), "cpu 0, mem 1")
}

// IDs are those of the changes that succeeded; Failed has the others.
func TestResultOfChanges(t *testing.T) {
	is := is.New(t)
	wrong := registry.Change{ID: "c", Action: registry.Added, Err: errors.New("no")}
	r := registry.Result{Changes: []registry.Change{
		{ID: "a", Action: registry.Added}, {ID: "b", Action: registry.Removed}, wrong, {ID: "d", Action: registry.Added},
	}}
	is.Equal(r.IDs(registry.Added), []string{"a", "d"})
	is.Equal(r.IDs(registry.Removed), []string{"b"})
	is.Equal(r.IDs(registry.Reloaded), nil)
	is.Equal(r.Failed(), []registry.Change{wrong})
}

func TestSetWithoutListener(t *testing.T) {
	is := is.New(t)
	s := newLab("cpu").set()
	remove := s.Listen(nil)
	_, err := s.Apply(t.Context(), section(t, `{"cpu": {}}`))
	is.NoErr(err)
	remove()
}
