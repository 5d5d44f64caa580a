package registry_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// A store is a plugin in the examples of options.
type store struct{ name string }

func newStore(s *registry.Spec) (any, error) { return &store{s.Name}, nil }

// storeSpecs returns specs with a name, a stability and what to use instead each.
func storeSpecs() []*registry.Spec {
	return []*registry.Spec{
		{Namespace: "my.stores", Name: "disk", New: newStore, Stability: registry.StabilityStable},
		{Namespace: "my.stores", Name: "floppy", New: newStore, Deprecated: "use disk"},
		{Namespace: "my.stores", Name: "tape", New: newStore, Stability: registry.StabilityAlpha},
	}
}

// printStores prints the names of the plugins that are loaded.
func printStores(all []*store, err error) {
	for _, s := range all {
		fmt.Print(s.name, " ")
	}
	fmt.Println(err)
}

// A test has plugins of its own.
func ExampleWithSpecs() {
	fake := &registry.Spec{Namespace: "my.stores", Name: "fake", New: newStore}
	manager := registry.NewManager[*store]("my.stores", registry.WithSpecs(fake))
	printStores(manager.LoadAll(context.Background()))
	// Output: fake <nil>
}

// Specs can come from anywhere.
func ExampleWithFinder() {
	find := func(namespace string) ([]*registry.Spec, error) {
		return []*registry.Spec{{Namespace: namespace, Name: "found", New: newStore}}, nil
	}
	manager := registry.NewManager[*store]("my.stores", registry.WithFinder(registry.FinderFunc(find)))
	printStores(manager.LoadAll(context.Background()))
	// Output: found <nil>
}

func ExampleWithFilter() {
	manager := registry.NewManager[*store]("my.stores", registry.WithSpecs(storeSpecs()...),
		registry.WithFilter(registry.ExcludeDeprecated()),
		registry.WithFilter(registry.MinStability(registry.StabilityBeta)))
	printStores(manager.LoadAll(context.Background()))
	// Output: disk <nil>
}

func ExampleEnabled() {
	short := registry.Enabled(func(s *registry.Spec) bool { return len(s.Name) == len("disk") })
	manager := registry.NewManager[*store]("my.stores", registry.WithSpecs(storeSpecs()...), registry.WithFilter(short))
	printStores(manager.LoadAll(context.Background()))
	// Output: disk tape <nil>
}

func ExampleExcludeDeprecated() {
	manager := registry.NewManager[*store]("my.stores", registry.WithSpecs(storeSpecs()...),
		registry.WithFilter(registry.ExcludeDeprecated()))
	_, err := manager.Load(context.Background(), "floppy")
	fmt.Println(err)
	// Output: plugin my.stores:floppy is disabled, reason: deprecated: use disk
}

// A plugin that does not say how mature it is passes.
func ExampleMinStability() {
	manager := registry.NewManager[*store]("my.stores", registry.WithSpecs(storeSpecs()...),
		registry.WithFilter(registry.MinStability(registry.StabilityBeta)))
	_, err := manager.Load(context.Background(), "tape")
	fmt.Println(err)
	// Output: plugin my.stores:tape is disabled, reason: its stability is alpha, less than beta
}

func ExampleOnly() {
	manager := registry.NewManager[*store]("my.stores", registry.WithSpecs(storeSpecs()...),
		registry.WithFilter(registry.Only(registry.Pattern{Name: "t*"})))
	printStores(manager.LoadAll(context.Background()))
	// Output: tape <nil>
}

// Plugins that wait for something else can be loaded at the same time. What LoadAll returns is in
// the same order.
func ExampleWithConcurrency() {
	begun := make(chan string, 3)
	dial := func(_ context.Context, s *store) error {
		begun <- s.name
		for len(begun) < cap(begun) { // all three have begun
			time.Sleep(time.Millisecond)
		}
		return nil
	}
	manager := registry.NewManagerFunc("my.stores", dial, registry.WithSpecs(storeSpecs()...),
		registry.WithConcurrency(3))
	printStores(manager.LoadAll(context.Background()))
	// Output: disk floppy tape <nil>
}

// Without WithFailFast the others would be loaded all the same.
func ExampleWithFailFast() {
	mount := func(_ context.Context, s *store) error {
		if s.name == "floppy" {
			return errors.New("no such device")
		}
		return nil
	}
	manager := registry.NewManagerFunc("my.stores", mount, registry.WithSpecs(storeSpecs()...),
		registry.WithFailFast())
	_, err := manager.LoadAll(context.Background())
	if e, ok := errors.AsType[*registry.Error](err); ok {
		fmt.Println(e.Name, e.Phase, e.Err)
	}
	fmt.Println(manager.IsLoaded("disk"), manager.IsLoaded("tape"))
	// Output:
	// floppy load no such device
	// true false
}

// A hanging is a plugin that can't be closed.
type hanging struct{ released chan struct{} }

func (s *hanging) Close() error {
	<-s.released
	return nil
}

func ExampleWithCloseTimeout() {
	released := make(chan struct{})
	defer close(released)
	spec := &registry.Spec{Namespace: "my.stores", Name: "nfs", New: func(*registry.Spec) (any, error) {
		return &hanging{released}, nil
	}}
	manager := registry.NewManager[*hanging]("my.stores", registry.WithSpecs(spec),
		registry.WithCloseTimeout(10*time.Millisecond))
	if _, err := manager.LoadAll(context.Background()); err != nil {
		fmt.Println(err)
	}
	fmt.Println(errors.Is(manager.Close(context.Background()), context.DeadlineExceeded))
	// Output: true
}

