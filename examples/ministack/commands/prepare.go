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
	cfg, o, err := c.Options()
	if err == nil || cfg.Exists() {
		err = registry.Default.ValidateConfig(cfg) // which has the errors of the options, too
	}
	if err != nil {
		return cfg, nil, err
	}
	rt, err := setup.Run(ctx, *o)
	return cfg, rt, err
}
