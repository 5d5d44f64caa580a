// Plugingen finds the plugins that a Go program declares and writes the code that
// links them.
//
//	plugingen [generate] [flags] [packages]            write generated files; the word can be left out
//	plugingen init [flags] [packages]                  set up a module
//	plugingen check [flags] [packages]                 show what would be written, as a diff
//	plugingen list [flags] [packages]                  show the plugins, and which host links them
//	plugingen watch [flags] [packages]                 write generated files whenever source is saved
//	plugingen add [flags] module[@version] [packages]  get a module and link its plugins
//	plugingen migrate [flags] [packages]               turn registrations by hand into directives
//	plugingen schema [flags] [host]                    print the JSON Schema of a program's configuration
//	plugingen docs [flags] [host]                      print the reference of a program's plugins and options
//	plugingen example [flags] [host]                   print a configuration with all options and their defaults
//	plugingen completion bash|zsh|fish                 print a script that completes command lines
//	plugingen help [command | keys [key] | category]   explain a command, or the language of //plugin: comments
//	plugingen version                                  print the version
//
// Packages are named as for the go command: ./..., directories, import paths of the
// module; the current directory if none is named. A Go file, as $GOFILE is in a
// //go:generate comment, stands for its package. In a workspace (go.work), a pattern with
// ... takes in all modules of the workspace below it.
//
// The exit status is 0 if all is well, 1 if there are errors in the source or, for
// check, if a file is out of date, and 2 if the command line is wrong, if something
// can't be read or written, or if it was interrupted.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/plugingen/plugingen/internal/heap"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/terminal"
)

// Exit statuses.
const (
	done         = 0
	sourceErrors = 1
	failed       = 2
)

func main() {
	heap.DelayCollection()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// An invocation is one run of a command: its arguments, the flags that it has in common with
// others, and where it writes.
type invocation struct {
	command string
	named   bool // the command line names the command
	verbose bool
	quiet   bool
	color   terminal.Color
	json    bool
	sarif   bool
	header  string // a file

	args  []string
	begin time.Time
	out   io.Writer
	err   io.Writer
}

// run runs a command, and returns its exit status. Whatever the command, it has failed if
// not all of its output could be written.
func run(args []string, out, err io.Writer) int {
	o := &output{Writer: out}
	c := &invocation{begin: time.Now(), out: o, err: err}
	status := c.run(args)
	if o.err != nil && status != failed {
		return c.fail(o.err)
	}
	return status
}

// An output keeps the first error of writing to it.
type output struct {
	io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

func (c *invocation) run(args []string) int {
	if len(args) > 0 && args[0] == completeCommand {
		return c.complete(args[1:])
	}
	args, dirErr := enter(args)
	if dirErr != nil {
		return c.fail(dirErr)
	}
	cmd := commandNamed("generate")
	if len(args) > 0 {
		if named := commandNamed(args[0]); named != nil {
			cmd, args, c.named = named, args[1:], true
		}
	}
	c.command = cmd.name
	switch flagErr := c.parse(cmd, args); {
	case errors.Is(flagErr, flag.ErrHelp):
		if !c.named {
			overview(c.out)
			fmt.Fprintln(c.out)
		}
		cmd.help(c.out)
		return done
	case flagErr != nil:
		return c.fail(fmt.Errorf("%w\nRun 'plugingen help %s' for usage", flagErr, cmd.name))
	}
	return cmd.run(c)
}

// enter carries out a -C that comes before the command, as the go command lets it.
func enter(args []string) ([]string, error) {
	if len(args) == 0 {
		return nil, nil
	}
	flag := strings.Replace(args[0], "--", "-", 1)
	if dir, ok := strings.CutPrefix(flag, "-C="); ok {
		return args[1:], terminal.Chdir(dir)
	}
	if flag == "-C" && len(args) > 1 {
		return args[2:], terminal.Chdir(args[1])
	}
	return args, nil
}

func (c *invocation) parse(cmd *command, args []string) error {
	flags := cmd.flagSet(c)
	if err := flags.Parse(args); err != nil {
		return explainFlag(err, flags)
	}
	c.args = flags.Args()
	for _, arg := range c.args {
		if strings.HasPrefix(arg, "-") {
			return fmt.Errorf("flag %s must come before the packages", arg)
		}
	}
	switch {
	case c.json && c.sarif:
		return errors.New("-json and -sarif are mutually exclusive")
	case c.quiet && c.verbose:
		return errors.New("-q and -v are mutually exclusive")
	}
	return nil
}

// explainFlag returns a better error if one came of a misspelt flag.
func explainFlag(err error, flags *flag.FlagSet) error {
	_, name, unknown := strings.Cut(err.Error(), "flag provided but not defined: -")
	if !unknown {
		return err
	}
	var names []string
	flags.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	if near := rules.Nearest(name, names); near != "" {
		return fmt.Errorf("%w (did you mean -%s?)", err, near)
	}
	return err
}

// fail prints an error that is not in the source, and returns the exit status.
func (c *invocation) fail(err error) int {
	fmt.Fprint(c.err, c.trouble(err))
	return failed
}

// trouble returns an error that is not in the source as it is printed.
func (c *invocation) trouble(err error) string {
	return fmt.Sprintf("%s %s\n", c.style(c.err).Error("plugingen:"), terminal.Lines(err.Error()))
}

// style returns how what is written to one of the outputs stands out.
func (c *invocation) style(w io.Writer) terminal.Style {
	if o, ok := w.(*output); ok {
		w = o.Writer
	}
	return c.color.For(w)
}

// short returns a file's name as it is printed.
func short(file string) string { return terminal.Line(terminal.Path(file)) }
