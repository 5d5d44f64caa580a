// Package cli is ministack's command line, as the plugins see that make it up.
//
// A plugin is a type that embeds [Base] with a name:
//
//	// Hello greets.
//	type Hello struct {
//		cli.Base `plugin:"name=hello"`
//	}
//
//	func (Hello) Load(_ context.Context, c *cli.CLI) error {
//		c.Add(&cobra.Command{Use: "hello", ...})
//		return nil
//	}
package cli

import (
	"github.com/plugingen/plugingen/registry"
	"github.com/spf13/cobra"
)

// Namespace is the namespace of command line plugins.
const Namespace = "ministack.cli"

// A CLI is a command line to which plugins attach commands.
type CLI struct{ root *cobra.Command }

// Plugin is the contract of command line plugins: Load attaches what they have.
//
//plugin:namespace=ministack.cli
type Plugin interface {
	registry.Plugin[*CLI]
}

// Base is embedded by plugins for the namespace. It is no plugin: it has no name.
type Base struct {
	_ struct{} `plugin:"namespace=ministack.cli"`
}

// New returns a command line without commands.
func New() *CLI {
	return &CLI{&cobra.Command{
		Use:           "ministack",
		Short:         "A small cloud stand-in whose every part is a plugin",
		SilenceUsage:  true,
		SilenceErrors: true,
	}}
}

// Add attaches commands.
func (c *CLI) Add(commands ...*cobra.Command) { c.root.AddCommand(commands...) }
