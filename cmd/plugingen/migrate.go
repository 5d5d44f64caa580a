package main

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/cmd/internal/progress"
	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/invoke"
	"github.com/plugingen/plugingen/internal/migrate"
	"github.com/plugingen/plugingen/internal/terminal"
	"github.com/plugingen/plugingen/internal/write"
)

// migrateCommand returns the command that turns registrations into directives.
func migrateCommand() *command {
	m := &migration{}
	return &command{
		name: "migrate", args: "[flags] [packages]", run: m.run, flags: m.flags, complete: completeMigrate,
		short: "turn registrations by hand into directives",
		long: `Migrate finds plugins that are registered by hand: by init functions that call a
registering function with constant names, by maps of factories, or of structs with factories,
at package level, and by switch statements over names. It shows what it would change as a
diff, and with -w writes it and generates. The directives are put on the functions, types and variables
that are registered; function literals become functions. The registering function stays, and
is called for what a host links, so that the rest of the program need not change. Packages
that were imported for their registrations are linked by a //plugin:link comment instead.
What can't be moved stays, and is listed with the reason.

Types are needed, so the packages must compile. Those that do not are left out, each with a
note, unless they register plugins or import a package that does, or are named rather than
matched by a pattern with "..."; then nothing is changed. Only files of the build at hand
are changed; for others run it again, with GOOS or GOFLAGS=-tags=... set. Registrations in
tests stay.

A second run changes nothing, and a program of which a part has been moved works. Migrate
changes Go files only; init, which may be run before or afterwards, adds the tools to go.mod.`,
		examples: []example{
			{"migrate ./...", "show what would change"},
			{"migrate -w ./...", "write it"},
		},
	}
}

// completeMigrate offers the styles of -style, and the namespaces of -namespace.
func completeMigrate(l *line, kind string, _ []string) {
	switch kind {
	case "styles":
		l.skipList()
		for _, style := range migrate.StyleNames() {
			l.offer(style, "")
		}
	case "namespace":
		l.plugins(false)
	}
}

// A migration is the flags of migrate.
type migration struct {
	write     bool     // -w
	styles    []string // -style
	namespace string   // -namespace
}

func (m *migration) flags(_ *invocation, flags *flag.FlagSet) {
	flags.BoolVar(&m.write, "w", false, "write the files, instead of printing what would change as a diff")
	flags.Func("style",
		"migrate only these `styles` of registrations, separated by commas: "+strings.Join(migrate.StyleNames(), ", "),
		func(list string) error {
			for word := range strings.SplitSeq(list, ",") {
				if !slices.Contains(migrate.StyleNames(), word) {
					return errors.New("want one of " + strings.Join(migrate.StyleNames(), ", "))
				}
				m.styles = append(m.styles, word)
			}
			return nil
		})
	flags.StringVar(&m.namespace, "namespace", "",
		"the `namespace` of the plugins, instead of one made of the names of module and package")
}

func (m *migration) run(c *invocation) int {
	finish := progress.Show(c.err, "plugingen: loading packages")
	result, err := migrate.Run(migrate.Config{
		Dir: ".", Patterns: c.args, Styles: m.styles, Namespace: m.namespace,
	})
	finish()
	if broken := (*migrate.BrokenError)(nil); errors.As(err, &broken) {
		c.fail(err)
		return sourceErrors
	}
	if err != nil {
		return c.fail(err)
	}
	if !m.write {
		for _, change := range result.Changes {
			if err := c.printDiff(change); err != nil {
				return c.fail(err)
			}
		}
	} else if err := write.Sources(result.Changes); err != nil {
		return c.fail(err)
	}
	m.report(c, result)
	if m.write && len(result.Moved) > 0 {
		generateMigrated(c, result.Dir)
	}
	return done
}

// generateMigrated generates the module, so that the program has its plugins again. What is
// wrong is said by the commands that are to be run next.
func generateMigrated(c *invocation, dir string) {
	c.args = []string{filepath.Join(dir, "...")}
	if plan, err := c.plan(gen.Config{}); err == nil && len(plan.Diagnostics) == 0 {
		_ = c.apply(plan)
	}
}

// report says what was, or would be, moved, what stays, and what to do next.
func (m *migration) report(c *invocation, r *migrate.Result) {
	for _, left := range r.Left {
		at := left.Position
		fmt.Fprintf(c.err, "%s:%d:%d: left as it is: %s\n\t%s\n", short(at.Filename), at.Line, at.Column,
			terminal.Line(left.Reason), terminal.Line(left.What))
	}
	for _, note := range r.Notes {
		fmt.Fprintln(c.err, terminal.Line(note))
	}
	unchanged := ""
	if m.write {
		unchanged = ", so no file is changed"
	}
	switch {
	case len(r.Moved) == 0 && len(r.Left) == 0:
		fmt.Fprintf(c.err, "plugingen: nothing %s registers plugins by hand%s\n", within(c.args), unchanged)
	case len(r.Moved) == 0:
		fmt.Fprintf(c.err, "plugingen: nothing can be moved%s; %d left\n", unchanged, len(r.Left))
	case !m.write:
		fmt.Fprintf(c.err, "plugingen: %s would be moved, %d left; -w writes this\n",
			registrations(len(r.Moved)), len(r.Left))
	default:
		fmt.Fprintf(c.err, "plugingen: %s moved, %d left. Next:\n\n\t%s\n\n",
			registrations(len(r.Moved)), len(r.Left), strings.Join(afterMigration(r), "\n\t"))
	}
}

// within says what was searched, and how to search more if no pattern is for more than one package.
func within(patterns []string) string {
	all := strings.Join(patterns, " ")
	if all == "" {
		all = "."
	}
	if strings.Contains(all, "...") {
		return "in " + all
	}
	return "in " + all + " (./... is all below it, too)"
}

// afterMigration returns what to run when directives have been written.
func afterMigration(r *migrate.Result) []string {
	tree, run := relative(r.Dir)+"/...", invoke.Plugingen(r.Dir)
	next := []string{"go tool plugingen " + tree, "go tool pluginvet " + tree}
	if run != "go tool plugingen" { // init adds it to go.mod
		next = slices.Insert(next, 0, run+" init")
	}
	if r.Vendor {
		next = slices.Insert(next, 1, "go mod vendor")
	}
	return next
}

func registrations(n int) string {
	if n == 1 {
		return "1 registration"
	}
	return fmt.Sprintf("%d registrations", n)
}
