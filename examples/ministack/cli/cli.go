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
	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/config/configtoml"
	"github.com/spf13/cobra"

	"example.com/ministack/service"
	"example.com/ministack/setup"
)

// Namespace is the namespace of command line plugins.
const Namespace = "ministack.cli"

// A CLI is a command line to which plugins attach commands.
type CLI struct {
	root *cobra.Command
	file string
	set  config.Assignments
}

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

// defaultFile is the configuration unless --config names another.
const defaultFile = "ministack.toml"

// New returns a command line without commands.
func New() *CLI {
	c := &CLI{root: &cobra.Command{
		Use:           "ministack",
		Short:         "A small cloud stand-in whose every part is a plugin",
		SilenceUsage:  true,
		SilenceErrors: true,
	}}
	flags := c.root.PersistentFlags()
	flags.StringVar(&c.file, "config", "", "the configuration `file` (default "+defaultFile+", if there is one)")
	flags.Var(&c.set, "set", "set an option, as in services.objects.quota=1GiB; can be repeated")
	return c
}

// Add attaches commands.
func (c *CLI) Add(commands ...*cobra.Command) { c.root.AddCommand(commands...) }

// Config loads the configuration: the file, the environment, and what the flags set. If it has
// no section services, all services of the program are configured, with their defaults. Call
// it when a command runs; each call loads it anew.
func (c *CLI) Config() (config.Value, error) {
	cfg, err := c.load(nil)
	if err != nil || cfg.At("services").Exists() {
		return cfg, err
	}
	specs, err := service.Specs()
	if err != nil {
		return cfg, err
	}
	services := map[string]any{}
	for _, spec := range specs {
		services[spec.Name] = map[string]any{}
	}
	return c.load(config.FromMap("default", map[string]any{"services": services}))
}

// Options loads the configuration, and fills the options that are ministack's own. If only
// these have errors, the configuration is returned, too.
func (c *CLI) Options() (config.Value, *setup.Options, error) {
	cfg, err := c.Config()
	if err != nil {
		return cfg, nil, err
	}
	o, err := registry.Decode[setup.Options](cfg)
	return cfg, o, err
}

func (c *CLI) load(defaults config.Source) (config.Value, error) {
	file := config.Optional(configtoml.File(defaultFile))
	if c.file != "" {
		file = configtoml.File(c.file)
	}
	return config.Load(defaults, file, config.Environment("MINISTACK_"), c.set)
}
