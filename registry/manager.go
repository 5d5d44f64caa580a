package registry

import (
	"context"
	"errors"
	"iter"
)

// A Manager loads the plugins of one namespace, keeps them, and closes them. P is their
// contract: an interface, a func type, or any other type that the plugins have.
//
// All methods are safe for concurrent use, also by the code of plugins. A plugin is
// loaded once, however many goroutines call Load: one load runs, and the others wait
// for it as long as their own contexts last. If the context of the running load ends,
// another takes over.
//
// No lock is held while code of plugins and listeners runs. Plugins that wait for each
// other get [ErrCycle], provided that they pass on the context that they were given. If
// they do not, or wait in a factory, they wait until [WithLoadTimeout] or the end of a
// context ends that.
//
// A load that failed, or whose plugin was disabled, is tried again by the next Load or
// LoadAll: from the beginning, with its conditions. What the factory had made is closed
// before, by its Close method if it has one. An error of that Close is joined to the
// plugin's error.
//
// Load and All call the code of plugins on the goroutine of their caller, unless a
// context that can be cancelled or a timeout may end the load before the code has
// returned. LoadAll, LoadNamed, LoadWhere and the like load on goroutines of their own;
// when they return, only those of abandoned code are left.
type Manager[P any] struct {
	core core
}

// NewManager returns a manager of the plugins of a namespace. P is an interface, a
// func type, or the type that the plugins have. A plugin that has a method
// Load(context.Context) error is loaded by it; one that has none is loaded once it is made.
//
// When P is a func type, plugins are functions of a type that converts to P, or
// [FunctionPlugin] wrappers of such functions.
//
// A manager looks up nothing before its first use, so managers can be package-level
// variables. Do not use them before func main: see [Manager.Names]. If the arguments
// are invalid, every method of the manager that returns an error, but for Close,
// returns one that is [ErrInvalid].
//
// For plugins whose Load takes an argument use [For], and [NewManagerFunc] for those that
// are loaded in some other way.
func NewManager[P any](namespace string, opts ...Option) *Manager[P] {
	return newManager[P](namespace, contractOf[P](), opts)
}

// For makes a manager of plugins whose Load takes an argument, in two steps:
//
//	manager := registry.For[CLIPlugin]("my.plugins.cli").With(cli)
//
// P is the contract, which embeds [Plugin]; A is inferred from its Load method. So a
// program with an argument of another type, or without one, does not compile. Otherwise
// it is like [NewManager].
func For[P Plugin[A], A any](namespace string, opts ...Option) ManagerFor[P, A] {
	return ManagerFor[P, A]{namespace, opts}
}

// A ManagerFor makes a [Manager] or a [Set] whose plugins are loaded with an argument.
// [For] returns one.
type ManagerFor[P Plugin[A], A any] struct {
	namespace string
	opts      []Option
}

// With returns a manager that loads each plugin with arg. Each call returns another
// manager, which loads plugins of its own. It is safe for concurrent use.
func (u ManagerFor[P, A]) With(arg A) *Manager[P] {
	return newManager[P](u.namespace, u.contract(arg), u.opts)
}

func (ManagerFor[P, A]) contract(arg A) contract {
	c := contractOf[P]()
	c.load = func(ctx context.Context, i *instance) error { return valueOf[P](i).Load(ctx, arg) }
	return c
}

// NewManagerFunc returns a manager that loads each plugin by calling load, whose error
// is that of the plugin. Load methods of the plugins are not called. P is inferred from
// load. If load is nil, the arguments are invalid, as for NewManager.
func NewManagerFunc[P any](namespace string, load func(context.Context, P) error, opts ...Option) *Manager[P] {
	m := newManager[P](namespace, loadedBy(load), opts)
	if load == nil {
		m.core.invalid("NewManagerFunc was given no function to load plugins with")
	}
	return m
}

func loadedBy[P any](load func(context.Context, P) error) contract {
	c := contractOf[P]()
	c.load = func(ctx context.Context, i *instance) error { return load(ctx, valueOf[P](i)) }
	return c
}

