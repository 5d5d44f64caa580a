package annotate_test

import (
	"go/token"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/annotate"
)

func TestDiagnosticsAreSortedOnce(t *testing.T) {
	is := is.New(t)
	fset := token.NewFileSet()
	b, a := fset.AddFile("b.go", -1, 10), fset.AddFile("a.go", -1, 10)
	at := func(f *token.File, offset int, message string) annotate.Diagnostic {
		pos := f.Pos(offset)
		return annotate.Diagnostic{Span: annotate.Span{Pos: pos, End: pos}, Message: message}
	}
	sorted := annotate.Sort(fset, []annotate.Diagnostic{
		at(b, 1, "x"), at(b, 1, "x"), at(a, 5, "y"), at(a, 5, "x"), at(a, 2, "z"), at(b, 1, "x"),
	})
	is.Equal(sorted, []annotate.Diagnostic{at(a, 2, "z"), at(a, 5, "x"), at(a, 5, "y"), at(b, 1, "x")})
}
