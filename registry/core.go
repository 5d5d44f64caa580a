package registry

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
)

// core is a manager without its type parameter. It finds specs and has their
// containers; what happens to one plugin is the matter of its container and flight.
type core struct {
	namespace string
	settings
	contract
	listeners cow[Listener]

	closed    atomic.Bool // no more loads
	requiring atomic.Bool // there are plugins that require others
	usual     atomic.Pointer[abilities]
	source    atomic.Pointer[Registry] // where the specs are, once something has been asked for

	index  index // of containers, by the names they have been asked for
	roster atomic.Pointer[roster]

	// A Load of a loaded plugin reads what is above. What loads write is in
	// another cache line, so that it does not slow down those on other processors.
	_ [64]byte

	order atomic.Uint64 // of the latest load

	// traffic guards the boarding and landing of flights. First flights that
	// nobody takes an interest in do without it.
	traffic sync.Mutex

	mu   sync.Mutex
	shut chan struct{} // from the beginning of Close; closed at its end
}

// newManager makes a manager of a core: there is not much to it.
func newManager[P any](namespace string, c contract, opts []Option) *Manager[P] {
	m := new(Manager[P])
	m.core.setUp(namespace, c, opts)
	return m
}

func (m *core) setUp(namespace string, c contract, opts []Option) {
	m.namespace, m.contract = namespace, c
	if !validNamespace(namespace) {
		m.mistake("a manager needs a namespace, of dot-separated words of letters, digits, _ and -, not " + quote(namespace))
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

// A roster has the container of every plugin, as of one version of the registry.
type roster struct {
	version uint64
	list    []*container          // sorted by name
	aliases map[string]*container // nil if there are none
	ranked  bool                  // some have a priority
	faults  []error               // of specs without a name
	removed []*container          // are no longer in the registry, and may be loaded
}

func (r *roster) len() int {
	if r == nil {
		return 0
	}
	return len(r.list)
}

func (r *roster) find(name string) *container {
	i, ok := slices.BinarySearchFunc(r.list, name, func(c *container, name string) int {
		return compareStrings(c.spec.Name, name)
	})
	if !ok {
		return nil
	}
	return r.list[i]
}

// registry returns where the specs are.
func (m *core) registry() (*Registry, error) {
	if r := m.source.Load(); r != nil {
		return r, nil
	}
	r, err := m.findRegistry()
	if err != nil {
		return nil, err
	}
	m.source.CompareAndSwap(nil, r)
	return m.source.Load(), nil
}

func (m *core) findRegistry() (*Registry, error) {
	if m.contract.shelf == nil {
		return nil, faultf(ErrInvalid, "a manager is made by NewManager, For or NewManagerFunc")
	}
	if len(m.mistakes) > 0 {
		return nil, errors.Join(m.mistakes...)
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

// container finds the plugin of a name or an alias.
func (m *core) container(name string) (*container, error) {
	if c := m.index.get(name); c != nil {
		return c, nil
	}
	r, err := m.registry()
	if err != nil {
		return nil, m.wrap("", err)
	}
	if s := r.linked(m.namespace, name); s != nil {
		return m.indexed(name, func() *container {
			c := m.known(name, m.roster.Load())
			if c == nil {
				c = new(container)
				c.prepare(m, s, nil)
			}
			return c
		}), nil
	}
	ros, err := m.current()
	if err != nil {
		return nil, err
	}
	if c := ros.find(name); c != nil {
		return m.indexed(name, func() *container { return c }), nil
	}
	if c := ros.aliases[name]; c != nil {
		return m.indexed(name, func() *container { return c }), nil
	}
	return nil, m.notFound(name, r, ros)
}

// used returns the container of a plugin that anything may have been done with.
func (m *core) used(name string) *container {
	if c := m.index.get(name); c != nil {
		return c
	}
	r := m.roster.Load()
	if r == nil {
		return nil
	}
	if c := r.find(name); c != nil {
		return c
	}
	return r.aliases[name]
}

// indexed makes sure that the name is in the index.
func (m *core) indexed(name string, get func() *container) *container {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.index.get(name); c != nil {
		return c
	}
	c := get()
	m.index.put(name, c)
	return c
}

// known returns the container that there is for the plugin of a name, not of an
// alias. m.mu is held.
func (m *core) known(name string, r *roster) *container {
	if m.index.count > 0 {
		if c := m.index.get(name); c != nil && c.spec.Name == name {
			return c
		}
	}
	if r != nil {
		return r.find(name)
	}
	return nil
}

// current returns the roster, after bringing it up to date with the registry.
func (m *core) current() (*roster, error) {
	r, err := m.registry()
	if err != nil {
		return nil, m.wrap("", err)
	}
	version := r.version.Load()
	if have := m.roster.Load(); have != nil && have.version == version {
		return have, nil
	}
	specs, mixed := r.find(m.namespace)
	if !mixed {
		if r, ok := m.enroll(version, specs, nil); ok {
			return r, nil
		}
	}
	specs, disputes := m.settle(sorted(specs), mixed)
	ros, _ := m.enroll(version, specs, disputes)
	return ros, nil
}

// settle finds names that are claimed twice, and those that are none. It returns one spec for
// each name, and why some of them cannot be used. It is code that is not ours, perhaps, that chooses.
// Disputes are not nil then.
func (m *core) settle(specs []*Spec, mixed bool) ([]*Spec, disputes) {
	d := make(disputes)
	kept := specs[:0] // in place: the slice is ours
	aliased := false
	for i := 0; i < len(specs); {
		j := i + 1
		for j < len(specs) && specs[i] != nil && specs[j].name() == specs[i].Name {
			j++
		}
		chosen := specs[i]
		if j-i > 1 {
			var err error
			chosen, err = m.choose(specs[i:j])
			d.reject(chosen, err)
		}
		if mixed {
			d.reject(chosen, chosen.checkByHand(m.namespace))
		}
		aliased = aliased || len(chosen.aliases()) > 0
		kept = append(kept, chosen)
		i = j
	}
	if aliased {
		d.aliases(kept, mixed)
	}
	return kept, d
}

// Disputes are why specs cannot be used whose names others claim.
type disputes map[*Spec]error

func (d disputes) reject(s *Spec, err error) {
	if err != nil && d[s] == nil {
		d[s] = err
	}
}

// aliases finds names that are claimed twice, once as an alias at least: names
// and aliases share one space. Who has such an alias cannot be used. Nor can the
// one whose name it is; but in linked tables alone, which plugingen has checked, names come
// before aliases, so that a name can be looked up without going through all aliases.
func (d disputes) aliases(specs []*Spec, mixed bool) {
	claims := make(map[string]*Spec)
	for _, s := range specs {
		for _, alias := range s.aliases() {
			if other := claims[alias]; other != nil && other != s {
				err := duplicate(alias, other, s)
				d.reject(other, err)
				d.reject(s, err)
			}
			claims[alias] = s
		}
	}
	for _, s := range specs {
		if other := claims[s.name()]; other != nil && other != s {
			err := duplicate(s.Name, s, other)
			d.reject(other, err)
			if mixed {
				d.reject(s, err)
			}
		}
	}
}

// choose returns the one of several specs of one name that is used.
func (m *core) choose(same []*Spec) (chosen *Spec, broken error) {
	name := same[0].Name
	if m.conflict == nil {
		return same[0], duplicate(name, same...)
	}
	err := guard(func() (err error) {
		chosen, err = m.conflict(name, slices.Clone(same))
		return err
	})
	if err == nil && !slices.Contains(same, chosen) {
		err = faultf(ErrDuplicate, "the conflict about %q was settled by a spec that had no part in it", name)
	}
	if err != nil {
		return same[0], err
	}
	return chosen, nil
}

// enroll makes a roster of the specs, and of the containers there are. The
// specs of one table nearly always have one name each, in order: as long as they are not
// settled, which nil says, it fails if that is not so.
func (m *core) enroll(version uint64, specs []*Spec, settled disputes) (r *roster, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	old := m.roster.Load()
	if old != nil && old.version >= version {
		return old, true
	}
	r = &roster{version: version, list: make([]*container, 0, len(specs))}
	fresh := make([]container, max(0, len(specs)-old.len())) // all at once
	last := ""
	for _, s := range specs {
		name := s.name()
		if settled == nil && (name <= last || len(s.aliases()) > 0) {
			return nil, false
		}
		if last = name; name == "" {
			r.faults = append(r.faults, m.wrap("", s.check(m.namespace)))
			continue
		}
		c := m.known(name, old)
		if c == nil {
			if len(fresh) == 0 {
				fresh = make([]container, 1)
			}
			c, fresh = &fresh[0], fresh[1:]
			c.prepare(m, s, settled[s])
		}
		r.ranked = r.ranked || c.spec.Priority != 0
		r.list = append(r.list, c)
	}
	for _, c := range r.list {
		if settled == nil {
			break // there are no aliases
		}
		for _, alias := range c.spec.Aliases {
			if r.aliases == nil {
				r.aliases = make(map[string]*container)
			}
			r.aliases[alias] = c
		}
	}
	m.keep(old, r)
	m.roster.Store(r)
	return r, true
}

// keep remembers the plugins that have been taken out of the registry: they may be
// loaded, and have to be closed. m.mu is held.
func (m *core) keep(old, now *roster) {
	if old == nil {
		return
	}
	for _, c := range slices.Concat(old.list, old.removed) {
		if now.find(c.spec.Name) == c {
			continue
		}
		now.removed = append(now.removed, c)
		if m.index.get(c.spec.Name) == nil {
			m.index.put(c.spec.Name, c)
		}
	}
}

// wrap makes err an error about a name, or about the whole namespace.
func (m *core) wrap(name string, err error) error {
	return &Error{Namespace: m.namespace, Name: name, Phase: PhaseResolve, Err: err}
}

// filtering reports whether there are filters to ask.
func (m *core) filtering() bool {
	r := m.source.Load()
	return r == nil || len(m.filters) > 0 || !r.filters.empty()
}

// filter asks the filters of the manager and of its registry.
func (m *core) filter(s *Spec) error {
	for _, f := range m.filters {
		if err := f(s); err != nil {
			return err
		}
	}
	r, err := m.registry()
	if err != nil {
		return err
	}
	for _, f := range r.filters.list() {
		if err := (*f)(s); err != nil {
			return err
		}
	}
	return nil
}

// load is what every way of loading one plugin comes to.
func (m *core) load(ctx context.Context, name string) (*flight, error) {
	if ctx == nil {
		return nil, m.wrap(name, nilContext())
	}
	if m.closed.Load() {
		return nil, m.wrap(name, ErrClosed)
	}
	c, err := m.container(name)
	if err != nil {
		return nil, err
	}
	return c.load(&errand{ctx: ctx, caller: ctx}, 0)
}

func nilContext() error { return faultf(ErrInvalid, "the context is nil") }
