package golangci

import (
	"testing"

	"github.com/golangci/plugin-module-register/register"

	"github.com/plugingen/plugingen/analyzer"
)

func TestLinter(t *testing.T) {
	newPlugin, err := register.GetPlugin(Name)
	if err != nil {
		t.Fatal(err)
	}
	fresh := analyzer.Analyzer.Flags.Lookup("fresh").Value
	defer func() { _ = fresh.Set("true") }()
	plugin, err := newPlugin(map[string]any{"fresh": false})
	if err != nil {
		t.Fatal(err)
	}
	if fresh.String() != "false" {
		t.Error("the setting has no effect")
	}
	all, err := plugin.BuildAnalyzers()
	if err != nil || len(all) != 1 || all[0] != analyzer.Analyzer {
		t.Errorf("analyzers %v, %v", all, err)
	}
	if _, err := newPlugin(map[string]any{"frehs": true}); err == nil {
		t.Error("an unknown setting is taken")
	}
}
