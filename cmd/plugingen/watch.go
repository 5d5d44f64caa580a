package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/locate"
	"github.com/plugingen/plugingen/internal/scan"
	"github.com/plugingen/plugingen/internal/terminal"
)

// watchCommand returns the command that generates whenever source is saved.
func watchCommand() *command {
	return &command{
		name: "watch", args: "[flags] [packages]", run: watch, flags: watchFlags,
		short: "write generated files whenever source is saved",
		long: `Watch generates, and generates again whenever a file is saved: a Go file of the packages'
modules, of the modules in the workspace, or of a directory that go.mod replaces a module
by; a go.mod file, or go.work. It prints errors as they come and go. If no packages are
named, it watches ./... . Interrupt it to end it.`,
		examples: []example{
			{"watch", "the module, until it is interrupted"},
			{"watch -q ./...", "printing errors only"},
		},
	}
}

func watchFlags(c *invocation, flags *flag.FlagSet) {
	headerFlag(c, flags)
	outputFlags(c, flags)
}

func watch(c *invocation) int {
	ctx, stop := interrupts()
	defer stop()
	if len(c.args) == 0 {
		c.args = []string{"./..."} // people rarely save in the directory that they started this in
	}
	if err := c.watch(ctx); err != nil {
		return c.fail(err)
	}
	return done
}

// watch generates at once, and after every change until the context ends.
func (c *invocation) watch(ctx context.Context) error {
	sources, err := locate.SourcesOf("", c.args)
	if err != nil {
		return err
	}
	w, err := newWatcher()
	if err != nil {
		return err
	}
	defer w.Close()
	if !c.quiet {
		fmt.Fprintln(c.err, "plugingen: watching; interrupt to end")
	}
	for trouble := ""; ; {
		if err := w.watch(sources); err != nil {
			return err
		}
		c.begin = time.Now()
		plan, now := c.regenerate(w)
		c.show(now, trouble)
		trouble = now
		if plan != nil {
			c.summarize(plan)
		}
		if err := w.wait(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		// After an error the directories of the run before are watched.
		if changed, err := locate.SourcesOf("", c.args); err == nil {
			sources = changed
		}
	}
}

// regenerate generates once, and returns what is wrong. It goes on after any error,
// since source is often broken while it is being written. The plan is nil if none was made.
func (c *invocation) regenerate(w *watcher) (plan *gen.Plan, trouble string) {
	preamble, err := c.preamble()
	if err != nil {
		return nil, c.trouble(err)
	}
	config := gen.Config{Patterns: c.args, Cache: w.cache, Preamble: preamble}
	if c.verbose {
		config.Trace = &scan.Trace{}
	}
	plan, err = config.Make()
	if err != nil {
		return nil, c.trouble(err)
	}
	if c.verbose {
		c.printRead(plan, config.Trace)
	}
	w.expect(plan.Changes)
	trouble = string(c.text(plan))
	err = plan.Apply()
	if !c.quiet {
		c.printChanges(plan.Applied)
	}
	if err != nil {
		trouble += c.trouble(err)
	}
	return plan, trouble
}

// clearScreen moves to the top of a terminal and erases what is below.
const clearScreen = "\x1b[H\x1b[2J"

// show prints what is wrong if that has changed. On a terminal it first clears the screen.
func (c *invocation) show(now, before string) {
	if now == before {
		return
	}
	if before != "" && terminal.Is(c.err) {
		fmt.Fprint(c.err, clearScreen)
	}
	if now == "" {
		now = "plugingen: no more errors\n"
	}
	fmt.Fprint(c.err, now)
}
