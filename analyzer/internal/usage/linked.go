package usage

import (
	"go/types"
	"slices"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/pkgfiles"
	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// CheckLinked reports a manager in a program into which no plugins are linked. Without
// //plugin:link a program compiles, so the directive is easily forgotten.
func CheckLinked(c *target.Target) {
	if c.Pkg.Name() != "main" || len(c.Facts.Hosts)+len(c.Facts.OtherHosts)+len(c.Facts.ByHand) > 0 ||
		c.Facts.Incomplete || c.Facts.Unanalyzed {
		return
	}
	i := slices.IndexFunc(c.Facts.Uses, func(u facts.Use) bool {
		return isMaker(c, u) && !u.Opaque && u.Span().Pos.IsValid()
	})
	if i >= 0 && !linksPlugins(c) && !mayBeLinkedElsewhere(c) {
		at := c.Facts.Uses[i].Span()
		c.Facts.Needs = nil // once is enough
		c.Report(target.Problem(annotate.Linking, at, "no plugin is linked into this program: write "+
			"//plugin:link in package main, or import the package that has it, and "+c.RunPlugingen(at.Pos)))
	}
}

// linksPlugins reports whether a generated file links plugins. If no directive does, that the
// file is out of date is reported instead.
func linksPlugins(c *target.Target) bool {
	return slices.ContainsFunc(c.Generated(), func(f pkgfiles.Generated) bool { return len(f.Links) > 0 })
}

// mayBeLinkedElsewhere reports whether the package imports, directly or not, a package of
// another module that imports package registry, and so may link or add plugins, unless there
// are facts of it.
func mayBeLinkedElsewhere(c *target.Target) bool {
	known := map[string]bool{}
	for _, k := range c.Facts.Contracts {
		known[k.Package] = true
	}
	for _, p := range c.Facts.Plugins {
		known[p.Package] = true
	}
	for _, u := range c.Facts.Uses {
		known[u.Package] = true
	}
	seen := map[*types.Package]bool{}
	var look func(pkg *types.Package) bool
	look = func(pkg *types.Package) bool {
		if seen[pkg] || pkg.Path() == annotate.RegistryPath {
			return false
		}
		seen[pkg] = true
		foreign := pkg != c.Pkg && !known[pkg.Path()] &&
			(c.Facts.Module == "" || !rules.HasPathPrefix(pkg.Path(), c.Facts.Module))
		return slices.ContainsFunc(pkg.Imports(), func(imported *types.Package) bool {
			return foreign && imported.Path() == annotate.RegistryPath || look(imported)
		})
	}
	return look(c.Pkg)
}
