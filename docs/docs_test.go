package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/docs"
)

// TestEachCategory checks that checks.md has a heading, and a text below it, for what every message can be about.
func TestEachCategory(t *testing.T) {
	is := is.New(t)
	src, err := parser.ParseFile(token.NewFileSet(), "../annotate/diagnostic.go", nil, 0)
	is.NoErr(err)
	var declared []string
	ast.Inspect(src, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "Category" {
			category, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			is.NoErr(err)
			is.True(docs.Check(category) != "") // it has a text
			declared = append(declared, category)
		}
		return true
	})
	slices.Sort(declared)
	is.Equal(declared, slices.Sorted(slices.Values(docs.Categories())))
}

func TestCheck(t *testing.T) {
	is := is.New(t)
	is.True(strings.HasPrefix(docs.Check("syntax"), "A directive or a tag that can't be read: "))
	is.True(strings.HasSuffix(docs.Check("graph"), " in a cycle.")) // the last of its part, and without the list of examples
	is.True(strings.HasSuffix(docs.Check("stale"), "`-plugin.fresh=false`."))
	is.Equal(docs.Check("synta"), "")
	is.Equal(docs.Check(""), "")
	is.True(strings.HasPrefix(docs.Page("syntax"), "# syntax: "))
	is.Equal(docs.Page("synta"), "")
}
