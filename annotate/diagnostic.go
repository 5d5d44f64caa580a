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

	"github.com/plugingen/plugingen/internal/terminal"
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

// Print writes the diagnostic as a compiler would, file:line:col first, and
// beneath it the line of source with the span underlined. source returns a file's
// bytes, or nil if they are not to be had; name shortens a file's name.
func (d Diagnostic) Print(w io.Writer, fset *token.FileSet, name func(string) string, source func(file string) []byte) {
	at := func(p token.Pos) string {
		pos := fset.PositionFor(p, false)
		return fmt.Sprintf("%s:%d:%d", terminal.Line(name(pos.Filename)), pos.Line, pos.Column)
	}
	fmt.Fprintf(w, "%s: %s\n", at(d.Pos), terminal.Message(d.Message))
	printExcerpt(w, fset, d.Span, source)
	for _, r := range d.Related {
		fmt.Fprintf(w, "\t%s: %s\n", at(r.Pos), terminal.Message(r.Message))
	}
}

// maxExcerpt is about the number of bytes of a line that are worth showing.
const maxExcerpt = 240

func printExcerpt(w io.Writer, fset *token.FileSet, span Span, source func(string) []byte) {
	pos := fset.PositionFor(span.Pos, false)
	line, ok := sourceLine(source(pos.Filename), pos)
	if !ok {
		return
	}
	before, rest := line[:pos.Column-1], line[pos.Column-1:]
	width := min(max(int(span.End-span.Pos), 0), len(rest))
	marked, after := rest[:width], rest[width:]
	before = bytes.TrimPrefix(before, []byte("\ufeff")) // a byte order mark takes no room
	if len(line) > maxExcerpt {
		before, marked, after = tail(before, maxExcerpt/3), head(marked, maxExcerpt/3), head(after, maxExcerpt/3)
	}
	before, marked, after = terminal.File(before), terminal.File(marked), terminal.File(after)
	// Tabs stay tabs, so that the marks stand under what they mark.
	indent := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, string(before))
	marks := "^" + strings.Repeat("~", max(utf8.RuneCount(marked)-1, 0))
	fmt.Fprintf(w, "\t%s%s%s\n\t%s%s\n", before, marked, after, indent, marks)
}

// sourceLine returns the line of a place, and whether it can be shown.
func sourceLine(src []byte, pos token.Position) ([]byte, bool) {
	if pos.Offset > len(src) || pos.Column < 1 {
		return nil, false
	}
	start := pos.Offset - (pos.Column - 1)
	line := src[start:]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	line = bytes.TrimRight(line, "\r")
	return line, utf8.Valid(line) && pos.Column-1 <= len(line)
}

// head returns the beginning of a part of a line that is too long to show.
func head(part []byte, most int) []byte {
	if len(part) <= most {
		return part
	}
	for most > 0 && !utf8.RuneStart(part[most]) {
		most--
	}
	return append(slices.Clone(part[:most]), "..."...)
}

// tail returns the end of a part of a line that is too long to show.
func tail(part []byte, most int) []byte {
	from := len(part) - most
	if from <= 0 {
		return part
	}
	for !utf8.RuneStart(part[from]) {
		from++
	}
	return append([]byte("..."), part[from:]...)
}
