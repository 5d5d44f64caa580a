package registry

import "slices"

// findReloads finds the loaded instances that can be given their new options. They are used
// instead of the new instances of the proposal.
func (t *transition) findReloads() {
	for _, p := range t.fresh {
		old := t.from.find(p.name())
		if old != nil && old.loaded.Load() != nil && p.spec.Reload != nil && p.spec.Options != nil &&
			old.entry.Load().definition == p.entry.Load().definition {
			t.reused[p] = old
		}
	}
}

// used returns the plugin that is used instead of one of the proposal, or that one itself.
func (t *transition) used(p *plugin) *plugin {
	if len(t.reused) == 0 {
		return p
	}
	if other := t.reused[p]; other != nil {
		return other
	}
	return p
}

// findStarts finds what has to be started: new instances; those that require a started
// one; and those that no longer require the instances with which they were loaded.
func (t *transition) findStarts() {
	t.toStart = t.toStart[:0]
	starting := make(map[*plugin]bool)
	for _, p := range t.plan.order {
		if p.m != &t.core {
			continue
		}
		cause, starts := t.mustStart(p, starting)
		if !starts {
			continue
		}
		starting[p] = true
		delete(t.reused, p)
		t.toStart = append(t.toStart, p)
		t.recordStart(p, cause)
	}
}

// mustStart reports whether an instance of the proposal has to be started. The cause is
// the name of another instance, or "" if this one is not loaded.
func (t *transition) mustStart(p *plugin, starting map[*plugin]bool) (cause string, starts bool) {
	i := t.used(p).loaded.Load()
	if i == nil {
		return "", true
	}
	if t.plan.needs == nil || len(p.spec.Requires) == 0 {
		return "", false
	}
	required := make(map[*plugin]bool) // when it was loaded
	if i.edges != nil {
		for _, other := range i.requires {
			required[other.plugin] = true
		}
	}
	for _, n := range t.plan.needs[p] {
		if n.plugin.m != &t.core {
			continue
		}
		if starting[n.plugin] || !required[t.used(n.plugin)] {
			return n.plugin.name(), true
		}
		delete(required, t.used(n.plugin))
	}
	for other := range required { // those that it no longer requires
		if other.m == &t.core {
			return other.name(), true
		}
	}
	return "", false
}

// recordStart records in the changes that an instance is started.
func (t *transition) recordStart(p *plugin, cause string) {
	c := t.changeOf(p)
	c.Action, c.Because = Added, ""
	if old := t.from.find(p.name()); old != nil && old.loaded.Load() != nil {
		c.Action = Replaced
		if old == p {
			c.Because = cause
		}
	}
}

// changeOf returns the change of an instance, which it adds if there is none yet.
func (t *transition) changeOf(p *plugin) *Change {
	c := t.changes[p.name()]
	if c == nil {
		c = &Change{ID: p.name(), Spec: p.spec}
		t.changes[p.name()] = c
	}
	return c
}

// findCloses finds what has to be closed. Before that it makes the new catalog final.
func (t *transition) findCloses() {
	closes := make(map[*plugin]bool)
	for i, p := range t.toStart {
		if p.loaded.Load() == nil {
			continue
		}
		closes[p] = true
		if t.overlap { // p stays loaded until its replacement, with the same options, is
			again := t.newInstance(p.entry.Load().definition.spec, p.name(), p.entry.Load())
			t.reused[p], t.toStart[i] = again, again
		}
	}
	if len(t.reused) > 0 {
		c := *t.to.catalog
		c.list = slices.Clone(c.list)
		for i, p := range c.list {
			c.list[i] = t.used(p)
		}
		t.to.catalog = &c
	}
	t.findDropped()
	for _, p := range t.dropped {
		if p.loaded.Load() != nil {
			closes[p] = true
		}
	}
	if len(closes) > 0 {
		t.toClose = slices.DeleteFunc(t.activePlugins(), func(p *plugin) bool { return !closes[p] })
	}
	t.dependents = t.findDependents()
	for _, p := range slices.Concat(t.toClose, t.dependents) {
		t.before[p] = p.loaded.Load()
	}
}

// findDropped finds the old instances that are not in the new catalog.
func (t *transition) findDropped() {
	list := t.to.list // as sorted as t.from.list
	for _, p := range t.from.list {
		for len(list) > 0 && list[0] != p && list[0].name() < p.name() {
			list = list[1:]
		}
		switch {
		case len(list) > 0 && list[0] == p:
			list = list[1:]
			continue
		case len(list) == 0 || list[0].name() != p.name():
			t.changeOf(p).Action = Removed
		}
		t.dropped = append(t.dropped, p)
	}
}

// findDependents returns the plugins of other managers that require some of toClose,
// directly or not, in the order in which they were found.
func (t *transition) findDependents() (list []*plugin) {
	seen := make(map[*plugin]bool)
	for queue := slices.Clone(t.toClose); len(queue) > 0; {
		p := queue[0]
		queue = queue[1:]
		for _, d := range p.dependents() {
			if !seen[d] && d.m != &t.core {
				seen[d] = true
				list = append(list, d)
				queue = append(queue, d)
			}
		}
	}
	return slices.DeleteFunc(list, func(p *plugin) bool { return p.loaded.Load() == nil || p.child != nil })
}

// dependents returns the plugins that hold the instance of this one.
func (p *plugin) dependents() []*plugin {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	i := p.loaded.Load()
	if i == nil || i.edges == nil {
		return nil
	}
	return slices.Clone(i.edges.dependents)
}
