package registry_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// A diary is what plugins write down that tests look at.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (j *diary) write(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, fmt.Sprintf(format, args...))
}

func (j *diary) read() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	lines := j.lines
	j.lines = nil
	return lines
}

// A codec is a plugin that is an option of others.
type codec struct {
	name   string
	Level  int
	Inner  coder
	log    *diary
	load   func(context.Context) error
	closes error
}

type coder interface{ Code() string }

func (c *codec) Code() string {
	if c.Inner != nil {
		return fmt.Sprintf("%s%d(%s)", c.name, c.Level, c.Inner.Code())
	}
	return fmt.Sprintf("%s%d", c.name, c.Level)
}

func (c *codec) Load(ctx context.Context) error {
	c.log.write("load %s", c.name)
	if c.load != nil {
		return c.load(ctx)
	}
	return nil
}

func (c *codec) Close(context.Context) error {
	c.log.write("close %s", c.name)
	return c.closes
}

var codecOptions = generated.Options{
	Type: "example.org/app.codec",
	Zero: (*codec)(nil),
	New:  func() any { return new(codec) },
	Fill: func(d *generated.Decoder, target any) {
		c := target.(*codec)
		d.Begin()
		if d.Option(0) {
			generated.Plugin(d, &c.Inner)
		}
		if d.Option(1) {
			generated.Int(d, &c.Level)
		}
		d.End()
	},
	Options: []generated.Option{
		{Name: "inner", Type: "plugin", Namespace: "app.codecs"},
		{Name: "level", Type: "int", Default: "1", HasDefault: true, Max: "9"},
	},
}

// A server takes options by its factory.
type server struct {
	serverOptions
	name string
	log  *diary
	load func(context.Context) error
}

type serverOptions struct {
	Codec  coder
	Codecs []coder
	Dir    string
	Funcs  func(string) string
	Named  map[string]coder
	Token  string
}

func (s *server) Load(ctx context.Context) error {
	s.log.write("load %s", s.name)
	if s.load != nil {
		return s.load(ctx)
	}
	return nil
}

func (s *server) Close(context.Context) error {
	s.log.write("close %s", s.name)
	return nil
}

func (s *server) Serve() string {
	var codes []string
	if s.Codec != nil {
		codes = append(codes, s.Codec.Code())
	}
	for _, c := range s.Codecs {
		codes = append(codes, c.Code())
	}
	for _, name := range []string{"a", "b"} {
		if c := s.Named[name]; c != nil {
			codes = append(codes, name+"="+c.Code())
		}
	}
	if s.Funcs != nil {
		codes = append(codes, s.Funcs("f"))
	}
	return s.Dir + " " + strings.Join(codes, " ")
}

type serving interface{ Serve() string }

var serverOptionsOf = generated.Options{
	Type: "example.org/app.serverOptions",
	Zero: (*serverOptions)(nil),
	New:  func() any { return new(serverOptions) },
	Fill: func(d *generated.Decoder, target any) {
		o := target.(*serverOptions)
		d.Begin()
		if d.Option(0) {
			generated.Plugin(d, &o.Codec)
		}
		if d.Option(1) {
			generated.List(d, &o.Codecs, generated.Plugin)
		}
		if d.Option(2) {
			generated.String(d, &o.Dir)
		}
		if d.Option(3) {
			generated.Plugin(d, &o.Funcs)
		}
		if d.Option(4) {
			generated.Map(d, &o.Named, generated.Plugin)
		}
		if d.Option(5) {
			generated.String(d, &o.Token)
		}
		d.End()
	},
	Options: []generated.Option{
		{Name: "codec", Type: "plugin", Namespace: "app.codecs"},
		{Name: "codecs", Type: "[]plugin", Namespace: "app.codecs"},
		{Name: "dir", Type: "string", Required: true},
		{Name: "func", Type: "plugin", Namespace: "app.funcs", TypeKey: "kind"},
		{Name: "named", Type: "map[string]plugin", Namespace: "app.codecs"},
		{Name: "token", Type: "string", Secret: true, Max: "40", Deprecated: "use dir"},
	},
}

// A world is a set of specs, and what they write down.
type world struct {
	diary
	specs []*registry.Spec
}

