package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/matryer/is"

	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/locate"
	"github.com/plugingen/plugingen/internal/write"
)

// patience of tests: nothing is expected to take as long.
const aLongTime = time.Minute

// startWatching runs plugingen watch on a tree until the test is over.
func startWatching(t *testing.T, archive string) (dir string, c *console) {
	dir = writeTree(t, archive)
	return dir, watching(t, dir)
}

// watching runs plugingen watch on a directory and those below until the test is over.
func watching(t *testing.T, dir string) *console { return watchingAs(t, dir, &invocation{}) }

// watchingAs is watching with the flags of a command line.
func watchingAs(t *testing.T, dir string, command *invocation) *console {
	is := is.New(t)
	c := &console{}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	command.args, command.err, command.out = []string{filepath.Join(dir, "...")}, c, c
	go func() { ended <- command.watch(ctx) }()
	t.Cleanup(func() {
		stop()
		is.NoErr(<-ended) // being interrupted is no error
		if t.Failed() {
			t.Log(c)
		}
	})
	return c
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(aLongTime); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("this has not come to be: ", what)
		}
	}
}

// generates waits until a generated file has a text in it.
func generates(t *testing.T, text string, path ...string) {
	t.Helper()
	eventually(t, filepath.Join(path...)+" has "+text, func() bool {
		src, err := os.ReadFile(filepath.Join(path...))
		return err == nil && strings.Contains(string(src), text)
	})
}

func says(t *testing.T, c *console, text string) {
	t.Helper()
	eventually(t, "printed "+text, func() bool { return strings.Contains(c.String(), text) })
}

const watched = `
-- go.mod --
module example.com/watched

go 1.26.0

require github.com/plugingen/plugingen v1.0.0
-- main.go --
package main

//plugin:link

func main() {}
-- a/a.go --
package a

//plugin:namespace=my.plugins
func First() {}
`

const second = `package a

//plugin:namespace=my.plugins
func Second() {}
`

func TestWatchSave(t *testing.T) {
	dir, _ := startWatching(t, watched)
	generates(t, `"first"`, dir, "a/plugins_gen.go")
	generates(t, "my.plugins", dir, "plugins_gen.go")
	writeFile(t, second, dir, "a/a.go")
	generates(t, `"second"`, dir, "a/plugins_gen.go")
	generates(t, "second", dir, "plugins_gen.go") // the host, too
}

// Vim and others write a new file, and rename it to the old name.
func TestWatchRenamingSave(t *testing.T) {
	is := is.New(t)
	dir, _ := startWatching(t, watched)
	generates(t, `"first"`, dir, "a/plugins_gen.go")
	is.NoErr(os.Rename(filepath.Join(dir, "a/a.go"), filepath.Join(dir, "a/a.go~")))
	writeFile(t, second, dir, "a/.a.go.new")
	is.NoErr(os.Rename(filepath.Join(dir, "a/.a.go.new"), filepath.Join(dir, "a/a.go")))
	generates(t, `"second"`, dir, "a/plugins_gen.go")
	writeFile(t, strings.ReplaceAll(second, "Second", "Third"), dir, "a/a.go") // and once more
	generates(t, `"third"`, dir, "a/plugins_gen.go")
}

func TestWatchNewDirectories(t *testing.T) {
	is := is.New(t)
	dir, _ := startWatching(t, watched)
	generates(t, `"first"`, dir, "a/plugins_gen.go")
	writeFile(t, second, dir, "b/c/d/d.go")
	generates(t, `"second"`, dir, "b/c/d/plugins_gen.go")
	writeFile(t, strings.ReplaceAll(second, "Second", "Third"), dir, "b/c/d/d.go")
	generates(t, `"third"`, dir, "b/c/d/plugins_gen.go")

	is.NoErr(os.Rename(filepath.Join(dir, "b"), filepath.Join(dir, "moved")))
	generates(t, "example.com/watched/moved/c/d", dir, "plugins_gen.go")
	writeFile(t, strings.ReplaceAll(second, "Second", "Fourth"), dir, "moved/c/d/d.go")
	generates(t, `"fourth"`, dir, "moved/c/d/plugins_gen.go")

	is.NoErr(os.RemoveAll(filepath.Join(dir, "moved")))
	eventually(t, "the host links the package no more", func() bool {
		src, err := os.ReadFile(filepath.Join(dir, "plugins_gen.go"))
		return err == nil && !strings.Contains(string(src), "moved")
	})
}

