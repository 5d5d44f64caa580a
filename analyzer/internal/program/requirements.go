package program

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// checkGraph reports plugins that require each other, and plugins that require
// deprecated ones.
func (c *Checker) checkGraph() {
	r := facts.NewRequirements(&c.Facts.Facts)
	for _, cycle := range rules.Cycles(r.Indexes(), func(i int) []int { return c.required(r, i) }) {
		plugins := c.fromOwn(r.Plugins(cycle))
		if !c.importHasAll(plugins) {
			c.reportRequires(plugins[0], "the plugins require each other: "+chain(append(plugins, plugins[0])))
		}
	}
	for i, p := range c.Facts.Plugins {
		for _, name := range p.Requires {
			if _, every := rules.EveryOf(name); every || p.Deprecation != "" {
				continue
			}
			for _, q := range r.Plugins(c.requiredBy(r, i, name)) {
				if q.Deprecation != "" && !c.ImportHas(facts.HasPlugin(p), facts.HasPlugin(q)) {
					c.reportRequires(p, fmt.Sprintf("it requires %s, which is %s", q.ID(), q.Deprecation))
				}
			}
		}
	}
}

// required returns the plugins that another requires.
func (c *Checker) required(r *facts.Requirements, i int) (found []int) {
	for _, name := range r.Facts.Plugins[i].Requires {
		found = append(found, c.requiredBy(r, i, name)...)
	}
	return found
}

// requiredBy returns the plugins that a requirement of a plugin means. Of those whose name
// is not unique, it returns the ones that some program has together with the plugin.
func (c *Checker) requiredBy(r *facts.Requirements, i int, name string) []int {
	p := r.Facts.Plugins[i]
	return r.Find(i, p.Namespace, name, func(j int) bool {
		return !r.Ambiguous[j] ||
			c.LinkedTogether(p, r.Facts.Plugins[j])
	})
}

// fromOwn returns the plugins of a cycle in order, from one of this package's on, if
// there is one.
func (c *Checker) fromOwn(cycle []facts.Plugin) []facts.Plugin {
	first := 0
	for i, p := range cycle {
		own, best := p.Package == c.Pkg.Path(), cycle[first].Package == c.Pkg.Path()
		if own && !best || own == best && p.CompareID(cycle[first]) < 0 {
			first = i
		}
	}
	return slices.Concat(cycle[first:], cycle[:first])
}

// checkRequirements reports required plugins that do not exist. All plugins of the
// program must be known.
func (c *Checker) checkRequirements() {
	if c.Facts.Incomplete {
		return
	}
	r := facts.NewRequirements(&c.Facts.Facts)
	known := c.Facts.AllNames()
	for i, p := range c.Facts.Plugins {
		if !c.LinkedTogether(p) {
			continue // no host links it
		}
		for _, name := range p.Requires {
			found := r.Find(i, p.Namespace, name, func(int) bool { return true })
			switch {
			case len(found) > 0 && !slices.ContainsFunc(found, func(j int) bool { return r.Ambiguous[j] }):
				if h := c.hostWithout(r, i, name); h != nil {
					c.reportRequires(p, fmt.Sprintf("it requires %s, which the host %s does not link",
						name, h.Package), c.relatedHost(*h)...)
				}
			case len(found) == 0 && !known.Has(p.Namespace, name):
				message := fmt.Sprintf("it requires %s, which does not exist", name)
				if namespace, every := rules.EveryOf(name); every {
					message = fmt.Sprintf("it requires %s, but there is no plugin of %s", name, namespace)
				}
				c.reportRequires(p, message+rules.DidYouMean(known.Nearest(p.Namespace, name)))
			}
		}
	}
}

// hostWithout returns a host that links a plugin and no plugin that it requires by a
// name, or nil if there is none.
func (c *Checker) hostWithout(r *facts.Requirements, i int, name string) *facts.Host {
	p := r.Facts.Plugins[i]
	for _, h := range c.Hosts() {
		if h.WillLink(p) && len(r.Find(i, p.Namespace, name,
			func(j int) bool { return h.WillLink(r.Facts.Plugins[j]) })) == 0 {
			return &h
		}
	}
	return nil
}

// relatedHost returns where a host is, if that is known.
func (c *Checker) relatedHost(h facts.Host) []analysis.RelatedInformation {
	if !h.Span().Pos.IsValid() {
		return nil
	}
	return []analysis.RelatedInformation{{Pos: h.Span().Pos, End: h.Span().End, Message: "the host is here"}}
}

func (c *Checker) reportRequires(p facts.Plugin, message string, related ...analysis.RelatedInformation) {
	at, own := c.Place(p.Origin, p.Origin)
	if own {
		at = p.RequiresAt.Span()
	} else {
		message = "declared at " + p.Where() + ", " + message
	}
	if at.Pos.IsValid() {
		d := target.Problem(annotate.Graph, at, "plugin "+p.ID()+": "+message)
		d.Related = related
		c.Report(d)
	}
}

// importHasAll reports whether the facts of one import include all the plugins.
func (c *Checker) importHasAll(plugins []facts.Plugin) bool {
	return slices.ContainsFunc(c.Imports, func(f *facts.Facts) bool {
		return !slices.ContainsFunc(plugins, func(p facts.Plugin) bool { return !facts.HasPlugin(p)(f) })
	})
}

// chain names plugins, each of which requires the next.
func chain(plugins []facts.Plugin) string {
	var ids []string
	for _, p := range plugins {
		ids = append(ids, p.ID())
	}
	return strings.Join(ids, " → ")
}

// A crossing is a plugin that requires one of another namespace.
type crossing struct{ plugin, required facts.Plugin }

// checkManagers reports a use of plugins that require a plugin of another namespace,
// if the manager is given no manager of that namespace: the load always fails.
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

// missingManager returns a message about a requested plugin whose requirement no
// manager loads, or "" if there is none.
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

// crossings returns the crossings of a plugin and of the plugins of its namespace
// that it requires, one for each other namespace. It skips plugins that may be
// disabled, or that no host links.
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
