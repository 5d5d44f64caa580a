package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/matryer/is"
	"github.com/rogpeppe/go-internal/txtar"
)

// writeTree writes the files of a txtar archive into a directory of the test's own,
// and returns it.
func writeTree(t *testing.T, archive string) string {
	t.Helper()
	is := is.New(t)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	is.NoErr(err)
	is.NoErr(txtar.Write(txtar.Parse([]byte(archive)), dir))
	return dir
}

func writeFile(t *testing.T, content string, path ...string) {
	t.Helper()
	is := is.New(t)
	name := filepath.Join(path...)
	is.NoErr(os.MkdirAll(filepath.Dir(name), 0o777))
	is.NoErr(os.WriteFile(name, []byte(content), 0o666))
}

func readFile(t *testing.T, path ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(path...))
	is.New(t).NoErr(err)
	return string(content)
}

// runIn runs plugingen in a directory.
func runIn(t *testing.T, dir string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	t.Chdir(dir)
	var out, err bytes.Buffer
	status = run(args, &out, &err)
	return status, out.String(), err.String()
}

func TestRelative(t *testing.T) {
	is := is.New(t)
	dir := t.TempDir()
	t.Chdir(dir)
	sep := string(filepath.Separator)
	for _, name := range []string{"a", "..a", filepath.Join("a", "b")} {
		is.Equal(relative(filepath.Join(dir, name)), "."+sep+name)
	}
	is.Equal(relative(dir), ".")
	is.Equal(relative(filepath.Dir(dir)), "..")
	is.Equal(relative(sep), sep) // as short as it can be
}

// A console keeps what is written to it, and can be read meanwhile.
type console struct {
	mu   sync.Mutex
	text strings.Builder
}

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.Write(p)
}

func (c *console) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}
