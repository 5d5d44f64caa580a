package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/internal/setup"
)

const small = `
-- go.mod --
module example.com/small

go 1.26.0

require github.com/plugingen/plugingen v1.0.0
-- small.go --
package small

//plugin:namespace=my.plugins
func Small() {}
-- wrong/wrong.go --
package wrong

//plugin:namspace=my.plugins
func Wrong() {}
`

func TestStatus(t *testing.T) {
	for _, test := range []struct {
		args   string
		status int
		says   string // on either output
	}{
		{"version", done, "plugingen"},
		{"version extra", failed, "version takes no arguments"},
		{"help", done, "The commands are"},
		{"-h", done, "usage: plugingen generate [flags] [packages]"},
		{"--help", done, "The commands are"},
		{"check --help", done, "usage: plugingen check [flags] [packages]"},
		{"check -h", done, "usage: plugingen check [flags] [packages]"},
		{"help list", done, "usage: plugingen list [flags] [packages]"},
		{"help keys", done, "should_load"},
		{"help badvalue", done, "is not a whole number"},
		{"help badvalu", failed, `did you mean "badvalue"?`},
		{"help kyes", failed, `did you mean "keys"`},

		{"list", done, "my.plugins:small"},
		{"-C wrong list ..", done, "my.plugins:small"},
		{"list -C=wrong ..", done, "my.plugins:small"},
		{"--C wrong list ..", done, "my.plugins:small"},
		{"--C=wrong list ..", done, "my.plugins:small"},
		{"list ./...", sourceErrors, `did you mean "namespace"`},
		{"check", sourceErrors, "+++ plugins_gen.go"},
		{"-v", done, "wrote plugins_gen.go"},
		{"generate ./wrong", sourceErrors, `did you mean "namespace"`},
		{"-v example.com/small", done, "wrote plugins_gen.go"},

		{"chek", failed, `unknown command "chek" (did you mean "check"?)`},
		{"lits ./...", failed, `did you mean "list"`},
		{"frobnicate", failed, `unknown command "frobnicate"; 'plugingen help' lists the commands`},
		{"-v check", failed, "the command check comes first: plugingen check [flags] [packages]"},
		{"check ./... -json", failed, "flag -json must come before the packages"},
		{"check -jsn", failed, "Run 'plugingen help check' for usage"},
		{"check -jsn", failed, "not defined: -jsn (did you mean -json?)"},
		{"-json -sarif", failed, "mutually exclusive"},
		{"./nowhere", failed, "there is no "},
		{"-C nowhere", failed, "nowhere"},
		{"-C", failed, "flag needs an argument: -C"},
		{"add", failed, "name a module"},
		{"add /x", failed, "name a module as go get does"},
		{"add example.com/x", failed, "//plugin:link"},
		{"./... check", failed, "the command check comes first: plugingen check [flags] [packages]"},
		{"check chek", failed, "chek is not in the module"},
		{"./wrong chek", failed, "chek is not in the module"}, // no command is that far behind
		{"watch chek", failed, "chek is not in the module"},
	} {
		t.Run(test.args, func(t *testing.T) {
			is := is.New(t)
			status, stdout, stderr := runIn(t, writeTree(t, small), strings.Fields(test.args)...)
			t.Log(stdout + stderr)
			is.Equal(status, test.status)
			is.True(strings.Contains(stdout+stderr, test.says))
		})
	}
}

// Every command line in the help has a command, flags that it knows, and no more arguments
// than it takes.
func TestExamplesParse(t *testing.T) {
	for _, cmd := range commands() {
		var help bytes.Buffer
		cmd.help(&help)
		n := 0
		for line := range strings.Lines(help.String()) {
			line = strings.TrimSpace(line)
			text, ok := strings.CutPrefix(strings.TrimPrefix(line, "//go:generate go tool "), "plugingen ")
			if !ok || strings.HasPrefix(line, "usage:") {
				continue
			}
			n++
			text, _, _ = strings.Cut(text, "   ") // what it does
			text, _, _ = strings.Cut(text, " >")
			text, _, _ = strings.Cut(text, " | ")
			t.Run(text, func(t *testing.T) {
				is := is.New(t)
				words := strings.Fields(text)
				named := commandNamed(words[0])
				if named == nil {
					named = commandNamed("generate")
				} else {
					words = words[1:]
				}
				c := &invocation{}
				is.NoErr(c.parse(named, words))
				is.True(len(c.args) == 0 || named.argument(len(c.args)-1) != "")
			})
		}
		if n == 0 && cmd.name != "version" {
			t.Errorf("the help of %s has no example", cmd.name)
		}
	}
}

// A command whose output can't be written has failed, whatever it says otherwise.
func TestFullOutput(t *testing.T) {
	for _, args := range []string{
		"version", "help", "help keys", "help list", "check -h", "list", "list -json",
		"check", "-json", "check -sarif ./wrong",
	} {
		t.Run(args, func(t *testing.T) {
			is := is.New(t)
			t.Chdir(writeTree(t, small))
			var stderr bytes.Buffer
			is.Equal(run(strings.Fields(args), full{}, &stderr), failed)
			is.Equal(strings.Count(stderr.String(), "no space"), 1)
		})
	}
}

// A full disk can't be written to.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// What a go:generate comment generates is found behind every flag that generate has.
func TestRunsWithFlags(t *testing.T) {
	commandNamed("generate").flagSet(&invocation{}).VisitAll(func(f *flag.Flag) {
		t.Run(f.Name, func(t *testing.T) {
			is := is.New(t)
			words := " -" + f.Name
			if !isBool(f) {
				words += map[bool]string{true: " .", false: " word"}[f.Name == "C"]
			}
			dir := writeTree(t, "-- go.mod --\nmodule example.com/app\n-- a/a.go --\npackage a\n\n"+
				"//go:generate go tool plugingen"+words+" ./...\n")
			runs, err := setup.ReadRuns(dir)
			is.NoErr(err)
			is.True(runs.Cover(filepath.Join(dir, "a")))
		})
	})
}

// The comment of the package lists the commands as they are.
func TestPackageComment(t *testing.T) {
	is := is.New(t)
	src, err := os.ReadFile("main.go")
	is.NoErr(err)
	var got, want []string
	for line := range strings.Lines(string(src)) {
		if words, ok := strings.CutPrefix(line, "//\tplugingen "); ok {
			got = append(got, strings.Join(strings.Fields(words), " "))
		}
	}
	for i, cmd := range commands() {
		name := cmd.name
		if i == 0 {
			name = "[" + name + "]"
		}
		want = append(want, strings.Join(strings.Fields(name+" "+cmd.args+" "+cmd.short), " "))
	}
	is.Equal(got, want)
}

// The usage of a command shows whether it has flags of its own.
func TestUsage(t *testing.T) {
	for _, cmd := range commands() {
		if got := strings.HasPrefix(cmd.args, "[flags]"); got != (cmd.flags != nil) {
			t.Errorf("plugingen %s %s: flags of its own: %v", cmd.name, cmd.args, cmd.flags != nil)
		}
	}
}
