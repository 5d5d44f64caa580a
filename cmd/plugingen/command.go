package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/plugingen/plugingen/internal/terminal"
)

// A command is a word that the command line can begin with. A package pattern can't
// be mistaken for one: a directory of that name is written ./check.
type command struct {
	name     string
	args     string // what follows it, as usage shows it
	short    string
	long     string
	examples []example
	flags    func(*invocation, *flag.FlagSet)
	run      func(*invocation) int

	// complete offers what an argument, or the value of a flag, can become, if it is none of
	// those that line.value knows. kind is what the usage calls it: "system" of -ci=system.
	// before are the arguments before it.
	complete func(l *line, kind string, before []string)
}

// An example is a command line, without the name of the program, and what it does.
type example struct{ line, does string }

// commands returns all commands; generate, whose name can be left out, is first. Each has its
// own flags: a command is for one invocation.
func commands() []*command {
	return []*command{
		generateCommand(),
		initCommand(),
		checkCommand(),
		listCommand(),
		watchCommand(),
		addCommand(),
		migrateCommand(),
		schemaCommand(),
		docsCommand(),
		exampleCommand(),
		completionCommand(),
		helpCommand(),
		versionCommand(),
	}
}

// commandNamed returns the command of that name, nil if there is none.
func commandNamed(name string) *command {
	for _, cmd := range commands() {
		if cmd.name == name {
			return cmd
		}
	}
	return nil
}

// flagSet returns the command's flags, which set what they mean in c.
func (cmd *command) flagSet(c *invocation) *flag.FlagSet {
	flags := flag.NewFlagSet(cmd.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // errors are printed by run
	flags.Func("C", "change to `dir` before doing anything", terminal.Chdir)
	flags.Var(&c.color, "color", terminal.ColorUsage)
	if cmd.flags != nil {
		cmd.flags(c, flags)
	}
	return flags
}

// usage returns the command line of the command.
func (cmd *command) usage() string {
	return strings.TrimSpace("plugingen " + cmd.name + " " + cmd.args)
}

// help writes all there is to say of the command.
func (cmd *command) help(w io.Writer) {
	flags := cmd.flagSet(&invocation{})
	flags.SetOutput(w)
	fmt.Fprintf(w, "usage: %s\n\n%s\n", cmd.usage(), cmd.long)
	if len(cmd.examples) > 0 {
		fmt.Fprint(w, "\nExamples:\n\n")
		t := tabwriter.NewWriter(w, 0, 8, 3, ' ', 0)
		for _, e := range cmd.examples {
			fmt.Fprintf(t, "\tplugingen %s\t%s\n", e.line, e.does)
		}
		t.Flush()
	}
	fmt.Fprint(w, "\nFlags:\n\n")
	flags.PrintDefaults()
}
