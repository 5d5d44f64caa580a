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
	for i := 0; i < len(c.facts.Contracts); {
		_, end := rangeOf(c.facts.Contracts, c.facts.Contracts[i].Namespace, Contract.namespace)
		c.oneContract(c.facts.Contracts[i:end])
		i = end
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

// oneContract reports all but the first of the contracts of a namespace. Beside one of the
// module that is checked, those of other modules have no meaning.
func (c *checker) oneContract(contracts []Contract) {
	first := contracts[max(slices.IndexFunc(contracts, c.facts.owns), 0)]
	for _, k := range contracts {
		h, together := c.side(first, k)
		switch {
		case k.Package == first.Package, !together, c.facts.owns(k) != c.facts.owns(first), c.met(holdsContract(first), holdsContract(k)):
		case first.Package == c.Pkg.Path():
			c.secondContract(k, first, h)
		default:
			c.secondContract(first, k, h)
		}
	}
}

// side reports whether a host has both contracts side by side, and a plugin of their
// namespace, and which. Without hosts, anybody may.
func (c *checker) side(one, other Contract) (*Host, bool) {
	hosts := c.hosts()
	i := slices.IndexFunc(hosts, func(h Host) bool {
		return h.reads(one.Package) && h.reads(other.Package) && h.has(one) == h.has(other) &&
			slices.ContainsFunc(withKey(c.facts.Plugins, one.Namespace, Plugin.namespace), h.takes)
	})
	if i < 0 {
		return nil, len(hosts) == 0
	}
	return &hosts[i], true
}

// has reports whether a contract is of the host's own module. Then what others declare for
// its namespace has no meaning.
func (h Host) has(k Contract) bool {
	return h.Module != "" && rules.HasPathPrefix(k.Package, h.Module)
}

// secondContract reports the second of two contracts of one namespace, which a host has, if
// there is one.
func (c *checker) secondContract(first, second Contract, h *Host) {
	at, own := c.place(second.Origin, first.Origin)
	if !at.Pos.IsValid() {
		return
	}
	d := problem(annotate.Duplicate, at, fmt.Sprintf("%s is a second contract of namespace %s, besides %s: keep one, or leave one out with exclude=%s",
		second.symbol(), second.Namespace, first.symbol(), rules.SelectorOf(second.Package)))
	d.Related = c.related(first.Origin, "the other is declared here", nil)
	if !own {
		d.Related = append(d.Related, c.related(second.Origin, "the second is declared here", nil)...)
	}
	if h != nil {
		d.Related = append(d.Related, c.host(*h)...)
	}
	c.Report(d)
}

// symbol names the contract with its import path.
func (k Contract) symbol() string { return k.Package + "." + k.Symbol }

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
