package registry

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
)

// core is a manager without its type parameter. It finds the specs and has a plugin
// for each; what happens to one plugin is in the files lifecycle, load and close.
type core struct {
	namespace string
	settings
	contract
	listeners cow[Listener]

	closed       atomic.Bool // no more loads; set with mu held
	firstMethods atomic.Pointer[methods]
	source       atomic.Pointer[Registry] // where the specs are, after the first use of the manager
	earlyUse     atomic.Pointer[string]   // where the manager was used before plugins were linked

	index   index                   // of plugins, by the names they were looked up by; changed with lookup held
	catalog atomic.Pointer[catalog] // changed with lookup held

	// A Load of a loaded plugin reads what is above. Loads write what is below: the
	// padding puts it into another cache line, so that they do not slow down those
	// reads on other processors.
	_ [64]byte

	lookup  sync.Mutex
	finding chan struct{} // closed when the specs have been found; guarded by lookup

	set *set // the set that this is the core of, or nil

	// Plugins that are options of plugins have cores of their own.
	owner  *core            // the core whose plugins have those of this one as options, or nil
	nested map[string]*core // the cores that this one owns, by namespace; guarded by lookup

	// mu guards what happens to the plugins. It is held for a few instructions at a
	// time, and never while code of a plugin runs.
	mu      sync.Mutex
	active  activeList
	closing *call // the first Close, while it runs
}

// An activeList has the plugins with a call in progress or an instance, in the order in
// which they were loaded. To close a manager is to close these.
type activeList struct {
	plugins []*plugin // nil where one has been removed
	removed int       // how many of them are nil
}

func (l *activeList) append(p *plugin) {
	p.place = int32(len(l.plugins)) // a registry has fewer than two billion plugins
	l.plugins = append(l.plugins, p)
}

// remove removes a plugin that is in the list, in amortized constant time.
func (l *activeList) remove(p *plugin) {
	l.plugins[p.place] = nil
	l.removed++
	if l.removed <= len(l.plugins)/2 {
		return
	}
	old := l.plugins
	*l = activeList{plugins: make([]*plugin, 0, len(old)-l.removed)}
	for _, p := range old {
		if p != nil {
			l.append(p)
		}
	}
}

// moveToEnd makes a plugin of the list its last one.
func (l *activeList) moveToEnd(p *plugin) {
	if int(p.place) != len(l.plugins)-1 {
		l.remove(p)
		l.append(p)
	}
}

// reserve makes room for n more active plugins.
func (m *core) reserve(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.active.plugins = slices.Grow(m.active.plugins, n)
}

// activePlugins returns the plugins with a call in progress or an instance, in the
// order in which they were loaded.
func (m *core) activePlugins() (list []*plugin) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.active.plugins {
		if p != nil {
			list = append(list, p)
		}
	}
	return list
}

// loaded returns the loaded instances, in the order in which they were loaded.
func (m *core) loaded() (list []*instance) {
	for _, p := range m.activePlugins() {
		if i := p.loaded.Load(); i != nil {
			list = append(list, i)
		}
	}
	return list
}

// newManager returns a manager.
func newManager[P any](namespace string, c contract, opts []Option) *Manager[P] {
	m := new(Manager[P])
	m.core.setUp(namespace, c, opts)
	return m
}

func (m *core) setUp(namespace string, c contract, opts []Option) {
	m.namespace, m.contract = namespace, c
	if !validNamespace(namespace) {
		m.invalid("a manager needs a namespace, of dot-separated words of letters, digits, _ and -, not " +
			quote(namespace))
	}
	for _, opt := range opts {
		if opt != nil {
			opt(&m.settings)
		}
	}
	for _, l := range m.settings.listeners {
		m.listeners.add(l)
	}
}

