package driver

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matryer/is"
	"golang.org/x/tools/go/analysis/unitchecker"
)

// a unit of one file, for vet.
func modularUnit(t *testing.T, source string, vetxOnly bool) (cfg unitchecker.Config, name string) {
	t.Helper()
	is := is.New(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "p.go")
	is.NoErr(os.WriteFile(file, []byte(source), 0o666))
	cfg = unitchecker.Config{
		ID: "example.com/p", ImportPath: "example.com/p", ModulePath: "example.com", Dir: dir, GoVersion: "go1.26", GoFiles: []string{file},
		VetxOnly: vetxOnly, VetxOutput: filepath.Join(dir, "vetx"), Stdout: filepath.Join(dir, "stdout"),
	}
	data, err := json.Marshal(cfg)
	is.NoErr(err)
	name = filepath.Join(dir, "vet.cfg")
	is.NoErr(os.WriteFile(name, data, 0o666))
	return cfg, name
}

func TestModular(t *testing.T) {
	is := is.New(t)
	cfg, name := modularUnit(t, "package p\n\n//plugin:namespace=a nam=b\nfunc P() {}\n\n//plugin:namespace=a\nfunc Q() {}\n", false)
	is.True(modular(name))
	out, err := os.ReadFile(cfg.Stdout)
	is.NoErr(err)
	is.True(strings.Contains(string(out), `"category": "unknownkey"`))
	v, err := readVetx(cfg.VetxOutput)
	is.NoErr(err)
	facts, err := v.decode("example.com/p")
	is.NoErr(err)
	is.Equal(len(facts.Plugins), 1)
}

// Of a package that is only imported and has no plugins, functions are not looked
// into. What else does not compile is left to unitchecker.
func TestModularTypeErrors(t *testing.T) {
	is := is.New(t)
	const inFunction = "package p\n\nfunc P() { undefined() }\n"
	cfg, name := modularUnit(t, inFunction, true)
	is.True(modular(name))
	v, err := readVetx(cfg.VetxOutput)
	is.NoErr(err)
	is.Equal(len(v.facts), 0)

	_, name = modularUnit(t, inFunction, false)
	is.True(!modular(name))
	_, name = modularUnit(t, "package p\n\nvar V = undefined\n", true)
	is.True(!modular(name))
}
