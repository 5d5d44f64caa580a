// Package env is a command that tells other programs where the services are.
package env

import (
	"context"
	"fmt"
	"strings"

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
		RunE:    func(cmd *cobra.Command, _ []string) error { return printEnv(cmd) },
	})
	return nil
}

func printEnv(cmd *cobra.Command) error {
	rt, err := setup.Run(cmd.Context())
	if err != nil {
		return err
	}
	specs, err := service.Specs()
	if err != nil {
		return err
	}
	for _, spec := range specs {
		addr := service.Addr(rt, spec)
		if !service.Selected(spec.Name) || strings.HasSuffix(addr, ":0") {
			continue // it does not run, or nobody knows where before it does
		}
		fmt.Fprintf(cmd.OutOrStdout(), "export %s=http://%s\n", service.Variable(spec.Name, "URL"), addr)
	}
	return nil
}
