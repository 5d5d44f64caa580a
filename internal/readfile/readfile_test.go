package readfile_test

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/internal/readfile"
)

func TestSource(t *testing.T) {
	is := is.New(t)
	dir := t.TempDir()
	for name, want := range map[string]string{
		"empty.go": "", "small.go": "package p\n",
		"large.go": strings.Repeat("x", 3<<20),
	} {
		name = filepath.Join(dir, name)
		is.NoErr(os.WriteFile(name, []byte(want), 0o666))
		got, err := readfile.Source(name)
		is.NoErr(err)
		is.True(string(got) == want)
	}
	_, err := readfile.Source(filepath.Join(dir, "none.go"))
	is.True(os.IsNotExist(err))
}

// A file may have more in it than its size says.
func TestFilesThatGrow(t *testing.T) {
	is := is.New(t)
	src, err := readfile.Source("/proc/self/status")
	if os.IsNotExist(err) {
		t.Skip(err)
	}
	is.NoErr(err)
	is.True(strings.HasPrefix(string(src), "Name:"))
}

func TestOnlyRegularFilesOfLimitedSize(t *testing.T) {
	is := is.New(t)
	dir := t.TempDir()
	_, err := readfile.Source(dir)
	is.True(err != nil && strings.Contains(err.Error(), "not a regular file"))

	sparse := filepath.Join(dir, "sparse.go")
	is.NoErr(os.WriteFile(sparse, nil, 0o666))
	is.NoErr(os.Truncate(sparse, 1<<40))
	_, err = readfile.Source(sparse)
	is.True(err != nil && strings.Contains(err.Error(), "larger than 64 MiB"))
	_, err = readfile.GoMod(sparse)
	is.True(err != nil && strings.Contains(err.Error(), "larger than 16 MiB"))
}

// The parser finds as much in what is parsable of a file as it reports, and little more.
func TestParsable(t *testing.T) {
	is := is.New(t)
	good := []byte("package p\n\n// " + strings.Repeat("x", 1<<20) + "\nvar x = `\n`\n")
	is.Equal(len(readfile.Parsable(good)), len(good))
	for _, junk := range []string{"\x00", "#", "\xff", "'"} {
		part := readfile.Parsable([]byte("package p\n" + strings.Repeat(junk, 1<<20)))
		is.True(len(part) < 100)
		_, err := parser.ParseFile(token.NewFileSet(), "p.go", part, 0)
		is.True(err != nil)
	}
}
