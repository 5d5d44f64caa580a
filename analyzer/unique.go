package analyzer

import (
	"fmt"
	"slices"

	"github.com/plugingen/plugingen/annotate"
)

// unique reports plugins of one name, aliases included, and contracts of one
// namespace, that are declared in different packages. A pair that some import
// knows already is that import's to report, and one that no host links is nobody's.
func (c *checker) unique() {
	type claim struct {
		name   string
		plugin Plugin
	}
	claims := map[string][]Plugin{}
	var order []claim
	for _, p := range c.facts.Plugins {
		for _, name := range append([]string{p.Name}, p.Aliases...) {
			order = append(order, claim{p.Namespace + ":" + name, p})
		}
	}
	for _, cl := range order {
		for _, other := range claims[cl.name] {
			if other.Package != cl.plugin.Package && c.meet(other, cl.plugin) && !c.met(holdsPlugin(other), holdsPlugin(cl.plugin)) {
				c.reportTwice("plugin "+cl.name, other.Origin, cl.plugin.Origin)
			}
		}
		claims[cl.name] = append(claims[cl.name], cl.plugin)
	}
	for _, u := range c.facts.ByHand {
		for _, other := range claims[u.Namespace+":"+u.Name] {
			by := Origin{Package: u.Package, At: u.At, span: u.span}
			if c.meet(other) && !c.met(holdsPlugin(other), holdsByHand(u)) {
				c.reportTwice("plugin "+other.Namespace+":"+u.Name, other.Origin, by)
			}
		}
	}
	for i, k := range c.facts.Contracts[:max(len(c.facts.Contracts)-1, 0)] {
		next := c.facts.Contracts[i+1]
		if k.Namespace == next.Namespace && k.Package != next.Package && c.side(k, next) && !c.met(holdsContract(k), holdsContract(next)) {
			c.reportTwice("the contract of "+k.Namespace, k.Origin, next.Origin)
		}
	}
}

// side says whether any host has both contracts side by side, and a plugin of their
// namespace. Without hosts, anybody may.
func (c *checker) side(one, other Contract) bool {
	hosts := c.hosts()
	return len(hosts) == 0 || slices.ContainsFunc(hosts, func(h Host) bool {
		return h.names(Plugin{Origin: one.Origin}) && h.names(Plugin{Origin: other.Origin}) &&
			slices.ContainsFunc(c.facts.Plugins, func(p Plugin) bool { return p.Namespace == one.Namespace && h.takes(p) })
	})
}

// met says whether an import knows of both.
func (c *checker) met(one, other func(*Facts) bool) bool {
	return slices.ContainsFunc(c.imports, func(f *Facts) bool { return one(f) && other(f) })
}

func holdsPlugin(p Plugin) func(*Facts) bool {
	return func(f *Facts) bool {
		_, ok := slices.BinarySearchFunc(f.Plugins, p, Plugin.compareID)
		return ok
	}
}

func holdsByHand(u Use) func(*Facts) bool {
	return func(f *Facts) bool {
		return slices.ContainsFunc(f.ByHand, func(v Use) bool { return u.compare(v) == 0 })
	}
}

func holdsContract(k Contract) func(*Facts) bool {
	return func(f *Facts) bool {
		return slices.ContainsFunc(f.Contracts, func(x Contract) bool { return x.Namespace == k.Namespace && x.compare(k.Origin) == 0 })
	}
}

// reportTwice reports two declarations of one thing, at the one that is in this
// package, or where the two meet.
func (c *checker) reportTwice(what string, a, b Origin) {
	if a.Package == c.Pkg.Path() || len(c.Files) == 0 && !b.span.Pos.IsValid() {
		a, b = b, a
	}
	at, own := c.place(b, a)
	if !at.Pos.IsValid() {
		return
	}
	if own {
		d := problem(annotate.Duplicate, at, fmt.Sprintf("%s is declared already, at %s: it is unique in a program", what, a.At))
		d.Related = c.related(a, "it is declared here", nil)
		c.Report(d)
		return
	}
	d := problem(annotate.Duplicate, at, fmt.Sprintf("%s is declared twice, at %s and at %s: it is unique in a program", what, a.At, b.At))
	d.Related = c.related(a, "it is declared here", c.related(b, "and here", nil))
	c.Report(d)
}

// place returns where to report what is wrong with a declaration, and whether that
// is the declaration itself: it is in the package that declares it, and when a
// whole program is checked. Elsewhere it is where the two packages meet.
func (c *checker) place(o, other Origin) (at annotate.Span, own bool) {
	if o.Package == c.Pkg.Path() || len(c.Files) == 0 {
		return o.span, true
	}
	return c.importOf(o.Package, other.Package), false
}
