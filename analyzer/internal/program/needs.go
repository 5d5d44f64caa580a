package program

import (
	"fmt"
	"slices"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// checkNeeds reports a program that makes managers in the packages that it imports, and links no
// plugins for them, although its module declares some, or their contract. Without //plugin:link a
// program compiles, so the directive is easily forgotten.
func (c *Checker) checkNeeds(f *facts.Package) {
	if f.Module == "" || len(f.OtherHosts) > 0 || f.Incomplete || f.Unanalyzed {
		return
	}
	own := func(importPath string) bool { return rules.HasPathPrefix(importPath, f.Module) }
	last := ""
	for _, n := range f.Needs {
		if n.Namespace == last || len(f.ByHandIn(n.Namespace)) > 0 {
			continue
		}
		last = n.Namespace
		plugins := c.Facts.PluginsOf(n.Namespace)
		i := slices.IndexFunc(plugins, func(p facts.Plugin) bool { return own(p.Package) && !excluded(f.Hosts, p) })
		switch {
		case len(f.Hosts) == 0:
			contracts := c.Facts.ContractsOf(n.Namespace)
			if i >= 0 || slices.ContainsFunc(contracts, func(k facts.Contract) bool { return own(k.Package) }) {
				c.reportNeed(n, "write //plugin:link in package main")
				return // it is the reason for all
			}
		case i < 0 || linksAny(f.Hosts, n.Namespace, plugins):
		case slices.ContainsFunc(f.Hosts, func(h facts.Host) bool { return h.Package == f.Path }):
			c.reportNeed(n, "have its //plugin:link select "+plugins[i].ID())
		default:
			c.reportNeed(n, fmt.Sprintf("have the //plugin:link of %s select %s, or write one in package main",
				f.Hosts[0].Package, plugins[i].ID()))
		}
	}
}

// linksAny reports whether one of the hosts links a plugin of a namespace.
func linksAny(hosts []facts.Host, namespace string, plugins []facts.Plugin) bool {
	return slices.ContainsFunc(hosts, func(h facts.Host) bool {
		return slices.ContainsFunc(plugins, h.MayLink) ||
			slices.ContainsFunc(h.Linked(), func(p facts.Plugin) bool { return p.Namespace == namespace })
	})
}

// excluded reports whether one of the hosts leaves out a plugin on purpose.
func excluded(hosts []facts.Host, p facts.Plugin) bool {
	return slices.ContainsFunc(hosts, func(h facts.Host) bool {
		return slices.ContainsFunc(h.Rules(), func(r *rules.Host) bool {
			return slices.ContainsFunc(r.Exclude, func(s rules.Selector) bool { return s.Match(p.Rule()) })
		})
	})
}

func (c *Checker) reportNeed(n facts.Need, do string) {
	if n.Span.Pos.IsValid() {
		c.Report(target.Problem(annotate.Linking, n.Span, fmt.Sprintf("no plugin of namespace %s is linked into this "+
			"program, whose package %s makes a manager of it: %s, and %s",
			n.Namespace, n.Package, do, c.RunPlugingen(n.Span.Pos))))
	}
}
