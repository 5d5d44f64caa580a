// Package golangci makes the plugin analyzer a linter of golangci-lint, as a module
// plugin. It is a module of its own, so that nobody else has its dependencies.
package golangci

import (
	"strconv"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/analyzer"
)

// Name is what the linter is called in .golangci.yml.
const Name = "plugingen"

func init() { register.Plugin(Name, New) }

// Settings are those of .golangci.yml.
type Settings struct {
	// Fresh has generated files reported that are missing or out of date. Without
	// it, they are.
	Fresh *bool `json:"fresh"`
}

type linter struct{}

// New returns the linter.
func New(settings any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[Settings](settings)
	if err != nil {
		return nil, err
	}
	if s.Fresh != nil {
		if err := analyzer.Analyzer.Flags.Set("fresh", strconv.FormatBool(*s.Fresh)); err != nil {
			return nil, err
		}
	}
	return linter{}, nil
}

// BuildAnalyzers returns the analyzer.
func (linter) BuildAnalyzers() ([]*analysis.Analyzer, error) {
	return []*analysis.Analyzer{analyzer.Analyzer}, nil
}

// GetLoadMode says that the analyzer needs types.
func (linter) GetLoadMode() string { return register.LoadModeTypesInfo }
