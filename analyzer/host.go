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
	for _, w := range slices.Concat(h.Namespaces, h.Exclude) {
		if !isGlob(w.Text) {
			c.Report(problem(annotate.BadValue, w.Span, fmt.Sprintf("%q is not a glob: %v", w.Text, path.ErrBadPattern)))
		}
	}
}

func texts(words []annotate.Word) []string {
	var all []string
	for _, w := range words {
		all = append(all, w.Text)
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

func isGlob(s string) bool {
	_, err := path.Match(s, "")
	return err == nil
}

func globMatches(glob, s string) bool {
	ok, _ := path.Match(strings.ReplaceAll(glob, "/", "\x00"), strings.ReplaceAll(s, "/", "\x00"))
	return ok
}

// takes says whether the host links the plugin, or will when plugingen has run.
func (h Host) takes(p Plugin) bool { return h.links(p) || h.will(p) }

// will says whether the directive is for the plugin.
func (h Host) will(p Plugin) bool { return h.names(p) && !h.leavesOut(p) }

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

// mayImport follows the rule for internal folders.
func mayImport(importer, imported string) bool {
	i := strings.LastIndex("/"+imported+"/", "/internal/")
	if i < 0 {
		return true
	}
	parent := strings.TrimSuffix(imported[:i], "/")
	return importer == parent || strings.HasPrefix(importer, parent+"/")
}
