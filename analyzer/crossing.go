package analyzer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/internal/rules"
)

// A crossing is a requirement of a plugin of another namespace.
type crossing struct{ plugin, required Plugin }

// askedRequirements reports a manager that is asked for plugins which require one of another
// namespace, if it is given no manager of that. The load then fails each time.
func (c *checker) askedRequirements(u Use) {
	byHand := withKey(c.facts.ByHand, u.Namespace, Use.namespace)
	if !u.Alone || c.facts.Dynamic || c.facts.Filtered || len(byHand) > 0 {
		return
	}
	key := strings.Join(append([]string{u.Namespace, u.Name}, u.Managers...), "\x00")
	why, known := c.inventory().unmanaged[key]
	if !known {
		why = c.unmanaged(u)
		c.inventory().unmanaged[key] = why
	}
	if why != "" {
		c.reportUse(u, why, "")
	}
}

// unmanaged says which plugin that a use asks for can't have what it requires. It returns ""
// if there is none.
func (c *checker) unmanaged(u Use) string {
	inv := c.inventory()
	if inv.crossings == nil {
		inv.crossings, inv.requires = map[int][]crossing{}, newRequirements(c.facts)
	}
	ids := inv.ids[u.Namespace+":"+u.Name]
	if u.Name == "" {
		start, end := rangeOf(c.facts.Plugins, u.Namespace, Plugin.namespace)
		for i := range end - start {
			ids = append(ids, start+i)
		}
	}
	for _, i := range ids {
		for _, x := range c.crossings(i) {
			if !slices.Contains(u.Managers, x.required.Namespace) {
				return fmt.Sprintf("plugin %s requires %s, but this manager is given no manager of namespace %s, so the load fails: "+
					"pass one with registry.WithManagers", x.plugin.ID(), x.required.ID(), x.required.Namespace)
			}
		}
	}
	return ""
}

// crossings returns the requirements of a plugin, and of those of its namespace that it
// requires, which are of other namespaces: one for each of these. What is disabled by a
// condition, or in no program, requires nothing.
func (c *checker) crossings(i int) []crossing {
	inv := c.inventory()
	if known, ok := inv.crossings[i]; ok {
		return known
	}
	inv.crossings[i] = nil // plugins that require each other are reported as such
	p := c.facts.Plugins[i]
	if p.Conditional || !c.meet(p) {
		return nil
	}
	var all []crossing
	add := func(x crossing) {
		if !slices.ContainsFunc(all, func(y crossing) bool { return x.required.Namespace == y.required.Namespace }) {
			all = append(all, x)
		}
	}
	for _, name := range p.Requires {
		found := c.meant(inv.requires, i, name)
		if _, every := rules.EveryOf(name); every || len(found) != 1 {
			continue
		}
		if q := c.facts.Plugins[found[0]]; q.Namespace == p.Namespace {
			for _, x := range c.crossings(found[0]) {
				add(x)
			}
		} else if c.meet(p, q) {
			add(crossing{p, q})
		}
	}
	inv.crossings[i] = all
	return all
}
