// Package golden compares what a package says of the archives in its testdata with what they
// hold themselves. The packages that read source are tested so, and their fuzz targets begin
// with the same files.
package golden

import (
	"flag"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write what is said now into the archives in testdata")

// Compare runs a test for each archive testdata/*.txtar. What say returns of its Go files, by
// name, has to be what the archive's file called want holds.
func Compare(t *testing.T, say func(t *testing.T, sources map[string][]byte) string) {
	t.Helper()
	for name, archive := range archives(t) {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			got := say(t, sources(archive))
			i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
			switch {
			case *update:
				if i < 0 {
					archive.Files = append(archive.Files, txtar.File{Name: "want"})
					i = len(archive.Files) - 1
				}
				archive.Files[i].Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(archive), 0o666); err != nil {
					t.Error(err)
				}
			case i < 0:
				t.Error("the archive has no file called want")
			case got != string(archive.Files[i].Data):
				t.Errorf("got:\n%s\nwant:\n%s", got, archive.Files[i].Data)
			}
		})
	}
}

// Sources iterates over the Go files of all archives, by their names.
func Sources(t testing.TB) iter.Seq2[string, []byte] {
	t.Helper()
	all := archives(t)
	return func(yield func(string, []byte) bool) {
		for _, archive := range all {
			for name, src := range sources(archive) {
				if !yield(name, src) {
					return
				}
			}
		}
	}
}

func archives(t testing.TB) map[string]*txtar.Archive {
	t.Helper()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no archives in testdata", err)
	}
	all := map[string]*txtar.Archive{}
	for _, name := range names {
		if all[name], err = txtar.ParseFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// sources returns the Go files of an archive.
func sources(a *txtar.Archive) map[string][]byte {
	files := map[string][]byte{}
	for _, f := range a.Files {
		if strings.HasSuffix(f.Name, ".go") {
			files[f.Name] = f.Data
		}
	}
	return files
}
