package modules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matryer/is"
	"golang.org/x/mod/module"
	"golang.org/x/tools/txtar"
)

// find writes the files of a txtar archive, and returns the module in a directory of it.
func find(t *testing.T, archive, at string) *Main {
	t.Helper()
	is := is.New(t)
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, f.Name)
		is.NoErr(os.MkdirAll(filepath.Dir(name), 0o777))
		is.NoErr(os.WriteFile(name, f.Data, 0o666))
	}
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOWORK", "")
	t.Setenv("GOENV", "off")
	m, err := NewLoader().Find(filepath.Join(dir, at))
	is.NoErr(err)
	return m
}

const workspaceTree = `
-- go.work --
go 1.26.0

use (
	./a
	./a/inner
)

replace example.com/x => ./x
-- a/go.mod --
module example.com/a

go 1.26.0

require example.com/a/far v1.0.0

ignore (
	./top
	anywhere
)
-- a/inner/go.mod --
module example.com/a/inner

go 1.26.0

replace (
	example.com/y => ../y
	example.com/y v1.5.0 => example.com/z v1.0.0
)
-- a/unused/go.mod --
module example.com/a/unused
-- outside/go.mod --
module example.com/outside
`

func TestOwns(t *testing.T) {
	m := find(t, workspaceTree, "a")
	for path, want := range map[string]bool{
		"example.com/a":          true,
		"example.com/a/b":        true,
		"example.com/a/inner":    false,
		"example.com/a/inner/b":  false,
		"example.com/a/innerb":   true,
		"example.com/a/unused/b": false,
		"example.com/a/far/b":    false,
		"example.com/ab":         false,
		"fmt":                    false,
	} {
		t.Run(path, func(t *testing.T) {
			is.New(t).Equal(m.Owns(path), want)
		})
	}
	inner := find(t, workspaceTree, "a/inner")
	is.New(t).True(inner.Owns("example.com/a/inner/b"))
	is.New(t).True(!inner.Owns("example.com/a/b"))
}

func TestReplacements(t *testing.T) {
	is := is.New(t)
	m := find(t, workspaceTree, "a")
	root := filepath.Dir(m.Dir)
	for mod, want := range map[module.Version]module.Version{
		{Path: "example.com/x", Version: "v1.0.0"}: {Path: filepath.Join(root, "x")},
		{Path: "example.com/y", Version: "v1.0.0"}: {Path: filepath.Join(root, "a", "y")}, // as another module says
		{Path: "example.com/y", Version: "v1.5.0"}: {Path: "example.com/z", Version: "v1.0.0"},
		{Path: "example.com/w", Version: "v1.0.0"}: {Path: "example.com/w", Version: "v1.0.0"},
	} {
		is.Equal(m.env.replaced(mod), want)
	}
}

func TestWorkspaceOfOthers(t *testing.T) {
	is := is.New(t)
	is.Equal(len(find(t, workspaceTree, "a").Workspace()), 2)
	is.Equal(len(find(t, workspaceTree, "outside").Workspace()), 0) // go.work does not use it
}

func TestDirectoriesIgnoredByGoMod(t *testing.T) {
	m := find(t, workspaceTree, "a")
	for rel, want := range map[string]bool{
		"top": true, "top/b": true, "b/top": false, "topper": false,
		"anywhere": true, "b/anywhere/c": true, "b/anywhere2": false,
	} {
		t.Run(rel, func(t *testing.T) {
			is.New(t).Equal(m.Ignored(rel), want)
		})
	}
}

func TestModuleCacheWithoutSource(t *testing.T) {
	is := is.New(t)
	m := find(t, `
-- go.mod --
module example.com/app

go 1.26.0

require (
	example.com/no v1.0.0
	example.com/yes v1.0.0
)
-- cache/cache/download/example.com/no/@v/v1.0.0.mod --
module example.com/no
-- cache/cache/download/example.com/yes/@v/v1.0.0.mod --
module example.com/yes

require github.com/plugingen/plugingen v1.0.0
-- cache/example.com/yes@v1.0.0/p/p.go --
package p
`, "")
	m.env.cache = filepath.Join(m.Dir, "cache")
	deps, err := m.Dependencies(func(string) bool { return true }, false)
	is.NoErr(err)
	is.Equal(len(deps), 1) // the other's source is not even looked for
	is.Equal(deps[0].Path, "example.com/yes")

	dep, err := m.Provider("example.com/yes/p")
	is.NoErr(err)
	is.Equal(dep, deps[0])
	dep, err = m.Provider("example.com/yes/q")
	is.NoErr(err)
	is.True(dep == nil) // there is no such package
}

// A module can require the one whose path its own path begins with, as a module of extras does.
func TestProviderWithAShorterPath(t *testing.T) {
	is := is.New(t)
	m := find(t, `
-- go.mod --
module example.com/app/extras

go 1.26.0

require example.com/app v1.0.0
-- p/p.go --
package p
-- cache/cache/download/example.com/app/@v/v1.0.0.mod --
module example.com/app

require github.com/plugingen/plugingen v1.0.0
-- cache/example.com/app@v1.0.0/p/p.go --
package p
`, "")
	m.env.cache = filepath.Join(m.Dir, "cache")
	dep, err := m.Provider("example.com/app/p")
	is.NoErr(err)
	is.True(dep != nil)
	is.Equal(dep.Path, "example.com/app")
	dep, err = m.Provider("example.com/app/extras/p")
	is.NoErr(err)
	is.True(dep == nil) // the module itself has it
}

