package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matryer/is"
	"github.com/rogpeppe/go-internal/goproxytest"

	"github.com/plugingen/plugingen/gen"
)

const thirdSource = `package greet

import "example.com/words"

//plugin:namespace=my.plugins
func Hello() string { return words.Hello }
`

// Its plugins are not in the root of the module, and need another module.
const thirdModule = `module example.com/third

go 1.26.0

require (
	example.com/words v1.0.0
	github.com/plugingen/plugingen v0.0.0
)
`

// proxy serves example.com/third and example.com/words to the go command, and
// makes it use neither the network nor the caches of the machine.
func proxy(t *testing.T) {
	is := is.New(t)
	third := writeTree(t, "-- go.mod --\n"+thirdModule+"-- greet/greet.go --\n"+thirdSource)
	status, _, stderr := runIn(t, third, "-q", "./...")
	is.Equal(stderr, "")
	is.Equal(status, done)

	dir := t.TempDir()
	writeFile(t, published(thirdModule, map[string]string{
		"greet/greet.go": thirdSource, "greet/plugins_gen.go": readFile(t, third, "greet/plugins_gen.go"),
	}), dir, "example.com_third_v1.0.0.txt")
	writeFile(t, published("module example.com/words\n", map[string]string{
		"words.go": "package words\n\nconst Hello = \"hello\"\n",
	}), dir, "example.com_words_v1.0.0.txt")
	server, err := goproxytest.NewServer(dir, "")
	is.NoErr(err)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"GOPROXY": server.URL, "GONOSUMDB": "*", "GONOPROXY": "", "GOPRIVATE": "",
		"GOFLAGS": "-modcacherw", "GOWORK": "off", "GOTOOLCHAIN": "local", "GOMODCACHE": t.TempDir(),
	} {
		t.Setenv(name, value)
	}
}

// published returns a module in the form that the test's proxy takes.
func published(mod string, files map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "-- .mod --\n%s-- .info --\n{\"Version\": \"v1.0.0\"}\n-- go.mod --\n%s", mod, mod)
	for name, content := range files {
		fmt.Fprintf(&b, "-- %s --\n%s", name, content)
	}
	return b.String()
}

// writeApp writes a module that requires nothing but the registry, a copy of this
// module's, which needs no other modules.
func writeApp(t *testing.T, mainSource string) string {
	is := is.New(t)
	dir := writeTree(t, `
-- app/go.mod --
module example.com/app

go 1.26.0

require github.com/plugingen/plugingen v0.0.0

replace github.com/plugingen/plugingen => ../plugingen
-- plugingen/go.mod --
module github.com/plugingen/plugingen

go 1.26.0
`)
	registry, err := filepath.Abs("../../registry")
	is.NoErr(err)
	is.NoErr(os.CopyFS(filepath.Join(dir, "plugingen", "registry"), os.DirFS(registry)))
	app := filepath.Join(dir, "app")
	writeFile(t, mainSource, app, "main.go")
	return app
}

const hostSource = `package main

// Links.
//
//plugin:link

func main() {}
`

func TestAdd(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	is := is.New(t)
	app := writeApp(t, hostSource)
	proxy(t)
	status, stdout, stderr := runIn(t, app, "add", "-v", "example.com/third@v1.0.0")
	t.Log(stdout + stderr)
	is.Equal(status, done)
	is.True(strings.Contains(stderr, "main.go:5: added example.com/third/..."))
	is.True(strings.Contains(readFile(t, app, "main.go"),
		"\n//plugin:link packages=example.com/app/...,example.com/third/...\n"))
	is.True(strings.Contains(readFile(t, app, "plugins_gen.go"), `"example.com/third/greet"`))

	// It builds without another go get, though the go.sum began empty.
	build := exec.Command("go", "build", "-o", os.DevNull, ".")
	output, err := build.CombinedOutput()
	t.Log(string(output))
	is.NoErr(err)

	// A second time there is nothing to do.
	before := readFile(t, app, "main.go")
	status, _, stderr = runIn(t, app, "add", "-v", "example.com/third")
	is.Equal(status, done)
	is.True(!strings.Contains(stderr, "wrote"))
	is.Equal(readFile(t, app, "main.go"), before)
}

func TestAddOfModuleThatIsNotThere(t *testing.T) {
	is := is.New(t)
	app := writeApp(t, hostSource)
	proxy(t)
	status, _, stderr := runIn(t, app, "add", "example.com/fourth@v1.0.0")
	is.Equal(status, failed)
	is.True(strings.Contains(stderr, "go get example.com/fourth@v1.0.0"))
	is.Equal(readFile(t, app, "main.go"), hostSource)
}

