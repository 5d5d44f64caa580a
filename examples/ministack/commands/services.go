package commands

import (
	"context"

	"github.com/spf13/cobra"

	"example.com/ministack/cli"
	"example.com/ministack/service"
)

// Services lists the services of the program.
type Services struct {
	cli.Base `plugin:"name=services"`
}

// Load attaches the command.
func (Services) Load(_ context.Context, c *cli.CLI) error {
	c.Add(&cobra.Command{
		Use:   "services",
		Short: "List the services, and which of them SERVICES selects",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return listServices(cmd) },
	})
	return nil
}

func listServices(cmd *cobra.Command) error {
	specs, err := service.Specs()
	if err != nil {
		return err
	}
	return table(cmd, []string{"NAME", "STATE", "MODULE", "WHAT IT IS"}, func(row func(cells ...string)) {
		for _, spec := range specs {
			state := "enabled"
			if !service.Selected(spec.Name) {
				state = "disabled"
			}
			row(spec.Name, state, module(spec), spec.Doc)
		}
	})
}
