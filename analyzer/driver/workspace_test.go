package driver_test

import (
	"path/filepath"
	"testing"

	"github.com/matryer/is"
)

// A workspace of two modules, of which the second links the plugins of the first.
func workspace(t *testing.T) string {
	dir := program(t)
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOWORK", "") // make test turns workspaces off
	write(t, filepath.Join(dir, "go.work"), "go 1.26.0\n\nuse (\n\t.\n\t./more\n)\n")
	write(t, filepath.Join(dir, "more", "go.mod"), "module example.com/more\n\ngo 1.26.0\n\nrequire "+
		"github.com/plugingen/plugingen v0.0.0\n")
	write(t, filepath.Join(dir, "more", "more.go"), "package more\n\n//plugin:namespace=seed.more\nfunc More() {}\n")
	generate(t, dir)
	return dir
}

func TestWorkspace(t *testing.T) {
	is := is.New(t)
	dir := workspace(t)
	is.Equal(check(t, dir), nil)
	edit(t, filepath.Join(dir, "more", "more.go"), "namespace=seed.more", "namespace=seed.more prio=1")
	is.Equal(check(t, dir), []string{
		`more/more.go:3: unknownkey: unknown key "prio" (did you mean "priority"?); keys of your own begin with x_`,
	})
}
