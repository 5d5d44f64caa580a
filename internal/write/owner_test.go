//go:build unix

package write

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/matryer/is"
)

// TestOwnerIsKept has root change a user's file, which stays the user's.
func TestOwnerIsKept(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give files away")
	}
	is := is.New(t)
	path := filepath.Join(t.TempDir(), "a.go")
	is.NoErr(os.WriteFile(path, []byte("old"), 0o600))
	is.NoErr(os.Chown(path, 1234, 5678))
	is.NoErr(Replace(path, []byte("new")))
	info, err := os.Stat(path)
	is.NoErr(err)
	stat := info.Sys().(*syscall.Stat_t)
	is.Equal([]uint32{stat.Uid, stat.Gid}, []uint32{1234, 5678})
	is.Equal(info.Mode().Perm(), os.FileMode(0o600))
	is.Equal(read(t, path), "new")
}
