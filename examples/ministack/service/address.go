package service

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"strings"

	"example.com/ministack/setup"
)

// AddrVariable returns the environment variable that says where a service listens:
// OBJECTS_ADDR for objects.
func AddrVariable(name string) string {
	return strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(name)) + "_ADDR"
}

// listen takes the address of a service.
func listen(ctx context.Context, rt *setup.Runtime, name, port string) (net.Listener, error) {
	variable := AddrVariable(name)
	addr := cmp.Or(rt.Getenv(variable), rt.Addr(port))
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%w (set %s to another host:port, or LISTEN=127.0.0.1:0 for any free ports)", err, variable)
	}
	return l, nil
}
