package objects

import (
	"context"
	"net/http"
	"sync/atomic"

	"github.com/plugingen/plugingen/registry"
	"go.etcd.io/bbolt"

	"example.com/ministack/service"
)

// Options are those of the object store.
type Options struct {
	service.Options `plugin:"option"`

	// Quota is how much all objects together may take; 0B is no limit.
	Quota Size `plugin:"option default=0B"`

	// MaxObject is the size of the largest object.
	MaxObject Size `plugin:"option default=1GiB min=1B"`
}

// A Service is an object store. Its limits can be changed while it runs.
type Service struct {
	*service.Server
	options Options
	limits  *limits
}

// limits are read by every request.
type limits struct{ quota, object atomic.Int64 }

func (l *limits) set(o Options) {
	l.quota.Store(int64(o.Quota))
	l.object.Store(int64(o.MaxObject))
}

// New makes the object store.
//
//plugin:namespace=ministack.services name=objects factory x_port=4571 doc="an object store: buckets of objects of any size"
func New(spec *registry.Spec, o Options) *Service {
	s := &Service{options: o, limits: &limits{}}
	s.limits.set(o)
	s.Server = service.New(spec, o.Options, func(db *bbolt.DB) (http.Handler, error) { return newAPI(db, s.limits) })
	return s
}

// Reload changes the limits. With another address the service has to start anew.
func (s *Service) Reload(_ context.Context, o Options) error {
	if o.Options != s.options.Options {
		return registry.ErrRestart
	}
	s.options = o
	s.limits.set(o)
	return nil
}
