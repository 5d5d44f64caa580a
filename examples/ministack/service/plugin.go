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

	// Name is the plugin's name.
	Name() string

	// URL is where the service is, once it is loaded.
	URL() string

	// Serve answers requests until the service is closed, or fails.
	Serve() error

	// Close lets the requests that are under way finish, then closes the data. It
	// is called for a service that was made, even if that was not loaded then.
	Close(ctx context.Context) error
}

// Manager returns a manager of the program's services, with the options that the configuration
// has for them. It loads those that the runtime's options select.
func Manager(rt *setup.Runtime, cfg config.Value, opts ...registry.Option) *registry.Manager[Plugin] {
	opts = append(opts, registry.WithConfig(cfg.At("services")), registry.WithFilter(registry.Enabled(rt.Selects)))
	return registry.For[Plugin](Namespace, opts...).With(rt)
}

// Specs describes the program's services, of which it makes none.
func Specs() ([]*registry.Spec, error) {
	m := registry.NewManager[any](Namespace)
	return m.Specs(), m.Validate()
}
