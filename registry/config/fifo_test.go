//go:build unix

package config_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry/config"
)

// A named pipe is not opened, since that would wait for a writer.
func TestNamedPipe(t *testing.T) {
	is := is.New(t)
	pipe := filepath.Join(t.TempDir(), "pipe")
	is.NoErr(syscall.Mkfifo(pipe, 0o600))
	_, err := config.Load(config.JSONFile(pipe), config.FromMap("f", map[string]any{"a": "${file:" + pipe + "}"}))
	errs, ok := err.(config.Errors)
	is.True(ok)
	is.Equal(len(errs), 2)
	is.Equal(errs[0].Error(), pipe+": is a named pipe; expected a regular file")
	is.Equal(errs[1].Position.Source, "f")
}
