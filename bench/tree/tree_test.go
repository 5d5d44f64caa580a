package tree_test

import (
	"bytes"
	"go/format"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/bench/tree"
)

// written returns the files of a tree, by name.
func written(t *testing.T, shape tree.Tree) map[string][]byte {
	t.Helper()
	is := is.New(t)
	dir := t.TempDir()
	is.NoErr(shape.Write(dir))
	files := map[string][]byte{}
	is.NoErr(fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files[path], err = fs.ReadFile(os.DirFS(dir), path)
		return err
	}))
	return files
}

func TestTreesAreRepeatable(t *testing.T) {
	is := is.New(t)
	shape := tree.Standard(40, "plugingen")
	first, second := written(t, shape), written(t, shape)
	is.Equal(len(first), len(second))
	for name, src := range first {
		is.True(bytes.Equal(src, second[name]))
	}
}

// Trees of all styles have the same plain code, and are formatted.
func TestStyles(t *testing.T) {
	none := written(t, tree.Standard(40, "none"))
	for _, style := range tree.Styles() {
		t.Run(style, func(t *testing.T) {
			is := is.New(t)
			files := written(t, tree.Standard(40, style))
			for name, src := range files {
				if !strings.HasSuffix(name, ".go") {
					continue
				}
				formatted, err := format.Source(src)
				is.NoErr(err)
				is.Equal(string(src), string(formatted)) // the file is formatted
				if strings.HasSuffix(name, "/a.go") || strings.HasSuffix(name, "/b.go") {
					is.Equal(string(src), string(none[name])) // plain code
				}
			}
		})
	}
}

func TestPluginsAreSpreadEvenly(t *testing.T) {
	is := is.New(t)
	with := tree.Standard(40, "none").WithPlugins()
	is.Equal(len(with), 4)
	for i, p := range with {
		is.Equal(len(p.Plugins), 5)
		is.Equal(p.Name, []string{"p00009", "p00019", "p00029", "p00039"}[i])
	}
	is.Equal(len(tree.Plugins(10_000, "none").WithPlugins()), 200)
}
