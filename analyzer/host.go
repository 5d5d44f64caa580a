package analyzer

import (
	"fmt"
	"path"
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

	// What the directive says.
	Packages, Namespaces, Exclude []string

	span annotate.Span
}

// addHost adds the package to the facts if it is a host.
func (c *checker) addHost() {
	if len(c.own.Hosts) == 0 {
		return
	}
	h := c.own.Hosts[0]
	host := Host{
		Package: c.Pkg.Path(), span: h.Directive,
		Packages: texts(h.Packages), Namespaces: texts(h.Namespaces), Exclude: texts(h.Exclude),
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

func texts(words []annotate.Word) []string {
	var all []string
	for _, w := range words {
		all = append(all, w.Text)
	}
	return all
}

func (h Host) links(p Plugin) bool {
	_, ok := slices.BinarySearch(h.Links, p.Package+"."+genfile.Identifier(p.Namespace, p.Name))
	return ok
}

// names says whether the plugin's package is one of those that the directive names.
func (h Host) names(p Plugin) bool {
	switch {
	case p.Package == h.Package:
		return true
	case !mayImport(h.Package, p.Package):
		return false
	case len(h.Packages) == 0:
		return h.Module == "" || matches(h.Module+"/...", p.Package)
	}
	return slices.ContainsFunc(h.Packages, func(pattern string) bool { return pattern == "all" || matches(pattern, p.Package) })
}

// matches says whether an import path matches a pattern of the go command's: "..."
// stands for any text, and a final "/..." also for none.
func matches(pattern, importPath string) bool {
	if below, ok := strings.CutSuffix(pattern, "/..."); ok && matches(below, importPath) {
		return true
	}
	parts := strings.Split(pattern, "...")
	rest, ok := strings.CutPrefix(importPath, parts[0])
	if !ok || len(parts) == 1 {
		return pattern == importPath
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		if _, rest, ok = strings.Cut(rest, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(rest, parts[last])
}

// leavesOut says whether the directive leaves the plugin out, whatever its package.
func (h Host) leavesOut(p Plugin) bool {
	match := func(globs []string) bool {
		return slices.ContainsFunc(globs, func(glob string) bool { return globMatches(glob, p.Namespace) || globMatches(glob, p.ID()) })
	}
	return len(h.Namespaces) > 0 && !match(h.Namespaces) || match(h.Exclude)
}

func globMatches(glob, s string) bool {
	ok, _ := path.Match(strings.ReplaceAll(glob, "/", "\x00"), strings.ReplaceAll(s, "/", "\x00"))
	return ok
}

// takes says whether the host links the plugin, or will when plugingen has run.
func (h Host) takes(p Plugin) bool { return h.links(p) || h.names(p) && !h.leavesOut(p) }

// owns says whether the host is known to link the plugin when plugingen has run,
// without being told to.
func (h Host) owns(p Plugin) bool {
	return len(h.Packages) == 0 && h.Module != "" && p.Package != h.Package && h.names(p) && !h.leavesOut(p)
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
		chosen := slices.ContainsFunc(c.facts.Hosts, func(h Host) bool { return h.leavesOut(p) })
		if complete && !forgotten && !chosen {
			c.Report(problem(annotate.Linking, p.span, fmt.Sprintf("no host links the plugin %s: name its package in packages= of a //plugin:link", p.ID())))
		}
	}
}
