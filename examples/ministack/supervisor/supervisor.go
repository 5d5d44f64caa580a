// Package supervisor starts services, watches them, and stops them.
package supervisor

import (
	"context"
	"fmt"

	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/config"

	"example.com/ministack/service"
	"example.com/ministack/setup"
)

// A Supervisor runs services until they are to stop, or one of them fails.
type Supervisor struct {
	manager  *registry.Manager[service.Plugin]
	selected []string
	failed   chan error
}

// New returns a supervisor without services.
func New(rt *setup.Runtime, cfg config.Value) *Supervisor {
	return &Supervisor{service.Manager(rt, cfg), rt.Services, make(chan error, 1)}
}

// Start starts the named services, or if none is named those that should load. All
// of them are loaded before the first serves. After an error, none does, and those
// that were loaded wait for [Supervisor.Close].
func (s *Supervisor) Start(ctx context.Context, names ...string) ([]service.Plugin, error) {
	services, err := s.load(ctx, names)
	if err != nil {
		return nil, err
	}
	if len(services) == 0 {
		return nil, fmt.Errorf("there is no service to start")
	}
	for _, srv := range services {
		go s.serve(srv)
	}
	return services, nil
}

func (s *Supervisor) load(ctx context.Context, names []string) ([]service.Plugin, error) {
	if len(names) == 0 {
		if err := s.check(ctx, s.selected); err != nil {
			return nil, err
		}
		return s.manager.LoadAll(ctx)
	}
	var services []service.Plugin
	for _, name := range names {
		srv, err := s.manager.Load(ctx, name)
		if err != nil {
			return nil, err
		}
		services = append(services, srv)
	}
	return services, nil
}

// check returns the error of loading the first name that is not there.
func (s *Supervisor) check(ctx context.Context, names []string) error {
	for _, name := range names {
		if !s.manager.Exists(name) {
			_, err := s.manager.Load(ctx, name)
			return fmt.Errorf("ministack.services: %w", err)
		}
	}
	return nil
}

func (s *Supervisor) serve(srv service.Plugin) {
	if err := srv.Serve(); err != nil {
		select {
		case s.failed <- err:
		default: // one is enough to stop them all
		}
	}
}

// Wait returns when the context ends, or with the error of a service that failed.
func (s *Supervisor) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		return err
	}
}

// Close stops all services, in the reverse of the order in which they were loaded.
// Each takes the time it needs, which has a limit of its own: a service that is
// abandoned half way would be worse than one that is late.
func (s *Supervisor) Close() error { return s.manager.Close(context.Background()) }
