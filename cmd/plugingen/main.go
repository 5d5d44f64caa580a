// Plugingen finds the plugins that a Go program declares and writes the code that
// links them.
//
//	plugingen [flags] [packages]          write generated files
//	plugingen check [flags] [packages]    show what would be written, as a diff
//	plugingen list [flags] [packages]     show the plugins
//	plugingen help keys                   describe the language of //plugin: comments
//	plugingen version                     print the version
//
// Packages are named as for the go command: ./..., folders, import paths of the
// module; the folder itself if none is named. In a workspace (go.work), a pattern with
// ... takes in all modules of the workspace below it.
//
// The exit status is 0 if all is well, 1 if there are mistakes in the source or, for
// check, if a file is out of date, and 2 if the command line is wrong or a file
// can't be read or written.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen"
)

// Exit statuses.
const (
	done     = 0
	mistakes = 1
	failed   = 2
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// commands are the words that the first argument can be. A package pattern can't
// be mistaken for one: a folder of that name is written ./check.
var commands = map[string]func(c *command) int{
	"check":   check,
	"list":    list,
	"help":    help,
	"version": version,
}

// A command is one run: its flags, its arguments and where it writes.
type command struct {
	dir     string
	verbose bool
	json    bool
	args    []string
	out     io.Writer
	err     io.Writer
}

func run(args []string, out, err io.Writer) int {
	c := &command{out: out, err: err}
	do, name := generate, ""
	if len(args) > 0 && commands[args[0]] != nil {
		do, name, args = commands[args[0]], args[0], args[1:]
	}
	switch flagErr := c.parse(name, args); {
	case errors.Is(flagErr, flag.ErrHelp):
		return done
	case flagErr != nil:
		return failed
	}
	return do(c)
}

func (c *command) parse(name string, args []string) error {
	flags := flag.NewFlagSet(strings.TrimSpace("plugingen "+name), flag.ContinueOnError)
	flags.SetOutput(c.err)
	flags.StringVar(&c.dir, "C", "", "change to `dir` before doing anything")
	switch name {
	case "":
		flags.BoolVar(&c.verbose, "v", false, "print the names of the files that are written or removed")
	case "list":
		flags.BoolVar(&c.json, "json", false, "print JSON")
	}
	flags.Usage = func() { usage(c.err, flags) }
	err := flags.Parse(args)
	c.args = flags.Args()
	return err
}

func usage(w io.Writer, flags *flag.FlagSet) {
	fmt.Fprint(w, `usage: plugingen [check | list] [flags] [packages]
       plugingen help keys
       plugingen version

Plugingen finds the plugins that a Go program declares, in //plugin: comments, plugin
tags and registry.Spec variables, and writes the code that links them.
check writes nothing and shows what would change; list shows the plugins.

`)
	flags.PrintDefaults()
}

// plan makes the plan, and prints what is wrong with the source.
func (c *command) plan() (plan *gen.Plan, status int) {
	plan, err := gen.Make(c.dir, c.args)
	if err != nil {
		c.fail(err)
		return nil, failed
	}
	var b bytes.Buffer
	for _, d := range plan.Diagnostics {
		d.Print(&b, plan.Fset, short, plan.Source)
	}
	c.err.Write(b.Bytes())
	if len(plan.Diagnostics) > 0 {
		return plan, mistakes
	}
	return plan, done
}

func (c *command) fail(err error) {
	fmt.Fprintf(c.err, "plugingen: %v\n", err)
}

// short returns a file's name as it is best read from the working directory.
func short(file string) string {
	dir, err := os.Getwd()
	if err != nil {
		return file
	}
	rel, err := filepath.Rel(dir, file)
	if err != nil || len(rel) > len(file) {
		return file
	}
	return rel
}

func generate(c *command) int {
	plan, status := c.plan()
	if plan == nil {
		return status
	}
	if err := plan.Apply(); err != nil {
		c.fail(err)
		return failed
	}
	if c.verbose {
		for _, change := range plan.Changes {
			fmt.Fprintln(c.out, short(change.Path))
		}
	}
	return status
}

func check(c *command) int {
	plan, status := c.plan()
	if plan == nil {
		return status
	}
	for _, change := range plan.Changes {
		status = max(status, mistakes)
		name := filepath.ToSlash(short(change.Path))
		c.out.Write(diff.Diff(name, change.Old, name, change.New))
	}
	return status
}

func list(c *command) int {
	plan, status := c.plan()
	if plan == nil {
		return status
	}
	if c.json {
		enc := json.NewEncoder(c.out)
		enc.SetIndent("", "\t")
		for i := range plan.Plugins {
			plan.Plugins[i].File = short(plan.Plugins[i].File)
		}
		if err := enc.Encode(plan.Plugins); err != nil {
			c.fail(err)
			return failed
		}
		return status
	}
	w := tabwriter.NewWriter(c.out, 0, 8, 2, ' ', 0)
	for _, p := range plan.Plugins {
		fmt.Fprintf(w, "%s:%s\t%s\t%s.%s\t%s:%d\t%s\n", p.Namespace, p.Name, p.Kind, p.Package, p.Symbol, short(p.File), p.Line, p.Doc)
	}
	w.Flush()
	return status
}

func help(c *command) int {
	switch strings.Join(c.args, " ") {
	case "":
		usage(c.out, flag.NewFlagSet("plugingen", flag.ContinueOnError))
		return done
	case "keys":
		w := tabwriter.NewWriter(c.out, 0, 8, 2, ' ', 0)
		for _, k := range annotate.Keys() {
			fmt.Fprintf(w, "%s\t%s\n", k.Name, k.Doc)
		}
		w.Flush()
		return done
	}
	c.fail(fmt.Errorf("unknown help topic %q: there is 'plugingen help keys'", strings.Join(c.args, " ")))
	return failed
}

func version(c *command) int {
	v := "(unknown)"
	if info, ok := debug.ReadBuildInfo(); ok {
		v = info.Main.Version
	}
	fmt.Fprintln(c.out, "plugingen", v)
	return done
}
