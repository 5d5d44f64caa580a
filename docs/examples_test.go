package docs_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matryer/is"
)

// withExamples are the packages that people read on pkg.go.dev. Those that only generated code
// uses are not among them.
var withExamples = []string{
	"registry", "registry/config", "registry/config/watch", "registry/config/configtoml",
	"registry/config/configyaml", "annotate", "gen", "analyzer", "report",
}

// withoutExamples are functions that need none, since the example of another one shows them.
var withoutExamples = map[string]string{
	"annotate.DeclaresOptions":   "Read",
	"annotate.LookupTag":         "Read",
	"annotate.Nearest":           "Read",
	"annotate.NewFile":           "Read",
	"annotate.OptionName":        "Read",
	"annotate.OptionTags":        "Read",
	"annotate.ParseKind":         "Read",
	"annotate.Sort":              "Read",
	"annotate.TagValue":          "Read",
	"annotate.WithoutDeprecated": "Read",
	"gen.Expected":               "Make",
	"gen.Imports":                "Make",
	"gen.Modules":                "Make",
	"gen.Packages":               "Make",
	"gen.SourcesOf":              "Make",
}

// TestExamples has each exported function and its example, which pkg.go.dev shows beside it.
func TestExamples(t *testing.T) {
	for _, path := range withExamples {
		t.Run(path, func(t *testing.T) {
			is := is.New(t)
			pkg, err := documented(filepath.FromSlash("../" + path))
			is.NoErr(err)
			funcs := slices.Clone(pkg.Funcs)
			for _, typ := range pkg.Types {
				funcs = append(funcs, typ.Funcs...)
			}
			has := map[string]bool{}
			for _, f := range funcs {
				has[f.Name] = len(f.Examples) > 0
				for _, e := range f.Examples {
					if e.Output == "" && !e.EmptyOutput {
						t.Errorf("the example of %s.%s is not run: it has no comment Output", pkg.Name, f.Name)
					}
				}
			}
			for _, f := range funcs {
				other, excused := withoutExamples[pkg.Name+"."+f.Name]
				switch {
				case has[f.Name] && excused:
					t.Errorf("%s.%s has an example: remove it from withoutExamples", pkg.Name, f.Name)
				case excused && !has[other]:
					t.Errorf("%s.%s has no example, and neither has %s", pkg.Name, f.Name, other)
				case !has[f.Name] && !excused:
					t.Errorf("%s.%s has no example: write func Example%s", pkg.Name, f.Name, f.Name)
				}
			}
			if len(funcs) == 0 { // types and variables only
				examples := slices.Clone(pkg.Examples)
				for _, typ := range pkg.Types {
					examples = append(examples, typ.Examples...)
				}
				is.True(len(examples) > 0) // of the package or a type
			}
		})
	}
}

// documented returns what go doc and pkg.go.dev know of the package in a directory.
func documented(dir string) (*doc.Package, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(name, "_test.go") && !strings.Contains(string(src), "func Example") {
			continue
		}
		f, err := parser.ParseFile(fset, name, src, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return doc.NewFromFiles(fset, files, "github.com/plugingen/plugingen/"+filepath.ToSlash(dir))
}
