package commands

import (
	"context"
	"strings"

	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/config"
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
		Short: "List the services, and which of them the configuration selects",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return listServices(cmd, c) },
	})
	return nil
}

func listServices(cmd *cobra.Command, c *cli.CLI) error {
	cfg, o, err := c.Options()
	if err != nil {
		return err
	}
	specs, err := service.Specs()
	if err != nil {
		return err
	}
	selected, err := service.Select(cfg, o.Services)
	if err != nil {
		return err
	}
	return table(cmd, []string{"NAME", "STATE", "MODULE", "WHAT IT IS"}, func(row func(cells ...string)) {
		for _, spec := range specs {
			names := instances(cfg.At("services"), spec)
			for _, name := range names {
				state := "disabled"
				if selected.Key(name).Exists() {
					state = "enabled"
				}
				row(name, state, module(spec), spec.Doc)
			}
			if len(names) == 0 {
				row(spec.Name, "not configured", module(spec), spec.Doc)
			}
		}
	})
}

// instances returns the names of a plugin's instances in the configuration.
func instances(section config.Value, spec *registry.Spec) (names []string) {
	for _, name := range section.Keys() {
		if plugin, _, _ := strings.Cut(name, "/"); plugin == spec.Name {
			names = append(names, name)
		}
	}
	return names
}