func ExampleWithLogger() {
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.MessageKey || a.Key == slog.LevelKey || a.Key == "plugin" {
				return a
			}
			return slog.Attr{}
		},
	}))
	manager := registry.NewManager[*store]("my.stores", registry.WithSpecs(storeSpecs()...), registry.WithLogger(log))
	_, err := manager.Load(context.Background(), "floppy")
	fmt.Println(err)
	// Output:
	// level=WARN msg="plugin is deprecated" plugin=floppy
	// <nil>
}

// A plugin requires one of another namespace, which another manager loads.
func ExampleWithManagers() {
	ctx := context.Background()
	stores := registry.NewManager[*store]("my.stores", registry.WithSpecs(storeSpecs()...))
	queue := &registry.Spec{
		Namespace: "my.services", Name: "sqs", New: newService, Requires: []string{"my.stores:disk"},
	}
	services := registry.NewManager[*Service]("my.services", registry.WithSpecs(queue), registry.WithManagers(stores))
	_, err := services.LoadAll(ctx)
	fmt.Println(err, stores.IsLoaded("disk"))
	// Output: <nil> true
}

// Names that a user has written need not all be there.
func ExampleWithMissing() {
	ignore := func(string, error) error { return nil }
	manager := registry.NewManager[*store]("my.stores", registry.WithSpecs(storeSpecs()...),
		registry.WithMissing(ignore))
	printStores(manager.LoadNamed(context.Background(), "tape", "drum", "disk"))
	// Output: tape disk <nil>
}

// configuration returns a configuration of the text.
func configuration(text string) config.Value {
	cfg, err := config.Load(config.JSON("app.json", []byte(text)))
	if err != nil {
		fmt.Println(err)
	}
	return cfg
}

// Each plugin has a table of options, all errors of which are reported together.
func ExampleWithConfig() {
	ctx := context.Background()
	cfg := configuration(`{"listeners": {"http": {"port": 8080}}}`)
	manager := registry.NewManager[*Listener]("app.listeners", registry.WithSpecs(&listenerSpec),
		registry.WithConfig(cfg.At("listeners")))
	one, err := manager.Load(ctx, "http")
	fmt.Println(one.Port, err)

	wrong := configuration(`{"listeners": {"http": {"port": "eighty", "prot": 80}}}`)
	manager = registry.NewManager[*Listener]("app.listeners", registry.WithSpecs(&listenerSpec),
		registry.WithConfig(wrong.At("listeners")))
	_, err = manager.LoadAll(ctx)
	all, _ := errors.AsType[config.Errors](err)
	for _, e := range all {
		fmt.Println(e.Position, e.Path, e.Message)
	}
	// Output:
	// listen: http 8080
	// 8080 <nil>
	// app.json:1:33 listeners.http.port expected an integer, got a string
	// app.json:1:43 listeners.http.prot unknown option (did you mean port?)
}

// A replacement is started before what it replaces is closed.
func ExampleWithOverlap() {
	ctx := context.Background()
	listeners := registry.NewSet[*Listener]("app.listeners", registry.WithSpecs(&listenerSpec), registry.WithOverlap())
	for _, text := range []string{`{"http": {"port": 80}}`, `{"http": {"port": 8080}}`} {
		if _, err := listeners.Apply(ctx, configuration(text)); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// listen: http 80
	// listen: http 8080
	// close: http 80
}

// The sections and their descriptions are what plugingen links into a program.
var program = generated.Links[registry.Spec]{
	Host:   "example.com/app",
	Tables: []generated.Table[registry.Spec]{{Namespace: "app.listeners", Specs: []*registry.Spec{&listenerSpec}}},
	Sections: []generated.Section{
		{Path: "agent", Options: &agentOptions},
		{Path: "listeners", Namespace: "app.listeners"},
	},
}

// Agent has the options of the program itself. In a program, a directive with the key section stands above
// it, and its field has a tag with the key option.
type Agent struct{ Name string }

var agentOptions = generated.Options{
	Type: "example.com/app.Agent", Section: "agent", Zero: (*Agent)(nil),
	New:     func() any { return new(Agent) },
	Options: []generated.Option{{Name: "name", Type: "string", Required: true}},
	Fill: func(d *generated.Decoder, target any) {
		d.Begin()
		if d.Option(0) {
			generated.String(d, &target.(*Agent).Name)
		}
		d.End()
	},
}

// The options of the program itself.
func ExampleDecode() {
	registry.Default.Link(&program) // which generated code does
	agent, err := registry.Decode[Agent](configuration(`{"agent": {"name": "one"}}`))
	fmt.Println(agent.Name, err)
	_, err = registry.Decode[Agent](configuration(`{"agent": {}}`))
	fmt.Println(err)
	// Output:
	// one <nil>
	// app.json:1:11: agent.name: a required option is missing: set it
}

// All errors of the configuration, for a command that checks it.
func ExampleRegistry_ValidateConfig() {
	r := new(registry.Registry) // a program uses registry.Default
	r.Link(&program)
	err := r.ValidateConfig(configuration(`{
		"agent": {"name": 1},
		"listener": {}
	}`))
	all, _ := errors.AsType[config.Errors](err)
	for _, e := range all {
		fmt.Println(e.Position, e.Path, e.Message)
	}
	// Output:
	// app.json:2:21 agent.name expected a string, got an integer: write "1"
	// app.json:3:3 listener unknown section (did you mean listeners?)
}

// Where each value is from, for a command that shows the configuration.
func ExampleRegistry_PrintConfig() {
	r := new(registry.Registry) // a program uses registry.Default
	r.Link(&program)
	if err := r.PrintConfig(os.Stdout, configuration(`{"agent": {"name": "one"}, "listeners": {"http": {}}}`)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// [agent] # app.json:1:11
	// name = "one" # app.json:1:20
	//
	// [listeners] # app.json:1:41
	//
	// [listeners.http] # app.json:1:50
	// port = "80" # default
}
