package registry

import (
	"cmp"
	"slices"
	"strings"
)

// A plan is an order in which plugins can be loaded: each comes after what it
// requires, and otherwise plugins of higher priority come first, and then they
// are sorted by name.
type plan struct {
	order    []*container
	requires map[*container][]*container // those that are in order
	problems map[*container]error        // requirements that cannot be met
}

// plan plans the loading of some of the roster's plugins.
func (r *roster) plan(list []*container) *plan {
	if r.ranked {
		list = byRank(list)
	}
	return planFor(list)
}

// planFor plans the loading of some plugins, and of all that they require.
func planFor(roots []*container) *plan {
	if len(roots) == 0 || !roots[0].m.requiring.Load() {
		return &plan{order: roots}
	}
	p := &plan{
		order:    make([]*container, 0, len(roots)),
		requires: make(map[*container][]*container),
		problems: make(map[*container]error),
	}
	v := &visit{plan: p, state: make(map[*container]visited)}
	for _, c := range roots {
		v.container(c)
	}
	return p
}

// byRank sorts plugins by priority and, since they are sorted by name, by name.
func byRank(list []*container) []*container {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b *container) int {
		return cmp.Compare(b.spec.Priority, a.spec.Priority)
	})
	return list
}

// A visit is a walk along requirements, depth first. What it has gone through
// comes out in order.
type visit struct {
	plan  *plan
	state map[*container]visited
	path  []*container // from a root to where the visit is
}

type visited uint8

const (
	unseen visited = iota
	underway
	done
)

func (v *visit) container(c *container) {
	switch v.state[c] {
	case done:
		return
	case underway:
		v.cycle(c)
		return
	}
	v.state[c] = underway
	v.path = append(v.path, c)
	v.requirements(c)
	v.path = v.path[:len(v.path)-1]
	v.state[c] = done
	v.plan.order = append(v.plan.order, c)
}

func (v *visit) requirements(c *container) {
	for _, name := range c.spec.Requires {
		need, err := c.requirement(name)
		if err != nil {
			if v.plan.problems[c] == nil {
				v.plan.problems[c] = err
			}
			continue
		}
		v.container(need)
		v.plan.requires[c] = append(v.plan.requires[c], need)
	}
	if v.plan.problems[c] != nil {
		delete(v.plan.requires, c) // it will fail, and need not wait for that
	}
}

// cycle makes the cycle that ends in c the problem of each plugin on it.
func (v *visit) cycle(c *container) {
	on := v.path[slices.Index(v.path, c):]
	var names []string
	for _, member := range append(slices.Clone(on), c) {
		names = append(names, member.spec.ID())
	}
	err := faultf(ErrCycle, "plugins require each other: %s", circle(names))
	for _, member := range on {
		if v.plan.problems[member] == nil {
			v.plan.problems[member] = err
		}
	}
}

// requirement finds a plugin that c requires: a name in the same namespace, or
// namespace:name with one of the managers that c's manager knows.
func (c *container) requirement(name string) (*container, error) {
	own, err := c.m.container(name)
	if err == nil {
		return own, nil
	}
	namespace, rest, ok := strings.Cut(name, ":")
	if !ok {
		return nil, requires(name, err)
	}
	if namespace == c.m.namespace {
		own, err = c.m.container(rest)
		return own, requires(name, err)
	}
	for _, other := range c.m.managers {
		if m := other.manager(); m.namespace == namespace {
			need, err := m.container(rest)
			return need, requires(name, err)
		}
	}
	return nil, requires(name, faultf(ErrNotFound,
		"there is no manager of namespace %q to load it: pass one with registry.WithManagers", namespace))
}

func requires(name string, err error) error {
	if err == nil {
		return nil
	}
	return &requirementError{name, err}
}

// A requirementError is why a plugin cannot have what it requires.
type requirementError struct {
	name string
	err  error
}

// Error tells of a chain of requirements as one sentence.
func (e *requirementError) Error() string {
	var chain []*Error // from what is required to what has failed
	for {
		failed, ok := e.err.(*Error)
		if !ok || failed.Spec == nil {
			return required(chain) + "requires " + quote(e.name) + ": " + e.err.Error()
		}
		chain = append(chain, failed)
		switch cause := failed.Err.(type) {
		case *requirementError:
			e = cause
		case *disabled:
			return required(chain) + "is " + cause.Error()
		default:
			return required(chain) + "failed: " + failed.story()
		}
	}
}

// required begins the sentence, if there is anything to begin it with.
func required(chain []*Error) string {
	if len(chain) == 0 {
		return ""
	}
	return "requires " + strings.Join(elided(chain, 10, (*Error).id), ", which requires ") + ", which "
}

func (e *requirementError) Unwrap() error { return e.err }

// require sees to it that what the plugin requires is loaded. A load that is
// a part of a schedule finds it tried already.
func (f *flight) require() error {
	c := f.container
	if len(c.spec.Requires) == 0 {
		return nil
	}
	s := f.errand.Load().schedule
	if s == nil {
		p := planFor([]*container{c})
		p.order = p.order[:len(p.order)-1] // all but c itself
		s = newSchedule(c.m, f, p)
		if p.problems[c] == nil {
			s.run()
		}
	}
	if err := s.plan.problems[c]; err != nil {
		return err
	}
	for _, name := range c.spec.Requires {
		need, err := c.requirement(name)
		if err != nil {
			return err
		}
		if need.loaded() == nil {
			return requires(name, s.outcome(need))
		}
	}
	return nil
}