func TestAddEditsNothingButTheDirective(t *testing.T) {
	for name, test := range map[string]struct{ before, after string }{
		"bare": {"//plugin:link", "//plugin:link packages=example.com/app/...,example.com/third/..."},
		"comment": {
			"//plugin:link // ours  ",
			"//plugin:link packages=example.com/app/...,example.com/third/... // ours  ",
		},
		"other key": {
			"//plugin:link  namespaces=my.*",
			"//plugin:link  namespaces=my.* packages=example.com/app/...,example.com/third/...",
		},
		"packages": {
			"//plugin:packages=example.com/app/... link",
			"//plugin:packages=example.com/app/...,example.com/third/... link",
		},
		"quoted": {
			`//plugin:link packages="example.com/app/..."`,
			`//plugin:link packages="example.com/app/...",example.com/third/...`,
		},
		"similar": {
			"//plugin:link packages=example.com/thirdly/...",
			"//plugin:link packages=example.com/thirdly/...,example.com/third/...",
		},
		"one": {
			"//plugin:link packages=example.com/third",
			"//plugin:link packages=example.com/third,example.com/third/...",
		},
		"all":   {"//plugin:link packages=all", "//plugin:link packages=all"},
		"there": {"//plugin:link packages=example.com/third/...", "//plugin:link packages=example.com/third/..."},
		"wider": {"//plugin:link packages=example.com/...", "//plugin:link packages=example.com/..."},
	} {
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			const source = "\ufeffpackage main\r\n\r\n// Größe.\r\n//\r\n%s\r\n\r\nfunc  main( ) { }"
			dir := writeTree(t, small)
			file := filepath.Join(dir, "cmd", "main.go")
			writeFile(t, fmt.Sprintf(source, test.before), file)
			is.NoErr(os.Chmod(file, 0o640))
			plan, err := gen.Make(dir, []string{"./cmd"})
			is.NoErr(err)
			is.Equal(len(plan.Hosts()), 1)
			host := plan.Hosts()[0]
			host.Module = "example.com/app"
			c := &invocation{err: &bytes.Buffer{}}
			is.NoErr(c.link(plan, host, "example.com/third"))
			is.Equal(readFile(t, file), fmt.Sprintf(source, test.after))
			info, err := os.Stat(file)
			is.NoErr(err)
			is.Equal(info.Mode().Perm(), os.FileMode(0o640))
		})
	}
}

func TestAddDoesNotOverwriteWhatChangedMeanwhile(t *testing.T) {
	is := is.New(t)
	dir := writeTree(t, twoHosts)
	plan, err := gen.Make(dir, []string{"./cmd/small"})
	is.NoErr(err)
	writeFile(t, "package main // new", dir, "cmd/small/main.go")
	c := &invocation{err: &bytes.Buffer{}}
	err = c.link(plan, plan.Hosts()[0], "example.com/third")
	is.True(strings.Contains(fmt.Sprint(err), "main.go was changed by another program"))
	is.Equal(readFile(t, dir, "cmd/small/main.go"), "package main // new")
}

func TestAddNeedsToKnowTheHost(t *testing.T) {
	is := is.New(t)
	dir := writeTree(t, twoHosts)
	c := &invocation{command: "add", err: &bytes.Buffer{}, args: []string{"example.com/third@v1"}}
	t.Chdir(dir)
	_, _, err := c.host(nil)
	is.True(err != nil)
	is.True(strings.Contains(err.Error(),
		"/plugingen@v1.0.0 add example.com/third@v1 ./cmd/large\n\tgo run github.com/"))
	is.True(strings.HasSuffix(err.Error(), "/plugingen@v1.0.0 add example.com/third@v1 ./cmd/small"))
	t.Chdir("cmd")
	_, _, err = c.host([]string{"example.com/app/..."})
	is.True(err != nil)
	is.True(strings.Contains(err.Error(), " ./large\n") && strings.HasSuffix(err.Error(), " ./small"))

	t.Chdir(dir)
	_, host, err := c.host([]string{"./cmd/small"})
	is.NoErr(err)
	is.Equal(host.Path, "example.com/app/cmd/small")

	t.Chdir(filepath.Join(dir, "cmd", "large"))
	_, host, err = c.host(nil)
	is.NoErr(err)
	is.Equal(host.Path, "example.com/app/cmd/large")
}

func TestCovers(t *testing.T) {
	for _, test := range []struct {
		pattern, path string
		want          bool
	}{
		{"all", "example.com/third", true},
		{"example.com/third/...", "example.com/third", true},
		{"example.com/...", "example.com/third/p", true},
		{"example.com/th...", "example.com/third", true},
		{"example.com/.../p/...", "example.com/third/p", true},
		{"example.com/third", "example.com/third", false}, // but not what is below it
		{"example.com/.../p", "example.com/third/p", false},
		{"example.com/third/p/...", "example.com/third", false},
		{"example.com/third/...", "example.com/thirdly", false},
	} {
		if got := covers(test.pattern, test.path); got != test.want {
			t.Errorf("%s covers what is below %s: %v", test.pattern, test.path, got)
		}
	}
}
