package examples_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/genfile"
)

// The generated files of all examples are what plugingen would write now.
func TestGeneratedFilesAreUpToDate(t *testing.T) {
	is := is.New(t)
	t.Setenv("GOWORK", "") // the workspace has the other modules
	plan, err := gen.Make("..", []string{"./examples/..."})
	is.NoErr(err)
	is.Equal(len(plan.Diagnostics), 0)
	is.Equal(plan.Changes, nil)
	plugins, err := plan.List()
	is.NoErr(err)
	is.True(len(plugins) > 20) // the other modules of the workspace were seen
}

// The same bytes come from a tree without generated files, and from one in which
// there is garbage in them.
func TestGeneratedFilesCanBeMadeAgain(t *testing.T) {
	for name, damage := range map[string]func(file string) error{
		"deleted": os.Remove,
		"garbage": func(file string) error {
			return os.WriteFile(file, []byte(genfile.Header+"\n<<<<<<< ours\nfunc {\n"), 0o644)
		},
	} {
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			t.Setenv("GOWORK", "")
			tree := copyTree(t)
			want := generated(t, tree)
			is.True(len(want) > 10)
			for file := range want {
				is.NoErr(damage(file))
			}
			plan, err := gen.Make(tree, []string{"./..."})
			is.NoErr(err)
			is.NoErr(plan.Apply())
			is.Equal(len(plan.Diagnostics), 0)
			is.Equal(generated(t, tree), want)
		})
	}
}

// copyTree copies the examples, and what says where their modules are.
func copyTree(t *testing.T) string {
	t.Helper()
	is := is.New(t)
	tree := t.TempDir()
	for _, name := range []string{"go.mod", "go.work", "registry/config/configtoml/go.mod"} {
		src, err := os.ReadFile(filepath.Join("..", name))
		is.NoErr(err)
		is.NoErr(os.MkdirAll(filepath.Dir(filepath.Join(tree, name)), 0o755))
		is.NoErr(os.WriteFile(filepath.Join(tree, name), src, 0o644))
	}
	is.NoErr(os.CopyFS(filepath.Join(tree, "examples"), os.DirFS(".")))
	return tree
}

// generated returns the generated files below a directory.
func generated(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_gen.go") {
			return err
		}
		src, err := os.ReadFile(path)
		found[path] = string(src)
		return err
	})
	is.New(t).NoErr(err)
	return found
}
