package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/invoke"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/setup"
	"github.com/plugingen/plugingen/internal/terminal"
	"github.com/plugingen/plugingen/internal/write"
)

// initCommand returns the command that sets up a module.
func initCommand() *command {
	i := &initialization{}
	return &command{
		name: "init", args: "[flags] [packages]", run: i.run, flags: i.flags, complete: completeInit,
		short: "set up a module",
		long: `Init makes a module use plugingen. It adds plugingen and pluginvet to go.mod as tools,
and to the program a //go:generate comment and //plugin:link, by which plugins are linked; then
it generates. Other text in these files stays as it is. It prints what it has done; what
has been done before it does not do again. If the module has several programs, name the one
that links plugins.

In an empty directory, this makes a program with two plugins, and runs it:

	go mod init example.com/hello
	go run github.com/plugingen/plugingen/cmd/plugingen@latest init -example
	go run .`,
		examples: []example{
			{"init -n", "show what would be changed"},
			{"init ./cmd/server", "let this program link plugins"},
			{"init -ci=github", "have each commit checked on GitHub"},
		},
	}
}

// completeInit offers the systems of -ci.
func completeInit(l *line, kind string, _ []string) {
	if kind == "system" {
		l.offer(setup.GitHub, "")
		l.offer(setup.GitLab, "")
	}
}

// An initialization is the flags of init.
type initialization struct {
	dry     bool   // -n
	example bool   // -example
	ci      string // -ci
}

func (i *initialization) flags(_ *invocation, flags *flag.FlagSet) {
	flags.BoolVar(&i.dry, "n", false, "write nothing: show what would be written, as a diff")
	flags.BoolVar(&i.example, "example", false,
		"write a contract with two plugins and, if the module has no program, one that loads them")
	flags.StringVar(&i.ci, "ci", "",
		"write the file by which a `system`, github or gitlab, checks plugins")
}

func (i *initialization) run(c *invocation) int {
	plan, err := setup.Config{
		Hosts: c.args, Version: moduleVersion(), Example: i.example, CI: i.ci,
	}.Make()
	if err != nil {
		return c.fail(i.explain(c, err))
	}
	if i.dry {
		for _, change := range plan.Changes() {
			if err := c.printDiff(change); err != nil {
				return c.fail(err)
			}
		}
		return done
	}
	if err := write.Sources(plan.Changes()); err != nil {
		return c.fail(fmt.Errorf("nothing has been written: %w", err))
	}
	c.printSteps(plan)
	if !plan.Source() {
		return done
	}
	return c.firstGeneration(plan)
}

// explain adds to an error what to run instead.
func (i *initialization) explain(c *invocation, err error) error {
	var several *setup.SeveralError
	switch {
	case errors.As(err, &several):
		words := []string{invoke.Plugingen("."), c.command}
		if i.example {
			words = append(words, "-example")
		}
		if i.ci != "" {
			words = append(words, "-ci="+i.ci)
		}
		for _, dir := range several.Dirs {
			err = fmt.Errorf("%w\n\t%s %s", err, strings.Join(words, " "), relative(dir))
		}
	case errors.Is(err, modules.ErrNoModule):
		if dirs, workErr := modules.NewLoader().Workspace("."); workErr == nil && len(dirs) > 0 {
			err = errors.New("this directory of the workspace is in none of its modules; set up one of them")
			for _, dir := range dirs {
				err = fmt.Errorf("%w\n\t%s -C %s %s", err, invoke.Plugingen(dir), short(dir), c.command)
			}
			return err
		}
		name := "hello"
		if dir, wdErr := os.Getwd(); wdErr == nil && filepath.Base(dir) != string(filepath.Separator) {
			name = filepath.Base(dir)
		}
		return fmt.Errorf("there is no go.mod here or above; make a module first, under the path that it is to have:"+
			"\n\tgo mod init example.com/%s", terminal.Line(name))
	}
	return err
}

func (c *invocation) printSteps(plan *setup.Plan) {
	for _, line := range plan.Ready {
		fmt.Fprintln(c.out, line)
	}
	for _, step := range plan.Steps {
		fmt.Fprintf(c.out, "%s: %s\n", short(step.Path), terminal.Line(step.What))
	}
	if len(plan.Steps) == 0 {
		fmt.Fprintln(c.out, "nothing to do")
	}
	for _, note := range plan.Notes {
		fmt.Fprintf(c.out, "\n%s\n", strings.TrimSpace(terminal.Lines(note)))
	}
}

// firstGeneration generates the module, and prints what to run next.
func (c *invocation) firstGeneration(set *setup.Plan) int {
	c.args = []string{filepath.Join(set.Root, "...")}
	plan, err := c.plan(gen.Config{Download: true})
	if err != nil {
		return c.fail(err)
	}
	all := relative(set.Root) + string(filepath.Separator) + "..."
	if hasNoPlugins(plan) {
		fmt.Fprintf(c.out, "\nThere are no plugins yet. Declare the contract of a namespace and a plugin, as "+
			"'plugingen help keys' says\nor init -example shows, or have 'plugingen migrate' move those that are "+
			"registered by hand; then\n\n"+
			"\tgo generate %[1]s\n\tgo tool pluginvet %[1]s\n", all)
		return done
	}
	c.note(plan)
	status := c.report(plan, nil)
	if err := c.apply(plan); err != nil {
		return c.fail(err)
	}
	for _, change := range plan.Applied {
		if change.New != nil {
			fmt.Fprintf(c.out, "%s: generated\n", short(change.Path))
		}
	}
	if status == done && set.Program != "" {
		fmt.Fprintf(c.out, "\nRun the program; after each change of a plugin generate and check again:\n\n"+
			"\tgo run %s\n\tgo generate %[2]s\n\tgo tool pluginvet %[2]s\n", relative(set.Program), all)
	}
	return status
}

// hasNoPlugins reports whether nothing is wrong but that there are no plugins to link.
func hasNoPlugins(plan *gen.Plan) bool {
	plugins, err := plan.List()
	return err == nil && len(plugins) == 0 && !slices.ContainsFunc(plan.Diagnostics,
		func(d annotate.Diagnostic) bool { return d.Category != annotate.Linking })
}

// relative returns a directory as the go command takes it for a package.
func relative(dir string) string {
	dir = terminal.Line(terminal.Here(dir))
	if dir == "." || !filepath.IsLocal(dir) {
		return dir
	}
	return "." + string(filepath.Separator) + dir
}
