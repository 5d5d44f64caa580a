package setup

import (
	"fmt"
	"log/slog"
	"net"
	"time"
)

// Options are those of ministack as a whole.
//
//plugin:options section=ministack
type Options struct {
	// DataDir is the directory in which services keep their data. It is made if it is not
	// there. If it is empty, that is ministack in the user's cache directory.
	DataDir string `plugin:"option env=DATA_DIR"`

	// Listen is the host on which services listen that do not say otherwise. With port 0,
	// as in 127.0.0.1:0, the system chooses their ports.
	Listen string `plugin:"option default=127.0.0.1 env=LISTEN"`

	// LogLevel is the least level that is logged: debug, info, warn or error.
	LogLevel slog.Level `plugin:"option default=info env=LOG_LEVEL"`

	// Services are those that run, of those that are configured; all if there are none.
	Services []string `plugin:"option env=SERVICES"`

	// Grace is how long requests may take to finish once a service is to stop.
	Grace time.Duration `plugin:"option default=10s min=0s"`
}

// Validate checks what a tag can't say.
func (o *Options) Validate() error {
	_, port, err := net.SplitHostPort(o.Listen)
	if err == nil && port != "0" {
		return fmt.Errorf("listen: services can't share port %s: leave it out, or write 0 for any free ports", port)
	}
	return nil
}

// Addr returns where to listen if port is the port by default.
func (o *Options) Addr(port string) string {
	host, _, err := net.SplitHostPort(o.Listen)
	if err != nil { // there is no port
		return net.JoinHostPort(o.Listen, port)
	}
	return net.JoinHostPort(host, "0")
}