func (w *world) codec(name string, change ...func(*codec)) *registry.Spec {
	s := &registry.Spec{
		Namespace: "app.codecs", Name: name, Options: &codecOptions,
		New: func(*registry.Spec) (any, error) {
			w.write("make %s", name)
			c := &codec{name: name, log: &w.diary}
			for _, f := range change {
				f(c)
			}
			return c, nil
		},
	}
	w.specs = append(w.specs, s)
	return s
}

func (w *world) server(name string, change ...func(*server)) *registry.Spec {
	s := &registry.Spec{
		Namespace: "app.servers", Name: name, Options: &serverOptionsOf,
		NewWith: func(_ *registry.Spec, options any) (any, error) {
			w.write("make %s", name)
			s := &server{serverOptions: *options.(*serverOptions), name: name, log: &w.diary}
			for _, f := range change {
				f(s)
			}
			return s, nil
		},
	}
	w.specs = append(w.specs, s)
	return s
}

func (w *world) add(s *registry.Spec) *registry.Spec {
	w.specs = append(w.specs, s)
	return s
}

// manager returns a manager with a configuration in JSON, of which it has the section servers.
func (w *world) manager(t testing.TB, json string, opts ...registry.Option) *registry.Manager[serving] {
	t.Helper()
	v, err := config.Load(config.JSON("app.json", []byte(json)), config.EnvironmentOf("APP_", nil))
	if err != nil {
		t.Fatal(err)
	}
	opts = append(opts, registry.WithSpecs(w.specs...), registry.WithConfig(v.At("servers")))
	return registry.NewManager[serving]("app.servers", opts...)
}

func TestOptionsFromTheConfiguration(t *testing.T) {
	is := is.New(t)
	w := new(world)
	w.server("objects")
	w.codec("json")
	m := w.manager(t, `{"servers": {"objects": {
		"dir": "/data", "codec": {"type": "json", "level": 3, "inner": {"type": "json"}}
	}}}`)
	s, err := m.Load(context.Background(), "objects")
	is.NoErr(err)
	is.Equal(s.Serve(), "/data json3(json1)")
	is.Equal(w.read(), []string{
		"make json", "make json", "load json", "load json", "make objects", "load objects",
	})
	info, err := m.Info("objects")
	is.NoErr(err)
	is.Equal(len(info.Children), 1)
	is.Equal(info.Children[0].Option, "servers.objects.codec")
	is.Equal(info.Children[0].State, registry.StateLoaded)
	is.Equal(info.Children[0].Spec.ID(), "app.codecs:json")
	is.Equal(info.Children[0].Spec.InstanceID(), "objects.codec")
	is.Equal(info.Children[0].Children[0].Spec.InstanceID(), "objects.codec.inner")
	is.Equal(info.Children[0].Children[0].Option, "servers.objects.codec.inner")
	is.NoErr(m.Unload(context.Background(), "objects"))
	is.Equal(w.read(), []string{"close objects", "close json", "close json"})
	_, err = m.Load(context.Background(), "objects")
	is.NoErr(err)
	w.read()
	is.NoErr(m.Close(context.Background()))
	is.Equal(w.read(), []string{"close objects", "close json", "close json"})
	is.Equal(registry.Waiting(), 0)
}

func TestPluginsInListsAndMaps(t *testing.T) {
	is := is.New(t)
	w := new(world)
	w.server("objects")
	w.codec("json").Aliases = []string{"js"}
	w.codec("toml")
	upper := func(s string) string { return strings.ToUpper(s) }
	w.add(&registry.Spec{Namespace: "app.funcs", Name: "upper", New: func(s *registry.Spec) (any, error) {
		return registry.NewFunctionPlugin(s, upper), nil
	}})
	m := w.manager(t, `{"servers": {"objects": {
		"dir": "d", "func": {"kind": "upper"},
		"codecs": [{"type": "json", "level": 2}, {"type": "toml"}],
		"named": {"a": {"type": "toml", "level": 5}, "b": {"type": "js"}}
	}}}`)
	s, err := m.Load(context.Background(), "objects")
	is.NoErr(err)
	is.Equal(s.Serve(), "d json2 toml1 a=toml5 b=json1 F")
	info, _ := m.Info("objects")
	var options []string
	for _, c := range info.Children {
		options = append(options, c.Option)
	}
	is.Equal(options, []string{
		"servers.objects.codecs[0]", "servers.objects.codecs[1]", "servers.objects.func",
		"servers.objects.named.a", "servers.objects.named.b",
	})
}

