package commands

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"example.com/ministack/cli"
	"example.com/ministack/setup"
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

  SERVICES=objects,queue  run only these
  DATA_DIR=directory         where data is kept
  LISTEN=127.0.0.1:0      the host, and 0 if the system is to choose the ports
  OBJECTS_ADDR=host:port  where objects listens; likewise for other services
  LOG_LEVEL=debug         or info, warn, error`,
		RunE: func(cmd *cobra.Command, names []string) error { return start(cmd, names) },
	})
	return nil
}

func start(cmd *cobra.Command, names []string) (err error) {
	rt, err := setup.Run(cmd.Context())
	if err != nil {
		return err
	}
	s := supervisor.New(rt)
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
