package write_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/internal/write"
)

// What needs a unit that can't be written is not written either, nor is what needs that; the rest
// is, and no temporary file remains.
func TestUnitsAreWrittenTogether(t *testing.T) {
	is := is.New(t)
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name, "plugins_gen.go") }
	needs := map[string]string{"host": "middle", "middle": "broken"}
	var units []*write.Unit
	for _, name := range []string{"host", "free", "middle", "broken"} {
		if name != "broken" { // there is no directory for it
			is.NoErr(os.Mkdir(filepath.Join(dir, name), 0o777))
		}
		units = append(units, &write.Unit{
			Package: name, Last: name == "host",
			Changes: []write.Change{{Path: file(name), New: []byte("package p\n")}},
			Needs:   func(other *write.Unit) bool { return needs[name] == other.Package },
		})
	}
	made, err := write.Units(units)
	is.Equal(err.Error(), "write "+file("broken")+": no such file or directory\n"+
		"the generated files of host are left as they are, since those of middle can't be written\n"+
		"the generated files of middle are left as they are, since those of broken can't be written")
	is.Equal(len(made), 1)
	is.Equal(made[0].Path, file("free"))
	left, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	is.NoErr(err)
	is.Equal(left, []string{file("free")})
}
