package integration

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	_ "github.com/aymanbagabas/go-udiff"              // nogo imports it
	_ "github.com/bazelbuild/rules_go/go/tools/bazel" // for go.mod to have the module that nogo is in
)

// nogoSources are the rules_go target that every nogo is built from.
var nogoSources = []string{
	"constants.go", "env.go", "flags.go", "nogo_fix.go", "nogo_goversions_go118.go",
	"nogo_goversions_go121.go", "nogo_goversions_go122.go", "nogo_main.go", "nogo_version.go", "nolint.go",
}

// nogoConfig is what a project gives its nogo.
const nogoConfig = `{
	"_base": {"exclude_files": {"^leftout/": "code of others"}},
	"plugin": {"analyzer_flags": {"fresh": "true"}}
}`

// buildNogo builds nogo as Bazel does: from rules_go's own source, and a file that
// rules_go's generator makes of the analyzers' import paths and the configuration.
func buildNogo() error {
	rules, err := run(".", "go", "list", "-m", "-f", "{{.Dir}}", "github.com/bazelbuild/rules_go")
	if err != nil {
		return err
	}
	builders := filepath.Join(strings.TrimSpace(rules), "go", "tools", "builders")
	dir := tool("src")
	err = errors.Join(
		copyFiles(dir, builders, nogoSources...),
		copyFiles(dir, ".", "go.mod", "go.sum"),
		copyFiles(tool("generator"), builders, "flags.go", "generate_nogo_main.go"),
		os.WriteFile(filepath.Join(tool("generator"), "main.go"), []byte(generator), 0o666),
		os.WriteFile(tool("nogo.json"), []byte(nogoConfig), 0o666),
	)
	if err != nil {
		return err
	}
	for _, command := range [][]string{
		{
			"go", "run", "-C", tool("generator"), "main.go", "flags.go", "generate_nogo_main.go",
			"-output", filepath.Join(dir, "main.go"), "-config", tool("nogo.json"),
			"-analyzer_importpath", "github.com/plugingen/plugingen/analyzer",
		},
		// nogo imports an internal package of x/tools. Bazel does not mind.
		{
			"go", "-C", dir, "mod", "edit", "-module=golang.org/x/tools/nogo",
			"-replace=github.com/plugingen/plugingen=" + root,
			"-replace=github.com/plugingen/plugingen/analyzer/golangci=" + filepath.Join(root, "analyzer", "golangci"),
		},
		{"go", "build", "-C", dir, "-o", tool("nogo"), "."},
	} {
		if _, err := run(".", command[0], command[1:]...); err != nil {
			return err
		}
	}
	return nil
}

// generator is the one of rules_go's builder's commands that is needed.
const generator = `package main

import (
	"log"
	"os"
)

func main() {
	if err := genNogoMain(os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
`

func copyFiles(to, from string, names ...string) error {
	if err := os.MkdirAll(to, 0o777); err != nil {
		return err
	}
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), data, 0o666)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func TestNogo(t *testing.T) {
	dir := program(t)
	steps := filepath.Join(dir, "steps", "steps.go")
	edit(t, steps, "priority=1", "prioritty=1")
	out := t.TempDir()
	if got := runNogo(t, dir, out); len(got) != 1 {
		t.Errorf("a misspelt key: %q", got)
	}
	patch, err := os.ReadFile(filepath.Join(out, "nogo.patch"))
	check(t, err)
	if !strings.Contains(string(patch), "\n+//plugin:namespace=seed.steps priority=1\n") {
		t.Errorf("patch:\n%s", patch)
	}

	edit(t, steps, "prioritty=1\n", "priority=2\n")
	edit(t, steps, "{ return nil }\n\n// Network", "{ return nil } //nolint:plugin\n\n// Network")
	if got := nogo(t, dir); len(got) != 0 {
		t.Errorf("with nolint: %q", got)
	}

	write(t, filepath.Join(dir, "leftout", "leftout.go"), "package leftout\n\n//plugin:namespace=seed.leftout\nfunc Plugin() {}\n")
	if got := nogo(t, dir); len(got) != 0 {
		t.Errorf("in a file that is excluded: %q", got)
	}
}

