package program

import (
	"fmt"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/analyzer/internal/typedesc"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// checkImportedPlugins checks imported plugins whose contracts no import knows.
func (c *Checker) checkImportedPlugins() {
	for i := range c.Facts.Plugins {
		p := &c.Facts.Plugins[i]
		k := c.Facts.Contract(p.Namespace)
		if p.Package == c.Pkg.Path() || p.Type == nil || p.Checked || k == nil {
			continue
		}
		if lacking := p.Mismatches(*p.Type, *k); len(lacking) > 0 {
			at, own := c.Place(p.Origin, k.Origin)
			plugin, related := p.ID(), c.RelatedContract(*k, lacking[0].Method)
			if !own {
				plugin += ", declared at " + p.Where()
				related = c.Related(p.Origin, "the plugin is declared here", related)
			}
			c.ReportContract(at, plugin, typedesc.Message(lacking, *p.Type, k.Type), related)
		}
		p.SetChecked()
	}
}

// checkUnnamed reports structs without name that satisfy their contract and that
// nothing in a complete program embeds: they are neither plugins nor bases.
func (c *Checker) checkUnnamed(packages []*facts.Package) {
	embeds := map[string]bool{}
	for _, f := range packages {
		for name := range f.Embedded {
			embeds[name] = true
		}
	}
	for _, f := range packages {
		for _, b := range f.Unnamed {
			if !embeds[b.Symbol] && !isBaseName(b.Symbol) {
				c.Report(target.Problem(annotate.Missing, b.Span(), fmt.Sprintf(
					"%s has all that plugins of %s need but a name, and nothing embeds it: add name=%s to "+
						"make it a plugin", b.Symbol, b.Namespace, rules.SnakeCase(b.Symbol))))
			}
		}
	}
}

// isBaseName reports whether a name suggests that a type is to be embedded.
func isBaseName(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"base", "abstract", "default", "unimplemented", "noop", "embed", "mixin"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// checkResult reports a function plugin that does not have the type that a manager
// requests, if its result has. It returns whether that is so.
func (c *Checker) checkResult(u facts.Use, p facts.Plugin) bool {
	if p.Result == nil || p.Checked || typedesc.IsFunctionPlugin(*u.As) || p.Type.Satisfies(*u.As) ||
		!p.Result.Satisfies(*u.As) {
		return false
	}
	if reported := c.memo().factories; reported[p.ID()] {
		return true
	}
	c.memo().factories[p.ID()] = true
	at, own := c.Place(p.Origin, p.Origin)
	plugin := p.ID()
	if !own {
		plugin += ", declared at " + p.Where()
	}
	if !at.Pos.IsValid() {
		return true
	}
	d := target.Problem(annotate.Role, at, fmt.Sprintf("plugin %s: %s has type %s, and a manager asks for "+
		"%s, which is its result; %s",
		plugin, p.Symbol, typedesc.Short(p.Type.Name), typedesc.Short(u.As.Name), rules.AddFactory))
	if u.Span().Pos.IsValid() {
		d.Related = []analysis.RelatedInformation{{
			Pos: u.Span().Pos, End: u.Span().End,
			Message: "a manager asks for it here",
		}}
	}
	if fix := target.Fix(p.FactoryFix()); own && fix != nil {
		d.SuggestedFixes = []analysis.SuggestedFix{*fix}
	}
	c.Report(d)
	return true
}
