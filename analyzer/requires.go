package analyzer

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/annotate"
)

// requirements reports plugins that require each other in a circle, and plugins
// that require deprecated ones.
func (c *checker) requirements() {
	g := newGraph(c.facts)
	for i, p := range c.facts.Plugins {
		for _, r := range p.Requires {
			j := g.target(p, r)
			if j < 0 || g.several[j] && !c.meet(p, c.facts.Plugins[j]) {
				continue
			}
			if chain := g.path(j, i); chain != nil && c.first(g, chain) == i && !c.metAll(g.plugins(chain)) {
				c.reportRequires(p, "the plugins require each other: "+g.show(append([]int{i}, chain...)))
				break
			}
			if q := c.facts.Plugins[j]; q.Deprecated != "" && p.Deprecated == "" && !c.met(holdsPlugin(p), holdsPlugin(q)) {
				c.reportRequires(p, fmt.Sprintf("it requires %s, which is deprecated: %s", q.ID(), q.Deprecated))
			}
		}
	}
}

// first returns the plugin of a circle to report it at: one of this package's, if
// there is one.
func (c *checker) first(g *graph, circle []int) int {
	circle = slices.Sorted(slices.Values(circle))
	for _, i := range circle {
		if g.facts.Plugins[i].Package == c.Pkg.Path() {
			return i
		}
	}
	return circle[0]
}

// unmet reports requirements that nothing meets, where all plugins of a program
// are known.
func (c *checker) unmet() {
	if c.facts.Dynamic {
		return
	}
	g := newGraph(c.facts)
	for _, p := range c.facts.Plugins {
		if !c.meet(p) {
			continue // no host links it
		}
		for _, r := range p.Requires {
			switch j := g.target(p, r); {
			case j >= 0 && !g.several[j]:
				if h := c.apart(p, c.facts.Plugins[j]); h != nil {
					c.reportRequires(p, fmt.Sprintf("it requires %s, which the host %s does not link", r, h.Package), c.host(*h)...)
				}
			case j < 0 && !slices.Contains(c.facts.names(p.Namespace), r) && !c.facts.unchecked(r):
				c.reportRequires(p, fmt.Sprintf("it requires %s, which does not exist%s", r, c.didYouMean(p, r)))
			}
		}
	}
}

// apart returns a host that links one plugin and not the other, nil if there is none.
func (c *checker) apart(one, other Plugin) *Host {
	for _, h := range c.hosts() {
		if h.will(one) && !h.will(other) {
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

// unchecked says whether there is a plugin that is made by hand, or is in other builds.
func (f *Facts) unchecked(id string) bool {
	return slices.ContainsFunc(slices.Concat(f.ByHand, f.Elsewhere), func(u Use) bool { return u.Namespace+":"+u.Name == id })
}

func (c *checker) didYouMean(p Plugin, required string) string {
	known := c.facts.names(p.Namespace)
	for _, q := range c.facts.Plugins {
		known = append(known, q.ID())
	}
	if near := nearMiss(required, known); near != "" {
		return fmt.Sprintf(" (did you mean %q?)", near)
	}
	return ""
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

// A graph is who requires whom. Plugins are known by their index among the facts.
type graph struct {
	facts *Facts
	ids   map[string]int // names and aliases, with their namespaces

	// Plugins whose name or alias another one has, too: a duplicate, or a plugin that
	// another host links.
	several map[int]bool
}

func newGraph(f *Facts) *graph {
	g := &graph{f, map[string]int{}, map[int]bool{}}
	for i, p := range f.Plugins {
		for _, name := range append([]string{p.Name}, p.Aliases...) {
			id := p.Namespace + ":" + name
			if other, ok := g.ids[id]; ok && other != i {
				g.several[i], g.several[other] = true, true
			}
			g.ids[id] = i
		}
	}
	return g
}

// target returns the plugin that a requirement names, -1 if there is none. A
// name may have a colon in it, so a namespace is tried first.
func (g *graph) target(p Plugin, required string) int {
	for _, id := range []string{required, p.Namespace + ":" + required} {
		if i, ok := g.ids[id]; ok {
			return i
		}
	}
	return -1
}

// path returns how one plugin requires another, both included, nil if it does not.
func (g *graph) path(from, to int) []int {
	seen := map[int]bool{}
	var walk func(int) []int
	walk = func(i int) []int {
		if i == to {
			return []int{i}
		}
		if seen[i] {
			return nil
		}
		seen[i] = true
		p := g.facts.Plugins[i]
		for _, r := range p.Requires {
			if j := g.target(p, r); j >= 0 {
				if rest := walk(j); rest != nil {
					return append([]int{i}, rest...)
				}
			}
		}
		return nil
	}
	return walk(from)
}

func (g *graph) plugins(indexes []int) []Plugin {
	var all []Plugin
	for _, i := range indexes {
		all = append(all, g.facts.Plugins[i])
	}
	return all
}

// show names the plugins of a chain that ends where it began.
func (g *graph) show(chain []int) string {
	var ids []string
	for _, i := range chain {
		ids = append(ids, g.facts.Plugins[i].ID())
	}
	return strings.Join(ids, " requires ")
}
