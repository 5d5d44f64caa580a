// Onetype shows the simplest way to write plugins: one type for each.
//
// A contract says what every plugin of the namespace does, and what it is given
// when it is loaded. An abstract base names the namespace once. Each concrete type
// only adds its name, in a struct tag or in a comment.
package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/plugingen/plugingen/registry"
)

//go:generate go tool plugingen

// This program links the plugins of its module.
//
//plugin:link

// CLI is what the plugins extend.
type CLI struct {
	Commands map[string]func() string
}

// CLIPlugin is the contract of the namespace: a Load that takes a *CLI, and a
// method of its own.
//
//plugin:namespace=my.plugins.cli
type CLIPlugin interface {
	registry.Plugin[*CLI]
	Help() string
}

// Base is the abstract base: it has a namespace but no name, so it is no plugin. A
// struct that embeds it inherits the namespace, and its methods.
type Base struct {
	_ struct{} `plugin:"namespace=my.plugins.cli"`
}

// Help is what a plugin says that has nothing of its own to say.
func (Base) Help() string { return "(no help)" }

// Greet is a plugin, by a tag.
type Greet struct {
	Base `plugin:"name=greet"`
}

// Load adds the plugin's command.
func (*Greet) Load(_ context.Context, cli *CLI) error {
	cli.Commands["greet"] = func() string { return "hello, world" }
	return nil
}

// Help overrides what the base says.
func (*Greet) Help() string { return "greet the world" }

// Version is a plugin, by a comment.
//
//plugin:name=version
type Version struct{ Base }

// Load adds the plugin's command.
func (*Version) Load(_ context.Context, cli *CLI) error {
	cli.Commands["version"] = func() string { return "1.0" }
	return nil
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	cli := &CLI{Commands: map[string]func() string{}}

	// The load argument is part of the manager's type: a wrong one, or none,
	// does not compile.
	manager := registry.For[CLIPlugin]("my.plugins.cli").With(cli)
	plugins, err := manager.LoadAll(ctx)
	if err != nil {
		return err
	}
	for _, p := range plugins { // each a CLIPlugin
		fmt.Println(p.Help())
	}
	for _, name := range slices.Sorted(maps.Keys(cli.Commands)) {
		fmt.Printf("%s: %s\n", name, cli.Commands[name]())
	}
	return manager.Close(ctx)
}
