package program

import (
	"fmt"
	"iter"
	"slices"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// checkUnique reports plugins of one name, aliases included, and contracts of one
// namespace, that are declared in different packages. A pair is not reported if an
// import knows both, and has reported them, or if no host links both.
func (c *Checker) checkUnique() {
	claims := func(yield func(string, facts.Plugin) bool) {
		for _, p := range c.Facts.Plugins {
			for _, name := range append([]string{p.Name}, p.Aliases...) {
				if !yield(p.Namespace+":"+name, p) {
					return
				}
			}
		}
	}
	for _, clash := range rules.Clashes(claims, c.clashes) {
		c.reportDuplicate("plugin "+clash.ID, clash.First.Origin, clash.Second.Origin)
	}
	if len(c.Facts.ByHand) > 0 {
		c.checkUniqueByHand(claims)
	}
	for i := 0; i < len(c.Facts.Contracts); {
		contracts := c.Facts.ContractsOf(c.Facts.Contracts[i].Namespace)
		c.checkContracts(contracts)
		i += len(contracts)
	}
}

// clashes reports whether two plugins may not have the same name. Plugins of one
// package are compared by package annotate.
func (c *Checker) clashes(p, q facts.Plugin) bool {
	return p.Package != q.Package && c.LinkedTogether(p, q) && !c.ImportHas(facts.HasPlugin(p), facts.HasPlugin(q))
}

// checkUniqueByHand reports specs that functions build and that have the name of a
// plugin.
func (c *Checker) checkUniqueByHand(claims iter.Seq2[string, facts.Plugin]) {
	claimed := map[string][]facts.Plugin{}
	for id, p := range claims {
		claimed[id] = append(claimed[id], p)
	}
	for _, u := range c.Facts.ByHand {
		id := u.Namespace + ":" + u.Name
		for _, p := range claimed[id] {
			by := facts.Origin{Package: u.Package, Place: u.Place}
			if c.LinkedTogether(p) && !c.ImportHas(facts.HasPlugin(p), facts.HasByHand(u)) {
				c.reportDuplicate("plugin "+id, p.Origin, by)
			}
		}
	}
}

// checkContracts reports all but the first of the contracts of a namespace. Those of
// other modules are ignored if the module being checked has one.
func (c *Checker) checkContracts(contracts []facts.Contract) {
	contracts = c.Facts.Governing(contracts)
	first := contracts[0]
	for _, k := range contracts {
		h, together := c.hostWithBoth(first, k)
		switch {
		case k.Package == first.Package, !together,
			c.ImportHas(facts.HasContract(first), facts.HasContract(k)):
		case first.Package == c.Pkg.Path():
			c.reportSecondContract(k, first, h)
		default:
			c.reportSecondContract(first, k, h)
		}
	}
}

// hostWithBoth returns a host that reads both contracts and may link a plugin of
// their namespace. It reports whether there is one, or there are no hosts.
func (c *Checker) hostWithBoth(one, other facts.Contract) (*facts.Host, bool) {
	hosts := c.Hosts()
	i := slices.IndexFunc(hosts, func(h facts.Host) bool {
		return h.Reads(one.Package) && h.Reads(other.Package) && h.Owns(one) == h.Owns(other) &&
			slices.ContainsFunc(c.Facts.PluginsOf(one.Namespace), h.MayLink)
	})
	if i < 0 {
		return nil, len(hosts) == 0
	}
	return &hosts[i], true
}

// reportSecondContract reports the second of two contracts of one namespace. h is
// the host that reads both, or nil.
func (c *Checker) reportSecondContract(first, second facts.Contract, h *facts.Host) {
	at, own := c.Place(second.Origin, first.Origin)
	if !at.Pos.IsValid() {
		return
	}
	d := target.Problem(annotate.Duplicate, at, fmt.Sprintf("%s is a second contract of namespace %s, "+
		"besides %s: keep one, or leave one out with exclude=%s",
		second.String(), second.Namespace, first.String(), rules.SelectorOf(second.Package)))
	d.Related = c.Related(first.Origin, "the other is declared here", nil)
	if !own {
		d.Related = append(d.Related, c.Related(second.Origin, "the second is declared here", nil)...)
	}
	if h != nil {
		d.Related = append(d.Related, c.relatedHost(*h)...)
	}
	c.Report(d)
}

// reportDuplicate reports two declarations of one name, at the one in this package,
// or where the package imports them.
func (c *Checker) reportDuplicate(what string, a, b facts.Origin) {
	if a.Package == c.Pkg.Path() || c.WholeProgram && !b.Span().Pos.IsValid() {
		a, b = b, a
	}
	at, own := c.Place(b, a)
	if !at.Pos.IsValid() {
		return
	}
	if own {
		d := target.Problem(annotate.Duplicate, at, fmt.Sprintf("%s is declared already, at %s: it is "+
			"unique in a program", what, a.Where()))
		d.Related = c.Related(a, "it is declared here", nil)
		c.Report(d)
		return
	}
	d := target.Problem(annotate.Duplicate, at, fmt.Sprintf("%s is declared twice, at %s and at %s: it is "+
		"unique in a program", what, a.Where(), b.Where()))
	d.Related = c.Related(a, "it is declared here", c.Related(b, "and here", nil))
	c.Report(d)
}
