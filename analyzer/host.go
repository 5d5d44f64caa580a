package analyzer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/rules"
)

// A Host is a package that links plugins into a program.
type Host struct {
	Package string
	Main    bool     // it is package main
	Module  string   // "" if the driver does not know
	Links   []string // import path and identifier of each linked spec

	Directives []Directive // one, or several of different build constraints

	span annotate.Span // of the first directive
}

// A Directive is what a //plugin:link says.
type Directive struct {
	Packages            []rules.Pattern
	Namespaces, Exclude []rules.Selector

	words *annotate.Host // the same, with places
}

// addHost adds the package to the facts if it is a host: in the build that is checked, in
// others, or, by several directives, in both.
func (c *checker) addHost() {
	var here, elsewhere []*annotate.Host
	for _, h := range c.own.Hosts {
		if c.built(h.File) {
			here = append(here, h)
		} else {
			elsewhere = append(elsewhere, h)
		}
		for _, w := range slices.Concat(h.Namespaces, h.Exclude) {
			if err := rules.Selector(w.Text).Check(); err != nil {
				c.Report(problem(annotate.BadValue, w.Span, fmt.Sprintf("%q is not a glob: %v", w.Text, err)))
			}
		}
	}
	if len(here) > 0 {
		c.facts.Hosts = append(c.facts.Hosts, c.asHost(here, c.linked(true)))
	}
	if len(elsewhere) > 0 {
		c.facts.OtherHosts = append(c.facts.OtherHosts, c.asHost(elsewhere, nil))
	}
	for _, p := range (Host{Links: c.linked(false)}).linked() {
		c.facts.Elsewhere = append(c.facts.Elsewhere, Use{Namespace: p.Namespace, Name: p.Name, Package: p.Package})
	}
}

// asHost returns the package as a host with the directives.
func (c *checker) asHost(directives []*annotate.Host, links []string) Host {
	host := Host{Package: c.Pkg.Path(), Main: c.Pkg.Name() == "main", Links: links, span: directives[0].Directive}
	if c.Module != nil {
		host.Module = c.Module.Path
	}
	for _, h := range directives {
		host.Directives = append(host.Directives, Directive{
			texts[rules.Pattern](h.Packages), texts[rules.Selector](h.Namespaces), texts[rules.Selector](h.Exclude), h,
		})
	}
	return host
}

// linked returns what generated files link, sorted: those in the build, or the others.
func (c *checker) linked(built bool) []string {
	var links []string
	for _, f := range c.generated() {
		if f.built != built || f.err != nil {
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

func texts[T ~string](words []annotate.Word) []T {
	var all []T
	for _, w := range words {
		all = append(all, T(w.Text))
	}
	return all
}

// linked returns the plugins that the host's generated files link.
func (h Host) linked() []Plugin {
	var all []Plugin
	for _, link := range h.Links {
		i := strings.LastIndexByte(link, '.')
		if namespace, name, ok := genfile.Plugin(link[i+1:]); ok {
			all = append(all, Plugin{Namespace: namespace, Name: name, Origin: Origin{Package: link[:i]}})
		}
	}
	return all
}

// linksAmiss returns a plugin that is linked and would not be if plugingen ran.
func (h Host) linksAmiss() (Plugin, bool) {
	for _, p := range h.linked() {
		if !h.will(p) {
			return p, true
		}
	}
	return Plugin{}, false
}

// spec names the variable that has the plugin's spec, with its import path.
func (p Plugin) spec() string { return p.Package + "." + genfile.Identifier(p.Namespace, p.Name) }

func (h Host) links(p Plugin) bool {
	_, ok := slices.BinarySearch(h.Links, p.spec())
	return ok
}

// any reports whether something is true of one of the host's directives, as the rules know
// them.
func (h Host) any(is func(*rules.Host) bool) bool {
	return slices.ContainsFunc(h.Directives, func(d Directive) bool {
		return is(&rules.Host{Package: h.Package, Module: h.Module, Packages: d.Packages, Namespaces: d.Namespaces, Exclude: d.Exclude})
	})
}

func (p Plugin) rule() rules.Plugin {
	return rules.Plugin{Package: p.Package, Namespace: p.Namespace, Name: p.Name}
}

// names reports whether the plugin's package is one of those that a directive names.
func (h Host) names(p Plugin) bool {
	return h.any(func(r *rules.Host) bool { return r.Names(p.Package) })
}

// reads reports whether plugingen reads a package for the host: a directive names it, and does
// not leave it out as a whole.
func (h Host) reads(importPath string) bool {
	return h.any(func(r *rules.Host) bool {
		return r.Names(importPath) && !slices.ContainsFunc(r.Exclude, func(s rules.Selector) bool {
			return s.IsPattern() && s.Match(rules.Plugin{Package: importPath})
		})
	})
}

// halted reports whether one of the packages that are read for the host keeps
// plugingen from writing the host's files.
func (h Host) halted(packages []*Facts) bool {
	return slices.ContainsFunc(packages, func(f *Facts) bool { return f.halts && h.reads(f.path) })
}

// leavesOut reports whether a directive leaves the plugin out, whatever its package.
func (h Host) leavesOut(p Plugin) bool {
	return h.any(func(r *rules.Host) bool { return !r.Selects(p.rule()) })
}

// takes reports whether the host links the plugin, or will when plugingen has run.
func (h Host) takes(p Plugin) bool { return h.links(p) || h.will(p) }

// will reports whether a directive is for the plugin, and the host may import it.
func (h Host) will(p Plugin) bool {
	return rules.CanImport(h.Package, p.Package) && h.any(func(r *rules.Host) bool { return r.Names(p.Package) && r.Selects(p.rule()) })
}

// owns reports whether the host is known to link a plugin of the module when plugingen
// has run.
func (h Host) owns(p Plugin, module string) bool {
	named := h.Module == module || slices.ContainsFunc(h.Directives, func(d Directive) bool { return len(d.Packages) > 0 })
	return h.Module != "" && named && p.Package != h.Package && h.will(p)
}

// hosts returns the hosts that decide which plugins meet in a program: the package, if
// it is one, or all if a whole program is checked. If the build has none, they are those of
// other builds.
func (c *checker) hosts() []Host {
	hosts := c.facts.Hosts
	if len(hosts) == 0 {
		hosts = c.facts.OtherHosts
	}
	if len(c.Files) == 0 {
		return hosts
	}
	return slices.DeleteFunc(slices.Clone(hosts), func(h Host) bool { return h.Package != c.Pkg.Path() })
}

// isHost reports whether the package links plugins in the build that is checked.
func (c *checker) isHost() bool {
	return slices.ContainsFunc(c.facts.Hosts, func(h Host) bool { return h.Package == c.Pkg.Path() })
}

// meet reports whether a host may link all the plugins. Without hosts, any program may.
func (c *checker) meet(plugins ...Plugin) bool {
	hosts := c.hosts()
	return len(hosts) == 0 || slices.ContainsFunc(hosts, func(h Host) bool {
		return !slices.ContainsFunc(plugins, func(p Plugin) bool { return !h.takes(p) })
	})
}
