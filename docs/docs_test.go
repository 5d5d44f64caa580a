package docs_test

import (
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/analyzer"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/docs"
)

// TestEachCategory has what every message can be about, so that none is without help.
func TestEachCategory(t *testing.T) {
	for _, category := range []annotate.Category{
		annotate.Syntax, annotate.UnknownKey, annotate.BadValue, annotate.Placement, annotate.NearMiss,
		annotate.Missing,
		annotate.Unresolved, annotate.Role, annotate.Duplicate, annotate.Linking, annotate.Graph,
		analyzer.BadContract, analyzer.Lifecycle, analyzer.BadManager, analyzer.Stale,
	} {
		t.Run(string(category), func(t *testing.T) {
			is.New(t).True(docs.Check(string(category)) != "")
		})
	}
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
