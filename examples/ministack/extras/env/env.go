// Package env is a command that tells other programs where the services are.
package env

import (
	"context"
	"fmt"
	"strings"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/spf13/cobra"

	"example.com/ministack/cli"
	"example.com/ministack/service"
	"example.com/ministack/setup"
)

// Env prints the URLs of the services as shell variables.
//
//plugin:namespace=ministack.cli name=env
type Env struct{}

// Load attaches the command.
func (Env) Load(_ context.Context, c *cli.CLI) error {
	c.Add(&cobra.Command{
		Use:     "env",
		Short:   "Print the URLs of the services as shell variables",
		Example: `  eval "$(ministack env)"; curl "$KV_URL/keys"`,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return printEnv(cmd, c) },
	})
	return nil
}

func printEnv(cmd *cobra.Command, c *cli.CLI) error {
	cfg, err := c.Config()
	if err != nil {
		return err
	}
	o, err := config.Decode[setup.Options](cfg)
	if err != nil {
		return err
	}
	specs, err := service.Specs()
	if err != nil {
		return err
	}
	for _, spec := range specs {
		addr := service.Addr(o, spec, service.Options{Addr: configured(cfg, spec.Name)})
		if !o.Selects(spec) || strings.HasSuffix(addr, ":0") {
			continue // it does not run, or nobody knows where before it does
		}
		fmt.Fprintf(cmd.OutOrStdout(), "export %s=http://%s\n", variable(spec.Name), addr)
	}
	return nil
}

// configured returns the address that a configuration file has for a service, or "".
func configured(cfg config.Value, service string) string {
	addr, _ := cfg.At("services").Key(service).Key("addr").Text()
	return addr
}

// variable returns the name of the variable with the URL of a service.
func variable(service string) string {
	return strings.ToUpper(strings.NewReplacer("-", "_", ".", "_", "/", "_").Replace(service)) + "_URL"
}
