package analyzer_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/plugingen/plugingen/analyzer"
)

// Freshness has tests of its own, in package driver: files that plugingen wrote
// would be in the way here.
func TestMain(m *testing.M) {
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
		"apart/named", "apart/excluded", "apart/chosen", "apart/both",
		"asked/lib", "asked/wary", "asked/host", "base", "byhand",
		"contract/api", "contract/good", "contract/bad", "crossing/host", "dynamic", "early/lib",
		"early/host", "early/linked",
		"late/api", "late/plug", "late/host",
		"lifecycle",
		"requires/a", "requires/b", "requires/host",
		"values",
		"twice/a", "twice/b", "twice/both", "twice/above", "veiled",
		"unhosted/forgotten", "unhosted/added", "unhosted/wary", "unhosted/own")
}

func TestFixes(t *testing.T) {
	analysistest.RunWithSuggestedFixes(forgiving{t}, analysistest.TestData(), analyzer.Analyzer, "factory",
		"manager", "slips", "syntax")
}
