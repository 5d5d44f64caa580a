package commands

import (
	"context"

	"github.com/plugingen/plugingen/registry"
	"github.com/spf13/cobra"

	"example.com/ministack/cli"
)

// Plugins lists everything that is linked into the program.
type Plugins struct {
	cli.Base `plugin:"name=plugins"`
}

// Load attaches the command.
func (Plugins) Load(_ context.Context, c *cli.CLI) error {
	c.Add(&cobra.Command{
		Use:   "plugins",
		Short: "List everything that is linked into this program",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return listPlugins(cmd) },
	})
	return nil
}

func listPlugins(cmd *cobra.Command) error {
	return table(cmd, []string{"PLUGIN", "MODULE", "WHAT IT IS"}, func(row func(cells ...string)) {
		for _, namespace := range registry.Default.Namespaces() {
			for _, spec := range registry.NewManager[any](namespace).Specs() {
				row(spec.ID(), module(spec), spec.Doc)
			}
		}
	})
}
