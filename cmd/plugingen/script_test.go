package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"plugingen": main})
}

// TestScripts runs the scenarios in testdata: the real command on real modules, and
// the go command on what it made. None of them needs the network.
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               func(env *testscript.Env) error { return setUp(env, repo) },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"gomod":     goMod,
			"publish":   publish,
			"exits":     exits,
			"age":       age,
			"untouched": untouched,
			"smaller":   smaller,
			"repeat":    repeat,
		},
	})
}

// setUp gives a scenario the machine's caches of the go command, and nothing else of
// the machine. What is built does not depend on the directory, so that the next run finds it
// in the cache.
func setUp(env *testscript.Env, repo string) error {
	out, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE", "GOROOT").Output()
	if err != nil {
		return err
	}
	dirs := strings.Fields(string(out))
	for key, value := range map[string]string{
		"REPO": repo, "GOCACHE": dirs[0], "GOMODCACHE": dirs[1], "GOROOT": dirs[2],
		"HOME": env.WorkDir + "/home", "GOENV": "off", "GOFLAGS": "-mod=mod -trimpath", "GOPROXY": "off", "GOSUMDB": "off",
		"GOTOOLCHAIN": "local", "GOWORK": "",
	} {
		env.Setenv(key, value)
	}
	return nil
}

// goMod writes a go.mod that requires plugingen as it is in this repository:
//
//	gomod directory path [module=directory]...
//
// The modules are required, too, and replaced by their directories.
func goMod(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: gomod directory path [module=directory]...")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "module %s\n\ngo 1.26.0\n", args[1])
	for _, r := range append(args[2:], "github.com/plugingen/plugingen="+ts.Getenv("REPO")) {
		path, dir, replaced := strings.Cut(r, "=")
		if path, version, ok := strings.Cut(path, "@"); ok {
			fmt.Fprintf(&b, "\nrequire %s %s\n", path, version)
		} else {
			fmt.Fprintf(&b, "\nrequire %s v0.0.0\n", path)
		}
		if replaced {
			fmt.Fprintf(&b, "\nreplace %s => %s\n", path, dir)
		}
	}
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o777))
	ts.Check(os.WriteFile(filepath.Join(dir, "go.mod"), []byte(b.String()), 0o666))
}

// publish makes the module in a directory one that the go command can get, from
// file://$WORK/proxy:
//
//	publish directory module@version
func publish(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: publish directory module@version")
	}
	path, version, _ := strings.Cut(args[1], "@")
	src, dir := ts.MkAbs(args[0]), filepath.Join(ts.Getenv("WORK"), "proxy", path, "@v")
	ts.Check(os.MkdirAll(dir, 0o777))
	mod, err := os.ReadFile(filepath.Join(src, "go.mod"))
	ts.Check(err)
	ts.Check(os.WriteFile(filepath.Join(dir, version+".mod"), mod, 0o666))
	ts.Check(os.WriteFile(filepath.Join(dir, version+".info"), fmt.Appendf(nil, `{"Version": %q}`, version), 0o666))
	archive, err := os.Create(filepath.Join(dir, version+".zip"))
	ts.Check(err)
	defer archive.Close()
	ts.Check(zip.CreateFromDir(archive, module.Version{Path: path, Version: version}, src))
}

// exits runs a program that is to end with a status:
//
//	exits status program [argument]...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits status program [argument]...")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("%s ended with status %d, not %s", args[1], got, args[0])
	}
}

// old is when files were written that age has made old.
var old = time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)

// age makes files look as if they were written long ago.
func age(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		ts.Check(os.Chtimes(ts.MkAbs(name), old, old))
	}
}

// untouched checks that nobody has written to files since age was used on them.
func untouched(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		info, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if info.ModTime().Equal(old) == neg {
			ts.Fatalf("%s was written at %v", name, info.ModTime())
		}
	}
}

// smaller checks that one file has fewer bytes than another.
func smaller(ts *testscript.TestScript, neg bool, args []string) {
	small, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	large, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if small.Size() >= large.Size() != neg {
		ts.Fatalf("%s has %d bytes, %s has %d", args[0], small.Size(), args[1], large.Size())
	}
}

// repeat runs a program several times at once, of which each has to succeed.
//
//	repeat times program [argument]...
func repeat(ts *testscript.TestScript, _ bool, args []string) {
	times, err := strconv.Atoi(args[0])
	ts.Check(err)
	path := ts.Getenv("PATH")
	errs := make(chan error)
	for range times {
		go func() {
			cmd := exec.Command(lookPath(path, args[1]), args[2:]...)
			cmd.Dir = ts.MkAbs(".")
			cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
			out, err := cmd.CombinedOutput()
			if err != nil {
				err = fmt.Errorf("%w\n%s", err, out)
			}
			errs <- err
		}()
	}
	for range times {
		if err := <-errs; err != nil {
			ts.Fatalf("%v", err)
		}
	}
}

func lookPath(path, name string) string {
	for _, dir := range filepath.SplitList(path) {
		if file := filepath.Join(dir, name); isFile(file) {
			return file
		}
	}
	return name
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}
