package commands

import (
	"context"

	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/config"

	"example.com/ministack/cli"
	"example.com/ministack/setup"
)

// prepare loads the configuration, checks all of it, and runs the configurators.
func prepare(ctx context.Context, c *cli.CLI) (config.Value, *setup.Runtime, error) {
	cfg, err := c.Config()
	if err != nil {
		return cfg, nil, err
	}
	if err := registry.Default.ValidateConfig(cfg); err != nil {
		return cfg, nil, err
	}
	o, err := config.Decode[setup.Options](cfg)
	if err != nil {
		return cfg, nil, err
	}
	rt, err := setup.Run(ctx, *o)
	return cfg, rt, err
}
