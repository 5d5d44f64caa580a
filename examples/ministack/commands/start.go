package commands

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/config/watch"
	"github.com/spf13/cobra"

	"example.com/ministack/cli"
	"example.com/ministack/service"
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
config" prints all options. When the file changes, the services follow it: those whose
options are the same are left alone.`,
		RunE: func(cmd *cobra.Command, names []string) error { return start(cmd, c, names) },
	})
	return nil
}

func start(cmd *cobra.Command, c *cli.CLI, names []string) (err error) {
	cfg, rt, err := prepare(cmd.Context(), c)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		names = rt.Services
	}
	section, err := service.Select(cfg, names)
	if err != nil {
		return err
	}
	s := supervisor.New(rt)
	defer func() { err = errors.Join(err, s.Close()) }()
	if _, err := s.Apply(cmd.Context(), section); err != nil {
		return err
	}
	services := s.Services()
	if len(services) == 0 {
		return errors.New("there is no service to start")
	}
	for _, srv := range services {
		fmt.Fprintln(cmd.OutOrStdout(), srv.Name(), srv.URL())
	}
	fmt.Fprintln(cmd.OutOrStdout(), "ready")
	stop := follow(cmd.Context(), c, s, names)
	defer stop()
	return s.Wait(cmd.Context())
}

// follow applies the configuration again whenever its files change, until stop is called.
func follow(ctx context.Context, c *cli.CLI, s *supervisor.Supervisor, names []string) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	files := watch.Files{
		Load: func() (config.Value, error) {
			cfg, err := c.Config()
			if err == nil {
				err = registry.Default.ValidateConfig(cfg)
			}
			return cfg, err
		},
		Apply: func(ctx context.Context, cfg config.Value) error {
			section, err := service.Select(cfg, names)
			if err != nil {
				return err
			}
			result, err := s.Apply(ctx, section)
			if err == nil && len(result.Changes) > 0 {
				slog.Info("configuration changed", "result", result)
			}
			return err
		},
		Report: func(err error) { slog.Error("the configuration was not changed", "err", err) },
	}
	go func() {
		defer close(done)
		if err := watch.Run(ctx, files); err != nil {
			slog.Error("configuration files are not watched", "err", err)
		}
	}()
	return func() {
		cancel()
		<-done
	}
}