// Without a configuration plugins have their defaults.
func TestOptionsWithoutConfiguration(t *testing.T) {
	is := is.New(t)
	w := new(world)
	w.server("objects")
	json := w.codec("json")
	m := registry.NewManager[coder]("app.codecs", registry.WithSpecs(json))
	c, err := m.Load(context.Background(), "json")
	is.NoErr(err)
	is.Equal(c.Code(), "json1")
	is.NoErr(m.Validate())

	servers := registry.NewManager[serving]("app.servers", registry.WithSpecs(w.specs...))
	_, err = servers.Load(context.Background(), "objects")
	var missing *config.Error
	is.True(errors.As(err, &missing))
	is.Equal(missing.Path, "dir")
	is.True(strings.Contains(err.Error(), "make it with registry.WithConfig"))
	is.True(errors.As(servers.Validate(), &missing))
}

// Everything that is wrong comes together, each with its place.
func TestAllErrorsOfTheConfiguration(t *testing.T) {
	is := is.New(t)
	w := new(world)
	w.server("bad")
	w.server("child")
	w.server("good")
	w.server("missing")
	w.server("requires").Requires = []string{"bad"}
	w.server("twice").Aliases = []string{"two"}
	w.server("listed")
	w.server("off").ShouldLoad = func(*registry.Spec) bool { return false }
	w.server("off2").ShouldLoad = func(*registry.Spec) bool { return false }
	w.codec("json")
	plain := func(s *registry.Spec) (any, error) { return &server{name: s.Name, log: &w.diary}, nil }
	w.add(&registry.Spec{Namespace: "app.servers", Name: "plain", New: plain})
	w.add(&registry.Spec{Namespace: "app.servers", Name: "plain2", New: plain})
	m := w.manager(t, `{"servers": {
"bad": {"dir": 5, "toekn": "x", "codec": {"type": "json", "level": 10}},
"child": {"dir": "d", "codec": {"type": "jsn"}, "codecs": [{"level": 1}, {"type": 5}, {"type": "json", "inner": {"type": "json", "level": "x"}}]},
"good": {"dir": "d"},
"goo": {"dir": "d"},
"listed": [{"dir": "d"}],
"off": {"dir": 5},
"off2": 5,
"plain": {},
"plain2": {"x": 1},
"requires": {"dirr": "d"},
"two": {"dir": "d"},
"twice": {"dir": "d"}
}}`)
	want := []string{
		"1:13 servers.missing.dir",
		"2:16 servers.bad.dir", "2:19 servers.bad.toekn", "2:68 servers.bad.codec.level",
		"3:41 servers.child.codec.type", "3:60 servers.child.codecs[0]", "3:83 servers.child.codecs[1].type",
		"3:139 servers.child.codecs[2].inner.level",
		"5:1 servers.goo", "6:11 servers.listed", "8:9 servers.off2",
		"10:12 servers.plain2.x", "11:13 servers.requires.dir", "11:14 servers.requires.dirr", "12:1 servers.two",
	}
	is.Equal(places(m.Validate(), "off.dir"), want)
	is.Equal(w.read(), nil) // nothing was made

	all, err := m.LoadAll(context.Background())
	is.Equal(len(all), 2) // good and plain
	is.Equal(places(err), want)
	is.True(errors.Is(err, registry.ErrNotFound))
	is.True(strings.Contains(err.Error(), "no plugin named goo in namespace app.servers (did you mean good?)"))
	is.True(strings.Contains(err.Error(), "no plugin named jsn in namespace app.codecs (did you mean json?)"))
	var e *registry.Error
	is.True(errors.As(err, &e))
	is.Equal(e.Phase, registry.PhaseConfigure)
	is.Equal(w.read(), []string{"make good", "load good", "load plain"})

	_, err = m.Load(context.Background(), "listed")
	is.Equal(places(err), []string{"6:11 servers.listed"}) // Load has only its own
	_, err = m.Load(context.Background(), "plain2")
	is.Equal(places(err), []string{"10:12 servers.plain2.x"})
	_, err = m.LoadNamed(context.Background(), "good", "two")
	is.Equal(places(err), []string{"12:1 servers.two"})

	// With LoadWhere other plugins' tables have to be tables.
	_, err = m.LoadWhere(context.Background(), func(s *registry.Spec) bool { return s.Name == "good" })
	is.Equal(places(err), []string{"5:1 servers.goo", "6:11 servers.listed", "8:9 servers.off2", "12:1 servers.two"})
	var fromAll []error
	for _, err := range m.All(context.Background()) {
		fromAll = append(fromAll, err)
	}
	is.True(strings.Contains(errors.Join(fromAll...).Error(), "servers.goo"))
}

