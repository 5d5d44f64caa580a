// Package analyzer checks what plugingen can't: it knows types, and the packages
// that a package imports.
//
// plugingen only reads syntax. [Analyzer] checks that plugins satisfy the contracts
// of their namespaces, that names are unique, that required plugins exist, that
// managers request plugins that exist, and that generated files are up to date. Its
// diagnostics of annotations are those of package annotate, which plugingen reports
// as well.
//
// What a package declares is a fact. The fact of a package includes those of its
// imports, so plugins of one name are reported by the first package that imports
// both.
//
// The analyzer runs in any driver of package analysis. Package driver has the two of
// pluginvet: one for "go vet -vettool", which also handles generated files that do
// not compile, and one that checks a whole program.
package analyzer

import (
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"

	"github.com/plugingen/plugingen/analyzer/internal/check"
	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/freshness"
	"github.com/plugingen/plugingen/docs"
)

// Analyzer reports plugins that will not work.
var Analyzer = &analysis.Analyzer{
	Name: "plugin",
	Doc: `check plugin declarations, contracts, managers and generated specs

The plugin analyzer reports //plugin: comments and plugin:"" tags that
are invalid, plugins that do not satisfy the contract of their namespace, names
that are not unique, requirements that can't be met, managers that
request plugins that do not exist, and generated files that are out of date.`,
	URL:              docs.URL,
	Run:              func(pass *analysis.Pass) (any, error) { return nil, check.Package(pass) },
	Requires:         []*analysis.Analyzer{inspect.Analyzer},
	RunDespiteErrors: true,
	FactTypes:        []analysis.Fact{new(facts.Facts)},
}

func init() {
	Analyzer.Flags.BoolVar(&freshness.Enabled, "fresh", true, "report generated files that are missing or out of date")
}
