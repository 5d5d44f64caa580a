package write

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/internal/genfile"
)

// TestOnlyOrphanedFilesAreRemoved removes what was left behind, and nothing else.
func TestOnlyOrphanedFilesAreRemoved(t *testing.T) {
	is := is.New(t)
	dir := t.TempDir()
	ended := exec.Command(os.Args[0], "-test.run=^$")
	is.NoErr(ended.Run())
	for _, test := range []struct {
		name string
		age  time.Duration
		goes bool
	}{
		{TempName(ended.Process.Pid, 1), 0, true},
		{TempName(os.Getpid(), 1), 0, false},          // it is being written
		{TempName(os.Getpid(), 2), longest + 1, true}, // another process had that number
		{TempName(1, 1), 0, false},                    // of somebody else's, but running
		{".plugingen-999999999-1", 0, false},
		{".plugingen-notes.txt", 0, false},
		{".plugingen-2024-0123456789abcdef.tmp.bak", 0, false},
	} {
		path := filepath.Join(dir, test.name)
		is.NoErr(os.WriteFile(path, nil, 0o666))
		written := time.Now().Add(-test.age)
		is.NoErr(os.Chtimes(path, written, written))
		is.NoErr(Clean(path))
		_, err := os.Lstat(path)
		is.Equal(os.IsNotExist(err), test.goes) // test.name
	}
	is.NoErr(Clean(filepath.Join(dir, TempName(1, 2)))) // another run was faster
}

// TestStagedFileIsUnchanged leaves a file as it is until the change is made.
func TestStagedFileIsUnchanged(t *testing.T) {
	is := is.New(t)
	path := filepath.Join(t.TempDir(), "plugins_gen.go")
	before, after := []byte(genfile.Header+"\n\npackage old\n"), []byte(genfile.Header+"\n\npackage after\n")
	is.NoErr(os.WriteFile(path, before, 0o640))

	c := Change{Path: path, Old: before, New: after}
	s, err := c.Stage()
	is.NoErr(err)
	is.Equal(read(t, path), string(before))
	s.Discard()
	is.Equal(read(t, path), string(before))
	is.Equal(files(t, path), 1)

	s, err = c.Stage()
	is.NoErr(err)
	is.NoErr(s.Commit())
	is.Equal(read(t, path), string(after))
	is.Equal(files(t, path), 1)
	info, err := os.Stat(path)
	is.NoErr(err)
	is.Equal(info.Mode().Perm(), os.FileMode(0o640))

	is.NoErr(Change{Path: path, Old: after}.Apply())
	is.Equal(files(t, path), 0)
	is.NoErr(Change{Path: path, Old: after}.Apply()) // another run was faster
}

// TestReplace keeps the mode of what a link leads to, and leaves nothing behind if it fails.
func TestReplace(t *testing.T) {
	is := is.New(t)
	path := filepath.Join(t.TempDir(), "a")
	is.NoErr(os.Mkdir(path, 0o777))
	is.True(Replace(path, []byte("new")) != nil) // it is a directory
	is.Equal(files(t, path), 1)

	link, target := filepath.Join(path, "link"), filepath.Join(t.TempDir(), "target")
	is.NoErr(os.WriteFile(target, []byte("old"), 0o600))
	if err := os.Symlink(target, link); err != nil {
		t.Skip(err) // on Windows, not everybody may make one
	}
	is.NoErr(Replace(link, []byte("new")))
	info, err := os.Stat(link)
	is.NoErr(err)
	is.Equal(info.Mode().Perm(), os.FileMode(0o600))
	is.Equal(read(t, link), "new")
}

// TestFilesOfOthersAreNotOverwritten changes no file that somebody else put there meanwhile.
func TestFilesOfOthersAreNotOverwritten(t *testing.T) {
	is := is.New(t)
	path := filepath.Join(t.TempDir(), "plugins_gen.go")
	is.NoErr(os.WriteFile(path, []byte("package mine\n"), 0o666))
	for _, c := range []Change{{Path: path, New: []byte("new")}, {Path: path, Old: []byte("old")}} {
		is.True(c.Apply() != nil)
		is.Equal(read(t, path), "package mine\n")
		is.Equal(files(t, path), 1)
	}
	is.NoErr(os.WriteFile(path, []byte(" \n"), 0o666)) // nobody's work
	is.NoErr(Change{Path: path, Old: []byte{}, New: []byte("new")}.Apply())
	is.Equal(read(t, path), "new")
}

func read(t *testing.T, path string) string {
	t.Helper()
	src, err := os.ReadFile(path)
	is.New(t).NoErr(err)
	return string(src)
}

// files returns how many files are in the directory of one.
func files(t *testing.T, path string) int {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	is.New(t).NoErr(err)
	return len(entries)
}
