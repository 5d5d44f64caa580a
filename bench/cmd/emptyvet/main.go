// Emptyvet is pluginvet with nothing to check: the same driver, the same settings of the garbage
// collector, and two analyzers that do nothing. One has facts, as pluginvet's has, for which the
// driver visits all dependencies, too. The flags -empty and -emptyfacts choose between them.
package main

import (
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/plugingen/plugingen/internal/heap"
)

type fact struct{}

func (*fact) AFact() {}

func main() {
	heap.DelayCollection()
	unitchecker.Main(
		&analysis.Analyzer{Name: "empty", Doc: "checks nothing", Run: nothing},
		&analysis.Analyzer{
			Name: "emptyfacts", Doc: "checks nothing", Run: nothing,
			FactTypes: []analysis.Fact{new(fact)},
		},
	)
}

func nothing(*analysis.Pass) (any, error) { return nil, nil }
