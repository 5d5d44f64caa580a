package facts

import (
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
	Module  string   // "" if it is not known
	Links   []string // import path and identifier of each linked spec

	Directives []Directive // one, or several of different build constraints

	Place // of the first directive
}

// A Directive is the content of a //plugin:link directive.
type Directive struct {
	Packages            []rules.Pattern
	Namespaces, Exclude []rules.Selector

	words *annotate.Host // the same, with places in this process
}

// NewDirective returns the content of a directive.
func NewDirective(h *annotate.Host) Directive {
	rule := h.Rule("", "") // those of the Host
	return Directive{Packages: rule.Packages, Namespaces: rule.Namespaces, Exclude: rule.Exclude, words: h}
}

// Words returns the words of the directive with their places, or nil if another
// process has read them, or if they have been forgotten.
func (d Directive) Words() *annotate.Host { return d.words }

// Linked returns the plugins that the host's generated files link.
func (h Host) Linked() []Plugin {
	var all []Plugin
	for _, link := range h.Links {
		i := strings.LastIndexByte(link, '.')
		if namespace, name, ok := genfile.Plugin(link[i+1:]); ok {
			all = append(all, Plugin{Namespace: namespace, Name: name, Origin: Origin{Package: link[:i]}})
		}
	}
	return all
}

// Unselected returns a plugin that generated files link and directives do not
// select.
func (h Host) Unselected() (Plugin, bool) {
	for _, p := range h.Linked() {
		if !h.WillLink(p) {
			return p, true
		}
	}
	return Plugin{}, false
}

// Spec returns the name of the variable with the plugin's spec, with its import
// path.
func (p Plugin) Spec() string { return p.Package + "." + genfile.Identifier(p.Namespace, p.Name) }

func (h Host) links(p Plugin) bool {
	_, ok := slices.BinarySearch(h.Links, p.Spec())
	return ok
}

// Rules returns the host's directives as package rules has them.
func (h Host) Rules() []*rules.Host {
	var all []*rules.Host
	for _, d := range h.Directives {
		all = append(all, h.rule(d))
	}
	return all
}

func (h Host) rule(d Directive) *rules.Host {
	return &rules.Host{
		Package: h.Package, Module: h.Module,
		Packages: d.Packages, Namespaces: d.Namespaces, Exclude: d.Exclude,
	}
}

// any reports whether a condition is true of one of the host's directives.
func (h Host) any(is func(*rules.Host) bool) bool {
	return slices.ContainsFunc(h.Directives, func(d Directive) bool { return is(h.rule(d)) })
}

// Rule returns the plugin as package rules has it.
func (p Plugin) Rule() rules.Plugin {
	return rules.Plugin{Package: p.Package, Namespace: p.Namespace, Name: p.Name}
}

// Names reports whether a directive names the plugin's package.
func (h Host) Names(p Plugin) bool {
	return h.any(func(r *rules.Host) bool { return r.Names(p.Package) })
}

// Reads reports whether plugingen reads a package for the host: a directive names
// the package, and does not exclude it as a whole.
func (h Host) Reads(importPath string) bool {
	return h.any(func(r *rules.Host) bool {
		return r.Names(importPath) &&
			!slices.ContainsFunc(r.Exclude, func(s rules.Selector) bool { return s.MatchPackage(importPath) })
	})
}

// Blocked reports whether an error in a package that is read for the host keeps
// plugingen from writing the host's files.
func (h Host) Blocked(packages []*Package) bool {
	return slices.ContainsFunc(packages, func(f *Package) bool { return f.Blocked && h.Reads(f.Path) })
}

// MayLink reports whether the host links the plugin, or will after plugingen has
// run.
func (h Host) MayLink(p Plugin) bool { return h.links(p) || h.WillLink(p) }

// WillLink reports whether a directive selects the plugin, and the host may import
// it.
func (h Host) WillLink(p Plugin) bool {
	return rules.CanImport(h.Package, p.Package) && h.any(func(r *rules.Host) bool {
		return r.Names(p.Package) && r.Selects(p.Rule())
	})
}

// MustLink reports whether the host is known to link a plugin of a module after
// plugingen has run.
func (h Host) MustLink(p Plugin, module string) bool {
	named := h.Module == module || slices.ContainsFunc(h.Directives,
		func(d Directive) bool { return len(d.Packages) > 0 })
	return h.Module != "" && named && p.Package != h.Package && h.WillLink(p)
}

// Owns reports whether a contract is of the host's own module. It takes precedence
// over contracts of other modules.
func (h Host) Owns(k Contract) bool { return k.isOf(h.Module) }
