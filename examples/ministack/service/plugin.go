// Package service is what a service of ministack is: the contract of its plugins,
// and [Server], a plugin type for all services that keep data and answer over HTTP.
//
// A service is a handler and a line that declares it:
//
//	//plugin:namespace=ministack.services name=echo factory x_port=4599
//	func New(spec *registry.Spec, o service.Options) *service.Server { return service.New(spec, o, newAPI) }
package service

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/config"

	"example.com/ministack/setup"
)

// Namespace is the namespace of services.
const Namespace = "ministack.services"

// A Plugin is a service.
//
//plugin:namespace=ministack.services section=services
type Plugin interface {
	// Load opens the service's data and takes its address. All that can go wrong
	// goes wrong here, before any service of the program serves.
	registry.Plugin[*setup.Runtime]

	// Name is the name of the service in the configuration.
	Name() string

	// URL is where the service is, once it is loaded.
	URL() string

	// Serve answers requests until the service is closed, or fails.
	Serve() error

	// Close lets the requests that are under way finish, then closes the data. It
	// is called for a service that was made, even if that was not loaded then.
	Close(ctx context.Context) error
}

// Set returns a set of services, of which the configuration says which there are.
func Set(rt *setup.Runtime, opts ...registry.Option) *registry.Set[Plugin] {
	return registry.For[Plugin](Namespace, opts...).Set(rt)
}

// Select returns the section of the services that run, of those that are configured: those of
// the names, or all if there are none.
func Select(cfg config.Value, names []string) (config.Value, error) {
	section := cfg.At("services")
	for _, name := range names {
		if !section.Key(name).Exists() {
			return section, fmt.Errorf("there is no service %q; there are %s", name, strings.Join(section.Keys(), ", "))
		}
	}
	if len(names) == 0 {
		return section, nil
	}
	return section.Pick(func(name string) bool { return slices.Contains(names, name) }), nil
}

// Specs describes the program's services, of which it makes none.
func Specs() ([]*registry.Spec, error) {
	s := Set(setup.NewRuntime(setup.Options{}))
	return s.Specs(), s.Validate()
}
