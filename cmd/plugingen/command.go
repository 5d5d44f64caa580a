package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/docs"
	"github.com/plugingen/plugingen/internal/rules"
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
}

// An example is a command line, without the name of the program, and what it does.
type example struct{ line, does string }

// commands returns all commands; generate, whose name can be left out, is first.
func commands() []*command {
	return []*command{
		{
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
		},
		{
			name: "init", args: "[flags] [packages]", run: initialize, flags: initFlags,
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
		},
		{
			name: "check", args: "[flags] [packages]", run: check, flags: checkFlags,
			short: "show what would be written, as a diff",
			long: `Check writes nothing. It prints what generate would change, as a diff, and exits with
status 1 if there is anything to change. Run it in CI.`,
			examples: []example{
				{"check ./...", "in CI: fails if a file is out of date"},
				{"check -sarif ./... >plugins.sarif", "for code scanning"},
			},
		},
		{
			name: "list", args: "[flags] [packages]", run: list, flags: listFlags,
			short: "show the plugins, and which host links them",
			long: `List shows the plugins that the packages declare. If a host is among the packages, it
shows all that the host could link, and for those that it does not link, why not.
No generated file is needed.`,
			examples: []example{
				{"list ./...", "all plugins of the module"},
				{"list -only=my.services ./...", "those of a namespace"},
				{"list -json ./... | jq -r .[].name", "for other programs"},
			},
		},
		{
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
		},
		{
			name: "add", args: "[flags] module[@version] [packages]", run: add, flags: outputFlags,
			short: "get a module and link its plugins",
			long: `Add gets a module as go get does, adds its packages to those that the host's
//plugin:link comment names, and generates. A module that go.mod or go.work replaces by a
directory is taken from there, without the network. The host is the package in the current
directory, or the only one in its module that links plugins; if there are several, name
one:

	plugingen add example.com/third@v1.2.0 ./cmd/server`,
			examples: []example{
				{"add example.com/third@latest", "the newest version"},
				{"add example.com/third@v1.2.0 ./cmd/server", "for one of several hosts"},
			},
		},
		{
			name: "migrate", args: "[flags] [packages]", run: migratePlugins, flags: migrateFlags,
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
		},
		{
			name: "schema", args: "[flags] [host]", run: writeSchema, flags: documentFlags,
			short: "print the JSON Schema of a program's configuration",
			long: `Schema prints the JSON Schema (2020-12) of the configuration of a program: of all that
its host links, plugins of other modules included. Editors complete and check a
configuration by it. No package is compiled. The host is the package in the current
directory, or the only one in its module that links plugins.

To keep a committed schema up to date, let go generate write it, beside the line that
generates code:

	//go:generate go tool plugingen schema -o schema.json`,
			examples: []example{
				{"schema -o schema.json", "write a file"},
				{"schema -check -o schema.json ./cmd/server", "in CI: fails if it is out of date"},
			},
		},
		{
			name: "docs", args: "[flags] [host]", run: writeDocs, flags: docsFlags,
			short: "print the reference of a program's plugins and options",
			long: `Docs prints a reference of a program in Markdown: the namespaces that it links, their
plugins with where they come from and what they require, and all options. With -dir
it writes one file for each section; with -json it prints the same for a site generator.
The host is chosen as for schema.`,
			examples: []example{
				{"docs -dir docs/plugins", "a page for each section"},
				{"docs -json", "for a site generator"},
			},
		},
		{
			name: "example", args: "[flags] [host]", run: writeExample, flags: exampleFlags,
			short: "print a configuration with all options and their defaults",
			long: `Example prints a configuration that a program loads as it is: every option is in it, with
its documentation, as a comment that shows the default. The host is chosen as for schema.`,
			examples: []example{
				{"example >app.toml", "in TOML"},
				{"example -format=yaml -schema=schema.json", "in YAML, with the schema for editors"},
			},
		},
		{
			name: "completion", args: "bash|zsh|fish", run: completion,
			short: "print a script that completes command lines",
			long: `Completion prints a script by which a shell completes commands, flags and their values,
packages, namespaces, plugins and keys. Put it where the shell looks for it:

	plugingen completion bash >~/.local/share/bash-completion/completions/plugingen
	plugingen completion zsh >"${fpath[1]}/_plugingen"
	plugingen completion fish >~/.config/fish/completions/plugingen.fish

or, for one session of bash:

	source <(plugingen completion bash)

If plugingen is a tool of your modules, give it a short name that completes, too. This is
for bash and zsh; in fish, write function plugingen; go tool plugingen $argv; end:

	plugingen() { go tool plugingen "$@"; }`,
			examples: []example{
				{"completion bash", "the script for bash"},
			},
		},
		{
			name: "help", args: "[command | keys [key] | category]", run: help,
			short: "explain a command, or the language of //plugin: comments",
			long: `Help explains a command. "plugingen help keys" describes the language of annotations, and
with a key after it, that key; "plugingen help syntax" describes the diagnostics of that
category, each with an example. The categories are
` + strings.Join(docs.Categories(), ", ") + `.`,
			examples: []example{
				{"help check", "what check does"},
				{"help keys requires", "what a key means"},
			},
		},
		{
			name: "version", run: version,
			short: "print the version",
			long:  `Version prints the version of plugingen, and of the Go that it was built with.`,
		},
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

const introduction = `Plugingen finds the plugins that a Go program declares, in //plugin: comments, plugin
tags and registry.Spec variables, and writes the code that links them.

Usage:

	plugingen [command] [flags] [packages]

The commands are:

`

const conclusion = `
Packages are named as for the go command: ./..., directories, import paths of the module;
the current directory if none is named. A Go file stands for its package, so that $GOFILE
can be written in a //go:generate comment. In a workspace (go.work), a pattern with ...
takes in all modules of the workspace below it.

The exit status is 0 if all is well, 1 if there are errors in the source or, for
check, if a file is out of date, and 2 if the command line is wrong, if something can't
be read or written, or if it was interrupted.

"plugingen help <command>" says more about a command, "plugingen help keys" describes
the language of annotations, and "plugingen help <category>" the diagnostics of a
category, such as syntax.
`

// overview writes which commands there are.
func overview(w io.Writer) {
	fmt.Fprint(w, introduction)
	for _, cmd := range commands() {
		fmt.Fprintf(w, "\t%-10s %s\n", cmd.name, cmd.short)
	}
	fmt.Fprint(w, conclusion)
}

func help(c *invocation) int {
	topic := strings.Join(c.args, " ")
	key, ofKey := strings.CutPrefix(topic, "keys ")
	cmd := commandNamed(topic)
	switch {
	case topic == "":
		overview(c.out)
	case topic == "keys":
		if err := annotate.WriteHelp(c.out); err != nil {
			return c.fail(err)
		}
	case ofKey:
		if err := c.helpKey(key); err != nil {
			return c.fail(err)
		}
	case cmd != nil:
		cmd.help(c.out)
	case topic == "pluginvet":
		fmt.Fprintln(c.out, "pluginvet is a command of its own, which explains itself: go tool pluginvet help")
	case docs.Page(topic) != "":
		fmt.Fprint(c.out, docs.Page(topic))
	default:
		return c.fail(fmt.Errorf("there is no help on %q%s; 'plugingen help' lists the commands", topic,
			didYouMean(topic, append(docs.Categories(), "keys")...)))
	}
	return done
}

// helpKey writes what a key means.
func (c *invocation) helpKey(key string) error {
	var names []string
	for _, k := range annotate.Keys() {
		names = append(names, k.Name)
	}
	if slices.Contains(names, key) {
		return annotate.WriteKeyHelp(c.out, key)
	}
	near := rules.Nearest(key, names)
	if near != "" {
		near = fmt.Sprintf(" (did you mean %q?)", near)
	}
	return fmt.Errorf("there is no key %q%s; 'plugingen help keys' lists them", key, near)
}

// explain returns a better error if one came of taking a command for a package,
// since it is misspelt or not the first word.
func explain(err error, args []string) error {
	for i, word := range args {
		switch cmd := commandNamed(word); {
		case cmd != nil:
			return fmt.Errorf("the command %s comes first: %s", word, cmd.usage())
		case i == 0 && !strings.ContainsAny(word, `./\`):
			return fmt.Errorf("unknown command %q%s; 'plugingen help' lists the commands, and a directory is "+
				"written ./%s", word, didYouMean(word), word)
		}
	}
	return err
}

// didYouMean returns a question, "" if the word is like no command and no other word.
func didYouMean(word string, others ...string) string {
	for _, cmd := range commands() {
		others = append(others, cmd.name)
	}
	if near := rules.Correction(word, others); near != "" {
		return fmt.Sprintf(" (did you mean %q?)", near)
	}
	return ""
}
