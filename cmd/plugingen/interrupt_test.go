//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/gen/genfile"
	"github.com/plugingen/plugingen/gen/scan"
)

// TestInterrupt interrupts plugingen while it writes many files. Whenever the
// interrupt comes, no file is left half done.
func TestInterrupt(t *testing.T) {
	if testing.Short() {
		t.Skip("builds plugingen")
	}
	is := is.New(t)
	program := build(t)
	dir := writeTree(t, watched)
	const packages = 200
	for i := range packages {
		writeFile(t, strings.Replace(second, "Second", fmt.Sprintf("P%d", i), 1), dir, fmt.Sprintf("p%d", i), "p.go")
	}
	for _, signal := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		plugingen := exec.Command(program, "./...")
		plugingen.Dir = dir
		is.NoErr(plugingen.Start())
		eventually(t, "a file is written", func() bool { return len(glob(t, dir, "plugins_gen.go")) > 0 })
		is.NoErr(plugingen.Process.Signal(signal))

		var exit *exec.ExitError
		err := plugingen.Wait()
		is.True(err == nil || errors.As(err, &exit) && exit.ExitCode() == failed) // or it was done before
		is.Equal(len(glob(t, dir, scan.TempPrefix+"*")), 0)
		written := glob(t, dir, "plugins_gen.go")
		for _, name := range written {
			_, intact := genfile.Open([]byte(readFile(t, name)))
			is.True(intact)
			is.NoErr(os.Remove(name))
		}
		if err != nil {
			is.Equal(len(written), packages+2) // what was begun has been finished, the package a and the host, too
		}
	}
}

// TestInterruptOfWatch ends watching as it is meant to be ended.
func TestInterruptOfWatch(t *testing.T) {
	if testing.Short() {
		t.Skip("builds plugingen")
	}
	is := is.New(t)
	stderr := &console{}
	plugingen := exec.Command(build(t), "watch")
	plugingen.Dir = writeTree(t, watched)
	plugingen.Stderr = stderr
	is.NoErr(plugingen.Start())
	says(t, stderr, "wrote plugins_gen.go")
	is.NoErr(plugingen.Process.Signal(os.Interrupt))
	is.NoErr(plugingen.Wait())
	is.True(!strings.Contains(stderr.String(), "\x1b")) // not a terminal
}

func build(t *testing.T) string {
	program := filepath.Join(t.TempDir(), "plugingen")
	out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	t.Log(string(out))
	is.New(t).NoErr(err)
	return program
}

// glob returns the files of the name in the folders of a tree.
func glob(t *testing.T, dir, name string) []string {
	top, err := filepath.Glob(filepath.Join(dir, name))
	is := is.New(t)
	is.NoErr(err)
	below, err := filepath.Glob(filepath.Join(dir, "*", name))
	is.NoErr(err)
	return append(top, below...)
}