func TestWatchErrorsComeAndGo(t *testing.T) {
	dir, c := startWatching(t, watched)
	generates(t, `"first"`, dir, "a/plugins_gen.go")
	writeFile(t, strings.ReplaceAll(second, "namespace", "namspace"), dir, "a/a.go")
	says(t, c, `did you mean "namespace"`)
	writeFile(t, second, dir, "a/a.go")
	says(t, c, "no more errors")
	generates(t, `"second"`, dir, "a/plugins_gen.go")

	writeFile(t, "modul example.com/watched\n", dir, "go.mod")
	says(t, c, "go.mod")
	writeFile(t, "module example.com/renamed\n\nrequire github.com/plugingen/plugingen v1.0.0\n", dir, "go.mod")
	generates(t, "example.com/renamed/a", dir, "plugins_gen.go")
}

// Each run is summed up, and an error is printed when it comes, not again while it stays.
func TestWatchPrints(t *testing.T) {
	is := is.New(t)
	dir, c := startWatching(t, watched)
	runs := func(n int) {
		eventually(t, fmt.Sprintf("run %d times", n),
			func() bool { return strings.Count(c.String(), " unchanged, ") >= n })
	}
	runs(1)
	is.True(strings.Contains(c.String(), "watching; interrupt to end"))
	is.True(strings.Contains(c.String(), "wrote "))
	is.True(!strings.Contains(c.String(), "no more errors")) // there was none
	writeFile(t, strings.ReplaceAll(second, "namespace", "namspace"), dir, "wrong/wrong.go")
	runs(2)
	writeFile(t, "package a\n", dir, "a/other.go")
	runs(3)
	is.Equal(strings.Count(c.String(), `did you mean "namespace"`), 1)
	is.True(!strings.Contains(c.String(), "no more errors"))
}

func TestWatchQuietly(t *testing.T) {
	is := is.New(t)
	dir := writeTree(t, watched)
	c := watchingAs(t, dir, &invocation{quiet: true})
	generates(t, `"first"`, dir, "a/plugins_gen.go")
	writeFile(t, strings.ReplaceAll(second, "namespace", "namspace"), dir, "a/a.go")
	says(t, c, `did you mean "namespace"`)
	for _, text := range []string{"watching", "wrote", "unchanged"} {
		is.True(!strings.Contains(c.String(), text))
	}
}

// Directories that go.mod ignores have no plugins any more, though nothing in them has changed.
func TestWatchIgnoredDirectories(t *testing.T) {
	dir, _ := startWatching(t, watched)
	generates(t, `"first"`, dir, "a/plugins_gen.go")
	generates(t, "watched/a", dir, "plugins_gen.go")
	writeFile(t, second, dir, "b/b.go")
	generates(t, "watched/b", dir, "plugins_gen.go")
	writeFile(t, readFile(t, dir, "go.mod")+"\nignore ./a\n", dir, "go.mod")
	eventually(t, "the host links the package no more", func() bool {
		src, err := os.ReadFile(filepath.Join(dir, "plugins_gen.go"))
		return err == nil && strings.Contains(string(src), "watched/b") && !strings.Contains(string(src), "watched/a")
	})
}

