// Package integration runs the analyzer in each program that can run it, built
// for real, and compares what they say. It is a module of its own, since golangci-lint
// brings more modules than anybody wants.
package integration

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/plugingen/plugingen/gen"
)

var (
	bin  string // where the tools are
	root string // this project's
)

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	_ = os.Setenv("GOWORK", "off")
	var err error
	if root, err = filepath.Abs("../.."); err == nil {
		bin, err = os.MkdirTemp("", "integration")
	}
	if err == nil {
		defer os.RemoveAll(bin)
		_, err = run(".", "go", "build", "-o", bin, "./golangci-lint", "github.com/plugingen/plugingen/cmd/pluginvet")
	}
	if err == nil {
		err = buildNogo()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func tool(name string) string { return filepath.Join(bin, name) }

// run returns what a command prints. A command that fails has its output as the error, too.
func run(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s%s", cmd, err, &stdout, &stderr)
	}
	return stdout.String() + stderr.String(), err
}

// A driver checks a program, and returns the first line of each diagnostic, with its place.
type driver struct {
	name  string
	check func(t *testing.T, dir string) []string
	whole bool // the whole program is checked at once
}

var drivers = []driver{
	{"pluginvet", pluginvet, true},
	{"pluginvet -json", pluginvetJSON, true},
	{"go vet", goVet, false},
	{"go vet -json", goVetJSON, false},
	{"golangci-lint", golangci, false},
	{"nogo", nogo, false},
}

