package report_test

import (
	"fmt"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/internal/report"
)

func TestLimit(t *testing.T) {
	is := is.New(t)
	type finding struct{ file, category, message string }
	limit := func(found []finding) []finding {
		return report.Limit(found, func(f finding) (string, string) { return f.file, f.category },
			func(first finding, message string) finding {
				return finding{first.file, first.category, first.message + " " + message}
			})
	}
	var found []finding
	for i := range 25 {
		found = append(found, finding{"a.go", "x", fmt.Sprint(i)}, finding{"a.go", "y", fmt.Sprint(i)})
	}
	for i := range 20 {
		found = append(found, finding{"b.go", "x", fmt.Sprint(i)})
	}
	kept := limit(found)
	is.Equal(len(kept), 21+21+20)
	is.Equal(kept[38], finding{"a.go", "x", "19"})
	is.Equal(kept[40], finding{"a.go", "x", "20 and 5 more of this kind in this file (x)"})
	is.Equal(kept[41], finding{"a.go", "y", "20 and 5 more of this kind in this file (y)"})
	is.Equal(kept[61], finding{"b.go", "x", "19"})
	is.Equal(len(limit(nil)), 0)
}
