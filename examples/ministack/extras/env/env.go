// Package env is a command that tells other programs where the services are.
package env

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/registry"
	"github.com/spf13/cobra"

	"example.com/ministack/cli"
	"example.com/ministack/service"
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
		Long:    "Env prints where the services listen that are configured, as far as the file and --set say.",
		Example: `  eval "$(ministack env)"; curl "$KV_URL/keys"`,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return printEnv(cmd, c) },
	})
	return nil
}

func printEnv(cmd *cobra.Command, c *cli.CLI) error {
	cfg, o, err := c.Options()
	if err != nil {
		return err
	}
	selected, err := service.Select(cfg, o.Services)
	if err != nil {
		return err
	}
	specs, err := service.Specs()
	if err != nil {
		return err
	}
	for _, name := range selected.Keys() {
		plugin, _, _ := strings.Cut(name, "/")
		i := slices.IndexFunc(specs, func(s *registry.Spec) bool { return s.Name == plugin })
		if i < 0 {
			continue
		}
		addr, _ := selected.Key(name).Key("addr").Text()
		if addr = service.Addr(o, specs[i], service.Options{Addr: addr}); strings.HasSuffix(addr, ":0") {
			continue // nobody knows where it is before it runs
		}
		fmt.Fprintf(cmd.OutOrStdout(), "export %s=http://%s\n", variable(name), addr)
	}
	return nil
}

// variable returns the name of the variable with the URL of a service.
func variable(service string) string {
	return strings.ToUpper(strings.NewReplacer("-", "_", ".", "_", "/", "_").Replace(service)) + "_URL"
}
