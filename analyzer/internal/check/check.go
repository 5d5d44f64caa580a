// Package check checks a package by itself, or packages as a program: it runs the
// checks of the other packages in order.
package check

import (
	"go/token"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/analyzer/internal/declarations"
	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/freshness"
	"github.com/plugingen/plugingen/analyzer/internal/program"
	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/analyzer/internal/usage"
)

// Package checks a package and its imports, as a driver of package analysis does.
func Package(pass *analysis.Pass) error {
	c := target.NewPackage(pass)
	c.Facts.Embedded = embeddedTypes(c)
	if c.Sources == nil && len(c.Imports) == 0 {
		return nil
	}
	var files freshness.Expected
	if pass.Module == nil || pass.Module.Version == "" { // it is being worked on
		files = freshness.ExpectedAlone
	}
	checkPackage(c, files)
	p := program.New(c)
	p.CheckPackage()
	p.ReportGenerated([]*facts.Package{c.Facts})
	c.Export()
	return nil
}

// Part checks one package of a program that [Program] is to check as a
// whole. It does not check the package together with its imports. Generated files
// are not checked if expected is nil.
func Part(pass *analysis.Pass, expected freshness.Expected) *facts.Package {
	c := target.NewPackage(pass)
	c.Facts.Embedded = embeddedTypes(c)
	c.InProgram = true
	checkPackage(c, expected)
	c.Export()
	return c.Facts
}

// embeddedTypes returns what [declarations.Embedded] returns, or nil if no base needs
// it.
func embeddedTypes(c *target.Target) map[string]bool {
	if c.Sources == nil && len(c.Facts.Bases) == 0 {
		return nil
	}
	return declarations.Embedded(c)
}

// checkPackage checks what the package declares.
func checkPackage(c *target.Target, expected freshness.Expected) {
	if c.Sources == nil {
		usage.FindMakers(c)
		return
	}
	declarations.Check(c)
	usage.CheckManagers(c)
	usage.FindMakers(c)
	usage.CheckLinked(c)
	c.Facts.Sort()
	freshness.Check(c, expected)
	if c.IsHost() && c.Facts.Stale != nil && !c.InProgram {
		c.Facts.Incomplete = true // what it will link when it is generated again
	}
}

// Program checks packages, each of which [Part] has checked, as one
// program, whether or not another package imports them together. It does not report
// in packages whose places have been forgotten. Plugins that no host links are only
// reported if the program is complete.
func Program(complete bool, fset *token.FileSet, packages []*facts.Package, report func(analysis.Diagnostic)) {
	program.New(target.NewProgram(fset, packages, report)).CheckWhole(complete, packages)
}
