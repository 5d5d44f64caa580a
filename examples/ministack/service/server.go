package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/plugingen/plugingen/registry"
	"go.etcd.io/bbolt"

	"example.com/ministack/setup"
	"example.com/ministack/storage"
)

// How long a client may take. A service for which a request as a whole is no
// measure moves the deadlines with [http.ResponseController].
const (
	headerTimeout  = 10 * time.Second
	requestTimeout = 30 * time.Second
	idleTimeout    = 2 * time.Minute
)

// An API makes the handler of a service, given the service's data.
type API func(*bbolt.DB) (http.Handler, error)

// A Server is a service: a database and an HTTP server with an API in between.
type Server struct {
	spec    *registry.Spec
	options Options
	api     API
	grace   time.Duration

	db       *bbolt.DB
	listener net.Listener
	http     *http.Server
}

var _ Plugin = (*Server)(nil)

// New returns the service that a spec describes. The spec's attribute x_port is the
// port that it has by default.
func New(spec *registry.Spec, o Options, api API) *Server {
	return &Server{spec: spec, options: o, api: api}
}

// Load opens the database and listens, but does not answer yet.
func (s *Server) Load(ctx context.Context, rt *setup.Runtime) error {
	db, err := storage.Open(rt.File(url.PathEscape(s.spec.InstanceID()) + ".db"))
	if err != nil {
		return err
	}
	handler, err := s.api(db)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	listener, err := listen(ctx, rt, s.spec, s.options)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	s.db, s.listener, s.grace = db, listener, rt.Grace
	s.http = &http.Server{
		Handler:           rt.Wrap(handler),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      requestTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
	slog.Info("service loaded", "service", s.Name(), "url", s.URL())
	return nil
}

// Name is the name of the service in the configuration.
func (s *Server) Name() string { return s.spec.InstanceID() }

// URL is where the service listens.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// Serve answers requests until Close is called.
func (s *Server) Serve() error {
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("service %s: %w", s.Name(), err)
	}
	return nil
}

// Close waits for the requests that are under way, cuts off those that take too
// long, and closes the database, which waits for its transactions. So a request is
// either answered or was never acknowledged. A service that was not loaded has
// nothing to close.
func (s *Server) Close(ctx context.Context) error {
	if s.http == nil {
		return nil
	}
	slog.Info("service stopping", "service", s.Name())
	ctx, cancel := context.WithTimeout(ctx, s.grace)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if err != nil && ctx.Err() != nil {
		slog.Warn("requests cut off", "service", s.Name(), "after", s.grace)
		err = s.http.Close()
	}
	// The server knows the listener only if Serve was called.
	if closeErr := s.listener.Close(); !errors.Is(closeErr, net.ErrClosed) {
		err = errors.Join(err, closeErr)
	}
	err = errors.Join(err, s.db.Close())
	slog.Info("service stopped", "service", s.Name())
	return err
}