// Namespace returns the namespace of the manager's plugins.
func (m *Manager[P]) Namespace() string { return m.core.namespace }

func (m *Manager[P]) manager() *core { return &m.core }

// Load returns the plugin of a name or alias, after loading it if it is not loaded. A
// loaded plugin is returned even if ctx has ended. That takes no lock, allocates
// nothing, and writes no memory that other goroutines read, so it scales with the
// processors.
//
// The error is an [*Error]. It is [ErrNotFound], [ErrDisabled], [ErrDuplicate],
// [ErrContract], [ErrCycle], [ErrClosed], [ErrPanic], [ErrNotLinked], [ErrInvalid], the
// error of ctx, [config.Errors] about the plugin's options, or what the plugin's
// factory or its Load returned. The next Load tries again. When ctx ends, Load returns;
// code of the plugin that goes on is abandoned, and if its load succeeds, the plugin is
// closed.
func (m *Manager[P]) Load(ctx context.Context, name string) (P, error) {
	p := m.core.index.get(name) // as core.cached, without a call
	if p == nil {
		p = m.core.aliased(name)
	}
	if p != nil {
		if i := p.loaded.Load(); i != nil {
			return valueOf[P](i), nil
		}
	}
	i, err := m.core.load(ctx, name)
	if err != nil {
		var none P
		return none, err
	}
	return valueOf[P](i), nil
}

// LoadAll loads every plugin, one after the other unless [WithConcurrency] says
// otherwise, and returns those that are loaded, in this order: each after those that it
// requires, and otherwise by priority, the highest first, and then by name.
//
// The error joins an [*Error] for each plugin that failed, and one for all that were
// not tried since ctx ended or the manager was closed. Disabled plugins are no
// failures, unless closing what was made of them failed. The error is [ErrNotLinked] if
// no plugin of the namespace is linked. With a configuration, it has everything that is
// wrong with that; see [WithConfig]. Another LoadAll tries again what is not loaded.
//
// When ctx ends, LoadAll returns what is loaded by then, and the error of ctx.
func (m *Manager[P]) LoadAll(ctx context.Context) ([]P, error) {
	return values[P](m.core.loadAll(ctx))
}

// LoadNamed loads the plugins of the given names or aliases, and what they require. It
// returns them in the order of the names, each once, without those that failed or are
// disabled. The error joins those of the plugins that failed, and an [ErrNotFound] for
// each name that no plugin has, unless [WithMissing] decides otherwise.
func (m *Manager[P]) LoadNamed(ctx context.Context, names ...string) ([]P, error) {
	return values[P](m.core.loadNamed(ctx, names))
}

// LoadWhere is LoadAll for the plugins for which enabled returns true, and what they
// require, which it does not return. It calls enabled for all plugins, one after the
// other, before it loads any. If enabled panics or is nil, nothing is loaded, and the
// error is [ErrPanic] or [ErrInvalid].
func (m *Manager[P]) LoadWhere(ctx context.Context, enabled func(*Spec) bool) ([]P, error) {
	return values[P](m.core.loadWhere(ctx, enabled))
}

// values returns the values of instances, and err.
func values[P any](instances []*instance, err error) ([]P, error) {
	list := make([]P, len(instances))
	for at, i := range instances {
		list[at] = valueOf[P](i)
	}
	return list, err
}

// Unload closes a loaded plugin, after the plugins that require it, those of other
// managers included. It waits for loads of such plugins that are in progress. It
// returns the joined errors of closing them, each an [*Error], or [ErrNotFound]. To
// unload a plugin that is not loaded has no effect.
//
// If ctx ends while a plugin that requires this one is not closed, this one stays
// loaded. If ctx has ended before the call, the plugins are closed nevertheless, with
// the ended context, and Unload waits for them for at most a second in total.
//
// The plugin can be loaded again. If its Close goes on after ctx has ended, the next
// load waits for that, so that there are never two instances; see [StateClosing].
func (m *Manager[P]) Unload(ctx context.Context, name string) error {
	return m.core.unload(ctx, name)
}

