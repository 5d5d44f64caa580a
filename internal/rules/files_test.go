package rules_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/rules"
)

// The go command ignores the same files and directories, and takes the same directories for
// modules of their own.
func TestIgnoredNames(t *testing.T) {
	is := is.New(t)
	root := t.TempDir()
	write := func(name, text string) {
		is.NoErr(os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o777))
		is.NoErr(os.WriteFile(filepath.Join(root, name), []byte(text), 0o666))
	}
	write("go.mod", "module example.com/m\n\ngo 1.26.0\n")
	dirs := []string{"vendor", "testdata", "_a", ".a", "vendors", "internal", "a_", "test", "a.go", "plain", "nested", "data"}
	for _, dir := range dirs {
		write(dir+"/in/p.go", "package p\n")
	}
	write("nested/go.mod", "module example.com/nested\n")
	write("data/go.mod/text", "")
	files := []string{"p.go", "_p.go", ".p.go", "p_.go", "p.go.txt", "p.GO", "p_test.go", "test.go", "_p_test.go"}
	for _, file := range files {
		write("plain/"+file, "package p\n")
	}

	list := exec.Command("go", "list", "-f",
		"{{.Dir}}\n{{range .GoFiles}}{{.}}\n{{end}}{{range .TestGoFiles}}test:{{.}}\n{{end}}", "./...")
	list.Dir, list.Env = root, append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := list.Output()
	is.NoErr(err)
	listed := strings.Split(string(out), "\n")
	for _, dir := range dirs {
		path := filepath.Join(root, dir, "in")
		ignored := rules.IsIgnoredDir(dir) || readfile.IsModule(filepath.Dir(path))
		if slices.Contains(listed, path) == ignored {
			t.Errorf("%s: listed is %v", dir, ignored)
		}
	}
	for _, file := range files {
		want := file
		if rules.IsTestFile(file) {
			want = "test:" + file
		}
		if compiled := slices.Contains(listed, want); compiled != rules.IsGoFile(file) {
			t.Errorf("%s: compiled is %v", file, compiled)
		}
	}
}
