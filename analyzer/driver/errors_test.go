package driver_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/analyzer/driver"
)

// What keeps a program from being loaded is said once, where it is.
func TestErrors(t *testing.T) {
	for _, test := range []struct {
		name                string
		file, before, after string
		pattern             string
		want                string
	}{
		{"type error", "web/web.go", "bool                             { return true }", "bool { return 1 }", "./...", "web/web.go:17:40: cannot use 1 "},
		{"in an import that is not checked", "web/web.go", "bool                             { return true }", "bool { return 1 }", "./cmd/seed", "web/web.go:17:40: cannot use 1 "},
		{"syntax error", "web/web.go", "package web", "package web web", "./...", "web/web.go:2:13: "},
		{"conflict in a generated file", "web/plugins_gen.go", "\npackage web", "<<<<<<< HEAD\npackage web", "./...", "web/plugins_gen.go:2:1: this generated file can't be read (expected 'package', found '<<'): run go tool plugingen ./..."},
		{"no such package", "web/web.go", `"context"`, `"contexts"`, "./web", "web/web.go:5:2: package contexts is not in std"},
		{"no such module", "go.mod", "require github.com/plugingen/plugingen v0.0.0", "", "./free", "free/plugins_gen.go:5:8: module github.com/plugingen/plugingen provides package "},
	} {
		t.Run(test.name, func(t *testing.T) {
			is := is.New(t)
			dir := program(t)
			t.Setenv("GOFLAGS", "-mod=readonly")
			generate(t, dir)
			edit(t, filepath.Join(dir, filepath.FromSlash(test.file)), test.before, test.after)
			t.Chdir(dir)
			report, err := driver.Config{Tests: true}.Check(test.pattern)
			is.NoErr(err)
			for _, f := range report.Findings {
				t.Error(f.Message)
			}
			all := strings.Join(report.Errors, "\n")
			defer t.Logf("%s", all)
			is.True(strings.Contains(filepath.ToSlash(all), test.want)) // the error
			is.Equal(strings.Count(all, ".go:"), 1)
		})
	}
}

func TestGoCommandFails(t *testing.T) {
	is := is.New(t)
	dir := program(t)
	is.NoErr(os.WriteFile(filepath.Join(dir, "go.mod"), []byte("modul\n"), 0o666))
	_, err := driver.Config{Dir: dir, Tests: true}.Check("./...")
	is.True(err != nil)
	is.True(strings.HasPrefix(err.Error(), "go: errors parsing go.mod:"))
}
