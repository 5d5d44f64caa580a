package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Host is what a //plugin:link directive says, and where it stands.
type Host struct {
	Package string // import path
	Module  string // path of the host's module, "" if it is unknown

	Packages   []Pattern  // none: those of the host's module
	Namespaces []Selector // none: all
	Exclude    []Selector
}

// A Selector is a word of namespaces= or exclude=. It is a [Glob] for a namespace or a
// namespace:name, or a [Pattern] for import paths: the latter if it has a slash or
// "..." in it, and neither a colon, which no import path has, nor a character that is
// special in globs.
type Selector string

// isPattern reports whether the selector is a pattern for import paths.
func (s Selector) isPattern() bool {
	return !strings.ContainsAny(string(s), ":*?[") &&
		(strings.Contains(string(s), "/") || strings.Contains(string(s), wildcard))
}

// SelectorOf returns the selector of the plugins of a package.
func SelectorOf(importPath string) Selector {
	if s := Selector(importPath); s.isPattern() {
		return s
	}
	return Selector(importPath + "/...")
}

// Check returns an error if the selector is a glob with an error in it.
func (s Selector) Check() error {
	if s.isPattern() {
		return nil
	}
	return Glob(s).Check()
}

// A Plugin is what selectors match.
type Plugin struct{ Package, Namespace, Name string }

// Match reports whether the selector matches the plugin.
func (s Selector) Match(p Plugin) bool {
	if s.isPattern() {
		return Pattern(s).Match(p.Package)
	}
	return Glob(s).matchPlugin(p.Namespace, p.Name)
}

// MatchPackage reports whether the selector matches all plugins of a package, by its import path.
func (s Selector) MatchPackage(importPath string) bool {
	return s.isPattern() && Pattern(s).Match(importPath)
}

// Corrections returns a function for selectors that match none of the plugins. It returns
// the selector that was probably meant: the plugin's ID, if it has the name alone, or the
// nearest namespace, ID or import path. It returns "" if there is none.
func Corrections(plugins []Plugin) func(Selector) string {
	named := map[string]string{}
	var globs, paths []string
	for _, p := range plugins {
		id := p.Namespace + ":" + p.Name
		named[p.Name] = id
		globs = append(globs, p.Namespace, id)
		paths = append(paths, p.Package)
	}
	glob, path := NewNames(globs), NewNames(paths)
	return func(s Selector) string {
		if s.isPattern() {
			return path.Nearest(string(s))
		}
		return cmp.Or(named[string(s)], glob.Nearest(string(s)))
	}
}

// Names reports whether the host names a package among those whose plugins it links:
// itself, those that a pattern matches, or without patterns those of its module.
// "all" stands for all packages of all modules. It does not check whether the host may import the
// package: one that it may not import is an error if a pattern is its path, and otherwise left out.
func (h *Host) Names(importPath string) bool {
	switch {
	case importPath == h.Package:
		return true
	case len(h.Packages) == 0:
		return h.Module == "" || Pattern(h.Module+"/...").Match(importPath)
	}
	return slices.ContainsFunc(h.Packages, func(p Pattern) bool { return p.Names(importPath) })
}

// Names reports whether the pattern, as a word of packages=, is for a package: "all" is for all.
func (p Pattern) Names(importPath string) bool { return p == "all" || p.Match(importPath) }

// Unreachable reports whether a plugin of the module is in an internal directory from which
// none of the module's hosts may import it, though one of them names and selects it, and
// none leaves it out.
func Unreachable(hosts []*Host, module string, p Plugin) bool {
	named := false
	for _, h := range hosts {
		if CanImport(h.Package, p.Package) || !h.Selects(p) {
			return false
		}
		named = named || h.Module == module && h.Names(p.Package)
	}
	return named
}

// UnreachableMessage describes a plugin that is [Unreachable].
func UnreachableMessage(p Plugin) string {
	return fmt.Sprintf("no host links the plugin %s:%s: its package is internal to %s, so that no host "+
		"may import it: move it, or leave it out with exclude=%s",
		p.Namespace, p.Name, InternalTo(p.Package), SelectorOf(p.Package))
}

// Selects reports whether the host links a plugin of a package that it names: one of
// Namespaces matches it, if there are any, and none of Exclude.
func (h *Host) Selects(p Plugin) bool {
	matches := func(s Selector) bool { return s.Match(p) }
	return (len(h.Namespaces) == 0 || slices.ContainsFunc(h.Namespaces, matches)) &&
		!slices.ContainsFunc(h.Exclude, matches)
}
