package kv

import (
	"github.com/plugingen/plugingen/registry"

	"example.com/ministack/service"
)

// New makes the key-value store.
//
//plugin:namespace=ministack.services name=kv factory x_port=4572 doc="a key-value store with versions and conditional changes"
func New(spec *registry.Spec, o service.Options) *service.Server { return service.New(spec, o, newAPI) }
