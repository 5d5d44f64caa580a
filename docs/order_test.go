package docs_test

import (
	"bytes"
	"go/ast"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/matryer/is"
	"golang.org/x/tools/go/packages"
)

// A package can list its files in the order in which they are to be read: all files, and no others.
// If it says so, each uses only those before it.
func TestFilesInOrder(t *testing.T) {
	for _, list := range []string{"../annotate/doc.go", "../gen/gen.go", "../internal/migrate/migrate.go"} {
		t.Run(list, func(t *testing.T) {
			is := is.New(t)
			src, err := os.ReadFile(list)
			is.NoErr(err)
			order := map[string]int{}
			for i, m := range regexp.MustCompile(`(?m)^//\t(\w+\.go) `).FindAllSubmatch(src, -1) {
				order[string(m[1])] = i + 1
			}
			layered := bytes.Contains(src, []byte("in an order in which each uses only"))
			gone := maps.Clone(order)
			loaded, err := packages.Load(&packages.Config{
				Mode: packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes |
					packages.NeedTypesInfo | packages.NeedImports | packages.NeedDeps,
				Dir: filepath.Dir(list),
			}, ".")
			is.NoErr(err)
			p := loaded[0]
			in := func(o interface{ Pos() token.Pos }) string {
				return filepath.Base(p.Fset.Position(o.Pos()).Filename)
			}
			for _, f := range p.Syntax {
				is.True(order[in(f)] > 0 || in(f) == "doc.go") // each file is in the list
				delete(gone, in(f))
				if !layered {
					continue
				}
				ast.Inspect(f, func(n ast.Node) bool {
					id, ok := n.(*ast.Ident)
					if !ok {
						return true
					}
					if o := p.TypesInfo.Uses[id]; o != nil && o.Pkg() == p.Types && order[in(o)] > order[in(f)] {
						t.Errorf("%s uses %s of %s, which comes after it",
							p.Fset.Position(id.Pos()), o.Name(), in(o))
					}
					return true
				})
			}
			is.Equal(gone, map[string]int{}) // each file of the list exists
		})
	}
}
