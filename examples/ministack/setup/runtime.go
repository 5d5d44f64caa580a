// Package setup is what comes before any service: the [Runtime] that all of them
// share, and the configurators that make it ready, which are plugins.
package setup

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// A Runtime is what services find when they are loaded.
type Runtime struct {
	// Getenv returns the value of an environment variable. Configuration comes
	// from the environment only.
	Getenv func(name string) string

	// DataDir is the directory in which services keep their data.
	DataDir string

	// Host is where services listen.
	Host string

	// AnyPort lets the system choose the ports, rather than taking those that the
	// services have by default.
	AnyPort bool

	// Grace is how long requests may take to finish once ministack is to stop.
	Grace time.Duration

	middleware []Middleware
}

// Middleware wraps the handler of every service.
type Middleware func(http.Handler) http.Handler

// NewRuntime returns a runtime as it is before any configurator has seen it.
func NewRuntime() *Runtime {
	return &Runtime{Getenv: os.Getenv, Host: "127.0.0.1", Grace: 10 * time.Second}
}

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

// Addr returns where to listen if port is the port by default.
func (rt *Runtime) Addr(port string) string {
	if rt.AnyPort {
		port = "0"
	}
	return net.JoinHostPort(rt.Host, port)
}
