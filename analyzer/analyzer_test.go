package analyzer_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/plugingen/plugingen/analyzer"
)

// Freshness has tests of its own, in package driver: files that plugingen wrote
// would be in the way here.
func TestMain(m *testing.M) {
	// The packages in testdata are of no workspace, and least of all of one around this module.
	if err := os.Setenv("GOWORK", "off"); err != nil {
		panic(err)
	}
	if err := analyzer.Analyzer.Flags.Set("fresh", "false"); err != nil {
		panic(err)
	}
	m.Run()
}

// Forgiving is a test that need not spell out the facts of each package.
type forgiving struct{ *testing.T }

func (t forgiving) Errorf(format string, args ...any) {
	t.Helper()
	if s := fmt.Sprintf(format, args...); !strings.Contains(s, "unexpected fact: ") {
		t.Error(s)
	}
}

func TestAnalyzer(t *testing.T) {
	analysistest.Run(forgiving{t}, analysistest.TestData(), analyzer.Analyzer,
		"selection/named", "selection/excluded", "selection/selected", "selection/both",
		"uses/lib", "uses/handlesmissing", "uses/host", "opaque/lib", "opaque/host", "opaque/given", "base", "base/program", "base/wrong", "byhand",
		"options/bad", "options/unsure", "contract/api", "contract/good", "contract/bad", "crossing/host", "dynamic", "tooearly/lib",
		"tooearly/host", "tooearly/linked",
		"late/api", "late/plug", "late/host", "misspelt", "handwritten",
		"lifecycle",
		"requires/a", "requires/b", "requires/host",
		"values",
		"duplicate/a", "duplicate/b", "duplicate/both", "duplicate/above", "anynamespace",
		"unhosted/forgotten", "unhosted/added", "unhosted/handlesmissing", "unhosted/own")
}

func TestFixes(t *testing.T) {
	analysistest.RunWithSuggestedFixes(forgiving{t}, analysistest.TestData(), analyzer.Analyzer, "factory",
		"manager", "nearlifecycle", "syntax")
}