// TestWatchOtherModules changes what the host's module links from elsewhere: the files of
// a module that replaces another, which one that is, and the workspace.
func TestWatchOtherModules(t *testing.T) {
	t.Setenv("GOWORK", "") // make test turns workspaces off
	dir := writeTree(t, "")
	is := is.New(t)
	publish := func(module, plugin string) { // as somebody does who works on that module
		writeFile(t, "module example.com/third\n\nrequire github.com/plugingen/plugingen v1.0.0\n", dir, module,
			"go.mod")
		writeFile(t, strings.ReplaceAll(second, "Second", plugin), dir, module, "a/a.go")
		plan, err := gen.Make(filepath.Join(dir, module), []string{"./..."})
		is.NoErr(err)
		is.NoErr(plan.Apply())
	}
	require := func(module string) {
		writeFile(t, "module example.com/app\n\nrequire (\n\tgithub.com/plugingen/plugingen "+
			"v1.0.0\n\texample.com/third v1.0.0\n)\n\n"+
			"replace example.com/third => ../"+module+"\n", dir, "app/go.mod")
	}
	publish("third", "One")
	publish("fork", "Fork")
	publish("member", "Member")
	require("third")
	writeFile(t, "package main\n\n//plugin:link packages=all\n\nfunc main() {}\n", dir, "app/main.go")
	watching(t, filepath.Join(dir, "app"))

	generates(t, "my_plugins__one", dir, "app/plugins_gen.go")
	publish("third", "Two")
	generates(t, "my_plugins__two", dir, "app/plugins_gen.go")

	require("fork")
	generates(t, "my_plugins__fork", dir, "app/plugins_gen.go")
	publish("fork", "Forked")
	generates(t, "my_plugins__forked", dir, "app/plugins_gen.go")

	writeFile(t, "go 1.26.0\n\nuse (\n\t./app\n\t./member\n)\n", dir, "go.work")
	generates(t, "my_plugins__member", dir, "app/plugins_gen.go")
	publish("member", "Colleague")
	generates(t, "my_plugins__colleague", dir, "app/plugins_gen.go")
	is.NoErr(os.Remove(filepath.Join(dir, "go.work")))
	generates(t, "my_plugins__forked", dir, "app/plugins_gen.go")
}

func TestWatchRestoresGeneratedFiles(t *testing.T) {
	is := is.New(t)
	dir, _ := startWatching(t, watched)
	generates(t, `"first"`, dir, "a/plugins_gen.go")
	generates(t, "my.plugins", dir, "plugins_gen.go")
	good := readFile(t, dir, "a/plugins_gen.go")
	writeFile(t, good+"\n// edited\n", dir, "a/plugins_gen.go")
	eventually(t, "the file is as it was", func() bool { return readFile(t, dir, "a/plugins_gen.go") == good })
	is.NoErr(os.Remove(filepath.Join(dir, "a/plugins_gen.go")))
	generates(t, `"first"`, dir, "a/plugins_gen.go")
}

// TestWatchKeepsUp changes a tree at random, and faster than it can be generated.
// In the end it must be as a run that knows nothing would have it.
func TestWatchKeepsUp(t *testing.T) {
	is := is.New(t)
	dir, _ := startWatching(t, watched)
	random := rand.New(rand.NewPCG(1, 2))
	anywhere := func() string {
		return filepath.Join(dir, []string{"p", "q", "p/r", "q/r/s", "u/v"}[random.IntN(5)])
	}
	for i := range 400 {
		switch random.IntN(8) {
		case 0: // may fail, as other steps may that find nothing
			_ = os.RemoveAll(anywhere())
		case 1:
			_ = os.Rename(anywhere(), anywhere())
		case 2:
			_ = os.Remove(filepath.Join(anywhere(), "plugins_gen.go"))
		case 3:
			_ = os.Remove(filepath.Join(anywhere(), "x.go"))
		default:
			writeFile(t, strings.ReplaceAll(second, "Second", fmt.Sprintf("P%d", i)), anywhere(), "x.go")
		}
		time.Sleep(time.Duration(random.IntN(3)) * time.Millisecond)
	}
	eventually(t, "nothing is left to do", func() bool {
		plan, err := gen.Make(dir, []string{"./..."})
		return err == nil && len(plan.Changes) == 0 && len(plan.Orphaned) == 0
	})
	time.Sleep(2 * longest) // time to spoil it again
	plan, err := gen.Make(dir, []string{"./..."})
	is.NoErr(err)
	is.Equal(len(plan.Changes), 0)
}

