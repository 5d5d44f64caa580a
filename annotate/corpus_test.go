package annotate_test

import (
	"bytes"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plugingen/plugingen/annotate"
)

// TestNoFalsePositives reads source that has nothing to do with plugins, though
// it may speak of them: nothing in it is an error. ANNOTATE_CORPUS names more
// directories of such source, for an occasional run.
func TestNoFalsePositives(t *testing.T) {
	roots := filepath.SplitList(os.Getenv("ANNOTATE_CORPUS"))
	src := filepath.Join(build.Default.GOROOT, "src")
	if len(roots) == 0 && testing.Short() {
		roots = []string{filepath.Join(src, "cmd", "go"), filepath.Join(src, "plugin")}
	}
	if len(roots) == 0 {
		roots = []string{src}
	}
	read := 0
	for _, root := range roots {
		scanned := map[string][]string{}
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "testdata":
				return filepath.SkipDir
			case !d.IsDir() && strings.HasSuffix(path, ".go"):
				scanned[filepath.Dir(path)] = append(scanned[filepath.Dir(path)], path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for dir, names := range scanned {
			if readDir(t, dir, names) {
				read++
			}
		}
	}
	if read == 0 {
		t.Errorf("no package of %v is about plugins", roots)
	}
	t.Log(read, "packages were read")
}

// readDir reports all that is found in a directory's package. It returns false for a package
// that has none of the letters of a plugin in it, which it does not read.
func readDir(t *testing.T, dir string, names []string) bool {
	fset := token.NewFileSet()
	sources := map[string][]byte{}
	mentioned := false
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sources[name] = src
		for _, word := range []string{"lug", "LUG", "namespace="} {
			mentioned = mentioned || bytes.Contains(src, []byte(word))
		}
	}
	if !mentioned {
		return false
	}
	var files []*annotate.File
	for _, name := range names {
		// A file that does not parse is read as far as the parser got.
		syntax, err := parser.ParseFile(fset, name, sources[name], parser.ParseComments|parser.SkipObjectResolution)
		if syntax == nil || err != nil && syntax.Name.Name == "" {
			continue
		}
		files = append(files, annotate.NewFile(fset, filepath.Base(name), syntax))
	}
	p := annotate.Read(filepath.Base(dir), files)
	p.Resolve(nil)
	for _, x := range p.Plugins {
		t.Errorf("%s: a plugin: %s", dir, x.ID())
	}
	for _, d := range p.Diagnostics {
		t.Errorf("%s", newFormatter(fset, sources).Format(d))
	}
	return true
}