// places returns line, column and path of all errors of a configuration, but for some.
func places(err error, but ...string) (all []string) {
	errs, _ := config.Join(err).(config.Errors)
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		if _, is := err.(config.Errors); !is {
			errs, _ = config.Join(joined.Unwrap()...).(config.Errors)
		}
	}
	for _, e := range errs {
		if e.Path != "" && !slices.ContainsFunc(but, func(s string) bool { return strings.HasSuffix(e.Path, s) }) {
			all = append(all, fmt.Sprintf("%d:%d %s", e.Position.Line, e.Position.Column, e.Path))
		}
	}
	return all
}

func TestSectionThatIsNoTable(t *testing.T) {
	is := is.New(t)
	w := new(world)
	w.server("objects")
	m := w.manager(t, `{"servers": [{"dir": "d"}]}`)
	is.Equal(places(m.Validate()), []string{"1:13 servers"})
	_, err := m.LoadAll(context.Background())
	is.Equal(places(err), []string{"1:13 servers"})
	is.True(strings.Contains(err.Error(), "expected a table of plugins, got a list"))
	_, err = m.Load(context.Background(), "objects")
	is.Equal(places(err), []string{"1:13 servers"})
}

// An instance that was made before its options were found wrong is closed.
func TestFailureOfOptionsClosesThePlugin(t *testing.T) {
	is := is.New(t)
	w := new(world)
	w.codec("json")
	v, _ := config.Load(config.JSON("app.json", []byte(`{"json": {"level": 10}}`)))
	m := registry.NewManager[coder]("app.codecs", registry.WithSpecs(w.specs...), registry.WithConfig(v))
	_, err := m.Load(context.Background(), "json")
	is.Equal(places(err), []string{"1:20 json.level"})
	is.Equal(w.read(), []string{"make json", "close json"})
}

// If the plugin fails, the plugins that are its options are closed; and if one of these fails,
// those before it are.
func TestFailuresOfChildren(t *testing.T) {
	boom := errors.New("boom")
	w := new(world)
	w.server("objects", func(s *server) { s.load = func(context.Context) error { return boom } })
	w.server("fine")
	w.codec("json")
	w.codec("slow", func(c *codec) { c.closes = boom })
	w.codec("broken", func(c *codec) { c.load = func(context.Context) error { return boom } })
	w.codec("panics", func(c *codec) { c.load = func(context.Context) error { panic("no") } })
	w.codec("off").ShouldLoad = func(*registry.Spec) bool { return false }
	w.add(&registry.Spec{Namespace: "app.codecs", Name: "other", New: func(*registry.Spec) (any, error) { return 5, nil }})
	w.add(&registry.Spec{Namespace: "app.codecs", Name: "argument", New: func(*registry.Spec) (any, error) {
		return new(takesArgument), nil
	}})
	for _, test := range []struct {
		name, codecs string
		want         []string
		text         string
	}{
		{"objects", `"json"`, []string{"make json", "load json", "make objects", "load objects", "close objects", "close json"}, "boom"},
		{"fine", `"broken"`, []string{"make broken", "load broken", "close broken"}, "plugin app.codecs:fine.codecs[0]: load: boom"},
		{"fine", `"json", "broken", "json"`, []string{
			"make json", "load json", "make broken", "load broken", "close broken", "close json",
		}, "plugin app.codecs:fine.codecs[1]: load: boom"},
		{"fine", `"panics"`, []string{"make panics", "load panics", "close panics"}, "plugin app.codecs:fine.codecs[0]: load: panic: no"},
		{"fine", `"off"`, nil, "plugin app.codecs:fine.codecs[0] is disabled"},
		{"fine", `"other"`, nil, "plugin app.codecs:fine.codecs[0]: init: the plugin is a int, the option is a registry_test.coder"},
		{"fine", `"argument"`, nil, "plugin app.codecs:fine.codecs[0]: init: "},
	} {
		t.Run(test.name+test.codecs, func(t *testing.T) {
			is := is.New(t)
			types := strings.ReplaceAll(test.codecs, `"`, "")
			var list []string
			for name := range strings.SplitSeq(types, ", ") {
				list = append(list, `{"type": "`+name+`"}`)
			}
			m := w.manager(t, `{"servers": {"`+test.name+`": {"dir": "d", "codecs": [`+strings.Join(list, ", ")+`]}}}`)
			_, err := m.Load(context.Background(), test.name)
			is.True(err != nil)
			for _, want := range []string{test.text, "plugin app.servers:" + test.name + ": "} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %v", err, want)
				}
			}
			is.Equal(w.read(), test.want)
			is.True(!errors.Is(err, registry.ErrDisabled) || test.codecs == `"off"`)
			is.NoErr(m.Close(context.Background()))
			is.Equal(registry.Waiting(), 0)
		})
	}
	is := is.New(t)
	m := w.manager(t, `{"servers": {"fine": {"dir": "d", "codecs": [{"type": "jsn"}, {"type": "json", "level": 10}]}}}`)
	_, err := m.Load(context.Background(), "fine")
	is.Equal(places(err), []string{"1:55 servers.fine.codecs[0].type", "1:89 servers.fine.codecs[1].level"})
	is.Equal(w.read(), nil)

	m = w.manager(t, `{"servers": {"fine": {"dir": "d", "codec": {"type": "slow"}}}}`)
	_, err = m.Load(context.Background(), "fine")
	is.NoErr(err)
	is.True(errors.Is(m.Close(context.Background()), boom)) // the error of closing an option is the plugin's
}

