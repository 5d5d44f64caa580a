package registry

import (
	"cmp"
	"slices"
	"strings"
)

// A plan is an order in which plugins can be loaded: each comes after what it requires, and
// otherwise those of higher priority come first, and then they are sorted by name.
type plan struct {
	order    []*plugin
	needs    map[*plugin][]need    // what a plugin requires
	after    map[*plugin][]*plugin // the plugins that come before one, required or not
	problems map[*plugin]error     // why a plugin cannot be loaded
	proposed *catalog              // the new catalog of a Set in an Apply, or nil
}

// A need is a plugin that another requires.
type need struct {
	name   string // as it is required
	plugin *plugin
	every  bool // it is one of a whole namespace, and may be disabled
}

// plan returns a plan to load some of the catalog's plugins, and all that they require,
// in the order of LoadAll: by requirements, After and Before, and otherwise by priority
// and name.
func (c *catalog) plan(list []*plugin) *plan {
	if c.ranked {
		list = slices.Clone(list)
		slices.SortStableFunc(list, func(a, b *plugin) int { return byPriority(a.spec, b.spec) })
	}
	if !c.ordered && !c.requiring {
		return &plan{order: list}
	}
	p := newPlan(list, c)
	if c.ordered {
		p.addSoftOrder()
	}
	p.sort(list)
	return p
}

// planOf returns a plan to load some plugins, and all that they require, in the order
// of the list as far as requirements allow that.
func planOf(list []*plugin) *plan {
	if !slices.ContainsFunc(list, func(p *plugin) bool { return len(p.spec.Requires) > 0 }) {
		return &plan{order: list}
	}
	p := newPlan(list, nil)
	p.sort(list)
	return p
}

// newPlan returns a plan with all requirements of the plugins, direct and indirect, and
// no order yet.
func newPlan(list []*plugin, proposed *catalog) *plan {
	p := &plan{
		needs: make(map[*plugin][]need), after: make(map[*plugin][]*plugin), problems: make(map[*plugin]error),
		proposed: proposed,
	}
	for open := slices.Clone(list); len(open) > 0; {
		c := open[len(open)-1]
		open = open[:len(open)-1]
		if _, seen := p.needs[c]; seen {
			continue
		}
		p.needs[c] = nil
		for _, name := range c.spec.Requires {
			needs, err := c.requirement(name, proposed)
			if err != nil && p.problems[c] == nil {
				p.problems[c] = &requirementError{name, err}
			}
			p.needs[c] = append(p.needs[c], needs...)
			for _, n := range needs {
				open = append(open, n.plugin)
				p.after[c] = append(p.after[c], n.plugin)
			}
		}
	}
	return p
}

// addSoftOrder adds the After and Before of the plugins of the plan.
func (p *plan) addSoftOrder() {
	for c := range p.needs {
		for _, name := range c.spec.After {
			p.after[c] = append(p.after[c], p.planned(c, name)...)
		}
		for _, name := range c.spec.Before {
			for _, other := range p.planned(c, name) {
				p.after[other] = append(p.after[other], c)
			}
		}
	}
	for _, others := range p.after { // since a map has no order
		slices.SortFunc(others, func(a, b *plugin) int {
			return cmp.Or(strings.Compare(a.m.namespace, b.m.namespace), strings.Compare(a.name(), b.name()))
		})
	}
}

// planned returns the plugins of the plan that a name in c's After or Before stands for.
func (p *plan) planned(c *plugin, name string) (list []*plugin) {
	needs, _ := c.requirement(name, p.proposed) // that others are missing is no error
	for _, n := range needs {
		if _, planned := p.needs[n.plugin]; planned {
			list = append(list, n.plugin)
		}
	}
	return list
}

// sort sets the order of the plan, by a depth-first walk from the plugins of the list.
func (p *plan) sort(list []*plugin) {
	p.order = make([]*plugin, 0, len(p.needs))
	v := &visit{plan: p, state: make(map[*plugin]visited, len(p.needs))}
	for _, c := range list {
		v.plugin(c)
	}
	for c := range p.problems {
		delete(p.after, c) // it fails without waiting for others, which may be on a cycle with it
	}
}

// A visit is a depth-first walk along plan.after. A plugin is appended to the order
// when all those that come before it have been.
type visit struct {
	plan  *plan
	state map[*plugin]visited
	path  []*plugin // those that are underway
}

type visited uint8

const (
	unseen visited = iota
	underway
	done
)

func (v *visit) plugin(p *plugin) {
	switch v.state[p] {
	case done:
		return
	case underway:
		v.cycle(p)
		return
	}
	v.state[p] = underway
	v.path = append(v.path, p)
	for _, other := range v.plan.after[p] {
		v.plugin(other)
	}
	v.path = v.path[:len(v.path)-1]
	v.state[p] = done
	v.plan.order = append(v.plan.order, p)
}

