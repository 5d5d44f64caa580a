package commands

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"example.com/ministack/cli"
	"example.com/ministack/supervisor"
)

// Start runs services until an interrupt.
type Start struct {
	cli.Base `plugin:"name=start"`
}

// Load attaches the command.
func (Start) Load(_ context.Context, c *cli.CLI) error {
	c.Add(&cobra.Command{
		Use:   "start [service...]",
		Short: "Run services until an interrupt",
		Long: `Start runs the named services, or all of them. It prints where each one listens,
then "ready". An interrupt stops them in reverse order, once they have answered
the requests that are under way.

What they do is configured by ministack.toml, the environment and --set; "ministack
config" prints all options.`,
		RunE: func(cmd *cobra.Command, names []string) error { return start(cmd, c, names) },
	})
	return nil
}

func start(cmd *cobra.Command, c *cli.CLI, names []string) (err error) {
	cfg, rt, err := prepare(cmd.Context(), c)
	if err != nil {
		return err
	}
	s := supervisor.New(rt, cfg)
	defer func() { err = errors.Join(err, s.Close()) }()
	services, err := s.Start(cmd.Context(), names...)
	if err != nil {
		return err
	}
	for _, srv := range services {
		fmt.Fprintln(cmd.OutOrStdout(), srv.Name(), srv.URL())
	}
	fmt.Fprintln(cmd.OutOrStdout(), "ready")
	return s.Wait(cmd.Context())
}
