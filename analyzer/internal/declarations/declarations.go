// Package declarations checks what a package declares: its annotations, and the
// types and values that they are about. It adds the declarations to the facts.
package declarations

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/analyzer/internal/typedesc"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/internal/rules"
)

// addContracts adds the package's own contracts to the facts.
func (c *declarations) addContracts() {
	for _, k := range c.Own.Contracts {
		obj := c.Pkg.Scope().Lookup(k.Symbol)
		if obj == nil || !c.IsBuilt(k.File) {
			continue
		}
		t := obj.Type()
		if k.Pointer {
			t = types.NewPointer(t)
		}
		s, known := typedesc.Of(t)
		contract := facts.Contract{
			Namespace: k.Namespace, Origin: c.Origin(k.Symbol, k.Decl), Type: s,
			Build: k.File.Constraint.String(), Options: k.Options, Section: k.Section,
		}
		if iface, ok := obj.Type().Underlying().(*types.Interface); ok {
			contract.Impossible = !iface.IsMethodSet()
			contract.BadMethods = c.contractLifecycle(k, iface)
		}
		if contract.Impossible {
			c.Report(target.Problem(annotate.Role, k.Decl,
				fmt.Sprintf("%s can't be a contract: it has a type set in it (a union, ~T or comparable), "+
					"so it only constrains type parameters, and no plugin is a value of it", k.Symbol)))
		}
		if known || contract.Impossible {
			c.Facts.Contracts = append(c.Facts.Contracts, contract)
		}
	}
}

// addPlugins adds the package's own plugins to the facts.
func (c *declarations) addPlugins() {
	for _, p := range c.Own.Plugins {
		if !c.IsBuilt(p.File) {
			c.Facts.OtherBuilds = append(c.Facts.OtherBuilds,
				facts.Use{
					Namespace: p.Namespace, Name: p.Name, Package: c.Pkg.Path(),
					Place: facts.NewPlace(c.At(p.Decl.Pos), annotate.Span{}),
				})
			continue
		}
		c.Facts.Plugins = append(c.Facts.Plugins, facts.Plugin{
			Namespace: p.Namespace, Name: p.Name,
			Origin:  c.Origin(p.Symbol, p.Decl),
			Aliases: p.Aliases, Requires: p.Requires, Deprecation: p.Deprecation(),
			Conditional: c.conditional(p),
			RequiresAt:  facts.NewPlace("", p.Span("requires")),
		})
	}
}

// conditional reports whether something decides whether a plugin is loaded, as far as that
// is known without what a function returns.
func (c *declarations) conditional(p *annotate.Plugin) bool {
	obj := c.maker(p)
	if p.ShouldLoad != nil || p.Kind == annotate.Spec || obj == nil {
		return true
	}
	t := made(p, obj.Type())
	return t == nil || types.IsInterface(t) || typedesc.HasMethod(types.NewMethodSet(t), rules.ShouldLoad)
}

// addBases adds the package's own abstract bases to the facts.
func (c *declarations) addBases() {
	for _, b := range c.Own.Bases {
		c.Facts.Bases = append(c.Facts.Bases, facts.Base{Namespace: b.Namespace, Origin: c.Origin(b.Symbol, b.Decl)})
	}
}

func stringValue(v constant.Value) (string, bool) {
	if v.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(v), true
}

// declarations checks what a package declares.
type declarations struct {
	*target.Target
	other    otherBuilds        // answers what the types of the build do not
	uses     *objects           // see objects
	reported map[token.Pos]bool // declarations and methods that have been reported

	configured map[*annotate.Plugin]*options.Use // the plugins that have options
}

// Check checks the declarations of a package.
func Check(u *target.Target) {
	c := &declarations{Target: u, reported: map[token.Pos]bool{}}
	c.declared()
	c.Unresolved = c.other.failed
	c.Facts.Sort()
	c.ownPlugins()
	c.bases()
	c.specs()
	c.ineffective()
}

// declared resolves the package's annotations, reports their diagnostics, and adds
// them to the facts.
func (c *declarations) declared() {
	c.Own = c.Sources.Package.Package
	c.Own.Resolve(importer{c})
	c.options()
	known := slices.DeleteFunc(annotate.Sort(c.Fset, c.Own.Diagnostics), c.uncertain)
	for _, d := range known {
		c.Report(target.Converted(d))
	}
	c.Facts.Blocked = len(c.Own.Diagnostics) > 0
	c.Facts.Incomplete = c.Facts.Incomplete || c.Facts.Blocked
	c.addContracts()
	c.addPlugins()
	c.addBases()
	c.addHost()
}

// addHost adds the package to the facts if it is a host: in the build that is checked, in
// others, or, by several directives, in both.
func (c *declarations) addHost() {
	var here, elsewhere []*annotate.Host
	for _, h := range c.Own.Hosts {
		if c.IsBuilt(h.File) {
			here = append(here, h)
		} else {
			elsewhere = append(elsewhere, h)
		}
	}
	if len(here) > 0 {
		c.Facts.Hosts = append(c.Facts.Hosts, c.asHost(here, c.linked(true)))
	}
	if len(elsewhere) > 0 {
		c.Facts.OtherHosts = append(c.Facts.OtherHosts, c.asHost(elsewhere, nil))
	}
	for _, p := range (facts.Host{Links: c.linked(false)}).Linked() {
		c.Facts.OtherBuilds = append(c.Facts.OtherBuilds,
			facts.Use{Namespace: p.Namespace, Name: p.Name, Package: p.Package})
	}
}

// asHost returns the package as a host with the directives.
func (c *declarations) asHost(directives []*annotate.Host, links []string) facts.Host {
	host := facts.Host{
		Package: c.Pkg.Path(), Main: c.Pkg.Name() == "main", Links: links,
		Place: facts.NewPlace("", directives[0].Directive),
	}
	if c.Module != nil {
		host.Module = c.Module.Path
	}
	for _, h := range directives {
		host.Directives = append(host.Directives, facts.NewDirective(h))
	}
	return host
}

// linked returns what generated files link, sorted: those in the build, or the others.
func (c *declarations) linked(built bool) []string {
	var links []string
	for _, f := range c.Generated() {
		if f.Built != built || f.Err != nil {
			continue
		}
		for _, link := range f.Links {
			if strings.HasPrefix(link, ".") {
				link = c.Pkg.Path() + link
			}
			links = append(links, link)
		}
	}
	slices.Sort(links)
	return links
}
