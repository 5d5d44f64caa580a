package analyzer

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/rules"
)

// unlinked reports hosts that do not link all that they should, and packages of plugins that
// no host may import. A package in which something else is wrong is left alone. What a host
// does not name in packages= it leaves out on purpose.
func (c *checker) unlinked(complete bool, packages []*Facts) {
	if len(c.facts.Hosts) == 0 {
		return
	}
	if complete {
		c.unmatched()
	}
	modules, wait, linked := map[string]string{}, map[string]bool{}, map[string]bool{}
	for _, f := range packages {
		modules[f.path] = f.module
		wait[f.path] = wait[f.path] || f.wrong || f.stale != nil
	}
	for _, h := range c.facts.Hosts {
		for _, link := range h.Links {
			linked[link] = true
		}
	}
	reported := map[string]bool{} // packages
	for _, p := range c.facts.Plugins {
		if !p.span.Pos.IsValid() || wait[p.Package] || linked[p.spec()] {
			continue
		}
		for _, h := range c.facts.Hosts {
			if checkFresh && h.owns(p, modules[p.Package]) && !reported[h.Package] && !wait[h.Package] && h.span.Pos.IsValid() {
				reported[h.Package] = true
				d := problem(Stale, h.span, fmt.Sprintf("this host does not link the plugin %s: %s", p.ID(), c.again(h.span.Pos)))
				d.Related = c.related(p.Origin, "the plugin is declared here", nil)
				c.Report(d)
			}
		}
		if complete && !reported[p.Package] && c.outOfReach(p, modules[p.Package]) {
			reported[p.Package] = true
			c.Report(problem(annotate.Linking, p.span, fmt.Sprintf("no host links the plugin %s: its package is internal to %s, so that no host may import it: move it, or leave it out with exclude=%s",
				p.ID(), rules.InternalTo(p.Package), p.Package)))
		}
	}
}

// outOfReach reports whether no host may import a plugin of a module that has hosts, though
// they do not leave it out.
func (c *checker) outOfReach(p Plugin, module string) bool {
	all := slices.Concat(c.facts.Hosts, c.facts.OtherHosts)
	return slices.ContainsFunc(c.facts.Hosts, func(h Host) bool { return h.Module == module }) &&
		!slices.ContainsFunc(all, func(h Host) bool { return rules.CanImport(h.Package, p.Package) || h.leavesOut(p) })
}

// unmatched reports what a directive names of its own module and does not exist.
func (c *checker) unmatched() {
	for _, h := range c.facts.Hosts {
		for _, d := range h.Directives {
			if d.words != nil && h.Module != "" {
				c.unmatchedBy(h, d)
			}
		}
	}
}

func (c *checker) unmatchedBy(h Host, d Directive) {
	own := rules.Pattern(h.Module + "/...")
	within := true // what the host names is all to be seen
	for _, w := range d.words.Packages {
		if !own.Match(w.Text) {
			within = false
			continue
		}
		if w.Text != string(own) && !c.anyPlugin(func(p Plugin) bool { return rules.Pattern(w.Text).Match(p.Package) }) && c.plugingenSays(w.Span) {
			c.Report(problem(annotate.Linking, w.Span, w.Text+" matches no package that has plugins"))
		}
	}
	for _, w := range slices.Concat(d.words.Namespaces, d.words.Exclude) {
		if within && rules.Selector(w.Text).Check() == nil && !c.anyPlugin(func(p Plugin) bool {
			return h.names(p) && rules.Selector(w.Text).Match(p.rule())
		}) && c.plugingenSays(w.Span) {
			c.Report(problem(annotate.Linking, w.Span, fmt.Sprintf("%q matches no plugin of the packages that this host names", w.Text)))
		}
	}
}

// plugingenSays reports whether plugingen, too, finds something wrong in a place: it also
// knows the packages that are in no file of this build.
func (c *checker) plugingenSays(span annotate.Span) bool {
	at := c.Fset.PositionFor(span.Pos, false)
	plan, err := gen.Make(filepath.Dir(at.Filename), nil)
	return err == nil && slices.ContainsFunc(plan.Diagnostics, func(d annotate.Diagnostic) bool {
		p := plan.Fset.PositionFor(d.Span.Pos, false)
		return filepath.Base(p.Filename) == filepath.Base(at.Filename) && p.Offset == at.Offset
	})
}

// anyPlugin reports whether there is a plugin of a kind, in any build.
func (c *checker) anyPlugin(is func(Plugin) bool) bool {
	return slices.ContainsFunc(c.facts.Plugins, is) || slices.ContainsFunc(c.facts.Elsewhere, func(u Use) bool {
		return is(Plugin{Namespace: u.Namespace, Name: u.Name, Origin: Origin{Package: u.Package}})
	})
}
