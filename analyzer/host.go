package analyzer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/genfile"
)

// A Host is a package that links plugins into a program.
type Host struct {
	Package string
	Module  string   // "" if the driver does not know
	Links   []string // import path and identifier of each linked spec
	Named   bool     // packages= says what to link: otherwise it is the host's module
	Chosen  bool     // namespaces= or exclude= leave some out

	span annotate.Span
}

// addHost adds the package to the facts if it is a host, and reports plugins in
// package main that no host could link.
func (c *checker) addHost() {
	if len(c.own.Hosts) == 0 {
		c.strandedInMain()
		return
	}
	h := c.own.Hosts[0]
	host := Host{
		Package: c.Pkg.Path(), span: h.Directive,
		Named: len(h.Packages) > 0, Chosen: len(h.Namespaces)+len(h.Exclude) > 0,
	}
	if c.Module != nil {
		host.Module = c.Module.Path
	}
	for _, f := range c.generated() {
		if !f.built || f.err != nil {
			continue
		}
		for _, link := range f.Links {
			if strings.HasPrefix(link, ".") {
				link = c.Pkg.Path() + link
			}
			host.Links = append(host.Links, link)
		}
	}
	slices.Sort(host.Links)
	c.facts.Hosts = append(c.facts.Hosts, host)
}

// strandedInMain says what plugingen says.
func (c *checker) strandedInMain() {
	if c.Pkg.Name() != "main" {
		return
	}
	for _, p := range c.own.Plugins {
		c.Report(problem(annotate.Linking, p.Directive, fmt.Sprintf("package main can't be imported, so only a host in it could link %s: "+
			"move it to a package of its own, or write //plugin:link in this one", p.ID())))
	}
}

func (h Host) links(p Plugin) bool {
	_, ok := slices.BinarySearch(h.Links, p.Package+"."+genfile.Identifier(p.Namespace, p.Name))
	return ok
}

// owns says whether the host links the plugin's package without being told to.
func (h Host) owns(p Plugin) bool {
	return !h.Named && !h.Chosen && h.Module != "" && (p.Package == h.Module || strings.HasPrefix(p.Package, h.Module+"/")) &&
		mayImport(h.Package, p.Package)
}

// mayImport follows the rule for internal folders.
func mayImport(importer, imported string) bool {
	i := strings.LastIndex("/"+imported+"/", "/internal/")
	if i < 0 {
		return true
	}
	parent := strings.TrimSuffix(imported[:i], "/")
	return importer == parent || strings.HasPrefix(importer, parent+"/")
}

// unlinked reports hosts that do not link all that they should, and plugins that
// no host links.
func (c *checker) unlinked(complete bool) {
	if len(c.facts.Hosts) == 0 {
		return
	}
	stale := map[string]bool{}
	for _, p := range c.facts.Plugins {
		if !p.span.Pos.IsValid() || p.stale || slices.ContainsFunc(c.facts.Hosts, func(h Host) bool { return h.links(p) }) {
			continue
		}
		forgotten := false
		for _, h := range c.facts.Hosts {
			if !h.owns(p) {
				continue
			}
			forgotten = true
			if checkFresh && !stale[h.Package] && h.span.Pos.IsValid() {
				stale[h.Package] = true
				d := problem(Stale, h.span, fmt.Sprintf("this host does not link the plugin %s: %s", p.ID(), again))
				d.Related = c.related(p.Origin, "the plugin is declared here", nil)
				c.Report(d)
			}
		}
		chosen := slices.ContainsFunc(c.facts.Hosts, func(h Host) bool { return h.Chosen })
		if complete && !forgotten && !chosen {
			c.Report(problem(annotate.Linking, p.span, fmt.Sprintf("no host links the plugin %s: name its package in packages= of a //plugin:link", p.ID())))
		}
	}
}
