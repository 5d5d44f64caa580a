package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/plugingen/plugingen/cmd/internal/progress"
	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/invoke"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/scan"
	"github.com/plugingen/plugingen/internal/terminal"
	"github.com/plugingen/plugingen/internal/write"
)

// generateCommand returns the command that writes generated files.
func generateCommand() *command {
	return &command{
		name: "generate", args: "[flags] [packages]", run: generate, flags: generateFlags,
		short: "write generated files; the word can be left out",
		long: `Generate writes the files of the packages: in a package with plugins the specs by
which they are found, in a host the tables that link them. It reads syntax only, so
the packages need not compile. Files that are up to date are not touched, and those
that are no longer needed are removed. Modules that a host links and that are not in the
module cache are downloaded, as go mod download does. Init and add download modules, too, and
migrate lets the go command do so; check, list, watch, schema, docs and example never do.
A package with errors keeps the files it has, and so does a host that links it; the
others are written. With a host, the packages of its module that it links, or that
declare the contracts of what it links, are written, too.

To run it by go generate, put this comment into a host, or once into a module:

	//go:generate go tool plugingen ./...`,
		examples: []example{
			{"./...", "the whole module"},
			{"-v ./greetings", "one package, naming what is written"},
			{"-header=licence.txt ./...", "with a licence at the top of each file"},
		},
	}
}

func generateFlags(c *invocation, flags *flag.FlagSet) {
	planFlags(c, flags)
	outputFlags(c, flags)
}

// checkCommand returns the command that shows what generate would write.
func checkCommand() *command {
	return &command{
		name: "check", args: "[flags] [packages]", run: check, flags: checkFlags,
		short: "show what would be written, as a diff",
		long: `Check writes nothing. It prints what generate would change, as a diff, and exits with
status 1 if there is anything to change. Run it in CI.`,
		examples: []example{
			{"check ./...", "in CI: fails if a file is out of date"},
			{"check -sarif ./... >plugins.sarif", "for code scanning"},
		},
	}
}

func checkFlags(c *invocation, flags *flag.FlagSet) {
	planFlags(c, flags)
	verboseFlag(c, flags)
}

func planFlags(c *invocation, flags *flag.FlagSet) {
	reportFlags(c, flags)
	headerFlag(c, flags)
}

func headerFlag(c *invocation, flags *flag.FlagSet) {
	flags.StringVar(&c.header, "header", "",
		"put the comments in `file`, a licence for example, at the top of generated files;\nwithout it, "+
			"each file keeps what it has there. The word YEAR is left out")
}

// preamble returns what is to stand at the top of generated files, nil to keep what is there.
func (c *invocation) preamble() (*string, error) {
	if c.header == "" {
		return nil, nil
	}
	text, err := readfile.Source(c.header)
	if err != nil {
		return nil, fmt.Errorf("-header: %w", err)
	}
	preamble, err := genfile.NewPreamble(text)
	if err != nil {
		return nil, fmt.Errorf("-header %s: %w", c.header, err)
	}
	return &preamble, nil
}

// verboseFlag is the flag of commands that read packages.
func verboseFlag(c *invocation, flags *flag.FlagSet) {
	flags.BoolVar(&c.verbose, "v", false, "print what is read, what is skipped and why, and the files that are written")
}

// outputFlags are the flags of commands that write generated files.
func outputFlags(c *invocation, flags *flag.FlagSet) {
	verboseFlag(c, flags)
	flags.BoolVar(&c.quiet, "q", false, "print errors only, and no summary")
}

func generate(c *invocation) int {
	plan, err := c.plan(gen.Config{Download: true})
	if err != nil {
		return c.fail(err)
	}
	c.note(plan)
	status := c.report(plan, nil)
	if err := c.apply(plan); err != nil {
		return c.fail(err)
	}
	if plan.Packages > 0 || len(plan.Changes) > 0 {
		c.summarize(plan)
	}
	c.noteRequirement(plan)
	return status
}

func check(c *invocation) int {
	plan, err := c.plan(gen.Config{})
	if err != nil {
		return c.fail(err)
	}
	c.note(plan)
	status := c.report(plan, plan.Changes)
	if !c.json && !c.sarif {
		for _, change := range plan.Changes {
			if err := c.printDiff(change); err != nil {
				return c.fail(err)
			}
		}
		c.printOutdated(len(plan.Changes), c.invoked())
	}
	return status
}

