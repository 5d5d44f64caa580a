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

	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/write"
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
	for _, signal := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		plugingen := exec.Command(program, "./...")
		plugingen.Dir = dir
		is.NoErr(plugingen.Start())
		eventually(t, "a file is being written", func() bool {
			return len(glob(t, dir, "plugins_gen.go"))+len(glob(t, dir, ".plugingen-*")) > 0
		})
		is.NoErr(plugingen.Process.Signal(signal))

		var exit *exec.ExitError
		err := plugingen.Wait()
		is.True(err == nil || errors.As(err, &exit) &&
			(exit.ExitCode() == failed || exit.ExitCode() == -1)) // or it was done, or all but ended, before
		is.Equal(len(glob(t, dir, ".plugingen-*")), 0)
		written := glob(t, dir, "plugins_gen.go")
		for _, name := range written {
			is.True(whole(t, name))
			is.NoErr(os.Remove(name))
		}
		if err != nil {
			is.Equal(len(written), packages+2) // what was begun has been finished, the package a and the host, too
		}
	}
}

// TestInterruptOfReading interrupts plugingen while it waits for the go command, which is
// here one that never answers.
func TestInterruptOfReading(t *testing.T) {
	if testing.Short() {
		t.Skip("builds plugingen")
	}
	is := is.New(t)
	dir := writeTree(t, workspaceToAsk)
	started, answer := filepath.Join(dir, "started"), filepath.Join(dir, "answer")
	t.Cleanup(func() { writeFile(t, "", answer) })
	program, stderr := build(t), &console{}
	is.NoErr(os.Chmod(filepath.Join(dir, "bin/go"), 0o777))
	plugingen := exec.Command(program)
	plugingen.Dir, plugingen.Stderr = dir, stderr
	plugingen.Env = append(os.Environ(), "GOWORK=", "GOFLAGS=", "STARTED="+started, "ANSWER="+answer, "PATH="+
		filepath.Join(dir, "bin")+":"+os.Getenv("PATH"))
	is.NoErr(plugingen.Start())
	eventually(t, "the go command is asked", func() bool { return isFile(started) })
	is.NoErr(plugingen.Process.Signal(os.Interrupt))

	var exit *exec.ExitError
	is.True(errors.As(plugingen.Wait(), &exit))
	is.Equal(exit.ExitCode(), failed)
	is.Equal(stderr.String(), "plugingen: interrupted; nothing has been written\n")
	is.Equal(len(glob(t, dir, "plugins_gen.go")), 0)
}

const workspaceToAsk = `
-- go.work --
go 1.26.0

use .
-- go.mod --
module example.com/app

require example.com/third v1.0.0
-- main.go --
package main

//plugin:link packages=all

func main() {}
-- bin/go --
#!/bin/sh
: >"$STARTED"
while test -e "$STARTED" && ! test -e "$ANSWER"; do sleep 0.05; done
`

// TestNoFileIsHalfWrittenWhenKilled kills plugingen while it writes: no file is half done, and
// the next run cleans up.
func TestNoFileIsHalfWrittenWhenKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("builds plugingen")
	}
	is := is.New(t)
	program := build(t)
	dir := writeTree(t, watched)
	for i := range 100 {
		writeFile(t, strings.Replace(second, "Second", fmt.Sprintf("P%d", i), 1), dir, fmt.Sprintf("p%d", i), "p.go")
	}
	for range 5 {
		plugingen := exec.Command(program, "./...")
		plugingen.Dir = dir
		is.NoErr(plugingen.Start())
		eventually(t, "a file is being written", func() bool {
			return len(glob(t, dir, "plugins_gen.go"))+len(glob(t, dir, ".plugingen-*")) > 0
		})
		is.NoErr(plugingen.Process.Kill())
		_ = plugingen.Wait() // it may have been done before

		for _, name := range glob(t, dir, "plugins_gen.go") {
			is.True(whole(t, name))
		}
		// A package with an error keeps its files, but not what was left behind.
		writeFile(t, "half", dir, "p0", write.TempName(plugingen.Process.Pid, 1))
		writeFile(t, "package p\n\n//plugin:nonsense\n", dir, "p0", "p.go")
		status, _, _ := runIn(t, dir, "./...")
		is.Equal(status, sourceErrors)
		is.Equal(len(glob(t, dir, ".plugingen-*")), 0)
		for _, name := range glob(t, dir, "plugins_gen.go") {
			is.NoErr(os.Remove(name))
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

// whole reports whether a generated file has all that belongs in it, as far as its last line shows.
func whole(t *testing.T, name string) bool {
	src := readFile(t, name)
	return genfile.HasHeader([]byte(src)) && strings.HasSuffix(src, "}\n")
}

func build(t *testing.T) string {
	program := filepath.Join(t.TempDir(), "plugingen")
	out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	t.Log(string(out))
	is.New(t).NoErr(err)
	return program
}

// glob returns the files of the name in the directories of a tree.
func glob(t *testing.T, dir, name string) []string {
	top, err := filepath.Glob(filepath.Join(dir, name))
	is := is.New(t)
	is.NoErr(err)
	below, err := filepath.Glob(filepath.Join(dir, "*", name))
	is.NoErr(err)
	return append(top, below...)
}
