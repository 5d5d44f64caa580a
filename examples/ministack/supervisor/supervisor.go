// Package supervisor runs the services that a configuration names, follows it as it changes,
// and stops them.
package supervisor

import (
	"context"
	"sync"

	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/config"

	"example.com/ministack/service"
	"example.com/ministack/setup"
)

// A Supervisor runs services until they are to stop, or one of them fails.
type Supervisor struct {
	set    *registry.Set[service.Plugin]
	failed chan error

	mu      sync.Mutex
	serving map[string]service.Plugin // by the name of the instance
}

// New returns a supervisor without services.
func New(rt *setup.Runtime, opts ...registry.Option) *Supervisor {
	return &Supervisor{
		set: service.Set(rt, opts...), failed: make(chan error, 1), serving: map[string]service.Plugin{},
	}
}

// Apply makes the services those that a section of the configuration names. All new ones are
// loaded before the first of them serves; if one can't be, the services are what they were.
func (s *Supervisor) Apply(ctx context.Context, section config.Value) (registry.Result, error) {
	result, err := s.set.Apply(ctx, section)
	s.serve()
	return result, err
}

// serve lets the services serve that do not yet.
func (s *Supervisor) serve() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, srv := range s.set.All() {
		if s.serving[id] == srv {
			continue
		}
		s.serving[id] = srv
		go func() {
			if err := srv.Serve(); err != nil {
				select {
				case s.failed <- err:
				default: // one is enough to stop them all
				}
			}
		}()
	}
}

// Services returns the services that run, in the order in which they were loaded.
func (s *Supervisor) Services() (services []service.Plugin) {
	for _, srv := range s.set.All() {
		services = append(services, srv)
	}
	return services
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
func (s *Supervisor) Close() error { return s.set.Close(context.Background()) }
