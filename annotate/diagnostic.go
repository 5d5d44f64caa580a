package annotate

import (
	"bytes"
	"cmp"
	"fmt"
	"go/token"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
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
	New string
}

// Sort sorts diagnostics by file, line and column, and drops repeated ones.
func Sort(fset *token.FileSet, diags []Diagnostic) []Diagnostic {
	compare := func(a, b Diagnostic) int {
		p, q := fset.Position(a.Pos), fset.Position(b.Pos)
		return cmp.Or(cmp.Compare(p.Filename, q.Filename), cmp.Compare(p.Offset, q.Offset), cmp.Compare(a.Message, b.Message))
	}
	slices.SortStableFunc(diags, compare)
	return slices.CompactFunc(diags, func(a, b Diagnostic) bool { return compare(a, b) == 0 })
}

// Print writes the diagnostic as a compiler would, file:line:col first, and
// beneath it the line of source with the span underlined. source returns a file's
// bytes, or nil if they are not to be had; name shortens a file's name.
func (d Diagnostic) Print(w io.Writer, fset *token.FileSet, name func(string) string, source func(file string) []byte) {
	at := func(p token.Pos) string {
		pos := fset.PositionFor(p, false)
		return fmt.Sprintf("%s:%d:%d", name(pos.Filename), pos.Line, pos.Column)
	}
	fmt.Fprintf(w, "%s: %s\n", at(d.Pos), d.Message)
	printExcerpt(w, fset, d.Span, source)
	for _, r := range d.Related {
		fmt.Fprintf(w, "\t%s: %s\n", at(r.Pos), r.Message)
	}
}

// maxExcerpt is the number of bytes up to which a line is worth showing.
const maxExcerpt = 240

func printExcerpt(w io.Writer, fset *token.FileSet, span Span, source func(string) []byte) {
	pos := fset.PositionFor(span.Pos, false)
	src := source(pos.Filename)
	if pos.Offset > len(src) || pos.Column < 1 {
		return
	}
	start := pos.Offset - (pos.Column - 1)
	line := src[start:]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	line = bytes.TrimRight(line, "\r")
	if len(line) > maxExcerpt || !utf8.Valid(line) || pos.Column-1 > len(line) {
		return
	}
	before, rest := line[:pos.Column-1], line[pos.Column-1:]
	width := len(rest)
	if n := int(span.End - span.Pos); n < width {
		width = max(n, 0)
	}
	// Tabs stay tabs, so that the marks stand under what they mark.
	indent := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, string(before))
	marks := "^" + strings.Repeat("~", max(utf8.RuneCount(rest[:width])-1, 0))
	fmt.Fprintf(w, "\t%s\n\t%s%s\n", line, indent, marks)
}
