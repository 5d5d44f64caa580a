package gate

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/bench/tree"
)

// build builds a program with n plugins, and returns its name.
func build(t *testing.T, n int) string {
	t.Helper()
	is := is.New(t)
	t.Setenv("GOWORK", "off")
	dir := t.TempDir()
	shape := tree.Plugins(n, "plugingen")
	shape.Project = "../.."
	is.NoErr(shape.Write(dir))
	is.NoErr(plan(t, dir).Apply())
	name := filepath.Join(dir, "program")
	cmd := exec.Command("go", "build", "-ldflags=-s -w", "-o", name, "./cmd/host")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return name
}

// Before main, nothing is allocated for plugins, however many there are; in the program's
// file, each takes little more than its own code.
func TestPrograms(t *testing.T) {
	is := is.New(t)
	few, many := build(t, 50), build(t, 1_000)
	for _, program := range []string{few, many} {
		cmd := exec.Command(program)
		cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
		out, err := cmd.CombinedOutput()
		is.NoErr(err)
		traced := false
		for line := range strings.Lines(string(out)) {
			if strings.HasPrefix(line, "init main ") || strings.Contains(line, "plugingen/registry ") || strings.Contains(line, tree.Module) {
				traced = true
				if !strings.HasPrefix(line, "init github.com/plugingen/plugingen/registry ") { // its errors are made by errors.New
					is.True(strings.Contains(line, " 0 bytes, 0 allocs")) // before main
				}
			}
		}
		is.True(traced) // the host's init function is among those that are traced
		out, err = exec.Command(program, "load").Output()
		is.NoErr(err)
		is.True(bytes.Contains(out, []byte("<nil>"))) // all plugins are loaded
	}
	each := (size(t, many) - size(t, few)) / 950
	t.Log(fmt.Sprintf("%d bytes for each plugin", each))
	is.True(each <= 1_250) // bytes for each plugin, with its code
}

func size(t *testing.T, name string) int64 {
	t.Helper()
	info, err := os.Stat(name)
	is.New(t).NoErr(err)
	return info.Size()
}
