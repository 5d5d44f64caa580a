package importgraph_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/gen/internal/importgraph"
)

// A chain is found through whatever is imported, in cycles too, and a package is looked at once.
func TestChain(t *testing.T) {
	is := is.New(t)
	graph := map[string][]string{"a": {"b", "c"}, "b": {"d", "a"}, "c": {"d", "e"}, "d": {"b"}, "e": {"f"}}
	asked := map[string]int{}
	next := func(path string) []string {
		asked[path]++
		return graph[path]
	}
	seen := map[string]bool{}
	is.Equal(importgraph.Chain("a", "f", next, seen), []string{"a", "c", "e", "f"})
	is.Equal(importgraph.Chain("b", "f", next, seen), nil) // seen: it does not import f
	for _, n := range asked {
		is.Equal(n, 1)
	}
	is.Equal(importgraph.Chain("f", "f", next, seen), []string{"f"})
	is.Equal(importgraph.Chain("f", "a", next, map[string]bool{}), nil)
}

// What tests, other packages of the directory and files that the go command ignores import is left
// out, and so is a file that can't be parsed.
func TestRead(t *testing.T) {
	is := is.New(t)
	dir := t.TempDir()
	for name, src := range map[string]string{
		"a.go":      "package p\n\nimport (\n\t\"b\"\n\t\"a\"\n)\n",
		"b.go":      "package p\n\nimport \"b\"\n\nfunc {",
		"tool.go":   "//go:build ignore\n\npackage main\n\nimport \"tool\"\n",
		"a_test.go": "package p\n\nimport \"test\"\n",
		"_c.go":     "package p\n\nimport \"ignored\"\n",
		"d.go":      "no Go file",
	} {
		is.NoErr(os.WriteFile(filepath.Join(dir, name), []byte(src), 0o600))
	}
	is.True(slices.Equal(importgraph.Read(dir), []string{"a", "b"}))
	is.Equal(len(importgraph.Read(filepath.Join(dir, "none"))), 0)
}
