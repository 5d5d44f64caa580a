package program

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/internal/rules"
)

// A crossing is a requirement of a plugin of another namespace.
type crossing struct{ plugin, required facts.Plugin }

// checkManagers reports a manager that is asked for plugins which require one of another
// namespace, if it is given no manager of that. The load then fails each time.
func (c *Checker) checkManagers(u facts.Use) {
	byHand := c.Facts.ByHandIn(u.Namespace)
	if !u.ManagersKnown || c.Facts.Incomplete || c.Facts.Filtered || len(byHand) > 0 {
		return
	}
	key := strings.Join(append([]string{u.Namespace, u.Name}, u.Managers...), "\x00")
	why, known := c.memo().unmanaged[key]
	if !known {
		why = c.missingManager(u)
		c.memo().unmanaged[key] = why
	}
	if why != "" {
		c.reportUse(u, why, "")
	}
}

// missingManager says which plugin that a use asks for can't have what it requires. It returns ""
// if there is none.
func (c *Checker) missingManager(u facts.Use) string {
	for _, i := range c.index().Find(u.Namespace, u.Name) {
		for _, x := range c.crossings(i) {
			if !slices.Contains(u.Managers, x.required.Namespace) {
				return fmt.Sprintf("plugin %s requires %s, but this manager is given no manager of "+
					"namespace %s, so the load fails: "+
					"pass one with registry.WithManagers", x.plugin.ID(), x.required.ID(), x.required.Namespace)
			}
		}
	}
	return ""
}

// crossings returns the requirements of a plugin, and of those of its namespace that it
// requires, which are of other namespaces: one for each of these. What is disabled by a
// condition, or in no program, requires nothing.
func (c *Checker) crossings(i int) []crossing {
	memo := c.memo()
	if known, ok := memo.crossings[i]; ok {
		return known
	}
	memo.crossings[i] = nil // plugins that require each other are reported as such
	p := c.Facts.Plugins[i]
	if p.Conditional || !c.LinkedTogether(p) {
		return nil
	}
	var all []crossing
	add := func(x crossing) {
		if !slices.ContainsFunc(all, func(y crossing) bool { return x.required.Namespace == y.required.Namespace }) {
			all = append(all, x)
		}
	}
	for _, name := range p.Requires {
		found := c.requiredBy(memo.requires, i, name)
		if _, every := rules.EveryOf(name); every || len(found) != 1 {
			continue
		}
		if q := c.Facts.Plugins[found[0]]; q.Namespace == p.Namespace {
			for _, x := range c.crossings(found[0]) {
				add(x)
			}
		} else if c.LinkedTogether(p, q) {
			add(crossing{p, q})
		}
	}
	memo.crossings[i] = all
	return all
}