// Close closes the loaded plugins by their Close methods, the latest loaded first. It
// goes on after errors, and returns them joined, each an [*Error]. From its beginning
// on nothing can be loaded: Load returns [ErrClosed]. It waits for loads that are in
// progress.
//
// When ctx ends, calls in progress are abandoned. The plugins that are not closed yet
// are closed nevertheless, with the ended context, and Close waits for them for at most
// a second in total.
//
// Each plugin is closed once, and after the plugins of other managers that require it,
// which are closed as well. A load that is abandoned because of Close fails with
// [ErrClosed].
//
// A second Close waits for the first and returns nil. If the first waits for the plugin
// whose code calls the second, that returns [ErrCycle], or nil if the plugin is being
// closed by the manager.
func (m *Manager[P]) Close(ctx context.Context) error { return m.core.close(ctx) }

// Names returns the names of all plugins, disabled and failing ones included, sorted.
// It returns none if they cannot be found; Validate returns the error. That is so while
// package-level variables are initialized and init functions run: nothing is linked
// yet. If a manager is used that early, Validate and errors that are [ErrNotFound] name
// the place.
func (m *Manager[P]) Names() []string {
	c, err := m.core.current()
	if err != nil {
		return nil
	}
	names := make([]string, len(c.list))
	for i, p := range c.list {
		names[i] = p.name()
	}
	return names
}

// Specs returns the specs of all plugins, sorted by name.
// It returns none if they cannot be found, as Names does.
func (m *Manager[P]) Specs() []*Spec {
	c, err := m.core.current()
	if err != nil {
		return nil
	}
	specs := make([]*Spec, len(c.list))
	for i, p := range c.list {
		specs[i] = p.spec
	}
	return specs
}

// Exists reports whether there is a plugin of that name or alias, disabled and failing ones
// included.
func (m *Manager[P]) Exists(name string) bool {
	return m.core.exists(name)
}

// IsLoaded reports whether the plugin of that name or alias is loaded. It loads nothing.
func (m *Manager[P]) IsLoaded(name string) bool {
	p := m.core.existing(name)
	return p != nil && p.loaded.Load() != nil
}

// Info returns what is known of a plugin, or an error that is [ErrNotFound].
func (m *Manager[P]) Info(name string) (Info, error) {
	p, err := m.core.plugin(name)
	if err != nil {
		return Info{}, err
	}
	return p.info(), nil
}

// Plugins iterates over what is known of all plugins, sorted by name.
func (m *Manager[P]) Plugins() iter.Seq[Info] {
	return func(yield func(Info) bool) {
		c, err := m.core.current()
		if err != nil {
			return
		}
		for _, p := range c.list {
			if !yield(p.info()) {
				return
			}
		}
	}
}

// Loaded iterates over the specs and values of the loaded plugins, in the order in
// which they were loaded.
func (m *Manager[P]) Loaded() iter.Seq2[*Spec, P] {
	return func(yield func(*Spec, P) bool) {
		for _, i := range m.core.loaded() {
			if !yield(i.plugin.spec, valueOf[P](i)) {
				return
			}
		}
	}
}

// All iterates over all plugins, in the order of LoadAll, and loads each when it comes
// to it. It yields each plugin that is loaded, and the error of each that failed;
// disabled plugins are left out. When ctx ends, it yields the error of the next plugin
// that is not loaded, and stops.
func (m *Manager[P]) All(ctx context.Context) iter.Seq2[P, error] {
	return func(yield func(P, error) bool) {
		for i, err := range m.core.each(ctx) {
			var p P
			if err == nil {
				p = valueOf[P](i)
			}
			if !yield(p, err) {
				return
			}
		}
	}
}

// Validate checks everything that can be checked without making plugins: that the
// manager is usable, that there are plugins, that their specs can be used, that no name
// is taken twice, that what they require is there, without cycles, and that the
// configuration is right: that its tables are those of plugins, and the options in
// them. It does not check contracts, and does not call the Validate methods of plugins
// that have their options in their own fields. It returns the joined errors, each an
// [*Error].
func (m *Manager[P]) Validate() error {
	return m.core.validate()
}

