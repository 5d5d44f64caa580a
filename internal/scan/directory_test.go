package scan

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matryer/is"
)

// A directory has the entries that os.ReadDir returns, and the contents of its files.
func TestDirectory(t *testing.T) {
	is := is.New(t)
	dir := t.TempDir()
	is.NoErr(os.Mkdir(filepath.Join(dir, "below"), 0o777))
	is.NoErr(os.Symlink("below", filepath.Join(dir, "link")))
	is.NoErr(os.Symlink("nowhere", filepath.Join(dir, "dangling")))
	is.NoErr(os.WriteFile(filepath.Join(dir, "empty.go"), nil, 0o666))
	for i := range 2_000 { // more than the kernel returns at once
		name := fmt.Sprintf("%d%s.go", i, strings.Repeat("long", i%50))
		is.NoErr(os.WriteFile(filepath.Join(dir, name), []byte(name), 0o666))
	}
	large := bytes.Repeat([]byte("x"), 3<<20+1)
	is.NoErr(os.WriteFile(filepath.Join(dir, "large.go"), large, 0o666))

	var d directory
	for _, dir := range []string{dir, filepath.Join(dir, "below"), dir} {
		want, err := os.ReadDir(dir)
		is.NoErr(err)
		got, err := d.open(dir)
		is.NoErr(err)
		is.Equal(len(got), len(want))
		for i, e := range got {
			is.Equal(e.name, want[i].Name())
			is.Equal(e.mode, want[i].Type())
		}
		d.close()
	}
	_, err := d.open(dir)
	is.NoErr(err)
	defer d.close()
	var buf bytes.Buffer
	buf.WriteString("before ")
	for _, name := range []string{"7" + strings.Repeat("long", 7) + ".go", "empty.go"} {
		is.NoErr(d.readFile(&buf, name))
	}
	is.Equal(buf.String(), "before 7"+strings.Repeat("long", 7)+".go")
	buf.Reset()
	is.NoErr(d.readFile(&buf, "large.go"))
	is.True(bytes.Equal(buf.Bytes(), large))
	is.True(os.IsNotExist(d.readFile(&buf, "none.go")))
	_, err = new(directory).open(filepath.Join(dir, "none"))
	is.True(os.IsNotExist(err))
	_, err = new(directory).open(filepath.Join(dir, "empty.go"))
	var open *fs.PathError
	is.True(errors.As(err, &open)) // it is not a directory
}
