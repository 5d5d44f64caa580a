package analyzer

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// requirements reports plugins that require each other, and plugins that require
// deprecated ones.
func (c *checker) requirements() {
	r := newRequirements(c.facts)
	for _, cycle := range rules.Cycles(r.indexes(), func(i int) []int { return c.required(r, i) }) {
		plugins := c.fromOwn(r.plugins(cycle))
		if !c.metAll(plugins) {
			c.reportRequires(plugins[0], "the plugins require each other: "+chain(append(plugins, plugins[0])))
		}
	}
	for i, p := range c.facts.Plugins {
		for _, name := range p.Requires {
			if _, every := rules.EveryOf(name); every || p.Deprecated != "" {
				continue
			}
			for _, q := range r.plugins(c.meant(r, i, name)) {
				if q.Deprecated != "" && !c.met(holdsPlugin(p), holdsPlugin(q)) {
					c.reportRequires(p, fmt.Sprintf("it requires %s, which is deprecated: %s", q.ID(), q.Deprecated))
				}
			}
		}
	}
}

// required returns the plugins that another requires.
func (c *checker) required(r *requirements, i int) (found []int) {
	for _, name := range r.facts.Plugins[i].Requires {
		found = append(found, c.meant(r, i, name)...)
	}
	return found
}

// meant returns the plugins that a requirement of a plugin means. Of those whose name
// is not unique, it returns the ones that some program has together with the plugin.
func (c *checker) meant(r *requirements, i int, name string) []int {
	p := r.facts.Plugins[i]
	return r.Find(i, p.Namespace, name, func(j int) bool { return !r.several[j] || c.meet(p, r.facts.Plugins[j]) })
}

// fromOwn returns the plugins of a cycle in order, from one of this package's on, if
// there is one.
func (c *checker) fromOwn(cycle []Plugin) []Plugin {
	first := 0
	for i, p := range cycle {
		own, best := p.Package == c.Pkg.Path(), cycle[first].Package == c.Pkg.Path()
		if own && !best || own == best && p.compareID(cycle[first]) < 0 {
			first = i
		}
	}
	return slices.Concat(cycle[first:], cycle[:first])
}

// unmet reports requirements that nothing meets, where all plugins of a program
// are known.
func (c *checker) unmet() {
	if c.facts.Dynamic {
		return
	}
	r := newRequirements(c.facts)
	known := c.facts.everyPlugin()
	for i, p := range c.facts.Plugins {
		if !c.meet(p) {
			continue // no host links it
		}
		for _, name := range p.Requires {
			found := r.Find(i, p.Namespace, name, func(int) bool { return true })
			switch {
			case len(found) > 0 && !slices.ContainsFunc(found, func(j int) bool { return r.several[j] }):
				if h := c.without(r, i, name); h != nil {
					c.reportRequires(p, fmt.Sprintf("it requires %s, which the host %s does not link", name, h.Package), c.host(*h)...)
				}
			case len(found) == 0 && !known.Has(p.Namespace, name):
				message := fmt.Sprintf("it requires %s, which does not exist", name)
				if namespace, every := rules.EveryOf(name); every {
					message = fmt.Sprintf("it requires %s, but there is no plugin of %s", name, namespace)
				}
				if near := known.Nearest(p.Namespace, name); near != "" {
					message += fmt.Sprintf(" (did you mean %q?)", near)
				}
				c.reportRequires(p, message)
			}
		}
	}
}

// without returns a host that links a plugin and nothing that its requirement could
// mean, or nil if there is none.
func (c *checker) without(r *requirements, i int, name string) *Host {
	p := r.facts.Plugins[i]
	for _, h := range c.hosts() {
		if h.will(p) && len(r.Find(i, p.Namespace, name, func(j int) bool { return h.will(r.facts.Plugins[j]) })) == 0 {
			return &h
		}
	}
	return nil
}

// host returns where a host is, if that is known.
func (c *checker) host(h Host) []analysis.RelatedInformation {
	if !h.span.Pos.IsValid() {
		return nil
	}
	return []analysis.RelatedInformation{{Pos: h.span.Pos, End: h.span.End, Message: "the host is here"}}
}

// everyPlugin returns the names of all plugins, those that are made by hand or are in
// other builds included.
func (f *Facts) everyPlugin() *rules.Lookup[int] {
	l := &newRequirements(f).Lookup
	for _, u := range slices.Concat(f.ByHand, f.Elsewhere) {
		l.Add(-1, u.Namespace, u.Name)
	}
	return l
}

func (c *checker) reportRequires(p Plugin, message string, related ...analysis.RelatedInformation) {
	at, own := c.place(p.Origin, p.Origin)
	if own {
		at = p.requires
	} else {
		message = "declared at " + p.At + ", " + message
	}
	if at.Pos.IsValid() {
		d := problem(annotate.Graph, at, "plugin "+p.ID()+": "+message)
		d.Related = related
		c.Report(d)
	}
}

// metAll says whether an import knows of all the plugins.
func (c *checker) metAll(plugins []Plugin) bool {
	return slices.ContainsFunc(c.imports, func(f *Facts) bool {
		return !slices.ContainsFunc(plugins, func(p Plugin) bool { return !holdsPlugin(p)(f) })
	})
}

// The requirements of the plugins among the facts, which are known by their index.
type requirements struct {
	rules.Lookup[int]
	facts *Facts

	// Plugins whose name or alias another one has, too: a duplicate, or a plugin that
	// another host links.
	several map[int]bool
}

func newRequirements(f *Facts) *requirements {
	r := &requirements{facts: f, several: map[int]bool{}}
	claimed := map[string]int{}
	for i, p := range f.Plugins {
		r.Add(i, p.Namespace, p.Name, p.Aliases...)
		for _, name := range append([]string{p.Name}, p.Aliases...) {
			id := p.Namespace + ":" + name
			if other, ok := claimed[id]; ok && other != i {
				r.several[i], r.several[other] = true, true
			}
			claimed[id] = i
		}
	}
	return r
}

func (r *requirements) indexes() []int {
	all := make([]int, len(r.facts.Plugins))
	for i := range all {
		all[i] = i
	}
	return all
}

func (r *requirements) plugins(indexes []int) []Plugin {
	var all []Plugin
	for _, i := range indexes {
		all = append(all, r.facts.Plugins[i])
	}
	return all
}

// chain names plugins, each of which requires the next.
func chain(plugins []Plugin) string {
	var ids []string
	for _, p := range plugins {
		ids = append(ids, p.ID())
	}
	return strings.Join(ids, " requires ")
}
