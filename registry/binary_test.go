package registry_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matryer/is"
)

// decoding are functions that only programs with options need.
var decoding = []string{
	"registry/generated.(*Decoder).Begin",
	"registry/generated.(*Decoder).Option",
	"registry/generated.(*Decoder).End",
	"registry/config.Value.ParseJSON",
	"registry/config.Load",
	"registry.(*maker).MakePlugins",
	"registry.(*core).nest",
	"registry.checkSection",
	"registry.WithConfig",
}

// A program whose plugins have no options does not contain the code for them, and nothing
// of package config runs before main.
func TestProgramsWithoutOptions(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds two programs")
	}
	is := is.New(t)
	plain, started := build(t, "plain")
	for _, name := range decoding {
		if strings.Contains(plain, name) {
			t.Errorf("%s is in a program without options", name)
		}
	}
	is.True(strings.Contains(started, "init os")) // as the trace is there
	is.True(!strings.Contains(started, "init github.com/plugingen/plugingen/registry"))
	is.True(!strings.Contains(started, "init regexp"))
	is.True(!strings.Contains(started, "init encoding/json"))

	configured, started := build(t, "configured")
	for _, name := range decoding[:4] {
		if !strings.Contains(configured, name) {
			t.Errorf("%s is not in a program with options", name) // has it another name now?
		}
	}
	is.True(!strings.Contains(started, "init github.com/plugingen/plugingen/registry"))
}

// build builds and runs a program. It returns the symbols, and the trace of initialization.
func build(t *testing.T, name string) (symbols, started string) {
	is := is.New(t)
	binary := filepath.Join(t.TempDir(), name)
	run := func(env, name string, args ...string) string {
		c := exec.Command(name, args...)
		if env != "" {
			c.Env = append(os.Environ(), env)
		}
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", c, out)
		}
		return string(out)
	}
	run("", "go", "build", "-o", binary, "./testdata/"+name)
	started = run("GODEBUG=inittrace=1", binary)
	is.True(strings.Contains(started, "1 <nil> <nil> <nil>"))
	return run("", "go", "tool", "nm", binary), started
}
