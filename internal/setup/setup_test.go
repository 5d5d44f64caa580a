package setup_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matryer/is"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
	"golang.org/x/tools/txtar"

	"github.com/plugingen/plugingen/internal/setup"
)

// isolate lets the go command use nothing but what is on this machine.
func isolate(t *testing.T) {
	for key, value := range map[string]string{
		"GOPROXY": "off", "GOFLAGS": "", "GOWORK": "off", "GOENV": "off", "GOSUMDB": "off", "GOTOOLCHAIN": "local",
	} {
		t.Setenv(key, value)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// goMod writes a go.mod that replaces plugingen by this repository.
func goMod(t *testing.T, dir string) {
	t.Helper()
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "go.mod", fmt.Sprintf("module example.com/app\n\ngo %s\n\nreplace %s => %s\n",
		setup.MinGo, setup.ModulePath, repo))
}

// TestComments edits the modules in testdata. The first line of an archive has the packages that
// are named, the others what is expected of Make's error or notes; the files in want are the Go
// files that are to change.
func TestComments(t *testing.T) {
	isolate(t)
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no archives", err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { editArchive(t, name) })
	}
}

func editArchive(t *testing.T, name string) {
	is := is.New(t)
	archive, err := txtar.ParseFile(name)
	is.NoErr(err)
	hosts, message, _ := strings.Cut(string(archive.Comment), "\n")
	dir, want := t.TempDir(), map[string]string{}
	goMod(t, dir)
	for _, f := range archive.Files {
		text := strings.ReplaceAll(string(f.Data), "<CR>", "\r")
		if wanted, ok := strings.CutPrefix(f.Name, "want/"); ok {
			want[wanted] = text
		} else {
			write(t, dir, f.Name, text)
		}
	}
	plan, err := setup.Config{Dir: dir, Hosts: strings.Fields(hosts)}.Make()
	if message := strings.TrimSpace(message); message != "" {
		said := fmt.Sprint(err)
		if err == nil {
			said = strings.Join(plan.Notes, "\n")
		}
		if !strings.Contains(said, message) {
			t.Errorf("got %q, want %q in it", said, message)
		}
	} else {
		is.NoErr(err)
	}
	if err != nil {
		return
	}
	for _, step := range plan.Steps {
		rel, err := filepath.Rel(dir, step.Path)
		is.NoErr(err)
		rel = filepath.ToSlash(rel)
		if filepath.Ext(rel) != ".go" {
			continue
		}
		if got := string(step.New); got != want[rel] {
			t.Errorf("%s:\n%s\nwant:\n%s", rel, got, want[rel])
		}
		delete(want, rel)
	}
	for rel := range want {
		t.Errorf("%s is not changed", rel)
	}
}

// The version of the program that is running is required, and checksums of it are in go.sum.
func TestVersion(t *testing.T) {
	is := is.New(t)
	isolate(t)
	proxy, src, dir := t.TempDir(), t.TempDir(), t.TempDir()
	write(t, src, "go.mod", "module "+setup.ModulePath+"\n\ngo "+setup.MinGo+"\n")
	for _, cmd := range []string{"plugingen", "pluginvet"} {
		write(t, src, "cmd/"+cmd+"/main.go", "package main\n\nfunc main() {}\n")
	}
	for _, version := range []string{"v1.2.3", "v1.2.4"} {
		publish(t, proxy, src, module.Version{Path: setup.ModulePath, Version: version})
	}
	t.Setenv("GOPROXY", "file://"+filepath.ToSlash(proxy))
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GOFLAGS", "-modcacherw")

	made := func(goMod, version string) (mod, sum string) {
		write(t, dir, "go.mod", goMod)
		plan, err := setup.Config{Dir: dir, Version: version}.Make()
		is.NoErr(err)
		for _, step := range plan.Steps {
			switch filepath.Base(step.Path) {
			case "go.mod":
				mod = string(step.New)
			case "go.sum":
				sum = string(step.New)
			}
		}
		return mod, sum
	}
	const head = "// The application.\nmodule example.com/app // its path\n\ngo " + setup.MinGo + "\n"
	const tools = "tool (\n\t" + setup.ModulePath + "/cmd/plugingen\n\t" + setup.ModulePath + "/cmd/pluginvet\n)\n"
	mod, sum := made(head, "v1.2.3")
	is.Equal(mod, head+"\nrequire "+setup.ModulePath+" v1.2.3\n\n"+tools)
	is.Equal(strings.Count(sum, setup.ModulePath+" v1.2.3"), 2) // of the module, and of its go.mod

	// A version that is required already stays.
	mod, sum = made(head+"\nrequire "+setup.ModulePath+" v1.2.4 // why\n", "v1.2.3")
	is.Equal(mod, head+"\nrequire "+setup.ModulePath+" v1.2.4 // why\n\n"+tools)
	is.Equal(strings.Count(sum, setup.ModulePath+" v1.2.4"), 2)

	// A program that was built from source has no version to require, nor has a changed one.
	for _, version := range []string{"(devel)", "v1.2.3+dirty", "v1.9.9"} {
		write(t, dir, "go.mod", head)
		_, err := setup.Config{Dir: dir, Version: version}.Make()
		is.True(err != nil)
		if version == "v1.9.9" {
			is.True(strings.Contains(err.Error(), "is not published in version v1.9.9"))
			is.True(strings.Contains(err.Error(), "\tgo mod edit -replace="+setup.ModulePath+"="))
		} else {
			is.True(strings.Contains(err.Error(), "go get -tool "+setup.ModulePath+"/cmd/plugingen@latest"))
		}
	}
}

// publish makes a module one that the go command can get from a proxy's directory.
func publish(t *testing.T, proxy, src string, m module.Version) {
	t.Helper()
	is := is.New(t)
	dir := filepath.Join(proxy, filepath.FromSlash(m.Path), "@v")
	is.NoErr(os.MkdirAll(dir, 0o777))
	mod, err := os.ReadFile(filepath.Join(src, "go.mod"))
	is.NoErr(err)
	write(t, dir, m.Version+".mod", string(mod))
	write(t, dir, m.Version+".info", fmt.Sprintf("{%q: %q}", "Version", m.Version))
	archive, err := os.Create(filepath.Join(dir, m.Version+".zip"))
	is.NoErr(err)
	defer archive.Close()
	is.NoErr(zip.CreateFromDir(archive, m, src))
}

// A module is the same when it is reached by a link.
func TestLinkedDirectory(t *testing.T) {
	is := is.New(t)
	isolate(t)
	dir, link := t.TempDir(), filepath.Join(t.TempDir(), "link")
	goMod(t, dir)
	write(t, dir, "cmd/app/main.go", "package main\n\nfunc main() {}\n")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip(err)
	}
	plan, err := setup.Config{Dir: link}.Make()
	is.NoErr(err)
	is.Equal(plan.Program, filepath.Join(link, "cmd", "app"))
}

// What go.mod must say is what this repository's go.mod says.
func TestMinGo(t *testing.T) {
	is := is.New(t)
	src, err := os.ReadFile("../../go.mod")
	is.NoErr(err)
	f, err := modfile.Parse("go.mod", src, nil)
	is.NoErr(err)
	is.Equal(f.Go.Version, setup.MinGo)
}
