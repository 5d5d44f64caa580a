package registry

import (
	"errors"
	"slices"
	"strings"
)

// A catalog has the plugins of a manager as of one version of the registry. It does
// not change.
type catalog struct {
	version   uint64
	list      []*plugin          // sorted by name
	aliases   map[string]*plugin // that are not names; nil if there are none
	ranked    bool               // some have a priority
	ordered   bool               // some are to be loaded after or before others
	requiring bool               // some require others
	faults    []error            // errors of specs without a name
	set       *set               // whose instances these are, or nil
}

func (c *catalog) len() int {
	if c == nil {
		return 0
	}
	return len(c.list)
}

// find returns the plugin of a name; nil if there is none.
func (c *catalog) find(name string) *plugin {
	if c == nil {
		return nil
	}
	i, ok := c.search(name)
	if !ok {
		return nil
	}
	return c.list[i]
}

// search returns where a name is in the list, or would be.
func (c *catalog) search(name string) (i int, ok bool) {
	return slices.BinarySearchFunc(c.list, name, func(p *plugin, name string) int {
		return strings.Compare(p.name(), name)
	})
}

// lookUp returns the plugin of a name or an alias; nil if there is none.
func (c *catalog) lookUp(name string) *plugin {
	if p := c.find(name); p != nil || c == nil {
		return p
	}
	return c.aliases[name]
}

// cached returns the plugin of a name or an alias if it has been looked up before, or nil.
func (m *core) cached(name string) *plugin {
	if p := m.index.get(name); p != nil {
		return p
	}
	return m.aliased(name)
}

// aliased returns the plugin of an alias if the catalog is up to date, or nil: in a
// later version of the registry the alias may be the name of another plugin.
func (m *core) aliased(name string) *plugin {
	if c := m.catalog.Load(); c != nil && c.aliases != nil && c.version == m.source.Load().version.Load() {
		return c.aliases[name]
	}
	return nil
}

// plugin returns the plugin of a name or an alias, or an error that is ErrNotFound,
// ErrNotLinked or that of a finder.
func (m *core) plugin(name string) (*plugin, error) {
	for {
		if p := m.cached(name); p != nil {
			return p, nil
		}
		r, err := m.registry()
		if err != nil {
			return nil, m.wrap("", err)
		}
		if s := r.linked(m.namespace, name); s != nil {
			return m.addLinked(name, s), nil
		}
		c, err := m.current()
		if err != nil {
			return nil, err
		}
		p := c.lookUp(name)
		if p == nil {
			return nil, m.notFound(name, r, c)
		}
		if p.name() != name || m.addToIndex(p, c) {
			return p, nil
		}
	}
}

// addLinked returns the plugin of a linked spec, which it adds to the index.
func (m *core) addLinked(name string, s *Spec) *plugin {
	m.lookup.Lock()
	defer m.lookup.Unlock()
	p := m.known(name, m.catalog.Load())
	if p == nil {
		p = new(plugin)
		p.setUp(m, s, nil)
	}
	m.index.put(p)
	return p
}

// addToIndex adds a plugin of a catalog to the index, unless there is a newer catalog.
// It reports whether it has added it.
func (m *core) addToIndex(p *plugin, c *catalog) bool {
	m.lookup.Lock()
	defer m.lookup.Unlock()
	if m.catalog.Load() != c {
		return false
	}
	m.index.put(p)
	return true
}

// existing returns the plugin of a name or an alias if the index or the catalog has it,
// or nil. It does not bring the catalog up to date.
func (m *core) existing(name string) *plugin {
	if p := m.cached(name); p != nil {
		return p
	}
	return m.catalog.Load().lookUp(name)
}

// exists reports whether there is a plugin of a name or an alias. Unlike plugin it adds
// nothing to the index.
func (m *core) exists(name string) bool {
	if m.cached(name) != nil {
		return true
	}
	r, err := m.registry()
	if err != nil {
		return false
	}
	if r.linked(m.namespace, name) != nil {
		return true
	}
	c, err := m.current()
	return err == nil && c.lookUp(name) != nil
}

// current returns the catalog, after bringing it up to date with the registry.
func (m *core) current() (*catalog, error) {
	if m.set != nil {
		return m.catalog.Load(), nil
	}
	r, err := m.registry()
	if err != nil {
		return nil, m.wrap("", err)
	}
	version := r.version.Load()
	if c := m.catalog.Load(); c != nil && c.version == version {
		return c, nil
	}
	specs, mixed := r.find(m.namespace)
	if !mixed {
		if c, ok := m.update(version, specs, nil); ok {
			m.recordEarlyUse(r, c)
			return c, nil
		}
	}
	specs, disputes := m.resolveConflicts(sorted(specs), mixed)
	c, _ := m.update(version, specs, disputes)
	return c, nil
}