// registry returns the registry with the specs. It calls a finder once, and again after
// an error.
func (m *core) registry() (*Registry, error) {
	for {
		if r := m.source.Load(); r != nil {
			return r, nil
		}
		m.lookup.Lock()
		found := m.finding
		first := found == nil && m.source.Load() == nil
		if first {
			m.finding = make(chan struct{})
		}
		m.lookup.Unlock()
		switch {
		case first:
			return m.findRegistry()
		case found != nil:
			<-found
		}
	}
}

// findRegistry finds the registry and releases the goroutines that wait for it, even if a
// finder ends this goroutine by runtime.Goexit.
func (m *core) findRegistry() (r *Registry, err error) {
	defer func() {
		m.lookup.Lock()
		defer m.lookup.Unlock()
		if r != nil {
			m.source.Store(r)
		}
		close(m.finding)
		m.finding = nil
	}()
	return m.newRegistry()
}

// newRegistry returns the registry of the options, or a new one with what their finder
// finds.
func (m *core) newRegistry() (*Registry, error) {
	if m.set != nil {
		return m.set.definitions.registry()
	}
	if m.contract.instance == nil {
		return nil, faultf(ErrInvalid, "a manager is made by NewManager, For or NewManagerFunc")
	}
	if len(m.errs) > 0 {
		return nil, errors.Join(m.errs...)
	}
	switch f := m.finder.(type) {
	case nil:
		return Default, nil
	case *Registry:
		return f, nil
	}
	var specs []*Spec
	if err := guard(func() (err error) {
		specs, err = m.finder.Find(m.namespace)
		return err
	}); err != nil {
		return nil, err
	}
	return found(m.namespace, specs), nil
}

// load loads one plugin by its name.
func (m *core) load(ctx context.Context, name string) (*instance, error) {
	if ctx == nil {
		return nil, m.wrap(name, nilContext())
	}
	if m.closed.Load() {
		return nil, m.wrap(name, ErrClosed)
	}
	p, err := m.plugin(name)
	if err != nil {
		return nil, err
	}
	return p.load(p.newCall(ctx))
}

func nilContext() error { return faultf(ErrInvalid, "the context is nil") }

// wrap makes err an error about a name, or about the whole namespace if that is "".
func (m *core) wrap(name string, err error) error {
	return &Error{Namespace: m.namespace, Name: name, Phase: PhaseResolve, Err: err}
}

// filter calls the filters of the manager and of its registry for a plugin, until one
// of them, or enter, returns an error.
func (m *core) filter(s *Spec, enter func(Phase) error) error {
	for _, f := range m.filters {
		if err := enter(PhaseResolve); err != nil {
			return err
		}
		if err := f(s); err != nil {
			return err
		}
	}
	r, err := m.registry()
	if err != nil {
		return err
	}
	for _, f := range r.filters.list() {
		if err := enter(PhaseResolve); err != nil {
			return err
		}
		if err := (*f)(s); err != nil {
			return err
		}
	}
	return nil
}

// announce calls all listeners with an event that cannot be vetoed, even if one of them
// ends the goroutine by runtime.Goexit. It appends their errors to errs.
func (m *core) announce(ctx context.Context, e Event, errs *[]error) {
	announce(ctx, m.listening(), e, errs)
}

// listening returns the listeners. Plugins that are options of other plugins have those
// of the manager of these.
func (m *core) listening() []*Listener {
	for m.owner != nil {
		m = m.owner
	}
	return m.listeners.list()
}

func announce(ctx context.Context, listeners []*Listener, e Event, errs *[]error) {
	if len(listeners) == 0 {
		return
	}
	defer announce(ctx, listeners[1:], e, errs)
	var err error
	defer func() {
		if d := asDisabled(err); d != nil { // joined as it is, the plugin's error would be ErrDisabled
			err = errors.New("a listener returned too late that the plugin is " + d.Error())
		}
		if err != nil {
			*errs = append(*errs, err)
		}
	}()
	guardInto(&err, func() error { return (*listeners[0])(ctx, e) })
}