// Listen adds a listener to those of the options, until remove is called. If l is nil,
// nothing is added. Loads that are in progress when it is added may not call it, and
// those in progress when it is removed may still call it.
func (m *Manager[P]) Listen(l Listener) (remove func()) {
	if l == nil {
		return func() {}
	}
	return m.core.listeners.add(l)
}

// Info is what a manager knows of a plugin.
type Info struct {
	Spec  *Spec
	State State

	// Plugin is what the factory made, while the plugin is loaded.
	Plugin any

	// Reason is why the plugin is disabled.
	Reason string

	// Err is why the plugin failed, the [*Error] by which it is disabled, or what
	// closing it returned.
	Err error

	// Children are the plugins that are options of the plugin, while it is loaded.
	// Option is the path of such an option, "services.objects.codec"; it is empty for
	// other plugins.
	Children []Info
	Option   string
}

// String returns the plugin and its state: nothing of what the plugin has in its fields,
// which may be secrets.
func (i Info) String() string {
	text := "plugin " + i.Spec.idOrNone() + ": " + i.State.String()
	if i.Err != nil {
		text += ": " + i.Err.Error()
	}
	return text
}

// Origin returns where the plugin comes from.
func (i Info) Origin() Origin { return i.Spec.Origin() }

// AnyManager is a [*Manager] or a [*Set] with plugins of any type. [WithManagers] takes
// such ones, and a program can list or close several by it.
type AnyManager interface {
	Namespace() string
	Names() []string
	Plugins() iter.Seq[Info]
	Validate() error
	Close(context.Context) error

	manager() *core
}

// Map loads all plugins and calls do with each, one after the other, in the order of
// [Manager.LoadAll] and on the caller's goroutine. It returns the results of the calls
// that succeeded, and the joined errors of loads and calls. Those of calls have
// [PhaseUse]; a panic in do is one of them. do is called for loaded plugins even after
// ctx has ended. If do is nil, nothing is loaded, and the error is [ErrInvalid]. Map is
// safe for concurrent use.
func Map[P, R any](ctx context.Context, m *Manager[P], do func(context.Context, *Spec, P) (R, error)) ([]R, error) {
	return mapped(ctx, m, do, m.core.loadAll)
}

// MapNamed is [Map] for the plugins of some names, in that order, as
// [Manager.LoadNamed] loads them.
func MapNamed[P, R any](ctx context.Context, m *Manager[P], names []string,
	do func(context.Context, *Spec, P) (R, error),
) ([]R, error) {
	return mapped(ctx, m, do, func(ctx context.Context) ([]*instance, error) { return m.core.loadNamed(ctx, names) })
}

// MapWhere is [Map] for the plugins that enabled is true of, as
// [Manager.LoadWhere] loads them.
func MapWhere[P, R any](ctx context.Context, m *Manager[P], enabled func(*Spec) bool,
	do func(context.Context, *Spec, P) (R, error),
) ([]R, error) {
	return mapped(ctx, m, do, func(ctx context.Context) ([]*instance, error) { return m.core.loadWhere(ctx, enabled) })
}

func mapped[P, R any](ctx context.Context, m *Manager[P], do func(context.Context, *Spec, P) (R, error),
	load func(context.Context) ([]*instance, error),
) ([]R, error) {
	if do == nil {
		return nil, m.core.wrap("", faultf(ErrInvalid, "the function to call with each plugin is nil"))
	}
	instances, err := load(ctx)
	errs := []error{err}
	results := make([]R, 0, len(instances))
	for _, i := range instances {
		var r R
		err := guard(func() (err error) {
			r, err = do(ctx, i.plugin.spec, valueOf[P](i))
			return err
		})
		if err != nil {
			errs = append(errs, i.plugin.wrap(PhaseUse, err))
			continue
		}
		results = append(results, r)
	}
	return results, errors.Join(errs...)
}