type takesArgument struct{}

func (*takesArgument) Load(context.Context, int) error { return nil }
func (*takesArgument) Code() string                    { return "" }

// A plugin that is an option and loads, or requires, the plugin that has it waits for ever.
func TestCyclesOfChildren(t *testing.T) {
	is := is.New(t)
	w := new(world)
	var m *registry.Manager[serving]
	w.server("objects")
	w.codec("json", func(c *codec) {
		c.load = func(ctx context.Context) error {
			_, err := m.Load(ctx, "objects")
			return err
		}
	})
	w.codec("requiring").Requires = []string{"app.servers:objects"}
	w.codec("needy").Requires = []string{"json"}
	for _, name := range []string{"json", "requiring"} {
		m = w.manager(t, `{"servers": {"objects": {"dir": "d", "codec": {"type": "`+name+`"}}}}`)
		_, err := m.Load(context.Background(), "objects")
		is.True(errors.Is(err, registry.ErrCycle))
		is.True(strings.Contains(err.Error(), "app.servers:objects"))
		is.True(strings.Contains(err.Error(), "app.codecs:objects.codec"))
		is.Equal(registry.Waiting(), 0)
	}
	m = w.manager(t, `{"servers": {"objects": {"dir": "d", "codec": {"type": "needy"}}}}`)
	_, err := m.Load(context.Background(), "objects")
	is.True(strings.Contains(err.Error(), "registry.WithManagers"))
}

// What an option requires is the plugin of the manager of that namespace.
func TestRequirementsOfChildren(t *testing.T) {
	is := is.New(t)
	w := new(world)
	w.server("objects")
	w.codec("base")
	w.codec("needy").Requires = []string{"base"}
	codecs := registry.NewManager[coder]("app.codecs", registry.WithSpecs(w.specs...))
	m := w.manager(t, `{"servers": {"objects": {"dir": "d", "codec": {"type": "needy"}}}}`, registry.WithManagers(codecs))
	_, err := m.Load(context.Background(), "objects")
	is.NoErr(err)
	is.True(codecs.IsLoaded("base"))
	is.True(!codecs.IsLoaded("needy"))
	w.read()
	is.NoErr(codecs.Close(context.Background())) // closes what requires them first
	is.Equal(w.read(), []string{"close needy", "close base"})
	is.NoErr(m.Close(context.Background()))
}