// printOutdated prints how many files are out of date, if any are, and what to do about it.
func (c *invocation) printOutdated(n int, remedy string) {
	switch {
	case n == 1:
		fmt.Fprintf(c.err, "plugingen: 1 file is out of date: run %s\n", remedy)
	case n > 1:
		fmt.Fprintf(c.err, "plugingen: %d files are out of date: run %s\n", n, remedy)
	}
}

// invoked returns the command line that generates what the command is about.
func (c *invocation) invoked() string {
	return terminal.Line(strings.Join(append([]string{invoke.Plugingen(".")}, c.args...), " "))
}

// printDiff prints a change as a diff.
func (c *invocation) printDiff(change write.Change) error {
	d := diff.Diff(side(change, change.Old), change.Old, side(change, change.New), change.New)
	_, err := c.out.Write(c.style(c.out).Diff(terminal.File(d)))
	return err
}

// side returns what a diff calls a file on the side where it has the content.
func side(change write.Change, content []byte) string {
	if content == nil {
		return "/dev/null"
	}
	return filepath.ToSlash(short(change.Path))
}

var (
	errInterruptedReading = errors.New("interrupted; nothing has been written")
	errInterruptedWriting = errors.New("interrupted; some files have been written, each of them whole")
)

// interrupts returns a context that ends when the program is interrupted or terminated.
func interrupts() (context.Context, context.CancelFunc) {
	var signals []os.Signal
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) { // as by nohup
			signals = append(signals, s)
		}
	}
	return signal.NotifyContext(context.Background(), signals...)
}

// plan reads the packages and plans what is to be written. When it is interrupted it
// does not wait for what is being read.
func (c *invocation) plan(config gen.Config) (*gen.Plan, error) {
	preamble, err := c.preamble()
	if err != nil {
		return nil, err
	}
	config.Patterns, config.Preamble = c.args, preamble
	if c.verbose {
		config.Trace = &scan.Trace{}
	}
	interrupted, stop := interrupts()
	defer stop()
	finish := progress.Show(c.err, "plugingen: reading packages")
	var plan *gen.Plan
	made := make(chan struct{})
	go func() {
		plan, err = config.Make()
		close(made)
	}()
	select {
	case <-interrupted.Done():
		finish()
		return nil, errInterruptedReading
	case <-made:
		finish()
	}
	switch {
	case err != nil && !c.named:
		return nil, explain(err, c.args)
	case err != nil:
		return nil, err
	}
	if c.verbose {
		c.printRead(plan, config.Trace)
	}
	if plan.Packages == 0 && len(plan.Changes) == 0 && !c.quiet {
		c.sayNothing()
	}
	return plan, nil
}

// sayNothing prints that the packages neither have nor link plugins. For a pattern without ...,
// it adds that directories below have some.
func (c *invocation) sayNothing() {
	patterns := terminal.Line(strings.Join(c.patterns(), " "))
	var below []string
	for _, p := range c.patterns() {
		if !strings.Contains(p, "...") && !strings.HasSuffix(p, ".go") {
			below = append(below, strings.TrimSuffix(p, "/")+"/...")
		}
	}
	if len(below) > 0 {
		if plan, err := gen.Make("", below); err == nil && plan.Packages > 0 {
			have := "1 package below has"
			if plan.Packages > 1 {
				have = fmt.Sprintf("%d packages below have", plan.Packages)
			}
			fmt.Fprintf(c.err, "plugingen: %s: there are no plugins in this directory, and nothing that "+
				"links any, but %s some: %s\n",
				patterns, have, c.commandFor(below))
			return
		}
	}
	fmt.Fprintf(c.err, "plugingen: %s: there are no plugins, and nothing that links any ('plugingen help "+
		"keys' says how both are written)\n", patterns)
}

// commandFor returns the command line for other packages.
func (c *invocation) commandFor(patterns []string) string {
	words := []string{invoke.Plugingen(".")}
	if c.named {
		words = append(words, c.command)
	}
	return terminal.Line(strings.Join(append(words, patterns...), " "))
}

// patterns returns the packages that the command is about.
func (c *invocation) patterns() []string {
	if len(c.args) == 0 {
		return []string{"."}
	}
	return c.args
}