func TestDrivers(t *testing.T) {
	for _, seed := range []struct {
		name, file, before, after string
		generate                  bool     // once more, after the edit
		want                      []string // of those that check package by package
		whole                     []string // of those that check a whole program, nil if it is the same
	}{
		{name: "correct"},
		{
			name: "unknown key", file: "steps/steps.go", before: "priority=1", after: "prioritty=1",
			want: []string{`steps/steps.go:8:31: unknown key "prioritty" (did you mean "priority"?); keys of your own begin with x_`},
		},
		{
			name: "out of date", file: "steps/steps.go", before: "priority=1", after: "priority=2",
			want: []string{"steps/steps.go:9:6: plugin seed.steps:logging is not in plugins_gen.go as it is declared here"},
		},
		{
			name: "edited by hand", file: "steps/plugins_gen.go", before: "Priority:  1", after: "Priority:  3",
			want: []string{"steps/steps.go:9:6: plugin seed.steps:logging is not in plugins_gen.go as it is declared here"},
		},
		{
			name: "manager", file: "cmd/seed/main.go", before: "NewManager[api.Step]", after: "NewManager[func(*api.App, ...any) error]",
			want: []string{"cmd/seed/main.go:27:16: the contract of seed.steps is api.Step, but this is a manager of func(*api.App, ...any) error: write api.Step"},
		},
		{
			name: "name", file: "cmd/seed/main.go", before: `Load(ctx, "free")`, after: `Load(ctx, "fre")`,
			want: []string{`cmd/seed/main.go:24:34: there is no plugin seed.local:fre (did you mean "free"?)`},
		},
		{
			name: "deprecated", file: "store/store.go", before: "name=store factory", after: "name=store factory deprecated=old", generate: true,
			want:  []string{"cmd/seed/main.go:12:1: plugin seed.services:web: declared at web.go:11:6 of package example.com/seed/web, it requires seed.services:store, which is deprecated: old"},
			whole: []string{"web/web.go:12:36: plugin seed.services:web: it requires seed.services:store, which is deprecated: old"},
		},
		{
			name: "duplicate", file: "store/store.go", before: "name=store factory", after: "name=store aliases=http factory", generate: true,
			want:  []string{"cmd/seed/main.go:12:1: plugin seed.services:http is declared twice, at store.go:15:6 of package example.com/seed/store and at web.go:11:6 of package example.com/seed/web: it is unique in a program"},
			whole: []string{"web/web.go:11:6: plugin seed.services:http is declared already, at store.go:15:6 of package example.com/seed/store: it is unique in a program"},
		},
	} {
		t.Run(seed.name, func(t *testing.T) {
			dir := program(t)
			if seed.file != "" {
				edit(t, filepath.Join(dir, filepath.FromSlash(seed.file)), seed.before, seed.after)
			}
			if seed.generate {
				generate(t, dir)
			}
			for _, d := range drivers {
				want := seed.want
				if d.whole && seed.whole != nil {
					want = seed.whole
				}
				got := d.check(t, dir)
				for i := range got {
					got[i], _, _ = strings.Cut(got[i], ": run ") // the command depends on go.mod, which nogo may not have
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s:\n%s\nwant\n%s", d.name, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
		})
	}
}

// program writes a correct program, with its generated files, and returns its directory.
func program(t *testing.T) string {
	t.Helper()
	archive, err := txtar.ParseFile("../driver/testdata/program.txtar")
	check(t, err)
	dir := t.TempDir()
	archive.Files = append(archive.Files, txtar.File{Name: "go.mod", Data: fmt.Appendf(nil,
		"module example.com/seed\n\ngo 1.26.0\n\nrequire github.com/plugingen/plugingen v0.0.0\n\nreplace github.com/plugingen/plugingen => %s\n", root)})
	for _, f := range archive.Files {
		write(t, filepath.Join(dir, filepath.FromSlash(f.Name)), string(f.Data))
	}
	generate(t, dir)
	return dir
}

func generate(t *testing.T, dir string) {
	t.Helper()
	plan, err := gen.Make(dir, []string{"./..."})
	check(t, err)
	check(t, plan.Apply())
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	check(t, os.MkdirAll(filepath.Dir(name), 0o777))
	check(t, os.WriteFile(name, []byte(text), 0o666))
}

func edit(t *testing.T, name, before, after string) {
	t.Helper()
	src, err := os.ReadFile(name)
	check(t, err)
	if strings.Count(string(src), before) != 1 {
		t.Fatalf("%s: where is %s?", name, before)
	}
	write(t, name, strings.Replace(string(src), before, after, 1))
}

func pluginvet(t *testing.T, dir string) []string {
	t.Helper()
	return fromText(t, dir, tool("pluginvet"), "./...")
}

func goVet(t *testing.T, dir string) []string {
	t.Helper()
	return fromText(t, dir, "go", "vet", "-vettool="+tool("pluginvet"), "./...")
}

func fromText(t *testing.T, dir, name string, args ...string) []string {
	t.Helper()
	out, err := run(dir, name, args...)
	found := lines(dir, out)
	if exit := (*exec.ExitError)(nil); len(found) > 0 && (!errors.As(err, &exit) || exit.ExitCode() != 1) || len(found) == 0 && err != nil {
		t.Errorf("exit status: %v, with %d diagnostics", err, len(found))
	}
	return found
}

var diagnostic = regexp.MustCompile(`(?m)^(\S+\.go:\d+:\d+): (\S.*)$`)

// lines returns the diagnostics of a text, without what is related to them, which is indented.
func lines(dir, text string) []string {
	var found []string
	for _, m := range diagnostic.FindAllStringSubmatch(text, -1) {
		found = append(found, line(dir, m[1], m[2]))
	}
	slices.Sort(found)
	return found
}

func line(dir, at, message string) string {
	if rel, err := filepath.Rel(dir, at); err == nil && filepath.IsLocal(rel) {
		at = rel
	}
	message, _, _ = strings.Cut(message, "\n")
	return filepath.ToSlash(filepath.Clean(at)) + ": " + message
}

func pluginvetJSON(t *testing.T, dir string) []string {
	out, err := run(dir, tool("pluginvet"), "-json", "./...")
	check(t, err)
	return fromJSON(t, dir, out)
}

func goVetJSON(t *testing.T, dir string) []string {
	out, err := run(dir, "go", "vet", "-json", "-vettool="+tool("pluginvet"), "./...")
	check(t, err)
	return fromJSON(t, dir, out)
}

// fromJSON reads what vet writes: a value for each package, and the packages' names
// as comments between them.
func fromJSON(t *testing.T, dir, text string) []string {
	var found []string
	text = regexp.MustCompile(`(?m)^#.*$`).ReplaceAllString(text, "")
	for d := json.NewDecoder(strings.NewReader(text)); d.More(); {
		var tree map[string]map[string][]struct{ Posn, Message string }
		check(t, d.Decode(&tree))
		for _, byAnalyzer := range tree {
			for _, f := range byAnalyzer["plugin"] {
				found = append(found, line(dir, f.Posn, f.Message))
			}
		}
	}
	slices.Sort(found)
	return found
}
