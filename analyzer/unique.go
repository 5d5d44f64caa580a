package analyzer

import (
	"fmt"
	"iter"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// unique reports plugins of one name, aliases included, and contracts of one
// namespace, that are declared in different packages. A pair that some import
// knows already is that import's to report, and one that no host links is nobody's.
func (c *checker) unique() {
	claims := func(yield func(string, Plugin) bool) {
		for _, p := range c.facts.Plugins {
			for _, name := range append([]string{p.Name}, p.Aliases...) {
				if !yield(p.Namespace+":"+name, p) {
					return
				}
			}
		}
	}
	for _, clash := range rules.Clashes(claims, c.clash) {
		c.reportTwice("plugin "+clash.ID, clash.First.Origin, clash.Second.Origin)
	}
	if len(c.facts.ByHand) > 0 {
		c.uniqueByHand(claims)
	}
	for i, k := range c.facts.Contracts[:max(len(c.facts.Contracts)-1, 0)] {
		next := c.facts.Contracts[i+1]
		if k.Namespace == next.Namespace && k.Package != next.Package && c.side(k, next) && !c.met(holdsContract(k), holdsContract(next)) {
			c.reportTwice("the contract of "+k.Namespace, k.Origin, next.Origin)
		}
	}
}

// clash reports whether two plugins may not have the same name: those of one package are
// compared by package annotate.
func (c *checker) clash(p, q Plugin) bool {
	return p.Package != q.Package && c.meet(p, q) && !c.met(holdsPlugin(p), holdsPlugin(q))
}

// uniqueByHand reports plugins that are made by hand and have the name of another.
func (c *checker) uniqueByHand(claims iter.Seq2[string, Plugin]) {
	claimed := map[string][]Plugin{}
	for id, p := range claims {
		claimed[id] = append(claimed[id], p)
	}
	for _, u := range c.facts.ByHand {
		id := u.Namespace + ":" + u.Name
		for _, p := range claimed[id] {
			by := Origin{Package: u.Package, At: u.At, span: u.span}
			if c.meet(p) && !c.met(holdsPlugin(p), holdsByHand(u)) {
				c.reportTwice("plugin "+id, p.Origin, by)
			}
		}
	}
}

// side says whether any host has both contracts side by side, and a plugin of their
// namespace. Without hosts, anybody may.
func (c *checker) side(one, other Contract) bool {
	hosts := c.hosts()
	return len(hosts) == 0 || slices.ContainsFunc(hosts, func(h Host) bool {
		return h.names(Plugin{Origin: one.Origin}) && h.names(Plugin{Origin: other.Origin}) && h.has(one) == h.has(other) &&
			slices.ContainsFunc(c.facts.Plugins, func(p Plugin) bool { return p.Namespace == one.Namespace && h.takes(p) })
	})
}

// has reports whether a contract is of the host's own module. Then what others declare for
// its namespace has no meaning.
func (h Host) has(k Contract) bool {
	return h.Module != "" && rules.HasPathPrefix(k.Package, h.Module)
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
