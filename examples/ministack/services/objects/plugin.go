package objects

import (
	"github.com/plugingen/plugingen/registry"

	"example.com/ministack/service"
)

// New makes the object store.
//
//plugin:namespace=ministack.services name=objects factory x_port=4571 doc="an object store: buckets of objects of any size"
func New(spec *registry.Spec) *service.Server { return service.New(spec, newAPI) }
