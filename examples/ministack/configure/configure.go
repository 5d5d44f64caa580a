// Package configure has ministack's own configurators: functions that are plugins.
package configure

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"example.com/ministack/setup"
	"example.com/ministack/storage"
)

// ConfigureLogging sends the log to standard error.
//
//plugin:namespace=ministack.setup priority=100
func ConfigureLogging(rt *setup.Runtime) error {
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: rt.LogLevel})))
	return nil
}

// ConfigureDataDir makes the data directory, by default one in the user's cache.
//
//plugin:namespace=ministack.setup priority=50
func ConfigureDataDir(rt *setup.Runtime) error {
	if rt.DataDir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return fmt.Errorf("there is no place for data by default: set ministack.data_dir (%w)", err)
		}
		rt.DataDir = filepath.Join(cache, "ministack")
	}
	if err := storage.MakeDir(rt.DataDir); err != nil {
		return fmt.Errorf("ministack.data_dir: %w", err)
	}
	return nil
}
