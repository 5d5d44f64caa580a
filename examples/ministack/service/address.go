package service

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/plugingen/plugingen/registry"

	"example.com/ministack/setup"
)

// Addr returns where the service that a spec describes listens: what the
// environment says, such as OBJECTS_ADDR for objects, or else the port in the
// spec's attribute x_port. Port 0 stands for any that is free.
func Addr(rt *setup.Runtime, spec *registry.Spec) string {
	port, _ := spec.Attr("x_port")
	return cmp.Or(rt.Getenv(Variable(spec.Name, "ADDR")), rt.Addr(cmp.Or(port, "0")))
}

// Variable returns the name of an environment variable about a service.
func Variable(service, about string) string {
	return strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(service)) + "_" + about
}

// listen takes the address of a service.
func listen(ctx context.Context, rt *setup.Runtime, spec *registry.Spec) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", Addr(rt, spec))
	if err != nil {
		return nil, fmt.Errorf("%w: set %s to another host:port, or LISTEN=127.0.0.1:0 for any free ports",
			err, Variable(spec.Name, "ADDR"))
	}
	return l, nil
}
