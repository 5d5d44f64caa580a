package gate

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/bench/tree"
)

// build builds a program with n plugins, of which the host links what its directive says, and
// returns its name.
func build(t *testing.T, n int, link, ldflags string) string {
	t.Helper()
	is := is.New(t)
	dir := write(t, tree.Plugins(n, "plugingen"))
	host := filepath.Join(dir, "cmd", "host", "main.go")
	src, err := os.ReadFile(host)
	is.NoErr(err)
	is.NoErr(os.WriteFile(host, bytes.Replace(src, []byte("//plugin:link"), []byte(link), 1), 0o644))
	is.NoErr(plan(t, dir).Apply())
	name := filepath.Join(dir, "program")
	// With -trimpath the cache has what an earlier run compiled.
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags="+ldflags, "-o", name, "./cmd/host")
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
	few, many := build(t, 50, "//plugin:link", "-s -w"), build(t, 10_000, "//plugin:link", "-s -w")
	for _, program := range []string{few, many} {
		cmd := exec.Command(program)
		cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
		out, err := cmd.CombinedOutput()
		is.NoErr(err)
		traced := false
		for line := range strings.Lines(string(out)) {
			if strings.HasPrefix(line, "init main ") || strings.Contains(line, "plugingen/registry ") ||
				strings.Contains(line, tree.Module) {
				traced = true
				// registry makes its errors by errors.New.
				if !strings.HasPrefix(line, "init github.com/plugingen/plugingen/registry ") {
					is.True(strings.Contains(line, " 0 bytes, 0 allocs")) // before main
				}
			}
		}
		is.True(traced) // the host's init function is among those that are traced
		out, err = exec.Command(program, "load").Output()
		is.NoErr(err)
		is.True(bytes.Contains(out, []byte("<nil>"))) // all plugins are loaded
	}
	loaded := (heap(t, many, "loaded") - heap(t, many, "linked")) / 10_000
	t.Logf("%d bytes of the heap for each plugin that is loaded", loaded)
	is.True(loaded <= 380) // bytes of the heap for each plugin, each of a type of its own
	each := (size(t, many) - size(t, few)) / 9_950
	t.Logf("%d bytes for each plugin", each)
	is.True(each <= 1_250) // bytes for each plugin, with its code
}

// heap returns how much of its heap a program has in use, when plugins are linked or loaded.
func heap(t *testing.T, program, state string) int64 {
	t.Helper()
	is := is.New(t)
	out, err := exec.Command(program, state).Output()
	is.NoErr(err)
	n, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	is.NoErr(err)
	return n
}

var loadMethod = regexp.MustCompile(`(?m) [Tt] example\.com/bench/\S+\.\(\*Plugin\d+\)\.Load$`)

// What is not linked is not in the program, even if it is in the package of what is.
func TestUnlinkedPluginsAreDropped(t *testing.T) {
	is := is.New(t)
	for link, want := range map[string]int{
		"//plugin:link": 500,
		"//plugin:link namespaces=bench.plugins:*_7":      10, // one of the fifty in each package
		"//plugin:link namespaces=bench.plugins:p00003_*": 50, // one package of ten
	} {
		symbols, err := exec.Command("go", "tool", "nm", build(t, 500, link, "")).Output()
		is.NoErr(err)
		is.Equal(len(loadMethod.FindAll(symbols, -1)), want) // methods of plugins in the program
	}
}

func size(t *testing.T, name string) int64 {
	t.Helper()
	info, err := os.Stat(name)
	is.New(t).NoErr(err)
	return info.Size()
}
