package analyzer_test

import (
	"fmt"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/analyzer"
)

// A vet tool has the analyzer beside others: pass them all to unitchecker.Main.
func Example() {
	analyzers := []*analysis.Analyzer{analyzer.Analyzer}
	fmt.Println(analysis.Validate(analyzers), analyzers[0].Name)
	// Output: <nil> plugin
}