// Of the plugins of other modules nothing is known, but that there are some.
func TestNogoOtherModule(t *testing.T) {
	dir := program(t)
	other := filepath.Join(dir, "other")
	write(t, filepath.Join(other, "go.mod"), "module example.com/other\n\ngo 1.26.0\n\nrequire github.com/plugingen/plugingen v0.0.0\n\nreplace github.com/plugingen/plugingen => "+root+"\n")
	write(t, filepath.Join(other, "other.go"), "package other\n\nimport \"context\"\n\n//plugin:namespace=seed.local name=freed\ntype Freed struct{}\n\n"+
		"func (Freed) Greet(context.Context) string { return \"\" }\n\n//plugin:namespace=seed.stepz\nfunc Step() {}\n")
	generate(t, other)
	_, err := run(dir, "go", "mod", "edit", "-require=example.com/other@v0.0.0", "-replace=example.com/other=./other")
	check(t, err)
	main := filepath.Join(dir, "cmd", "seed", "main.go")
	edit(t, main, "//plugin:link", "//plugin:link packages=all")
	edit(t, main, `Load(ctx, "free")`, `Load(ctx, "freed")`)
	edit(t, main, "	app := ", "	registry.NewManager[func()](\"seed.stepz\")\n	app := ")
	edit(t, filepath.Join(dir, "free", "free.go"), "name=free", "name=free requires=freed")
	generate(t, dir)
	for _, d := range drivers {
		if got := d.check(t, dir); len(got) != 0 {
			t.Errorf("%s: %q", d.name, got)
		}
	}
}

func nogo(t *testing.T, dir string) []string {
	t.Helper()
	return runNogo(t, dir, t.TempDir())
}

// runNogo checks the packages of a program's module, one after another, as rules_go's builder
// has it done. As by default, other modules are not checked, so nothing is known of them.
func runNogo(t *testing.T, dir, out string) []string {
	t.Helper()
	t.Setenv("GOARCH", runtime.GOARCH)
	var importcfg strings.Builder
	var args, found []string
	for _, p := range list(t, dir) {
		if p.Export != "" {
			fmt.Fprintf(&importcfg, "packagefile %s=%s\n", p.ImportPath, p.Export)
		}
		if p.Module == nil || !p.Module.Main {
			continue
		}
		cfg, facts := filepath.Join(out, "importcfg"), filepath.Join(out, strings.ReplaceAll(p.ImportPath, "/", "_"))
		write(t, cfg, importcfg.String())
		unit := append(slices.Clone(args), "-p", p.ImportPath, "-fix_dir", out, "-importcfg", cfg, "-go_version", "1.26", "-x", facts)
		for _, name := range p.GoFiles {
			unit = append(unit, filepath.Join(p.Dir, name))
		}
		text, err := run(dir, tool("nogo"), unit...)
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() != 3 { // violations
			t.Error(err)
		}
		for _, l := range lines(dir, text) {
			found = append(found, strings.TrimSuffix(l, " (plugin)"))
		}
		args = append(args, "-fact", p.ImportPath+"="+facts)
	}
	slices.Sort(found)
	return found
}

type listed struct {
	ImportPath, Export, Dir string
	GoFiles                 []string
	Module                  *struct{ Main bool }
}

// list returns the packages of a program, those that others import first.
func list(t *testing.T, dir string) []listed {
	t.Helper()
	out, err := run(dir, "go", "list", "-export", "-deps", "-json=ImportPath,Export,Dir,GoFiles,Module", "./...")
	check(t, err)
	var all []listed
	for d := json.NewDecoder(strings.NewReader(out)); d.More(); {
		var p listed
		check(t, d.Decode(&p))
		all = append(all, p)
	}
	return all
}
