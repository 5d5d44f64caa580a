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

// A migration is the flags of migrate.
type migration struct {
	write     bool     // -w
	styles    []string // -style
	namespace string   // -namespace
}

func migrateFlags(c *invocation, flags *flag.FlagSet) {
	flags.BoolVar(&c.migration.write, "w", false, "write the files, instead of printing what would change as a diff")
	flags.Func("style",
		"migrate only these `styles` of registrations, separated by commas: "+strings.Join(migrate.StyleNames(), ", "),
		func(list string) error {
			for word := range strings.SplitSeq(list, ",") {
				if !slices.Contains(migrate.StyleNames(), word) {
					return errors.New("want one of " + strings.Join(migrate.StyleNames(), ", "))
				}
				c.migration.styles = append(c.migration.styles, word)
			}
			return nil
		})
	flags.StringVar(&c.migration.namespace, "namespace", "",
		"the `namespace` of the plugins, instead of one made of the names of module and package")
}

func migratePlugins(c *invocation) int {
	finish := progress.Show(c.err, "plugingen: loading packages")
	result, err := migrate.Run(migrate.Config{
		Dir: ".", Patterns: c.args, Styles: c.migration.styles, Namespace: c.migration.namespace,
	})
	finish()
	if broken := (*migrate.BrokenError)(nil); errors.As(err, &broken) {
		c.fail(err)
		return sourceErrors
	}
	if err != nil {
		return c.fail(err)
	}
	if !c.migration.write {
		for _, change := range result.Changes {
			if err := c.printDiff(change); err != nil {
				return c.fail(err)
			}
		}
	} else if err := write.Sources(result.Changes); err != nil {
		return c.fail(err)
	}
	c.reportMigration(result)
	if c.migration.write && len(result.Moved) > 0 {
		c.generateMigrated(result.Dir)
	}
	return done
}

// generateMigrated generates the module, so that the program has its plugins again. What is wrong is said by
// the commands that are to be run next.
func (c *invocation) generateMigrated(dir string) {
	c.args = []string{filepath.Join(dir, "...")}
	if plan, err := c.plan(gen.Config{}); err == nil && len(plan.Diagnostics) == 0 {
		_ = c.apply(plan)
	}
}

// reportMigration says what was, or would be, moved, what stays, and what to do next.
func (c *invocation) reportMigration(r *migrate.Result) {
	for _, left := range r.Left {
		at := left.Position
		fmt.Fprintf(c.err, "%s:%d:%d: left as it is: %s\n\t%s\n", short(at.Filename), at.Line, at.Column,
			terminal.Line(left.Reason), terminal.Line(left.What))
	}
	for _, note := range r.Notes {
		fmt.Fprintln(c.err, terminal.Line(note))
	}
	unchanged := ""
	if c.migration.write {
		unchanged = ", so no file is changed"
	}
	switch {
	case len(r.Moved) == 0 && len(r.Left) == 0:
		fmt.Fprintf(c.err, "plugingen: nothing %s registers plugins by hand%s\n", within(c.args), unchanged)
	case len(r.Moved) == 0:
		fmt.Fprintf(c.err, "plugingen: nothing can be moved%s; %d left\n", unchanged, len(r.Left))
	case !c.migration.write:
		fmt.Fprintf(c.err, "plugingen: %s would be moved, %d left; -w writes this\n",
			registrations(len(r.Moved)), len(r.Left))
	default:
		fmt.Fprintf(c.err, "plugingen: %s moved, %d left. Next:\n\n\t%s\n\n",
			registrations(len(r.Moved)), len(r.Left), strings.Join(c.afterMigration(r), "\n\t"))
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
func (c *invocation) afterMigration(r *migrate.Result) []string {
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