// watcherOf returns a watcher of what is in a directory.
func watcherOf(t *testing.T, dir string) *watcher {
	is := is.New(t)
	sources, err := locate.SourcesOf(dir, []string{"./..."})
	is.NoErr(err)
	w, err := newWatcher()
	is.NoErr(err)
	t.Cleanup(func() { w.Close() })
	is.NoErr(w.watch(sources))
	return w
}

func TestWhatMattersToWatcher(t *testing.T) {
	is := is.New(t)
	dir := writeTree(t, watched)
	w := watcherOf(t, dir)
	writeFile(t, "package x", dir, "new/x.go")
	writeFile(t, "package x", dir, "testdata/x.go")
	writeFile(t, "ours", dir, "plugins_gen.go")
	w.expect([]write.Change{
		{Path: filepath.Join(dir, "plugins_gen.go"), New: []byte("ours")},
		{Path: filepath.Join(dir, "removed_gen.go"), Old: []byte("ours")},
	})
	for _, test := range []struct {
		name    string
		op      fsnotify.Op
		matters bool
	}{
		{"a/a.go", fsnotify.Write, true},
		{"a/a.go", fsnotify.Chmod, false},
		{"gone.go", fsnotify.Remove, true},
		{"go.mod", fsnotify.Write, true},
		{"../go.work", fsnotify.Create, true},
		{"../go.mod", fsnotify.Write, false},
		{"../other.go", fsnotify.Write, false},
		{"a", fsnotify.Remove, true},
		{"README.md", fsnotify.Write, false},
		{"a/_x.go", fsnotify.Write, false},
		{"new", fsnotify.Create, true}, // directories
		{"new", fsnotify.Write, false},
		{"testdata", fsnotify.Create, false},
		{"a/4913", fsnotify.Create, false}, // vim tries whether it can write
		{"a/.#a.go", fsnotify.Create, false},
		{"a/a.go~", fsnotify.Write, false},
		{".plugingen-1-2", fsnotify.Create, false},
		{"plugins_gen.go", fsnotify.Create, false},
		{"removed_gen.go", fsnotify.Remove, false},
	} {
		matters, err := w.matters(fsnotify.Event{Name: filepath.Join(dir, test.name), Op: test.op})
		is.NoErr(err)
		if matters != test.matters {
			t.Errorf("%v of %s: %v", test.op, test.name, matters)
		}
	}
	writeFile(t, "theirs", dir, "plugins_gen.go")
	matters, err := w.matters(fsnotify.Event{Name: filepath.Join(dir, "plugins_gen.go"), Op: fsnotify.Write})
	is.NoErr(err)
	is.True(matters)
}

func TestWatcherLeavesOutOtherModules(t *testing.T) {
	is := is.New(t)
	dir := writeTree(t, watched+"-- nested/go.mod --\nmodule nested\n-- nested/a/a.go --\npackage a\n-- "+
		"testdata/a.go --\npackage a\n-- .git/a/a.go --\n")
	w := watcherOf(t, dir)
	is.Equal(w.dirs, map[string]bool{dir: true, filepath.Join(dir, "a"): true})
}

// When others are to be watched, what was watched before is not.
func TestWatcherOfOtherModules(t *testing.T) {
	is := is.New(t)
	dir := writeTree(t, "-- one/go.mod --\nmodule one\n-- one/a/a.go --\n-- two/go.mod --\nmodule two\n-- two/b/b.go --\n")
	w := watcherOf(t, filepath.Join(dir, "one"))
	sources, err := locate.SourcesOf(filepath.Join(dir, "two"), []string{"./..."})
	is.NoErr(err)
	is.NoErr(w.watch(sources))
	is.Equal(w.dirs, map[string]bool{filepath.Join(dir, "two"): true, filepath.Join(dir, "two", "b"): true})
	is.True(!slices.Contains(w.WatchList(), filepath.Join(dir, "one", "a")))
}