// Listeners hear of the options, and of the plugins that are options.
func TestEventsOfOptions(t *testing.T) {
	is := is.New(t)
	w := new(world)
	w.server("objects")
	w.codec("json")
	var events []string
	var warning error
	listen := func(_ context.Context, e registry.Event) error {
		events = append(events, fmt.Sprint(e.Spec.Name, " ", e.Phase, " ", e.Moment))
		if e.Warning != nil {
			warning = e.Warning
		}
		return nil
	}
	m := w.manager(t, `{"servers": {"objects": {"dir": "d", "token": "t", "codec": {"type": "json"}}}}`,
		registry.WithListener(listen))
	_, err := m.Load(context.Background(), "objects")
	is.NoErr(err)
	is.Equal(events, []string{
		"objects resolve before", "objects resolve after", "objects configure before",
		"json resolve before", "json resolve after", "json init before", "json init after",
		"json configure before", "json configure after", "json load before", "json load after",
		"objects configure after", "objects init before", "objects init after", "objects load before", "objects load after",
	})
	v, err := config.Load(config.FromMap("set", map[string]any{}), config.Set("objects.dir=d", "objects.codec=json"))
	is.NoErr(err)
	m = registry.NewManager[serving]("app.servers", registry.WithSpecs(w.specs...), registry.WithConfig(v))
	s, err := m.Load(context.Background(), "objects")
	is.NoErr(err)
	is.Equal(s.Serve(), "d json1") // text is the name of a plugin
	v, err = config.Load(config.Set("objects.dir=d", "objects.codec=jsn"))
	is.NoErr(err)
	m = registry.NewManager[serving]("app.servers", registry.WithSpecs(w.specs...), registry.WithConfig(v))
	is.True(strings.Contains(m.Validate().Error(), "-set: objects.codec: no plugin named jsn"))
	is.True(strings.Contains(warning.Error(), "servers.objects.token: the option is deprecated: use dir"))
}

// A secret is in no error, event, log or listing.
func TestSecretsStayWithThePlugin(t *testing.T) {
	is := is.New(t)
	for _, options := range []string{
		`{"dir": "d", "token": "s3cr3t-s3cr3t"}`,
		`{"dir": 5, "token": "s3cr3t-s3cr3t"}`,
		`{"dir": "d", "token": ["s3cr3t-s3cr3t"]}`,
		`{"dir": "d", "token": "s3cr3t-s3cr3t s3cr3t-s3cr3t s3cr3t-s3cr3t s3cr3t-s3cr3t"}`,
		`{"dir": "d", "tokem": "s3cr3t-s3cr3t"}`,
		`{"dir": "d", "token": "s3cr3t-s3cr3t", "codec": {"type": "s3cr3t-s3cr3t"}}`,
		`{"dir": "d", "token": "s3cr3t-s3cr3t", "codec": {"type": "json", "level": "s3cr3t-s3cr3t"}}`,
	} {
		w := new(world)
		w.server("objects")
		var shown strings.Builder
		log := slog.New(slog.NewTextHandler(&shown, &slog.HandlerOptions{Level: slog.LevelDebug}))
		m := w.manager(t, `{"servers": {"objects": `+options+`}}`, registry.WithLogger(log),
			registry.WithListener(func(_ context.Context, e registry.Event) error {
				show(&shown, e, e.Err, e.Spec, *e.Spec)
				return nil
			}))
		_, err := m.LoadAll(context.Background())
		info, _ := m.Info("objects")
		show(&shown, err, m.Validate(), info, m, m.Specs())
		if strings.Contains(shown.String(), "s3cr3t") {
			t.Errorf("the secret is shown with %s", options)
		}
		is.True(strings.Contains(shown.String(), "objects"))
	}
}

func show(w io.Writer, values ...any) {
	for _, v := range values {
		fmt.Fprintf(w, "%v %+v %#v %s\n", v, v, v, v)
	}
}

