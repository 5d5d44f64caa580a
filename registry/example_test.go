package registry_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plugingen/plugingen/registry"
)

// CLI is what plugins add their commands to.
type CLI struct{ Commands []string }

// CLIPlugin is the contract of the namespace my.plugins.cli.
type CLIPlugin interface {
	registry.Plugin[*CLI]
	Attach(*CLI)
}

type greet struct{}

func (greet) Attach(cli *CLI) { cli.Commands = append(cli.Commands, "greet") }

func (p greet) Load(_ context.Context, cli *CLI) error {
	p.Attach(cli)
	return nil
}

// Generated code has specs like this one, and links them into registry.Default.
var greetSpec = registry.Spec{
	Namespace: "my.plugins.cli",
	Name:      "greet",
	New:       func(*registry.Spec) (any, error) { return greet{}, nil },
}

// One type per plugin, and an argument that each is loaded with.
func ExampleFor() {
	cli := &CLI{}
	manager := registry.For[CLIPlugin]("my.plugins.cli", registry.WithSpecs(&greetSpec)).With(cli)

	plugins, err := manager.LoadAll(context.Background())
	fmt.Println(len(plugins), err, cli.Commands)
	// Output: 1 <nil> [greet]
}

// Configurator is the contract of a namespace whose plugins are functions.
type Configurator func(settings map[string]string) error

func configureLogging(settings map[string]string) error {
	settings["log"] = "debug"
	return nil
}

