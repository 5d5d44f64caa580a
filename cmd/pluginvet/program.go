package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/plugingen/plugingen/analyzer"
	"github.com/plugingen/plugingen/analyzer/driver"
	"github.com/plugingen/plugingen/cmd/internal/progress"
	"github.com/plugingen/plugingen/internal/terminal"
)

const usage = `usage: pluginvet [flags] [packages]

Pluginvet checks the plugins of the packages, by default those in the current directory.
"go tool pluginvet ./..." checks a whole program, whether or not it compiles, and says why
a generated file does not. As a vet tool it checks package by package:

	t=$(go tool -n pluginvet) && go vet -vettool="$t" ./...

Types are those of one build: of the platform in GOOS and GOARCH, with the tags of -tags. "go tool"
would build pluginvet itself for another platform. To check that one, build it first:

	t=$(go tool -n pluginvet) && GOOS=windows "$t" ./...

On a terminal, or with -color=always, it shows the source lines as well.

Examples:

	pluginvet ./...                         a whole program
	pluginvet -v -tags=enterprise ./...     another build of it, and what is not in it
	pluginvet -fix -diff ./...              show the suggested fixes; without -diff, apply them
	pluginvet -sarif ./... >plugins.sarif   for code scanning

Flags:

`

// Exit statuses.
const (
	done   = 0
	found  = 1
	failed = 2
)

// An invocation is one run of pluginvet on a program.
type invocation struct {
	json, sarif bool
	fix, diff   bool
	tests       bool
	verbose     bool
	tags        string
	color       terminal.Color
	patterns    []string
}

func program(args []string) int {
	var c invocation
	if err := c.parse(args); err != nil {
		return c.fail(err)
	}
	report, err := c.check()
	if err == nil && c.diff {
		err = c.printDiff(report)
	} else if err == nil && c.fix {
		report, err = c.applyFixes(report)
	}
	if err != nil {
		return c.fail(err)
	}
	status, err := c.print(report)
	if err != nil {
		return c.fail(err)
	}
	return status
}

func (c *invocation) fail(err error) int {
	fmt.Fprintln(os.Stderr, c.color.For(os.Stderr).Error("pluginvet:"), terminal.Lines(err.Error()))
	return failed
}

// parse reads the command line. It exits if that asks for help.
func (c *invocation) parse(args []string) error {
	flags := flag.NewFlagSet("pluginvet", flag.ContinueOnError)
	flags.BoolVar(&c.json, "json", false, "write JSON, as go vet -json does")
	flags.BoolVar(&c.sarif, "sarif", false, "write SARIF 2.1.0")
	flags.BoolVar(&c.tests, "test", true, "check test files, too")
	flags.BoolVar(&c.verbose, "v", false, "print what is checked, what is only read or skipped, and why")
	flags.StringVar(&c.tags, "tags", "", "check the build with these build `tags`, as go build -tags does")
	flags.BoolVar(&c.fix, "fix", false, "apply suggested fixes, print each, and report what is left")
	flags.BoolVar(&c.diff, "diff", false, "with -fix: print a diff, and change nothing")
	flags.Func("C", "change to this `directory` first", terminal.Chdir)
	flags.Var(&c.color, "color", terminal.ColorUsage)
	analyzer.Analyzer.Flags.VisitAll(func(f *flag.Flag) {
		flags.Var(f.Value, analyzer.Analyzer.Name+"."+f.Name, f.Usage) // as go vet calls it
	})
	flags.SetOutput(io.Discard) // errors are printed by fail
	if len(args) > 0 && args[0] == "help" {
		args = []string{"-help"}
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Print(usage)
		flags.SetOutput(os.Stdout)
		flags.PrintDefaults()
		os.Exit(done)
	case err != nil:
		return fmt.Errorf("%w\nRun 'pluginvet help' for usage", err)
	}
	c.patterns = flags.Args()
	if len(c.patterns) == 0 {
		c.patterns = []string{"."}
	}
	return c.validate()
}

func (c *invocation) validate() error {
	for _, p := range c.patterns {
		if strings.HasPrefix(p, "-") {
			return fmt.Errorf("flag %s must come before the packages", p)
		}
	}
	switch {
	case c.json && c.sarif:
		return errors.New("-json and -sarif are mutually exclusive")
	case c.diff && !c.fix:
		return errors.New("-diff shows what -fix would do: give both")
	case c.diff && (c.json || c.sarif):
		return errors.New("-diff and -json or -sarif are mutually exclusive")
	}
	return nil
}

func (c *invocation) check() (*driver.Report, error) {
	defer progress.Show(os.Stderr, "pluginvet: checking "+strings.Join(c.patterns, " "))()
	return driver.Config{Tests: c.tests, Tags: c.tags}.Check(c.patterns...)
}

// rounds is how often fixes are applied that others made possible, so that fixes which undo
// each other come to an end.
const rounds = 10

// applyFixes applies the suggested fixes, prints them, and returns what there is to report then.
func (c *invocation) applyFixes(report *driver.Report) (*driver.Report, error) {
	for range rounds {
		files, applied, err := report.Fix()
		if err != nil || len(files) == 0 {
			return report, err
		}
		if err := driver.Write(files); err != nil {
			return report, err
		}
		for _, line := range applied {
			fmt.Fprintln(os.Stderr, line)
		}
		if report, err = c.check(); err != nil {
			return report, err
		}
	}
	return report, nil
}

func (c *invocation) printDiff(report *driver.Report) error {
	files, _, err := report.Fix()
	for _, f := range files {
		name := terminal.Line(driver.Relative(f.Name))
		_, _ = os.Stdout.Write(c.color.For(os.Stdout).Diff(terminal.File(diff.Diff(name, f.Old, name, f.New))))
	}
	return err
}

// print prints the report, and returns the exit status that it makes.
func (c *invocation) print(report *driver.Report) (status int, err error) {
	style, people := c.color.For(os.Stderr), c.color.People(os.Stderr)
	if c.verbose {
		report.Trace(os.Stderr)
	}
	report.TextErrors(os.Stderr, style, people)
	switch {
	case c.json:
		err = report.JSON(os.Stdout)
	case c.sarif:
		err = report.SARIF(os.Stdout)
	default:
		report.Text(os.Stderr, style, people)
		if len(report.Findings) > 0 {
			status = found
		}
		if len(report.Findings)+len(report.Errors) == 0 && !report.Plugins {
			fmt.Fprintln(os.Stderr, "pluginvet: there are no plugins in", strings.Join(c.patterns, " "))
		}
	}
	if len(report.Errors) > 0 {
		status = found
	}
	return status, err
}
