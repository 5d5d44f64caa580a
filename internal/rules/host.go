package rules

import "slices"

// A Host is what a //plugin:link directive says, and where it stands.
type Host struct {
	Package string // import path
	Module  string // path of the host's module, "" if it is unknown

	Packages   []Pattern // none: those of the host's module
	Namespaces []Glob    // none: all
	Exclude    []Glob
}

// Names reports whether the host names a package among those whose plugins it links:
// itself, those that a pattern matches, or without patterns those of its module.
// "all" stands for all packages of all modules. That the host may not import a package
// is for the caller to find: such a package is an error and not left out.
func (h *Host) Names(importPath string) bool {
	switch {
	case importPath == h.Package:
		return true
	case len(h.Packages) == 0:
		return h.Module == "" || Pattern(h.Module+"/...").Match(importPath)
	}
	return slices.ContainsFunc(h.Packages, func(p Pattern) bool { return p == "all" || p.Match(importPath) })
}

// Selects reports whether the globs let a plugin of such a package through: at least
// one of Namespaces matches it, if there are any, and none of Exclude.
func (h *Host) Selects(namespace, name string) bool {
	matches := func(g Glob) bool { return g.MatchPlugin(namespace, name) }
	return (len(h.Namespaces) == 0 || slices.ContainsFunc(h.Namespaces, matches)) &&
		!slices.ContainsFunc(h.Exclude, matches)
}
