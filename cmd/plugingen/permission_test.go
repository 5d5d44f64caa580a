//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/matryer/is"
)

// TestPermissions runs plugingen as somebody who may not do everything, also if the
// tests are run by root.
func TestPermissions(t *testing.T) {
	if testing.Short() {
		t.Skip("builds plugingen")
	}
	is := is.New(t)
	program := build(t)
	dir := writeTree(t, watched)
	writeFile(t, strings.Replace(second, "Second", "B", 1), dir, "b", "b.go")
	chmod := func(mode os.FileMode, path ...string) {
		is.NoErr(os.Chmod(filepath.Join(append([]string{dir}, path...)...), mode))
	}
	plugingen := func(want string) {
		t.Helper()
		cmd := exec.Command(program, "./...")
		cmd.Dir = dir
		if os.Getuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		out, _ := cmd.CombinedOutput()
		is.Equal(cmd.ProcessState.ExitCode(), failed)
		is.Equal(string(out), "plugingen: "+want+"\n")
	}
	// Whoever it runs as must get there, and may write.
	for parent := dir; parent != os.TempDir() && parent != "/"; parent = filepath.Dir(parent) {
		_ = os.Chmod(parent, 0o777)
	}
	is.NoErr(os.Chmod(filepath.Dir(program), 0o777))
	chmod(0o777, "b")

	chmod(0o555, "a")
	plugingen("write " + filepath.Join(dir, "a", "plugins_gen.go") + ": permission denied\n" +
		"the generated files of example.com/watched are left as they are, since those of " +
		"example.com/watched/a can't be written")
	is.Equal(len(glob(t, dir, "plugins_gen.go")), 1) // the other package's is written
	is.Equal(len(glob(t, dir, ".plugingen-*")), 0)
	chmod(0o777, "a")

	chmod(0, "a", "a.go")
	plugingen("open " + filepath.Join(dir, "a", "a.go") + ": permission denied")
	chmod(0o666, "a", "a.go")
	chmod(0, "a")
	plugingen("open " + filepath.Join(dir, "a") + ": permission denied")
	chmod(0o777, "a")
	is.Equal(len(glob(t, dir, "plugins_gen.go")), 1) // as they were
}
