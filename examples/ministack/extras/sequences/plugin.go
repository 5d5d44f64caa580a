// Package sequences is a service that counts: each request gets a number that no
// other request to the same sequence ever got or will get.
//
//	GET  /sequences        lists the sequences and the last number of each
//	POST /sequences/{name} returns the next number, from 1
package sequences

import (
	"github.com/plugingen/plugingen/registry"

	"example.com/ministack/service"
)

// New makes the service. Its options are described in ministack's module.
//
//plugin:namespace=ministack.services name=sequences factory x_port=4581 doc="numbers that are never given twice"
func New(spec *registry.Spec, o service.Options) *service.Server { return service.New(spec, o, newAPI) }
