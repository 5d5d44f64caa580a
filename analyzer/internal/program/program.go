// Package program checks what packages declare together: a package with its imports,
// or a whole program.
package program

import (
	"slices"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/target"
)

// A Checker checks what packages declare together.
type Checker struct {
	*target.Target
	found   *facts.Index // see index
	answers *memo        // see memo
}

// New returns a checker.
func New(u *target.Target) *Checker { return &Checker{Target: u} }

// check checks a package with its imports, or the packages of a program.
func (c *Checker) check() {
	c.checkImportedPlugins()
	c.checkUnique()
	c.checkGraph()
	// A host imports all that its program links.
	if c.IsHost() || c.WholeProgram && len(c.Facts.Hosts) > 0 {
		c.checkRequirements()
		c.checkUses()
	}
}

// CheckPackage checks a package with its imports.
func (c *Checker) CheckPackage() {
	c.check()
	c.checkNeeds(c.Facts)
}

// CheckWhole checks a whole program. If it is complete, no other package embeds a
// type or links a plugin.
func (c *Checker) CheckWhole(complete bool, packages []*facts.Package) {
	if !complete { // what a host will link that is written again may not be among the packages
		stale := func(f *facts.Package) bool { return f.Stale != nil && len(f.Hosts) > 0 }
		c.Facts.Incomplete = c.Facts.Incomplete || slices.ContainsFunc(packages, stale)
	}
	c.check()
	if complete && len(c.Facts.Hosts) > 0 {
		c.checkUnnamed(packages)
	}
	c.checkLinked(complete, packages)
	for _, f := range packages {
		c.checkNeeds(f)
	}
	c.ReportGenerated(packages)
}
