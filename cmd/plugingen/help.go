package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/docs"
	"github.com/plugingen/plugingen/internal/language"
	"github.com/plugingen/plugingen/internal/rules"
)

// helpCommand returns the command that explains the others.
func helpCommand() *command {
	return &command{
		name: "help", args: "[command | keys [key] | category]", run: help, complete: completeHelp,
		short: "explain a command, or the language of //plugin: comments",
		long: `Help explains a command. "plugingen help keys" describes the language of annotations, and
with a key after it, that key; "plugingen help syntax" describes the diagnostics of that
category, each with an example. The categories are
` + strings.Join(docs.Categories(), ", ") + `.`,
		examples: []example{
			{"help check", "what check does"},
			{"help keys requires", "what a key means"},
		},
	}
}

// completeHelp offers what can be explained.
func completeHelp(l *line, _ string, before []string) {
	switch {
	case len(before) == 0:
		l.commands()
		l.offer("keys", "the language of //plugin: comments")
		for _, category := range docs.Categories() {
			l.offer(category, "a category of diagnostics")
		}
	case before[len(before)-1] == "keys":
		for _, key := range language.Reference() {
			l.offer(key.Name, key.Doc)
		}
	}
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
		if err := language.WriteHelp(c.out); err != nil {
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
	for _, k := range language.Reference() {
		names = append(names, k.Name)
	}
	if slices.Contains(names, key) {
		return language.WriteKeyHelp(c.out, key)
	}
	return fmt.Errorf("there is no key %q%s; 'plugingen help keys' lists them", key,
		rules.DidYouMean(rules.Nearest(key, names)))
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
	return rules.DidYouMean(rules.NearestOrCompletion(word, others))
}
