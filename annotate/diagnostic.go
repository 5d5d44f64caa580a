package annotate

import (
	"cmp"
	"go/ast"
	"go/token"
	"slices"
)

// A Category is a class of diagnostics. Its text does not change between releases, so
// that linters can be told to ignore it; docs/checks.md describes each.
type Category string

// The categories of diagnostics that plugingen and pluginvet report.
const (
	Syntax     Category = "syntax"     // a directive that can't be read
	UnknownKey Category = "unknownkey" // an unknown key
	BadValue   Category = "badvalue"   // a value that its key does not allow
	Placement  Category = "placement"  // a directive where it has no effect
	NearMiss   Category = "nearmiss"   // a comment that is almost a directive
	Missing    Category = "missing"    // a directive in which something is missing
	Unresolved Category = "unresolved" // an undeclared name, or something that syntax does not tell
	Role       Category = "role"       // a declaration that can't be used as a directive uses it
	Duplicate  Category = "duplicate"  // two plugins with one name
	Linking    Category = "linking"    // a plugin or a pattern that can't be linked
	Graph      Category = "graph"      // requirements that are missing or form a cycle
)

// The categories of diagnostics that need types, or other packages: only pluginvet reports them.
const (
	BadContract Category = "contract"  // a plugin that does not satisfy its contract
	Lifecycle   Category = "lifecycle" // a Load, ShouldLoad or Close that is never called
	BadManager  Category = "manager"   // a manager of what does not exist, or of the wrong type
	Stale       Category = "stale"     // a generated file that is out of date
)

// A Diagnostic reports one error.
type Diagnostic struct {
	Span
	Category Category
	Message  string // what is wrong, and what to write instead; without a final period
	Related  []Related
	Fix      *Fix // nil if there is no obvious one
}

// A Span is a range of source.
type Span struct{ Pos, End token.Pos }

func identSpan(id *ast.Ident) Span { return Span{id.Pos(), id.End()} }

// Related is another position that a diagnostic refers to.
type Related struct {
	Span
	Message string
}

// A Fix is a change of the source after which the diagnostic is not reported any more.
type Fix struct {
	Message string
	Span
	New  string
	Also []Edit // made together with it or not at all
}

// An Edit replaces the text of a span by New.
type Edit struct {
	Span
	New string
}

// Sort sorts diagnostics by file, position and message, and drops repeated ones. It
// modifies the slice.
func Sort(fset *token.FileSet, diags []Diagnostic) []Diagnostic {
	compare := func(a, b Diagnostic) int {
		p, q := fset.PositionFor(a.Pos, false), fset.PositionFor(b.Pos, false)
		return cmp.Or(
			cmp.Compare(p.Filename, q.Filename), cmp.Compare(p.Offset, q.Offset), cmp.Compare(a.Message, b.Message))
	}
	slices.SortStableFunc(diags, compare)
	return slices.CompactFunc(diags, func(a, b Diagnostic) bool { return compare(a, b) == 0 })
}