func TestValidateConfig(t *testing.T) {
	is := is.New(t)
	w := new(world)
	w.server("objects")
	w.codec("json")
	r := new(registry.Registry)
	is.NoErr(r.Add(w.specs...))
	agent := codecOptions
	agent.Section = "agent"
	sections := []generated.Section{
		{Path: "agent", Options: &agent},
		{Path: "agent.servers", Namespace: "app.servers"},
		{Path: "codecs", Namespace: "app.codecs"},
	}
	r.Link(&generated.Links[registry.Spec]{Sections: sections})
	r.Link(&generated.Links[registry.Spec]{Sections: sections})
	load := func(json string) error {
		v, err := config.Load(config.JSON("app.json", []byte(json)))
		is.NoErr(err)
		return r.ValidateConfig(v)
	}
	is.NoErr(load(`{"$schema": "x.json", "agent": {"level": 3, "servers": {"objects": {"dir": "d"}}}, "codecs": {"json": null}}`))
	is.Equal(places(load(`{
"agent": {"level": 30, "lvl": 1, "servers": {"object": {}}},
"codec": {},
"codecs": {"json": {"level": "x"}, "yaml": {}}
}`)), []string{
		"2:20 agent.level", "2:24 agent.lvl", "2:46 agent.servers.object",
		"3:1 codec", "4:30 codecs.json.level", "4:36 codecs.yaml",
	})
	// Instances of a Set have names of their own. What is not named need not be complete.
	is.NoErr(load(`{"agent": {"servers": {"objects/two": {"dir": "d"}}}}`))
	is.Equal(places(load(`{"agent": {"servers": {
"objects/two": {"dri": "d"},
"objects": [{"id": "x", "dir": 1}, {"id": "x", "dir": "d"}]
}}}`)), []string{
		"2:16 agent.servers.\"objects/two\".dir", "2:17 agent.servers.\"objects/two\".dri",
		"3:32 agent.servers.objects[0].dir", "3:36 agent.servers.objects[1]",
	})
	is.Equal(w.read(), nil)

	v, err := config.Load(config.JSON("app.json", []byte(`{"agent": {"level": 3, "servers": {}}}`)))
	is.NoErr(err)
	registry.Default.Link(&generated.Links[registry.Spec]{Sections: sections})
	c, err := registry.Decode[codec](v)
	is.NoErr(err)
	is.Equal(c.Level, 3)
	c, err = registry.Decode[codec](v.At("agent"))
	is.NoErr(err)
	is.Equal(c.Level, 3)
	_, err = registry.Decode[server](v)
	is.True(strings.Contains(err.Error(), "run plugingen"))
}

// Many goroutines load plugins with options.
func TestOptionsConcurrently(t *testing.T) {
	is := is.New(t)
	w := new(world)
	var tables []string
	for i := range 20 {
		w.server(fmt.Sprint("s", i))
		tables = append(tables, fmt.Sprintf(`"s%d": {"dir": "d%d", "codecs": [{"type": "json", "level": %d}]}`, i, i, i%9+1))
	}
	w.codec("json")
	m := w.manager(t, `{"servers": {`+strings.Join(tables, ", ")+`}}`, registry.WithConcurrency(4))
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			s, err := m.Load(context.Background(), fmt.Sprint("s", i%20))
			if err != nil || s.Serve() != fmt.Sprintf("d%d json%d", i%20, i%20%9+1) {
				t.Error(s, err)
			}
			if i%7 == 0 {
				m.Unload(context.Background(), fmt.Sprint("s", i%20))
			}
			m.Plugins()(func(registry.Info) bool { return true })
		})
	}
	all, err := m.LoadAll(context.Background())
	is.NoErr(err)
	_ = all
	group.Wait()
	is.NoErr(m.Close(context.Background()))
	made, closed := 0, 0
	for _, line := range w.read() {
		switch {
		case strings.HasPrefix(line, "make"):
			made++
		case strings.HasPrefix(line, "close"):
			closed++
		}
	}
	is.Equal(made, closed)
}

// Whatever fails, whenever: each instance that is made is closed once, the options of a plugin
// after the plugin, and no goroutine waits for another in the end.
func TestRandomFailuresOfChildren(t *testing.T) {
	is := is.New(t)
	w := new(world)
	var closed sync.Map
	failing := func(r uint32) error {
		switch r % 5 {
		case 0:
			return errors.New("failed")
		case 1:
			if r%2 == 0 {
				panic("panicked")
			}
			runtime.Goexit()
		}
		return nil
	}
	w.codec("json", func(c *codec) {
		c.load = func(context.Context) error { return failing(rand.Uint32()) }
	})
	var tables []string
	for i := range 5 {
		w.server(fmt.Sprint("s", i), func(s *server) {
			s.load = func(context.Context) error { return failing(rand.Uint32()) }
			for _, c := range s.Codecs {
				if _, again := closed.LoadOrStore(c, true); again {
					t.Error("a plugin is the option of two")
				}
			}
		})
		tables = append(tables, fmt.Sprintf(`"s%d": {"dir": "d", "codecs": [{"type": "json", "inner": {"type": "json"}}]}`, i))
	}
	m := w.manager(t, `{"servers": {`+strings.Join(tables, ", ")+`}}`, registry.WithConcurrency(3),
		registry.WithLoadTimeout(time.Minute))
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for range 30 {
				ctx, cancel := context.WithCancel(context.Background())
				switch rand.IntN(4) {
				case 0:
					m.LoadAll(ctx)
				case 1:
					m.Unload(ctx, fmt.Sprint("s", i%5))
				case 2:
					time.AfterFunc(time.Duration(rand.IntN(200))*time.Microsecond, cancel)
					m.Load(ctx, fmt.Sprint("s", i%5))
				default:
					m.Load(ctx, fmt.Sprint("s", i%5))
				}
				cancel()
			}
		})
	}
	group.Wait()
	is.NoErr(m.Close(context.Background()))
	var made, gone int
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) { // for abandoned loads
		w.mu.Lock()
		made, gone = 0, 0
		for _, line := range w.lines {
			switch {
			case strings.HasPrefix(line, "make"):
				made++
			case strings.HasPrefix(line, "close"):
				gone++
			}
		}
		w.mu.Unlock()
		if made == gone && registry.Waiting() == 0 || time.Now().After(deadline) {
			break
		}
	}
	is.True(made > 20)
	is.Equal(made, gone)
	is.Equal(registry.Waiting(), 0)
}