// cycle records the cycle from p to the end of the path, and back to p, as the problem
// of each plugin on it.
func (v *visit) cycle(p *plugin) {
	on := v.path[slices.Index(v.path, p):]
	var names []string
	for _, member := range on {
		names = append(names, member.id())
	}
	verb := "require each other"
	if !v.plan.requireEachOther(on) {
		verb = "are to be loaded after each other, by what they require, After and Before"
	}
	err := faultf(ErrCycle, "plugins %s: %s", verb, cycle(append(names, p.id())))
	for _, member := range on {
		if v.plan.problems[member] == nil {
			v.plan.problems[member] = err
		}
	}
}

// requireEachOther reports whether each plugin of a cycle requires the next.
func (p *plan) requireEachOther(cycle []*plugin) bool {
	for i, c := range cycle {
		next := cycle[(i+1)%len(cycle)]
		if !slices.ContainsFunc(p.needs[c], func(n need) bool { return n.plugin == next }) {
			return false
		}
	}
	return true
}

// requirement returns the plugins that a name in p's Requires, After or Before stands
// for: the one of p's own namespace with that name or alias; or, if there is none, that
// of namespace:name in one of the managers that p's manager knows; or, for namespace:*,
// all of a namespace but p. The generator and the checker have the same rule, in
// package internal/rules.
//
// In a Set it returns all instances of the plugin, or the instance with that id. c is
// the new catalog of a Set in an Apply; if it is nil, the current one counts.
func (p *plugin) requirement(name string, c *catalog) ([]need, error) {
	if namespace, ok := strings.CutSuffix(name, ":*"); ok && namespace != "" {
		return p.every(name, namespace, c)
	}
	home, err := p.m.managerOf(p.m.namespace)
	if err == nil {
		var own []need
		if own, err = home.resolveRequirement(name, name, c); err == nil {
			return own, nil
		}
	}
	namespace, rest, ok := strings.Cut(name, ":")
	if ok {
		var m *core
		if m, err = p.m.managerOf(namespace); err == nil {
			var other []need
			if other, err = m.resolveRequirement(name, rest, c); err == nil {
				return other, nil
			}
		}
	}
	if strings.ContainsAny(name, "*?[") {
		err = faultf(ErrInvalid, "only namespace:* stands for several plugins, those of a whole namespace")
	}
	return nil, err
}

// resolveRequirement returns the plugins of the manager that the name own stands for.
// name is how that was written in the requirement.
func (m *core) resolveRequirement(name, own string, c *catalog) (needs []need, err error) {
	if m.set != nil {
		return m.set.resolveRequirement(name, own, c)
	}
	p, err := m.plugin(own)
	if err != nil {
		return nil, err
	}
	return []need{{name, p, false}}, nil
}

// every returns all plugins of a namespace but p.
func (p *plugin) every(name, namespace string, c *catalog) (needs []need, err error) {
	m, err := p.m.managerOf(namespace)
	if err != nil {
		return nil, err
	}
	if m.set == nil || c == nil || c.set != m.set {
		if c, err = m.current(); err != nil {
			return nil, err
		}
	}
	for _, other := range c.list {
		if other != p {
			needs = append(needs, need{name, other, true})
		}
	}
	return needs, nil
}

// managerOf returns the manager of a namespace, of those that the manager knows.
func (m *core) managerOf(namespace string) (*core, error) {
	if m.owner != nil { // plugins that are options require the same as others
		return m.owner.managerOf(namespace)
	}
	if namespace == m.namespace {
		return m, nil
	}
	for _, other := range m.managers {
		if other := other.manager(); other.namespace == namespace {
			return other, nil
		}
	}
	return nil, faultf(ErrNotFound, "there is no manager of namespace %q to load it: pass one with "+
		"registry.WithManagers", namespace)
}

// A requirementError is why a plugin cannot have what it requires.
type requirementError struct {
	name string
	err  error
}

// Error describes a chain of requirements in one sentence.
func (e *requirementError) Error() string {
	var chain []*Error // from what is required to what has failed
	for {
		failed, ok := e.err.(*Error)
		if !ok || failed.Spec == nil {
			return requirementChain(chain) + "requires " + quote(e.name) + ": " + e.err.Error()
		}
		chain = append(chain, failed)
		switch cause := failed.Err.(type) {
		case *requirementError:
			e = cause
		case *disabled:
			return requirementChain(chain) + "is " + cause.Error()
		default:
			return requirementChain(chain) + "failed: " + failed.detail()
		}
	}
}

// requirementChain returns the beginning of the sentence, or "" for an empty chain.
func requirementChain(chain []*Error) string {
	if len(chain) == 0 {
		return ""
	}
	return "requires " + strings.Join(elided(chain, 10, (*Error).id), ", which requires ") + ", which "
}

// Unwrap returns the error of what is required.
func (e *requirementError) Unwrap() error { return e.err }
