// Package setup is what comes before any service: the [Runtime] that all of them
// share, and the configurators that make it ready, which are plugins.
package setup

import (
	"net/http"
	"path/filepath"
)

// A Runtime is what services find when they are loaded.
type Runtime struct {
	Options
	middleware []Middleware
}

// Middleware wraps the handler of every service.
type Middleware func(http.Handler) http.Handler

// NewRuntime returns a runtime as it is before any configurator has seen it.
func NewRuntime(o Options) *Runtime { return &Runtime{Options: o} }

// Use adds middleware. What is added first sees a request first.
func (rt *Runtime) Use(m Middleware) { rt.middleware = append(rt.middleware, m) }

// Wrap returns the handler within the middleware.
func (rt *Runtime) Wrap(h http.Handler) http.Handler {
	for i := len(rt.middleware) - 1; i >= 0; i-- {
		h = rt.middleware[i](h)
	}
	return h
}

// File returns the path of a file in the data directory.
func (rt *Runtime) File(name string) string { return filepath.Join(rt.DataDir, name) }
