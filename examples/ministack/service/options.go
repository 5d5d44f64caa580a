package service

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/registry"

	"example.com/ministack/setup"
)

// Options are those that every service has.
//
//plugin:options
type Options struct {
	// Addr is the address to listen on, host:port. Port 0 stands for any that is free. The
	// default is the service's own port on the host of ministack.listen.
	Addr string `plugin:"option"`
}

// Validate checks the address.
func (o *Options) Validate() error {
	if o.Addr == "" {
		return nil
	}
	if _, _, err := net.SplitHostPort(o.Addr); err != nil {
		return fmt.Errorf("addr: want host:port, such as 127.0.0.1:4571: %w", err)
	}
	return nil
}

// Addr returns where the service that a spec describes listens: where its options say, or else
// at the port in the spec's attribute x_port.
func Addr(program *setup.Options, spec *registry.Spec, o Options) string {
	port, _ := spec.Attr("x_port")
	return cmp.Or(o.Addr, program.Addr(cmp.Or(port, "0")))
}

// listen takes the address of a service.
func listen(ctx context.Context, rt *setup.Runtime, spec *registry.Spec, o Options) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", Addr(&rt.Options, spec, o))
	if err != nil {
		return nil, fmt.Errorf("%w: set services.%s.addr to another host:port, or ministack.listen to 127.0.0.1:0 "+
			"for any free ports", err, key(spec.InstanceID()))
	}
	return l, nil
}

// key returns the name of a service as TOML writes it in a path.
func key(name string) string {
	if strings.Contains(name, "/") {
		return strconv.Quote(name)
	}
	return name
}
