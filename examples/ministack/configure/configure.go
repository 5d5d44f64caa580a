// Package configure has ministack's own configurators: functions that are plugins.
package configure

import (
	"cmp"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"example.com/ministack/setup"
	"example.com/ministack/storage"
)

// ConfigureLogging sends the log to standard error, from the level in LOG_LEVEL.
//
//plugin:namespace=ministack.setup priority=100
func ConfigureLogging(rt *setup.Runtime) error {
	var level slog.Level
	if text := cmp.Or(rt.Getenv("LOG_LEVEL"), "info"); level.UnmarshalText([]byte(text)) != nil {
		return fmt.Errorf("LOG_LEVEL=%s: want debug, info, warn or error", text)
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})))
	return nil
}

// ConfigureDataDir makes the directory in DATA_DIR, or one in the user's cache.
//
//plugin:namespace=ministack.setup priority=50
func ConfigureDataDir(rt *setup.Runtime) error {
	rt.DataDir = rt.Getenv("DATA_DIR")
	if rt.DataDir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return fmt.Errorf("there is no place for data by default: set DATA_DIR (%w)", err)
		}
		rt.DataDir = filepath.Join(cache, "ministack")
	}
	if err := storage.MakeDir(rt.DataDir); err != nil {
		return fmt.Errorf("DATA_DIR: %w", err)
	}
	return nil
}

// ConfigureNetwork takes from LISTEN the host on which services listen. A port can
// be added only as 0, which lets the system choose one for each service.
//
//plugin:namespace=ministack.setup priority=50
func ConfigureNetwork(rt *setup.Runtime) error {
	listen := rt.Getenv("LISTEN")
	if listen == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(listen)
	switch {
	case err != nil: // no port
		rt.Host = listen
	case port == "0":
		rt.Host, rt.AnyPort = host, true
	default:
		return fmt.Errorf("LISTEN=%s: services can't share port %s: leave it out, or write 0 for any free ports",
			listen, port)
	}
	return nil
}
