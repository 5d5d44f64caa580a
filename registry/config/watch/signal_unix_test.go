//go:build unix

package watch_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/matryer/is"
)

func TestASignalReloads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	write(t, path, "one")
	p := start(t, path)
	p.expect("one")
	is.New(t).NoErr(syscall.Kill(os.Getpid(), syscall.SIGHUP))
	p.expect("one")
}
