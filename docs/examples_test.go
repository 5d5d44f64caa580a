package docs_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matryer/is"
)

// forPrograms are the packages that programs import. Each of their functions has an example.
var forPrograms = []string{
	"registry", "registry/config", "registry/config/watch", "registry/config/configtoml",
	"registry/config/configyaml",
}

// entryPoints are where people begin with the packages for tools; "" stands for an example of
// the whole package.
var entryPoints = map[string]string{"annotate": "Read", "gen": "Make", "analyzer": ""}

// TestExamples has each exported function that programs use and its example, which pkg.go.dev
// shows beside it.
func TestExamples(t *testing.T) {
	for _, path := range forPrograms {
		t.Run(path, func(t *testing.T) {
			is := is.New(t)
			examples, funcs, err := documented(filepath.FromSlash("../" + path))
			is.NoErr(err)
			is.True(len(funcs) > 0)
			for _, name := range funcs {
				if !examples[name] {
					t.Errorf("%s has no example: write func Example%s, with a comment Output", name, name)
				}
			}
		})
	}
	for path, name := range entryPoints {
		t.Run(path, func(t *testing.T) {
			is := is.New(t)
			examples, _, err := documented(filepath.FromSlash("../" + path))
			is.NoErr(err)
			is.True(examples[name]) // of the entry point
		})
	}
}

// documented returns what pkg.go.dev shows of the package in a directory: the functions, and what
// there are examples of that are run.
func documented(dir string) (examples map[string]bool, funcs []string, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, nil, err
	}
	fset := token.NewFileSet()
	var files, tests []*ast.File
	for _, name := range names {
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, nil, err
		}
		if strings.HasSuffix(name, "_test.go") {
			tests = append(tests, f)
		} else {
			files = append(files, f)
		}
	}
	examples = map[string]bool{}
	for _, e := range doc.Examples(tests...) {
		examples[e.Name] = examples[e.Name] || e.Output != "" || e.EmptyOutput
	}
	pkg, err := doc.NewFromFiles(fset, files, dir)
	if err != nil {
		return nil, nil, err
	}
	all := slices.Clone(pkg.Funcs)
	for _, typ := range pkg.Types {
		all = append(all, typ.Funcs...)
	}
	for _, f := range all {
		funcs = append(funcs, f.Name)
	}
	return examples, funcs, nil
}
