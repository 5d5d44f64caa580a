// Package analyzer checks what plugingen can't: it knows types, and the packages
// that a package imports.
//
// plugingen reads syntax alone. [Analyzer] proves that plugins satisfy the
// contracts of their namespaces, that names are unique, that requirements can be met, that
// managers ask for what there is, and that generated files are up to date. What
// it says of the annotations themselves comes from package annotate, word for
// word as plugingen says it.
//
// What a package declares is a fact, [Facts]. A package's fact includes those of
// the packages that it imports, so two plugins of one name meet at the first
// package that imports both.
//
// The analyzer runs in any driver of the go/analysis framework. Package driver
// holds the two that pluginvet is made of: one for "go vet -vettool", which also
// copes with a generated file that no longer compiles, and one that sees a whole
// program.
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

The plugin analyzer reports //plugin: comments and plugin:"" tags that have an
error in them, plugins that do not satisfy the contract of their namespace, names
that are not unique, requirements that can't be met, managers that ask for
what does not exist, and files that plugingen should write again.`,
	URL:              docs.URL,
	Run:              func(pass *analysis.Pass) (any, error) { return nil, check.Package(pass) },
	Requires:         []*analysis.Analyzer{inspect.Analyzer},
	RunDespiteErrors: true,
	FactTypes:        []analysis.Fact{new(facts.Facts)},
}

func init() {
	Analyzer.Flags.BoolVar(&freshness.Enabled, "fresh", true, "report generated files that are missing or out of date")
}
