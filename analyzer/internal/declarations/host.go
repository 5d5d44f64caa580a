package declarations

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

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
		for _, w := range slices.Concat(h.Namespaces, h.Exclude) {
			if err := rules.Selector(w.Text).Check(); err != nil {
				c.Report(target.Problem(annotate.BadValue, w.Span, fmt.Sprintf("%q is not a glob: %v", w.Text, err)))
			}
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