// A plugin that is loaded after its load was abandoned is closed, and so are its options.
func TestChildrenOfAnAbandonedLoad(t *testing.T) {
	is := is.New(t)
	w := new(world)
	begun, goOn := make(chan bool), make(chan bool)
	w.server("objects", func(s *server) {
		s.load = func(context.Context) error {
			close(begun)
			<-goOn
			return nil
		}
	})
	w.codec("json")
	m := w.manager(t, `{"servers": {"objects": {"dir": "d", "codec": {"type": "json"}}}}`)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-begun
		cancel()
	}()
	_, err := m.Load(ctx, "objects")
	is.True(errors.Is(err, context.Canceled))
	is.Equal(w.read(), []string{"make json", "load json", "make objects", "load objects"})
	close(goOn)
	var lines []string
	for len(lines) < 2 {
		lines = append(lines, w.read()...)
		runtime.Gosched()
	}
	is.Equal(lines, []string{"close objects", "close json"})
}

// A self is a plugin whose fields are its options, and whose factory sets what has no option.
type self struct {
	Level int
	made  bool
}

func (s *self) Validate() error {
	if !s.made {
		return errors.New("the factory has not made it")
	}
	return nil
}

// A checked struct is what a factory takes.
type checked struct{ Level int }

var errLevel = errors.New("the level must be even")

func (c *checked) Validate() error {
	if c.Level%2 != 0 {
		return errLevel
	}
	return nil
}

// levelled describes a struct with a level and a Validate method.
func levelled[T any](level func(*T) *int, validate func(*T) error) *generated.Options {
	return &generated.Options{
		New: func() any { return new(T) },
		Fill: func(d *generated.Decoder, target any) {
			d.Begin()
			if d.Option(0) {
				generated.Int(d, level(target.(*T)))
			}
			d.End()
			generated.Validate(d, validating(func() error { return validate(target.(*T)) }))
		},
		Options: []generated.Option{{Name: "level", Type: "int"}},
	}
}

type validating func() error

func (v validating) Validate() error { return v() }

// Manager.Validate calls Validate of the options of factories, and not that of plugins, which
// are not made.
func TestValidateOfOptions(t *testing.T) {
	is := is.New(t)
	specs := []*registry.Spec{
		{
			Namespace: "app.any", Name: "self", Options: levelled(func(s *self) *int { return &s.Level }, (*self).Validate),
			New: func(*registry.Spec) (any, error) { return &self{made: true}, nil },
		},
		{
			Namespace: "app.any", Name: "with", Options: levelled(func(c *checked) *int { return &c.Level }, (*checked).Validate),
			NewWith: func(_ *registry.Spec, options any) (any, error) { return options, nil },
		},
	}
	manager := func(level int) *registry.Manager[any] {
		v, err := config.Load(config.FromMap("test", map[string]any{
			"self": map[string]any{"level": level}, "with": map[string]any{"level": level},
		}))
		is.NoErr(err)
		return registry.NewManager[any]("app.any", registry.WithSpecs(specs...), registry.WithConfig(v))
	}
	m := manager(2)
	is.NoErr(m.Validate())
	all, err := m.LoadAll(context.Background())
	is.NoErr(err)
	is.Equal(all, []any{&self{2, true}, &checked{2}})
	m = manager(3)
	is.True(errors.Is(m.Validate(), errLevel))
	_, err = m.Load(context.Background(), "with")
	is.True(errors.Is(err, errLevel))
}
