// Package registry loads plugins: it finds them by namespace and name, makes them,
// checks that they satisfy the contract of their namespace, loads them once, and closes
// them in reverse order.
//
//	manager := registry.NewManager[greetings.Greeter]("hello.greetings")
//	defer manager.Close(ctx)
//	greeters, err := manager.LoadAll(ctx) // what loaded, and the joined errors of what did not
//
// By task:
//
//   - declare plugins: //plugin: comments, which plugingen makes a [Spec] of; [Plugin] is part of
//     the contract of those that have a load argument
//   - link them into a program: //plugin:link; by hand [Registry.Add]; into an older registry of the
//     program [Forward], [ForwardSpecs]
//   - make a manager: [NewManager], [For], [NewManagerFunc], with each [Option]
//   - load: [Manager.Load], [Manager.LoadAll], [Manager.LoadNamed], [Manager.LoadWhere],
//     [Manager.All]; and call a function with each: [Map], [MapNamed], [MapWhere]
//   - close: [Manager.Close], [Manager.Unload]
//   - look, and load nothing: [Manager.Names], [Manager.Specs], [Manager.Plugins], [Manager.Info]
//   - leave plugins out: [WithFilter], [Registry.Filter], [Exclude], [Only], [Disabled]
//   - observe: [WithListener], [WithLogger], [Event]
//   - bound: [WithLoadTimeout], [WithCloseTimeout], [WithConcurrency], [WithFailFast]
//   - configure: [WithConfig], [Decode], [Registry.ValidateConfig], [Registry.PrintConfig], and
//     package [github.com/plugingen/plugingen/registry/config]
//   - have several instances of a plugin, and follow a configuration: [NewSet], [Set.Apply]
//   - tell errors apart: [Error], [ErrNotFound] and its like
//   - test: [WithSpecs], [WithFinder]
//
// # Declaring plugins
//
// A [Spec] describes a plugin: its namespace, its name, and the factory that makes it.
// plugingen writes specs for the declarations that have //plugin: comments. Specs can
// be written by hand, too.
//
// Anything can be a plugin. What all plugins of a namespace have to be is their
// contract: an interface, a func type when the plugins are functions, or the type that
// all of them have.
//
//	// Greeter is the contract.
//	//
//	//plugin:namespace=hello.greetings
//	type Greeter func(name string) string
//
//	// English is the plugin "english".
//	//
//	//plugin:namespace=hello.greetings
//	func English(name string) string { return "Hello, " + name }
//
// A function has its name from its identifier; a type or a variable needs the key name,
// as in //plugin:namespace=app.services name=s3. A struct without a name is no plugin,
// but a base for structs that embed it. "go tool plugingen help keys" describes all
// keys.
//
// These methods of a plugin are called if it has them:
//
//	Load(context.Context) error           // loads the plugin, after it is made
//	Load(context.Context, A) error        // the same, with the manager's load argument; see For
//	ShouldLoad() bool                     // is called before Load; false disables the plugin
//	Close(context.Context) error          // closes the plugin; io.Closer's Close does too
//	Reload(context.Context, O) error      // gives the plugin other options, in a Set
//
// A method Load, ShouldLoad or Close with any other signature is an error, since it
// would never be called; so is a Reload of a plugin that has options.
//
// Close is called on every instance that a factory has made, loaded or not, when it is
// no longer needed: when the manager is closed, when the plugin is unloaded, and at
// once when Load, ShouldLoad or a listener fails or disables it. So Close must work
// even if Load was never called.
//
// # Linking them
//
// One comment in package main links plugins into the program's [Default] registry, from
// which managers get them:
//
//	//go:generate go tool plugingen ./...
//
//	//plugin:link
//
// plugingen writes the code for that, into files called plugins_gen.go: run it after
// each change of a declaration, and commit what it writes. "go run
// github.com/plugingen/plugingen/cmd/plugingen@latest init" sets up a module, and "go
// tool pluginvet ./..." checks the plugins of a program with their types.
//
// They are linked by an init function of package main, so do not use managers before
// func main. Specs that are written by hand are added by [Registry.Add], so that a
// program can move to generated ones plugin by plugin.
//
// # Loading them
//
// A [Manager] loads the plugins of one namespace. There are three ways to make one:
//
//	registry.NewManager[Configurator]("my.configurators") // functions, or plugins that load themselves
//	registry.For[CLIPlugin]("my.plugins.cli").With(cli)   // plugins whose Load takes an argument
//	registry.NewManagerFunc("my.services", start)         // plugins that something else loads
//
// [Manager.Load] loads one plugin, as a driver; [Manager.LoadAll] all of them, as
// extensions; [Manager.LoadNamed] some in a given order; [Manager.LoadWhere] those that
// a predicate enables.
//
// To load a plugin is to resolve it, to fill its options, to make it, and to load it;
// see [State] and [Phase]. What a plugin requires is loaded first, and closed after it.
// Plugins may load others too, with the context that their Load was given: if plugins
// wait for each other, one of them gets [ErrCycle]. A factory has no context to pass
// on, so a factory should not load plugins that may wait for it: let Load do that, or
// say so in Requires.
//
// A plugin is disabled, which is no failure, by a [Filter], by its ShouldLoad, or by an
// error made by [Disabled], with a reason that is kept.
//
// # Closing them
//
// [Manager.Close] closes what is loaded, the latest first, and a manager stays closed;
// [Manager.Unload] closes one plugin, which can be loaded again. Either closes a plugin
// before the plugins that it requires.
//
// # Observing them
//
// Each phase of a plugin's life is announced to [Listener] functions before and after,
// and each of them can still disable the plugin. [Manager.Plugins] and [Manager.Info]
// return what is known of plugins, with state, reason and origin. [SpecFrom] tells code
// which plugin a context is of.
//
// # Configuring them
//
// A plugin may have options, which plugingen finds in its source: fields of its type,
// or of a struct that its factory takes, with a tag that says so. The name of an option
// is that of the field in snake case:
//
//	//plugin:namespace=app.services name=objects
//	type Objects struct {
//		Dir   string        `plugin:"option required"`
//		Quota int           `plugin:"option default=100 min=1"`
//		Wait  time.Duration `plugin:"option default=30s"`
//	}
//
// [WithConfig] gives a manager the part of the program's configuration that has them:
//
//	cfg, err := config.Load(config.JSONFile("app.json"), config.Environment("APP_"))
//	services := registry.NewManager[Service]("app.services", registry.WithConfig(cfg.At("services")))
//
// Here the table services.objects has the options of the plugin objects, as in the file
// {"services": {"objects": {"dir": "/data", "wait": "1m"}}}. They are filled before
// the factory is called that takes them, or else after the plugin is made, and before it is
// loaded. A plugin whose options have errors fails, with all of them at once.
// [Manager.Validate] and [Registry.ValidateConfig] find the errors without making plugins.
// [Decode] fills a struct of options that is the program's own.
//
// An option may be a plugin itself, of another namespace. Such a plugin belongs to the
// one that has the option: it is an instance of its own, made and loaded before that
// one, closed after it, and found in the Children of its [Info]. What it requires are
// plugins of the managers, as ever.
//
// # Many instances
//
// A [Set] has as many instances of each plugin as a configuration says, each with
// options of its own, and follows the configuration while the program runs:
//
//	inputs := registry.NewSet[Input]("agent.inputs")
//	defer inputs.Close(ctx)
//	result, err := inputs.Apply(ctx, cfg.At("inputs")) // the first time: makes and loads all
//	result, err = inputs.Apply(ctx, newer.At("inputs")) // later: only what has changed
//	cpu, ok := inputs.Get("cpu/totals")
//
// A configuration with an error changes nothing. A plugin can take other options while
// it runs if it has a method Reload, whose argument is what its factory takes, or the
// plugin's own type. The code of an instance finds out what it is called by [SpecFrom],
// and a factory by [Spec.InstanceID] of the spec that it takes. Package
// [github.com/plugingen/plugingen/registry/config/watch] calls Apply when files change,
// and shows a whole program.
//
// # Errors
//
// Errors are made for [errors.Is], with [ErrNotFound] and its like, and for
// [errors.As]: an [*Error] says which plugin failed, in which phase, and where it is
// declared; a [*PanicError] has the stack of a panic; [config.Errors] are all errors of
// options. What LoadAll and its like return joins one error for each plugin that
// failed, beside the plugins that did not.
//
// Whatever goes wrong is the error of one plugin: a factory that returns nil, a panic,
// a deadline that code does not heed. A load that fails closes what it has made. No
// failure is final: the next Load makes and loads the plugin anew. Code that goes on
// after its context has ended is abandoned: its callers return, no further step of the
// load runs, and what it has made is closed. An abandoned Close keeps its plugin from
// being made anew until its code has returned.
//
// # Testing
//
// [WithSpecs] gives a manager plugins of its own, and a new [Registry] is independent
// of all others. Neither uses the plugins and filters of [Default].
//
//	fake := &registry.Spec{Namespace: "hello.greetings", Name: "fake", New: func(*registry.Spec) (any, error) {
//		return func(name string) string { return "fake " + name }, nil
//	}}
//	manager := registry.NewManager[Greeter]("hello.greetings", registry.WithSpecs(fake))
//
// A test of the program itself is in package main, or imports a package that has
// //plugin:link. [Manager.Validate] finds what is wrong with all plugins of a namespace
// without making them.
//
// # Compatibility
//
// The module has major version 0: until version 1.0 a minor version may change what is
// exported, and its entry in CHANGELOG.md says what to write instead; a patch version
// never does. Packages registry, registry/config with its formats, and
// registry/config/watch are kept stable beyond that: what replaces something is there
// for one minor version before that is removed. Packages annotate, gen and analyzer are
// for tools, and change when the tools do. What generated files refer to is package
// [github.com/plugingen/plugingen/registry/generated], which says for how long they
// work.
package registry
