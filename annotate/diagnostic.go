package annotate

import (
	"cmp"
	"go/token"
	"slices"
)

// A Category names a kind of mistake. It is stable, for suppression and for
// looking it up in the documentation.
type Category string

const (
	Syntax     Category = "syntax"     // a directive that can't be read
	UnknownKey Category = "unknownkey" // a key that is not in the language
	BadValue   Category = "badvalue"   // a value that its key can't have
	Placement  Category = "placement"  // a directive where it has no effect
	NearMiss   Category = "nearmiss"   // a comment that was meant to be a directive
	Missing    Category = "missing"    // a directive that lacks something
	Unresolved Category = "unresolved" // a name that is not declared, or what syntax can't tell
	Role       Category = "role"       // a declaration that can't do what it is named for
	Duplicate  Category = "duplicate"  // two plugins of one name
	Linking    Category = "linking"    // a plugin or a pattern that can't be linked
	Graph      Category = "graph"      // requirements that can't be met
)

// A Diagnostic is one mistake.
type Diagnostic struct {
	Span
	Category Category
	Message  string // what is wrong, and what would be right; no final period
	Related  []Related
	Fix      *Fix // nil if there is no natural one
}

// A Span is a range of source.
type Span struct{ Pos, End token.Pos }

// Related is another place that a diagnostic is about.
type Related struct {
	Span
	Message string
}

// A Fix is a change of source that mends a mistake.
type Fix struct {
	Message string
	Span
	New  string
	Also []Edit // to be made together with it, or not at all
}

// An Edit puts New in the place of a span.
type Edit struct {
	Span
	New string
}

// Sort sorts diagnostics by file, line and column, and drops repeated ones.
func Sort(fset *token.FileSet, diags []Diagnostic) []Diagnostic {
	compare := func(a, b Diagnostic) int {
		p, q := fset.PositionFor(a.Pos, false), fset.PositionFor(b.Pos, false)
		return cmp.Or(cmp.Compare(p.Filename, q.Filename), cmp.Compare(p.Offset, q.Offset), cmp.Compare(a.Message, b.Message))
	}
	slices.SortStableFunc(diags, compare)
	return slices.CompactFunc(diags, func(a, b Diagnostic) bool { return compare(a, b) == 0 })
}
