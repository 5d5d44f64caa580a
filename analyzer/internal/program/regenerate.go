package program

import (
	"slices"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
)

// ReportGenerated reports stale generated files of packages that have no other
// diagnostics. A file that does not compile is reported only if the packages whose
// plugins it links have none either. plugingen would refuse to write the others.
func (c *Checker) ReportGenerated(packages []*facts.Package) {
	wrong := map[string]bool{}
	for _, f := range packages {
		wrong[f.Path] = wrong[f.Path] || f.Reported
	}
	for _, p := range c.Facts.Plugins {
		impossible := slices.ContainsFunc(c.Facts.ContractsOf(p.Namespace),
			func(k facts.Contract) bool { return k.Impossible })
		wrong[p.Package] = wrong[p.Package] || p.Unsatisfied() || impossible
	}
	for _, h := range c.Facts.Hosts {
		wrong[h.Package] = wrong[h.Package] || h.Blocked(packages)
	}
	isHost := func(f *facts.Package) bool {
		return slices.ContainsFunc(f.Hosts, func(h facts.Host) bool { return h.Package == f.Path })
	}
	linksWrong := func(f *facts.Package) bool {
		return slices.ContainsFunc(f.Plugins, func(p facts.Plugin) bool {
			return p.Package != f.Path &&
				wrong[p.Package]
		})
	}
	for _, hosts := range []bool{false, true} { // which are written again together with what they link
		for _, f := range packages {
			if f.Stale != nil && !wrong[f.Path] && isHost(f) == hosts && (!hosts || !linksWrong(f)) {
				c.Report(*f.Stale)
				wrong[f.Path] = true
			}
		}
	}
	for _, f := range packages {
		if f.Broken != nil && !wrong[f.Path] && !linksWrong(f) {
			c.Report(*f.Broken)
		}
	}
}
