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

// Plugin is found without a comment: it is a spec whose namespace and name are
// constant.
var Plugin = registry.Spec{
	Namespace: "ministack.services",
	Name:      "sequences",
	New:       newService,
	Attrs:     []registry.Attr{{Key: "x_port", Value: "4581"}},
	Doc:       "numbers that are never given twice",
}

func newService(spec *registry.Spec) (any, error) { return service.New(spec, newAPI), nil }