// apply writes what is planned. When it is interrupted it finishes first, so that the
// files fit each other and no temporary file remains; a second interrupt ends it at once.
func (c *invocation) apply(plan *gen.Plan) error {
	interrupted, stop := interrupts()
	defer stop()
	context.AfterFunc(interrupted, stop)

	finish := progress.Show(c.err, fmt.Sprintf("plugingen: writing %d files", len(plan.Changes)))
	err := plan.Apply()
	finish()
	if interrupted.Err() != nil {
		err = errors.Join(err, errInterruptedWriting)
	}
	if c.verbose {
		c.printChanges(plan.Applied)
	}
	return err
}

// summarize prints in one line what a run has done, unless other programs are to read what it
// prints.
func (c *invocation) summarize(plan *gen.Plan) {
	if c.quiet || c.json || c.sarif {
		return
	}
	written, removed := 0, 0
	for _, change := range plan.Applied {
		if change.New == nil {
			removed++
		} else {
			written++
		}
	}
	c.explainRemoved(plan.Applied)
	kept := ""
	switch plan.Kept {
	case 0:
	case 1:
		kept = "; 1 package is not written, because of errors"
	default:
		kept = fmt.Sprintf("; %d packages are not written, because of errors", plan.Kept)
	}
	fmt.Fprintf(c.err, "plugingen: %d written, %d unchanged, %d removed in %s%s\n",
		written, plan.Unchanged, removed, duration(time.Since(c.begin)), kept)
}

// explainRemoved prints which files were removed. go generate lists the files of all packages
// before it runs anything, and fails when it comes to one of these.
func (c *invocation) explainRemoved(changes []write.Change) {
	const most = 5
	var names []string
	for _, change := range changes {
		if change.New == nil {
			names = append(names, short(change.Path))
		}
	}
	slices.Sort(names)
	n := len(names)
	switch {
	case n == 0:
		return
	case n > most:
		names = append(names[:most], fmt.Sprintf("and %d more", n-most))
	}
	after := ""
	if os.Getenv("GOFILE") != "" {
		after = "; go generate, which has listed them before, may fail now: run it again"
	}
	fmt.Fprintf(c.err, "plugingen: removed %s: no longer needed%s\n",
		strings.Join(names, ", "), after)
}

// noteRequirement prints what to do if the module of a file that was written does not require
// the packages that the file imports.
func (c *invocation) noteRequirement(plan *gen.Plan) {
	first := slices.IndexFunc(plan.Applied, func(change write.Change) bool { return change.New != nil })
	if c.quiet || c.json || c.sarif || first < 0 {
		return
	}
	if file := plan.Applied[first].Path; invoke.Plugingen(filepath.Dir(file)) == "plugingen" {
		fmt.Fprintf(c.err, "plugingen: go.mod does not require %s, which %s imports: run go get -tool %s\n",
			modules.Plugingen, short(file), modules.Plugingen+"/cmd/plugingen@latest")
	}
}

// duration returns how long something took, in a unit that people can compare.
func duration(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// printRead prints what was read and what was not, and why, to standard error.
func (c *invocation) printRead(plan *gen.Plan, trace *scan.Trace) {
	for _, s := range trace.Skipped() {
		fmt.Fprintf(c.err, "skipped %s: %s\n", short(s.Path), s.Why)
	}
	for _, module := range trace.Modules() {
		fmt.Fprintf(c.err, "read module %s: only its generated files\n", terminal.Line(module))
	}
	read := plan.ReadPackages()
	for _, r := range read {
		fmt.Fprintf(c.err, "read %s: %s\n", short(r.Dir), terminal.Line(strings.Join(r.Files, ", ")))
		if r.Broken {
			fmt.Fprintf(c.err, "kept %s: there are errors in it, or in what it links\n", short(r.Dir))
		}
	}
	packages := "packages"
	if len(read) == 1 {
		packages = "package"
	}
	fmt.Fprintf(c.err, "read %d %s with directives of %d in %s\n", len(read), packages, trace.Packages(),
		duration(time.Since(c.begin)))
}

// printChanges prints which files were written or removed, to standard error.
func (c *invocation) printChanges(changes []write.Change) {
	for _, change := range changes {
		verb := "wrote"
		if change.New == nil {
			verb = "removed"
		}
		fmt.Fprintln(c.err, verb, short(change.Path))
	}
}
