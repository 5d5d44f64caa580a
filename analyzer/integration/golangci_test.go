package integration

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const golangciConfig = `version: "2"
linters:
  default: none
  enable:
    - plugingen
  settings:
    custom:
      plugingen:
        type: module
`

func golangci(t *testing.T, dir string) []string {
	write(t, filepath.Join(dir, ".golangci.yml"), golangciConfig)
	return runGolangci(t, dir)
}

func runGolangci(t *testing.T, dir string, flags ...string) []string {
	t.Helper()
	t.Setenv("GOLANGCI_LINT_CACHE", filepath.Join(bin, "cache"))
	out, err := run(dir, tool("golangci-lint"), append([]string{"run", "--output.json.path=stdout", "--show-stats=false"}, append(flags, "./...")...)...)
	var report struct {
		Issues []struct {
			FromLinter, Text string
			Pos              struct {
				Filename     string
				Line, Column int
			}
		}
	}
	if json.NewDecoder(strings.NewReader(out)).Decode(&report) != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var found []string
	for _, i := range report.Issues {
		text := strings.TrimPrefix(i.Text, "plugin: ") // the analyzer's name
		if i.FromLinter != "plugingen" {
			text = i.FromLinter + ": " + text
		}
		found = append(found, line(dir, fmt.Sprintf("%s:%d:%d", i.Pos.Filename, i.Pos.Line, i.Pos.Column), text))
	}
	if (err != nil) != (len(found) > 0) {
		t.Errorf("exit status: %v, with %d issues", err, len(found))
	}
	slices.Sort(found)
	return found
}

func TestGolangci(t *testing.T) {
	dir := program(t)
	steps := filepath.Join(dir, "steps", "steps.go")
	edit(t, steps, "priority=1", "priority=2")
	if got := golangci(t, dir); len(got) != 1 {
		t.Errorf("a file that is out of date: %q", got)
	}

	write(t, filepath.Join(dir, ".golangci.yml"), golangciConfig+"        settings:\n          fresh: false\n")
	if got := runGolangci(t, dir); len(got) != 0 {
		t.Errorf("with fresh: false: %q", got)
	}
	write(t, filepath.Join(dir, ".golangci.yml"), golangciConfig+"        settings:\n          frehs: false\n")
	if out, err := run(dir, tool("golangci-lint"), "run"); err == nil || !strings.Contains(out, "frehs") {
		t.Errorf("with frehs: false: %s", out)
	}

	edit(t, steps, "{ return nil }\n\n// Network", "{ return nil } //nolint:plugingen // there is a reason\n\n// Network")
	if got := golangci(t, dir); len(got) != 0 {
		t.Errorf("with nolint: %q", got)
	}

	edit(t, steps, "priority=2", "prioritty=1")
	edit(t, steps, " //nolint:plugingen // there is a reason", "")
	if got := golangci(t, dir); len(got) != 1 {
		t.Errorf("a misspelt key: %q", got)
	}
	if got := runGolangci(t, dir, "--fix"); len(got) != 0 {
		t.Errorf("with --fix: %q", got)
	}
	edit(t, steps, "priority=1", "priority=1") // it is back

	// A package that does not compile is left to the compiler, and not passed.
	edit(t, filepath.Join(dir, "web", "web.go"), "func (*Web) Run(", "func (*Web) run(")
	if got := golangci(t, dir); len(got) != 1 || !strings.Contains(got[0], "typecheck: ") {
		t.Errorf("a contract that is not satisfied: %q", got)
	}
}
