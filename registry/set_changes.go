package registry

import "slices"

// findReloads finds the instances that can be given their new options: they stay, instead of the
// new ones of the draft.
func (a *application) findReloads() {
	for _, p := range a.fresh {
		old := a.from.find(p.name)
		if old != nil && old.loaded.Load() != nil && p.spec.Reload != nil && p.spec.Options != nil &&
			old.member.Load().kind == p.member.Load().kind {
			a.reused[p] = old
		}
	}
}

// used returns the instance that is used for one of the draft.
func (a *application) used(p *plugin) *plugin {
	if len(a.reused) == 0 {
		return p
	}
	if other := a.reused[p]; other != nil {
		return other
	}
	return p
}

// settle finds out what has to be started: what is new, and what requires that, or is to
// require others than those that it was loaded with.
func (a *application) settle() {
	a.start = a.start[:0]
	starting := make(map[*plugin]bool)
	for _, p := range a.plan.order {
		if p.m != &a.core {
			continue
		}
		because, starts := a.because(p, starting)
		if !starts {
			continue
		}
		starting[p] = true
		delete(a.reused, p)
		a.start = append(a.start, p)
		a.noteStart(p, because)
	}
}

// because reports whether an instance of the draft has to be started, and because of which
// other one if it has not changed itself.
func (a *application) because(p *plugin, starting map[*plugin]bool) (string, bool) {
	i := a.used(p).loaded.Load()
	if i == nil {
		return "", true
	}
	if a.plan.needs == nil || len(p.spec.Requires) == 0 {
		return "", false
	}
	held := make(map[*plugin]bool)
	if i.edges != nil {
		for _, other := range i.requires {
			held[other.plugin] = true
		}
	}
	for _, n := range a.plan.needs[p] {
		if n.plugin.m != &a.core {
			continue
		}
		if starting[n.plugin] || !held[a.used(n.plugin)] {
			return n.plugin.name, true
		}
		delete(held, a.used(n.plugin))
	}
	for other := range held {
		if other.m == &a.core {
			return other.name, true
		}
	}
	return "", false
}

// noteStart notes what happens to an instance that is started.
func (a *application) noteStart(p *plugin, because string) {
	c := a.note(p)
	c.Action, c.Because = Added, ""
	if old := a.from.find(p.name); old != nil && old.loaded.Load() != nil {
		c.Action = Replaced
		if old == p {
			c.Because = because
		}
	}
}

// note returns the change of an instance.
func (a *application) note(p *plugin) *Change {
	c := a.changes[p.name]
	if c == nil {
		c = &Change{ID: p.name, Spec: p.spec}
		a.changes[p.name] = c
	}
	return c
}

// arrange makes the catalog of what there is to be, and finds what has to be closed.
func (a *application) arrange() {
	stop := make(map[*plugin]bool)
	for i, p := range a.start {
		if p.loaded.Load() == nil {
			continue
		}
		stop[p] = true
		if a.overlap { // only what it requires has changed
			again := a.newInstance(p.member.Load().kind.spec, p.name, p.member.Load())
			a.reused[p], a.start[i] = again, again
		}
	}
	if len(a.reused) > 0 {
		c := *a.to.catalog
		c.list = slices.Clone(c.list)
		for i, p := range c.list {
			c.list[i] = a.used(p)
		}
		a.to.catalog = &c
	}
	a.findGone()
	for _, p := range a.gone {
		if p.loaded.Load() != nil {
			stop[p] = true
		}
	}
	if len(stop) > 0 {
		a.stop = slices.DeleteFunc(a.activePlugins(), func(p *plugin) bool { return !stop[p] })
	}
	a.others = a.dependents()
	for _, p := range slices.Concat(a.stop, a.others) {
		a.was[p] = p.loaded.Load()
	}
}

// findGone finds the old instances that are not in the new catalog. Both are sorted.
func (a *application) findGone() {
	list := a.to.list
	for _, p := range a.from.list {
		for len(list) > 0 && list[0] != p && list[0].name < p.name {
			list = list[1:]
		}
		switch {
		case len(list) > 0 && list[0] == p:
			list = list[1:]
			continue
		case len(list) == 0 || list[0].name != p.name:
			a.note(p).Action = Removed
		}
		a.gone = append(a.gone, p)
	}
}

// dependents returns the plugins of other managers that require what is to be closed, directly
// or not, in the order in which they were found.
func (a *application) dependents() (list []*plugin) {
	seen := make(map[*plugin]bool)
	for open := slices.Clone(a.stop); len(open) > 0; {
		p := open[0]
		open = open[1:]
		for _, d := range p.dependents() {
			if !seen[d] && d.m != &a.core {
				seen[d] = true
				list = append(list, d)
				open = append(open, d)
			}
		}
	}
	return slices.DeleteFunc(list, func(p *plugin) bool { return p.loaded.Load() == nil || p.child != nil })
}

// dependents returns what holds the instance of the plugin.
func (p *plugin) dependents() []*plugin {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	i := p.loaded.Load()
	if i == nil || i.edges == nil {
		return nil
	}
	return slices.Clone(i.edges.dependents)
}