// A module of the workspace that is not required is a dependency only if it is named.
func TestDependenciesInAWorkspace(t *testing.T) {
	is := is.New(t)
	m := find(t, `
-- go.work --
go 1.26.0

use (
	./app
	./plugins
)
-- app/go.mod --
module example.com/app

go 1.26.0
-- plugins/go.mod --
module example.com/plugins

go 1.26.0

require github.com/plugingen/plugingen v1.0.0
`, "app")
	for byName, want := range map[bool]int{false: 0, true: 1} {
		deps, err := m.Dependencies(func(string) bool { return true }, byName)
		is.NoErr(err)
		is.Equal(len(deps), want)
	}
}

// Builds use a vendor directory unless a flag says otherwise. That of a workspace is beside
// go.work.
func TestIsVendored(t *testing.T) {
	is := is.New(t)
	m := find(t, "-- go.mod --\nmodule example.com/app\n-- vendor/modules.txt --\n", "")
	for flags, want := range map[string]bool{"": true, "-mod=vendor": true, "-mod=mod": false, "-mod=readonly": false} {
		t.Setenv("GOFLAGS", flags)
		again, err := NewLoader().Find(m.Dir)
		is.NoErr(err)
		is.Equal(again.IsVendored(), want) // with the flags
	}
	const work = "-- go.work --\ngo 1.26.0\n\nuse ./app\n-- app/go.mod --\nmodule example.com/app\n"
	is.True(find(t, work+"-- vendor/modules.txt --\n", "app").IsVendored())
	is.True(!find(t, work+"-- app/vendor/modules.txt --\n", "app").IsVendored())
}

// TestBrokenModuleFilesAreErrors breaks what says which modules there are: it is never taken
// for nothing.
func TestBrokenModuleFilesAreErrors(t *testing.T) {
	const app = "module example.com/app\n\ngo 1.26.0\n"
	for _, test := range []struct {
		name, work, member, env, value, want string
	}{
		{name: "go.work", work: "use (", want: "go.work:1"},
		{name: "no member", work: "go 1.26.0\n\nuse (\n./app\n./nowhere\n)\n", want: "nowhere"},
		{name: "member", work: "go 1.26.0\n\nuse (\n./app\n./other\n)\n", member: "module (", want: "other/go.mod"},
		{
			name: "member without module", work: "go 1.26.0\n\nuse (\n./app\n./other\n)\n",
			member: "go 1.26.0\n", want: "no module declaration",
		},
		{name: "GOWORK", env: "GOWORK", value: "/nowhere/go.work", want: "/nowhere/go.work"},
		{name: "modfile", env: "GOFLAGS", value: "-modfile=/nowhere/alt.mod", want: "/nowhere/alt.mod"},
	} {
		t.Run(test.name, func(t *testing.T) {
			is := is.New(t)
			dir := t.TempDir()
			for name, src := range map[string]string{
				"app/go.mod": app, "go.work": test.work,
				"other/go.mod": test.member,
			} {
				if src != "" {
					is.NoErr(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777))
					is.NoErr(os.WriteFile(filepath.Join(dir, name), []byte(src), 0o666))
				}
			}
			for _, key := range []string{"GOFLAGS", "GOWORK"} {
				t.Setenv(key, "")
			}
			t.Setenv("GOENV", "off")
			if test.env != "" {
				t.Setenv(test.env, test.value)
			}
			_, err := NewLoader().Find(filepath.Join(dir, "app"))
			is.True(err != nil)
			is.True(strings.Contains(filepath.ToSlash(err.Error()), test.want)) // says what is wrong where
		})
	}
}

// A flag whose meaning depends on the working directory is an error if there is none.
func TestNoWorkingDirectory(t *testing.T) {
	is := is.New(t)
	gone, app := filepath.Join(t.TempDir(), "gone"), t.TempDir()
	is.NoErr(os.WriteFile(filepath.Join(app, "go.mod"), []byte("module example.com/app\n\ngo 1.26.0\n"), 0o666))
	is.NoErr(os.Mkdir(gone, 0o777))
	t.Chdir(gone)
	if err := os.Remove(gone); err != nil {
		t.Skip(err) // Windows keeps a working directory
	}
	if _, err := os.Getwd(); err == nil {
		t.Skip("this system still knows where it was")
	}
	t.Setenv("GOFLAGS", "-modfile=alt.mod")
	t.Setenv("GOWORK", "off")
	_, err := NewLoader().Find(app)
	is.True(err != nil)
	t.Setenv("GOFLAGS", "-modfile="+filepath.Join(app, "go.mod"))
	_, err = NewLoader().Find(app)
	is.NoErr(err)
}

// TestImportPathsAndDirectories checks that no import path leads out of the module.
func TestImportPathsAndDirectories(t *testing.T) {
	is := is.New(t)
	m := &Module{Path: "example.com/a", Dir: filepath.FromSlash("/src/a")}
	for path, want := range map[string]string{
		"example.com/a":            "/src/a",
		"example.com/a/b/c":        "/src/a/b/c",
		"example.com/a/..":         "",
		"example.com/a/../b":       "",
		"example.com/a/./b":        "",
		"example.com/a//b":         "",
		"example.com/a/":           "",
		"example.com/a/b/":         "",
		"example.com/a/b/../../..": "",
		"example.com/ab":           "",
		"example.com":              "",
		"b":                        "",
		"":                         "",
	} {
		is.Equal(filepath.ToSlash(m.DirOf(path)), want) // of that path
	}
}