// update makes a new catalog of specs, which reuses the plugins that exist, and stores it.
//
// If resolved is nil, the conflicts of names have not been resolved. Then ok is false,
// and nothing stored, unless the specs are sorted by name, no name occurs twice, and
// there are no aliases: the specs of one linked table are nearly always so.
func (m *core) update(version uint64, specs []*Spec, resolved disputes) (c *catalog, ok bool) {
	m.lookup.Lock()
	defer m.lookup.Unlock()
	old := m.catalog.Load()
	if old != nil && old.version >= version {
		return old, true
	}
	c = &catalog{version: version, list: make([]*plugin, 0, len(specs))}
	fresh := make([]plugin, max(0, len(specs)-old.len())) // one allocation for all
	last := ""
	for _, s := range specs {
		name := s.name()
		if resolved == nil && (name <= last || len(s.aliases()) > 0) {
			return nil, false
		}
		if last = name; name == "" {
			c.faults = append(c.faults, m.wrap("", s.check(m.namespace)))
			continue
		}
		p := m.known(name, old)
		if p == nil {
			if len(fresh) == 0 {
				fresh = make([]plugin, 1)
			}
			p, fresh = &fresh[0], fresh[1:]
			p.setUp(m, s, resolved[s])
		}
		c.add(p)
	}
	for _, p := range c.list {
		if resolved == nil {
			break // there are no aliases
		}
		for _, alias := range p.spec.Aliases {
			if c.aliases == nil {
				c.aliases = make(map[string]*plugin)
			}
			if c.find(alias) == nil {
				c.aliases[alias] = p
			}
		}
	}
	if old != nil || m.index.count > 0 {
		m.reindex(old, c)
	}
	m.catalog.Store(c)
	return c, true
}

func (c *catalog) add(p *plugin) {
	c.ranked = c.ranked || p.spec.Priority != 0
	c.ordered = c.ordered || len(p.spec.After)+len(p.spec.Before) > 0
	c.requiring = c.requiring || len(p.spec.Requires) > 0
	c.list = append(c.list, p)
}

// known returns the plugin that the index or a catalog has by a name, or nil. m.lookup
// is held.
func (m *core) known(name string, c *catalog) *plugin {
	if m.index.count > 0 {
		if p := m.index.get(name); p != nil {
			return p
		}
	}
	return c.find(name)
}

// reindex removes the plugins from the index that are no longer in the registry, when
// the catalog old is replaced by c. Those that are active stay in it, so that they are
// found by their names; others are forgotten. m.lookup is held.
func (m *core) reindex(old, c *catalog) {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept := make([]*plugin, 0, m.index.count)
	for p := range m.index.all() {
		if c.find(p.name()) == p || p.active() {
			kept = append(kept, p)
		}
		p.forgotten = c.find(p.name()) != p && !p.active()
	}
	for i := range old.len() {
		switch p := old.list[i]; {
		case c.find(p.name()) == p:
		case p.active():
			kept = append(kept, p)
		default:
			p.forgotten = true
		}
	}
	m.index.replace(kept)
}

// active reports whether the plugin is loaded, or has a call in progress. core.mu is held.
func (p *plugin) active() bool { return p.call != nil || p.loaded.Load() != nil }

// remember undoes that a plugin was forgotten. It is found by its name again, unless
// another plugin has the name now.
func (m *core) remember(p *plugin) {
	m.lookup.Lock()
	defer m.lookup.Unlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	p.forgotten = false
	if m.known(p.name(), m.catalog.Load()) == nil {
		m.index.put(p)
	}
}

// setUp sets up a plugin for a spec. broken is why the spec cannot be used, or nil if
// it has not been checked.
func (p *plugin) setUp(m *core, s *Spec, broken error) {
	p.m, p.spec = m, s.resolved()
	if broken == nil {
		broken = s.check(m.namespace)
	}
	if broken != nil {
		p.broken = p.wrap(PhaseResolve, broken)
	}
}

// ready returns the catalog. It fails if the manager is closed, or if nothing is linked.
func (m *core) ready() (*catalog, error) {
	if m.closed.Load() {
		return nil, m.wrap("", ErrClosed)
	}
	c, err := m.current()
	if err != nil {
		return nil, err
	}
	r, err := m.registry()
	if err != nil {
		return nil, m.wrap("", err)
	}
	return c, m.notLinked(r, c)
}

// validate implements Manager.Validate.
func (m *core) validate() error {
	c, err := m.ready()
	if err != nil {
		return err
	}
	errs := slices.Clone(c.faults)
	plan := c.plan(c.list)
	for _, p := range plan.order {
		if p.broken != nil {
			errs = append(errs, p.broken)
		}
		if err := plan.problems[p]; err != nil {
			errs = append(errs, p.wrap(PhaseResolve, err))
		}
		if err := p.checkOptions(); err != nil && p.m == m {
			errs = append(errs, p.wrap(PhaseConfigure, err))
		}
	}
	errs = append(errs, m.sectionErrors(c)...)
	return errors.Join(append(errs, m.earlyUseError())...)
}
