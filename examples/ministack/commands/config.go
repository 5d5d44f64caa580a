package commands

import (
	"context"

	"github.com/plugingen/plugingen/registry"
	"github.com/spf13/cobra"

	"example.com/ministack/cli"
)

// Config prints the configuration that the program would run with.
type Config struct {
	cli.Base `plugin:"name=config"`
}

// Load attaches the command.
func (Config) Load(_ context.Context, c *cli.CLI) error {
	c.Add(&cobra.Command{
		Use:   "config",
		Short: "Print the effective configuration, and where each value is from",
		Long: `Config prints every option with its value: from the configuration file, the
environment, --set, or its default. Secrets are not shown. If something is wrong
with the configuration, all that is wrong is the error.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return printConfig(cmd, c) },
	})
	return nil
}

func printConfig(cmd *cobra.Command, c *cli.CLI) error {
	cfg, err := c.Config()
	if err != nil {
		return err
	}
	if err := registry.Default.ValidateConfig(cfg); err != nil {
		return err
	}
	return registry.Default.PrintConfig(cmd.OutOrStdout(), cfg)
}
