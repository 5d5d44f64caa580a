package analyzer

import (
	"go/types"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// unhosted reports a manager in a program into which nothing links plugins. That step is easily
// forgotten, since everything compiles without it.
func (c *checker) unhosted() {
	if c.Pkg.Name() != "main" || len(c.facts.Hosts)+len(c.facts.OtherHosts)+len(c.facts.ByHand) > 0 || c.facts.Dynamic || c.facts.Unread {
		return
	}
	i := slices.IndexFunc(c.facts.Uses, func(u Use) bool {
		return u.Package == c.Pkg.Path() && u.As != nil && !u.Loads && !u.HandlesMissing && u.span.Pos.IsValid()
	})
	if i >= 0 && !c.linksStill() && !c.mayBeLinkedElsewhere() {
		at := c.facts.Uses[i].span
		c.Report(problem(annotate.Linking, at, "no plugin is linked into this program: write //plugin:link in package main, and "+c.again(at.Pos)))
	}
}

// linksStill reports whether a generated file links plugins. Then the directive that it was made
// for is gone, which is reported as such.
func (c *checker) linksStill() bool {
	return slices.ContainsFunc(c.generated(), func(f generatedFile) bool { return len(f.Links) > 0 })
}

// mayBeLinkedElsewhere reports whether the package imports, directly or not, a package of another
// module that imports the registry. What that links or adds is not known.
func (c *checker) mayBeLinkedElsewhere() bool {
	seen := map[*types.Package]bool{}
	var look func(pkg *types.Package) bool
	look = func(pkg *types.Package) bool {
		if seen[pkg] || pkg.Path() == annotate.RegistryPath {
			return false
		}
		seen[pkg] = true
		foreign := pkg != c.Pkg && (c.facts.module == "" || !rules.HasPathPrefix(pkg.Path(), c.facts.module))
		return slices.ContainsFunc(pkg.Imports(), func(imported *types.Package) bool {
			return foreign && imported.Path() == annotate.RegistryPath || look(imported)
		})
	}
	return look(c.Pkg)
}
