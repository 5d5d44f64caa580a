package program

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/freshness"
	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/rules"
)

// checkLinked reports hosts that do not link plugins that they select, and plugins
// in packages that no host may import. It skips packages with other diagnostics.
func (c *Checker) checkLinked(complete bool, packages []*facts.Package) {
	if len(c.Facts.Hosts) == 0 {
		return
	}
	if complete {
		c.checkDirectives()
	}
	modules, skip, linked := map[string]string{}, map[string]bool{}, map[string]bool{}
	for _, f := range packages {
		modules[f.Path] = f.Module
		skip[f.Path] = skip[f.Path] || f.Reported || f.Stale != nil
	}
	for _, h := range c.Facts.Hosts {
		for _, link := range h.Links {
			linked[link] = true
		}
	}
	reported := map[string]bool{} // packages
	for _, p := range c.Facts.Plugins {
		if !p.Span().Pos.IsValid() || skip[p.Package] || linked[p.Spec()] {
			continue
		}
		for _, h := range c.Facts.Hosts {
			if freshness.Enabled && h.MustLink(p, modules[p.Package]) && !reported[h.Package] &&
				!skip[h.Package] && h.Span().Pos.IsValid() {
				reported[h.Package] = true
				d := target.Problem(annotate.Stale, h.Span(),
					fmt.Sprintf("this host does not link the plugin %s: %s", p.ID(), c.RunPlugingen(h.Span().Pos)))
				d.Related = c.Related(p.Origin, "the plugin is declared here", nil)
				c.Report(d)
			}
		}
		if complete && !reported[p.Package] && c.unreachable(p, modules[p.Package]) {
			reported[p.Package] = true
			c.Report(target.Problem(annotate.Linking, p.Span(), rules.UnreachableMessage(p.Rule())))
		}
	}
}

// unreachable reports whether no host may import a plugin that one of them wants.
func (c *Checker) unreachable(p facts.Plugin, module string) bool {
	if module == "" || rules.InternalTo(p.Package) == "" {
		return false
	}
	var all []*rules.Host
	for _, h := range slices.Concat(c.Facts.Hosts, c.Facts.OtherHosts) {
		all = append(all, h.Rules()...)
	}
	return rules.Unreachable(all, module, p.Rule())
}

// checkDirectives reports words of directives that match nothing in their own
// module.
func (c *Checker) checkDirectives() {
	for _, h := range c.Facts.Hosts {
		for _, d := range h.Directives {
			if d.Words() != nil && h.Module != "" {
				c.checkDirective(h, d)
			}
		}
	}
}

func (c *Checker) checkDirective(h facts.Host, d facts.Directive) {
	own := rules.Pattern(h.Module + "/...")
	within := true // the host names no other module
	for _, w := range d.Words().Packages {
		if !own.Match(w.Text) {
			within = false
			continue
		}
		if w.Text != string(own) &&
			!c.anyPlugin(func(p facts.Plugin) bool { return rules.Pattern(w.Text).Match(p.Package) }) {
			c.reportAsPlugingen(w.Span)
		}
	}
	for _, w := range slices.Concat(d.Words().Namespaces, d.Words().Exclude) {
		if within && rules.Selector(w.Text).Check() == nil && !c.anyPlugin(func(p facts.Plugin) bool {
			return h.Names(p) && rules.Selector(w.Text).Match(p.Rule())
		}) {
			c.reportAsPlugingen(w.Span)
		}
	}
}

// reportAsPlugingen reports what plugingen also reports at a position, if anything: it
// knows packages that have no files in this build.
func (c *Checker) reportAsPlugingen(span annotate.Span) {
	at := c.Fset.PositionFor(span.Pos, false)
	plan, err := gen.Make(filepath.Dir(at.Filename), nil)
	if err != nil {
		return
	}
	for _, d := range plan.Diagnostics {
		p := plan.Fset.PositionFor(d.Pos, false)
		if filepath.Base(p.Filename) == filepath.Base(at.Filename) && p.Offset == at.Offset {
			c.Report(target.Problem(d.Category, span, d.Message))
			return
		}
	}
}

// anyPlugin reports whether a plugin of any build satisfies a condition.
func (c *Checker) anyPlugin(is func(facts.Plugin) bool) bool {
	return slices.ContainsFunc(c.Facts.Plugins, is) || slices.ContainsFunc(c.Facts.OtherBuilds, func(u facts.Use) bool {
		return is(facts.Plugin{Namespace: u.Namespace, Name: u.Name, Origin: facts.Origin{Package: u.Package}})
	})
}

// ReportGenerated reports generated files that are out of date or do not compile, in
// packages without other diagnostics, which may be the reason or keep plugingen from
// writing the files. A file of a host is not reported if it links plugins of a
// package with diagnostics.
func (c *Checker) ReportGenerated(packages []*facts.Package) {
	wrong := map[string]bool{}
	for _, f := range packages {
		wrong[f.Path] = wrong[f.Path] || f.Reported
	}
	for _, p := range c.Facts.Plugins {
		impossible := slices.ContainsFunc(c.Facts.ContractsOf(p.Namespace),
			func(k facts.Contract) bool { return k.Impossible })
		wrong[p.Package] = wrong[p.Package] || p.Unsatisfied() || impossible
	}
	for _, h := range c.Facts.Hosts {
		wrong[h.Package] = wrong[h.Package] || h.Blocked(packages)
	}
	isHost := func(f *facts.Package) bool {
		return slices.ContainsFunc(f.Hosts, func(h facts.Host) bool { return h.Package == f.Path })
	}
	linksWrong := func(f *facts.Package) bool {
		return slices.ContainsFunc(f.Plugins, func(p facts.Plugin) bool {
			return p.Package != f.Path && wrong[p.Package]
		})
	}
	// hosts last: generating a package also rewrites the host that links it
	for _, hosts := range []bool{false, true} {
		for _, f := range packages {
			if f.Stale != nil && !wrong[f.Path] && isHost(f) == hosts && (!hosts || !linksWrong(f)) {
				c.Report(*f.Stale)
				wrong[f.Path] = true
			}
		}
	}
	for _, f := range packages {
		if f.Broken != nil && !wrong[f.Path] && !linksWrong(f) {
			c.Report(*f.Broken)
		}
	}
}