// Functions as plugins: what comes back is callable.
func ExampleNewManager() {
	spec := &registry.Spec{
		Namespace: "my.configurators",
		Name:      "configure_logging",
		New:       func(s *registry.Spec) (any, error) { return registry.NewFunctionPlugin(s, configureLogging), nil },
	}
	manager := registry.NewManager[Configurator]("my.configurators", registry.WithSpecs(spec))

	configurators, err := manager.LoadAll(context.Background())
	if err != nil {
		fmt.Println(err)
	}
	settings := map[string]string{}
	for _, configure := range configurators {
		if err := configure(settings); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(settings)
	// Output: map[log:debug]
}

// Service is a re-usable plugin: one type, many instances.
type Service struct{ name string }

// ShouldLoad lets the configuration decide.
func (s *Service) ShouldLoad() bool { return strings.Contains("s3,sqs", s.name) }

func newService(s *registry.Spec) (any, error) { return &Service{s.Name}, nil }

var services = []*registry.Spec{
	{Namespace: "my.services", Name: "s3", New: newService},
	{Namespace: "my.services", Name: "sqs", New: newService},
	{Namespace: "my.services", Name: "dynamodb", New: newService},
}

// Something else starts the plugins, when they are asked for by name.
func ExampleNewManagerFunc() {
	start := func(_ context.Context, s *Service) error {
		fmt.Println("starting", s.name)
		return nil
	}
	manager := registry.NewManagerFunc("my.services", start, registry.WithSpecs(services...))

	_, err := manager.Load(context.Background(), "s3")
	fmt.Println(err)
	_, err = manager.Load(context.Background(), "dynamodb")
	fmt.Println(err)
	_, err = manager.Load(context.Background(), "s4")
	fmt.Println(err)
	// Output:
	// starting s3
	// <nil>
	// plugin my.services:dynamodb is disabled, reason: its ShouldLoad returned false
	// no plugin named s4 in namespace my.services (did you mean s3?); there are: dynamodb, s3, sqs
}

// The hand-written way, beside the generated one.
func ExampleRegistry_Add() {
	r := new(registry.Registry) // a program uses registry.Default
	fmt.Println(r.Add(services...))
	fmt.Println(registry.NewManager[*Service]("my.services", registry.WithFinder(r)).Names())
	// Output:
	// <nil>
	// [dynamodb s3 sqs]
}

// A listener is called at each step, and can disable a plugin.
func ExampleWithListener() {
	listen := func(_ context.Context, e registry.Event) error {
		if e.Phase == registry.PhaseInit && e.Moment == registry.Before && e.Spec.Name == "sqs" {
			return registry.Disabled("there is no licence")
		}
		if e.Moment == registry.Skipped {
			fmt.Println(e.Err)
		}
		return nil
	}
	manager := registry.NewManager[*Service]("my.services", registry.WithSpecs(services...),
		registry.WithListener(listen))
	_, err := manager.LoadAll(context.Background())
	fmt.Println(err)
	// Output:
	// plugin my.services:dynamodb is disabled, reason: its ShouldLoad returned false
	// plugin my.services:sqs is disabled, reason: there is no licence
	// <nil>
}

// Filters disable plugins by globs.
func ExampleExclude() {
	manager := registry.NewManager[*Service]("my.services", registry.WithSpecs(services...),
		registry.WithFilter(registry.Exclude(registry.Pattern{Name: "s3*"})))
	plugins, err := manager.LoadAll(context.Background())
	fmt.Println(len(plugins), plugins[0].name, err)
	// Output: 1 sqs <nil>
}

// LoadAll returns what loaded, and why the rest did not.
func ExampleError() {
	broken := &registry.Spec{
		Namespace: "my.services", Name: "broken", Package: "example.com/app", Symbol: "NewBroken",
		New: func(*registry.Spec) (any, error) { return nil, errors.New("no such device") },
	}
	manager := registry.NewManager[*Service]("my.services", registry.WithSpecs(append(services, broken)...))

	plugins, err := manager.LoadAll(context.Background())
	fmt.Println(len(plugins))
	if e, ok := errors.AsType[*registry.Error](err); ok {
		fmt.Println(e.Namespace, e.Name, e.Phase, e.Err)
	}
	// Output:
	// 2
	// my.services broken init no such device
}

// Load one after the other, and stop where you like.
func ExampleManager_All() {
	manager := registry.NewManager[*Service]("my.services", registry.WithSpecs(services...))
	for s, err := range manager.All(context.Background()) {
		fmt.Println(s.name, err)
	}
	// Output:
	// s3 <nil>
	// sqs <nil>
}

// What is there, and in which state.
func ExampleManager_Plugins() {
	manager := registry.NewManager[*Service]("my.services", registry.WithSpecs(services...))
	manager.Load(context.Background(), "sqs")
	manager.Load(context.Background(), "dynamodb")
	for p := range manager.Plugins() {
		fmt.Println(p.Spec.Name, p.State, cmp.Or(p.Reason, "-"))
	}
	// Output:
	// dynamodb disabled its ShouldLoad returned false
	// s3 resolved -
	// sqs loaded -
}

// Call a function with each plugin, and collect what it returns.
func ExampleMap() {
	manager := registry.NewManager[*Service]("my.services", registry.WithSpecs(services...))
	lengths, err := registry.Map(context.Background(), manager,
		func(_ context.Context, _ *registry.Spec, s *Service) (int, error) {
			return len(s.name), nil
		})
	fmt.Println(lengths, err)
	// Output: [2 3] <nil>
}

// Load is for the one plugin that a program wants, its driver.
func ExampleManager_Load() {
	manager := registry.NewManager[*Service]("my.services", registry.WithSpecs(services...))
	driver, err := manager.Load(context.Background(), "sqs")
	fmt.Println(driver.name, err)

	_, err = manager.Load(context.Background(), "dynamodb")
	fmt.Println(errors.Is(err, registry.ErrDisabled))
	fmt.Println(manager.Close(context.Background()))
	// Output:
	// sqs <nil>
	// true
	// <nil>
}

// Some plugins, in the order in which the user names them. Without WithMissing, that one is missing is an error.
func ExampleManager_LoadNamed() {
	warn := func(_ string, err error) error {
		fmt.Println("warning:", err)
		return nil
	}
	manager := registry.NewManager[*Service]("my.services", registry.WithSpecs(services...), registry.WithMissing(warn))
	chosen, err := manager.LoadNamed(context.Background(), "sqs", "kinesis", "s3")
	for _, s := range chosen {
		fmt.Println(s.name)
	}
	fmt.Println(err)
	// Output:
	// warning: no plugin named kinesis in namespace my.services; there are: dynamodb, s3, sqs
	// sqs
	// s3
	// <nil>
}

// The plugins that the program's configuration enables: here by an attribute of theirs.
func ExampleManager_LoadWhere() {
	queue := []registry.Attr{{Key: "x_kind", Value: "queue"}}
	manager := registry.NewManager[*Service]("my.services", registry.WithSpecs(
		&registry.Spec{Namespace: "my.services", Name: "s3", New: newService},
		&registry.Spec{Namespace: "my.services", Name: "sqs", New: newService, Attrs: queue},
	))
	queues, err := manager.LoadWhere(context.Background(), func(s *registry.Spec) bool {
		kind, _ := s.Attr("x_kind")
		return kind == "queue"
	})
	fmt.Println(len(queues), queues[0].name, err)
	// Output: 1 sqs <nil>
}

// A database says what happens to it.
type database struct{ name string }

func (d *database) Load(context.Context) error  { fmt.Println("load", d.name); return nil }
func (d *database) Close(context.Context) error { fmt.Println("close", d.name); return nil }

// What a plugin requires is loaded before it, and closed after it.
func ExampleManager_Close() {
	open := func(s *registry.Spec) (any, error) { return &database{s.Name}, nil }
	manager := registry.NewManager[*database]("my.stores", registry.WithConcurrency(4), registry.WithSpecs(
		&registry.Spec{Namespace: "my.stores", Name: "cache", New: open, Requires: []string{"disk"}},
		&registry.Spec{Namespace: "my.stores", Name: "disk", New: open},
	))
	if _, err := manager.LoadAll(context.Background()); err != nil {
		fmt.Println(err)
	}
	if err := manager.Close(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// load disk
	// load cache
	// close cache
	// close disk
}

// A factory, a Load, a filter or a listener disables a plugin for a reason, which is kept.
func ExampleDisabled() {
	licensed := &registry.Spec{Namespace: "my.services", Name: "licensed", New: func(*registry.Spec) (any, error) {
		return nil, registry.Disabled("there is no licence key")
	}}
	manager := registry.NewManager[*Service]("my.services", registry.WithSpecs(licensed))
	_, err := manager.Load(context.Background(), "licensed")
	fmt.Println(err)
	all, err := manager.LoadAll(context.Background())
	fmt.Println(len(all), err)
	// Output:
	// plugin my.services:licensed is disabled, reason: there is no licence key
	// 0 <nil>
}

// A filter of the registry holds for all managers of a program that use it.
func ExampleRegistry_Filter() {
	r := new(registry.Registry) // a program uses registry.Default
	if err := r.Add(services...); err != nil {
		fmt.Println(err)
	}
	remove := r.Filter(registry.Only(registry.Pattern{Namespace: "my.*", Name: "s3"}))
	defer remove()

	manager := registry.NewManager[*Service]("my.services", registry.WithFinder(r))
	_, err := manager.Load(context.Background(), "sqs")
	fmt.Println(err)
	// Output: plugin my.services:sqs is disabled, reason: not among those that the filter lets pass: namespace=my.* name=s3
}

// A plugin that does not come to an end is given up, though it does not heed its context.
func ExampleWithLoadTimeout() {
	hangs := make(chan struct{})
	defer close(hangs)
	start := func(context.Context, *Service) error {
		<-hangs
		return nil
	}
	sqs := services[1]
	manager := registry.NewManagerFunc("my.services", start, registry.WithSpecs(sqs),
		registry.WithLoadTimeout(10*time.Millisecond))
	_, err := manager.LoadAll(context.Background())
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output: true
}

// Of plugins of one name, one can be chosen.
func ExampleWithConflict() {
	older := &registry.Spec{Namespace: "my.services", Name: "s3", New: newService, Priority: 1}
	newer := &registry.Spec{Namespace: "my.services", Name: "s3", New: newService, Priority: 2}
	highest := func(_ string, specs []*registry.Spec) (*registry.Spec, error) {
		return slices.MaxFunc(specs, func(a, b *registry.Spec) int { return cmp.Compare(a.Priority, b.Priority) }), nil
	}
	manager := registry.NewManager[*Service]("my.services", registry.WithSpecs(older, newer),
		registry.WithConflict(highest))
	info, err := manager.Info("s3")
	fmt.Println(info.Spec.Priority, err)
	// Output: 2 <nil>
}
