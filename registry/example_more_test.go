package registry_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/plugingen/plugingen/registry"
)

// MapNamed calls a function with some plugins, in the order of their names.
func ExampleMapNamed() {
	manager := registry.NewManager[*store]("my.stores", registry.WithSpecs(storeSpecs()...))
	sizes, err := registry.MapNamed(context.Background(), manager, []string{"tape", "disk"},
		func(_ context.Context, s *registry.Spec, _ *store) (string, error) { return s.Name + "!", nil })
	fmt.Println(sizes, err)
	// Output: [tape! disk!] <nil>
}

// MapWhere calls a function with the plugins that a predicate enables.
func ExampleMapWhere() {
	manager := registry.NewManager[*store]("my.stores", registry.WithSpecs(storeSpecs()...))
	names, err := registry.MapWhere(context.Background(), manager,
		func(s *registry.Spec) bool { return s.Deprecated != "" },
		func(_ context.Context, s *registry.Spec, _ *store) (string, error) { return s.Name, nil })
	fmt.Println(names, err)
	// Output: [floppy] <nil>
}

// A program goes on reading its own map while its plugins move to directives.
func ExampleForward() {
	drivers := map[string]*store{} // what the program has always had
	registry.Forward("my.drivers", func(name string, s *store) { drivers[name] = s })

	err := registry.Default.Add(&registry.Spec{Namespace: "my.drivers", Name: "usb", New: newStore})
	fmt.Println(drivers["usb"].name, err)
	// Output: usb <nil>
}

// A registering function that needs an attribute of the plugin, too.
func ExampleForwardSpecs() {
	ports := map[string]string{} // what the program has always had
	registry.ForwardSpecs("my.ports", func(spec *registry.Spec, s *store) {
		port, _ := spec.Attr("x_port")
		ports[s.name] = port
	})

	err := registry.Default.Add(&registry.Spec{
		Namespace: "my.ports", Name: "usb", New: newStore, Attrs: []registry.Attr{{Key: "x_port", Value: "4566"}},
	})
	fmt.Println(ports, err)
	// Output: map[usb:4566] <nil>
}

// What a test added to the program's registry is taken out again.
func ExampleRegistry_Remove() {
	fake := &registry.Spec{Namespace: "my.fakes", Name: "fake", New: newStore}
	fmt.Println(registry.Default.Add(fake))
	fmt.Println(registry.NewManager[*store]("my.fakes").Names())
	registry.Default.Remove(fake)
	fmt.Println(registry.NewManager[*store]("my.fakes").Names())
	// Output:
	// <nil>
	// [fake]
	// []
}

// What a program has, by namespace.
func ExampleRegistry_Namespaces() {
	r := new(registry.Registry) // a program uses registry.Default
	if err := r.Add(append(storeSpecs(), &greetSpec)...); err != nil {
		fmt.Println(err)
	}
	for _, namespace := range r.Namespaces() {
		specs, err := r.Find(namespace)
		fmt.Println(namespace, len(specs), err)
	}
	// Output:
	// my.plugins.cli 1 <nil>
	// my.stores 3 <nil>
}

// The specs can be checked without making or loading a plugin, for example in a test.
func ExampleManager_Validate() {
	specs := append(storeSpecs(),
		&registry.Spec{Namespace: "my.stores", Name: "raid", New: newStore, Requires: []string{"disc"}})
	manager := registry.NewManager[*store]("my.stores", registry.WithSpecs(specs...))
	if e, ok := errors.AsType[*registry.Error](manager.Validate()); ok {
		fmt.Println(e.Name, e.Err)
	}
	// Output: raid requires "disc": no plugin named disc in namespace my.stores (did you mean disk?); there are: disk, floppy, raid, tape
}

// A plugin that is unloaded can be loaded again: another instance.
func ExampleManager_Unload() {
	ctx := context.Background()
	manager := registry.NewManager[*store]("my.stores", registry.WithSpecs(storeSpecs()...))
	first, err := manager.Load(ctx, "disk")
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(manager.Unload(ctx, "disk"), manager.IsLoaded("disk"))
	second, err := manager.Load(ctx, "disk")
	fmt.Println(first == second, err)
	// Output:
	// <nil> false
	// false <nil>
}

func ExampleManager_Info() {
	manager := registry.NewManager[*store]("my.stores", registry.WithSpecs(storeSpecs()...))
	info, err := manager.Info("floppy")
	fmt.Println(info.State, info.Spec.Deprecated, err)
	_, err = manager.Info("flopy")
	fmt.Println(errors.Is(err, registry.ErrNotFound))
	// Output:
	// resolved use disk <nil>
	// true
}

// NewSet is for as many instances of each plugin as a configuration has.
func ExampleNewSet() {
	listeners := registry.NewSet[*Listener]("app.listeners", registry.WithSpecs(&listenerSpec))
	result, err := listeners.Apply(context.Background(), configuration(`{"http": {}, "http/admin": {"port": 8080}}`))
	fmt.Println(result.IDs(registry.Added), err)
	// Output:
	// listen: http 80
	// listen: http/admin 8080
	// [http http/admin] <nil>
}

// Something else starts the instances.
func ExampleNewSetFunc() {
	start := func(_ context.Context, l *Listener) error {
		fmt.Println("start", l.Port)
		return nil
	}
	listeners := registry.NewSetFunc("app.listeners", start, registry.WithSpecs(&listenerSpec))
	_, err := listeners.Apply(context.Background(), configuration(`{"http": {"port": 8080}}`))
	fmt.Println(err)
	// Output:
	// start 8080
	// <nil>
}

// Check is for a command that checks a configuration before it is used.
func ExampleSet_Check() {
	listeners := registry.NewSet[*Listener]("app.listeners", registry.WithSpecs(&listenerSpec))
	fmt.Println(listeners.Check(context.Background(), configuration(`{"http": {"port": 8080}}`)))
	err := listeners.Check(context.Background(), configuration(`{"htp": {"port": 8080}}`))
	fmt.Println(errors.Is(err, registry.ErrNotFound))
	// Output:
	// <nil>
	// true
}

// named is a plugin that finds out what it is called.
type named struct{}

func (*named) Load(ctx context.Context) error {
	fmt.Println("loading", registry.SpecFrom(ctx).InstanceID())
	return nil
}

func ExampleSpecFrom() {
	spec := &registry.Spec{Namespace: "my.stores", Name: "disk", New: func(*registry.Spec) (any, error) {
		return new(named), nil
	}}
	manager := registry.NewManager[*named]("my.stores", registry.WithSpecs(spec))
	_, err := manager.LoadAll(context.Background())
	fmt.Println(err)
	// Output:
	// loading disk
	// <nil>
}

// Functions as plugins, with how they were made: generated code has such factories.
func ExampleNewFunctionPlugin() {
	spec := &registry.Spec{Namespace: "my.greetings", Name: "english", New: func(s *registry.Spec) (any, error) {
		return registry.NewFunctionPlugin(s, func(name string) string { return "Hello, " + name }), nil
	}}
	manager := registry.NewManager[*registry.FunctionPlugin[func(string) string]]("my.greetings",
		registry.WithSpecs(spec))
	plugin, err := manager.Load(context.Background(), "english")
	fmt.Println(plugin.Spec.Name, plugin.Func("Gopher"), err)
	// Output: english Hello, Gopher <nil>
}
