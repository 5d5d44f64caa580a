package analyzer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/genfile"
	"github.com/plugingen/plugingen/internal/rules"
)

// A Host is a package that links plugins into a program.
type Host struct {
	Package string
	Module  string   // "" if the driver does not know
	Links   []string // import path and identifier of each linked spec

	// What the directive says.
	Packages            []rules.Pattern
	Namespaces, Exclude []rules.Selector

	span  annotate.Span
	words *annotate.Host // the same, with places
}

// addHost adds the package to the facts if it is a host.
func (c *checker) addHost() {
	if len(c.own.Hosts) == 0 {
		return
	}
	h := c.own.Hosts[0]
	host := Host{
		Package: c.Pkg.Path(), span: h.Directive, words: h,
		Packages: texts[rules.Pattern](h.Packages), Namespaces: texts[rules.Selector](h.Namespaces), Exclude: texts[rules.Selector](h.Exclude),
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
	for _, w := range slices.Concat(h.Namespaces, h.Exclude) {
		if err := rules.Selector(w.Text).Check(); err != nil {
			c.Report(problem(annotate.BadValue, w.Span, fmt.Sprintf("%q is not a glob: %v", w.Text, err)))
		}
	}
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

func (h Host) links(p Plugin) bool {
	_, ok := slices.BinarySearch(h.Links, p.Package+"."+genfile.Identifier(p.Namespace, p.Name))
	return ok
}

// rule returns the host as the rules know it.
func (h Host) rule() *rules.Host {
	return &rules.Host{Package: h.Package, Module: h.Module, Packages: h.Packages, Namespaces: h.Namespaces, Exclude: h.Exclude}
}

func (p Plugin) rule() rules.Plugin {
	return rules.Plugin{Package: p.Package, Namespace: p.Namespace, Name: p.Name}
}

// names reports whether the plugin's package is one of those that the directive names.
func (h Host) names(p Plugin) bool { return h.rule().Names(p.Package) }

// leavesOut reports whether the directive leaves the plugin out, whatever its package.
func (h Host) leavesOut(p Plugin) bool { return !h.rule().Selects(p.rule()) }

// takes says whether the host links the plugin, or will when plugingen has run.
func (h Host) takes(p Plugin) bool { return h.links(p) || h.will(p) }

// will reports whether the directive is for the plugin, and the host may import it.
func (h Host) will(p Plugin) bool {
	return h.names(p) && rules.CanImport(h.Package, p.Package) && !h.leavesOut(p)
}

// owns says whether the host is known to link a plugin of the module when plugingen
// has run.
func (h Host) owns(p Plugin, module string) bool {
	return h.Module != "" && (len(h.Packages) > 0 || h.Module == module) && p.Package != h.Package && h.will(p)
}

// hosts returns the hosts that decide which plugins meet in a program: the package, if
// it is one, or all if a whole program is checked.
func (c *checker) hosts() []Host {
	if len(c.Files) == 0 {
		return c.facts.Hosts
	}
	return slices.DeleteFunc(slices.Clone(c.facts.Hosts), func(h Host) bool { return h.Package != c.Pkg.Path() })
}

// meet says whether any host may link all the plugins. Without hosts, anybody may.
func (c *checker) meet(plugins ...Plugin) bool {
	hosts := c.hosts()
	return len(hosts) == 0 || slices.ContainsFunc(hosts, func(h Host) bool {
		return !slices.ContainsFunc(plugins, func(p Plugin) bool { return !h.takes(p) })
	})
}
