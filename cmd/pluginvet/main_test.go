package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/tools/go/analysis/suite/vet"

	"github.com/plugingen/plugingen/analyzer/driver"
	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/excerpt"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"pluginvet":    main,
		"pluginvetstd": func() { driver.Unit(os.Args[1:], vet.Suite...) },
		"plugingen":    generate,
	})
}

// generate does what plugingen does.
func generate() {
	flag.Parse()
	plan, err := gen.Make(".", flag.Args())
	if err == nil {
		err = plan.Apply()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	formatter := excerpt.Formatter{Fset: plan.Fset, Name: filepath.Base, Source: plan.Source}
	for _, d := range plan.Diagnostics {
		fmt.Fprint(os.Stderr, formatter.Format(d))
	}
	if len(plan.Diagnostics) > 0 {
		os.Exit(1)
	}
}

// Each script runs the built command in a module of its own, by way of the go command.
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:  "testdata",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"findtool": findTool},
		Setup: func(env *testscript.Env) error {
			env.Setenv("GOFLAGS", "-mod=mod")
			env.Setenv("GOPROXY", "off")
			env.Setenv("ROOT", root)
			env.Setenv("GONOSUMDB", "*")
			env.Setenv("HOME", os.Getenv("HOME"))
			for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH"} {
				if v := os.Getenv(name); v != "" {
					env.Setenv(name, v)
				}
			}
			mod := "module example.com/app\n\ngo 1.26\n\nrequire github.com/plugingen/plugingen " +
				"v0.0.0\n\ntool github.com/plugingen/plugingen/cmd/plugingen\n\n" +
				"replace github.com/plugingen/plugingen => " + filepath.ToSlash(root) + "\n"
			return os.WriteFile(filepath.Join(env.WorkDir, "go.mod"), []byte(mod), 0o666)
		},
	})
}

// Every command line in the help has flags that the command knows.
func TestExamplesParse(t *testing.T) {
	n := 0
	for line := range strings.Lines(usage) {
		line, ok := strings.CutPrefix(line, "\tpluginvet ")
		if !ok {
			continue
		}
		n++
		line, _, _ = strings.Cut(line, "   ")
		line, _, _ = strings.Cut(line, " >")
		var c invocation
		if err := c.parse(strings.Fields(line)); err != nil {
			t.Errorf("pluginvet %s: %v", line, err)
		}
	}
	if n == 0 {
		t.Error("there are no examples")
	}
}

// findTool sets $TOOL to the path of a command, as which(1) would print it.
func findTool(ts *testscript.TestScript, _ bool, args []string) {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		name := filepath.Join(dir, args[0])
		for _, name := range []string{name, name + ".exe"} {
			if _, err := os.Stat(name); err == nil {
				ts.Setenv("TOOL", name)
				return
			}
		}
	}
	ts.Fatalf("there is no %s", args[0])
}
