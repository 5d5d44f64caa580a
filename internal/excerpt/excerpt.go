// Package excerpt formats diagnostics with an excerpt of the source that they are about.
package excerpt

import (
	"bytes"
	"fmt"
	"go/token"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/terminal"
)

// A Formatter formats diagnostics for people.
type Formatter struct {
	Fset     *token.FileSet
	Name     func(file string) string // the name of a file as it is shown
	Source   func(file string) []byte // the contents of a file, nil if they can't be read; without it, no line is shown
	Style    terminal.Style
	Adjusted bool // positions are those that //line comments give, as go vet prints them
}

// Format returns an error as compilers print it, file:line:col first, and below it
// the line of source with the diagnostic's span underlined.
func (f *Formatter) Format(d annotate.Diagnostic) string { return f.format(d, "", f.Style.Error) }

// FormatNote returns what is no error in the same form.
func (f *Formatter) FormatNote(d annotate.Diagnostic) string {
	return f.format(d, "note: ", f.Style.Note)
}

// FormatAt is Format for an error of another program, which has a position and no span. The
// position may lack the column, the line, or all.
func (f *Formatter) FormatAt(at token.Position, message string) string {
	shown := at
	shown.Filename = f.Name(at.Filename)
	if !at.IsValid() {
		return terminal.Lines(message) + "\n"
	}
	text := fmt.Sprintf("%s: %s\n", f.Style.Place(terminal.Line(shown.String())), terminal.Lines(message))
	if f.Source == nil || at.Column < 1 {
		return text
	}
	lines := bytes.Split(f.Source(at.Filename), []byte("\n"))
	if at.Line > len(lines) {
		return text
	}
	line := bytes.TrimRight(lines[at.Line-1], "\r")
	if !utf8.Valid(line) || at.Column-1 > len(line) {
		return text
	}
	return text + underline(line, at.Column-1, 0, f.Style.Error)
}

func (f *Formatter) format(d annotate.Diagnostic, severity string, paint func(string) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s%s\n", f.place(d.Pos), paint(severity), terminal.Message(d.Message))
	b.WriteString(f.underlined(d.Span, paint))
	for _, r := range d.Related {
		fmt.Fprintf(&b, "\t%s: %s\n", f.place(r.Pos), terminal.Message(r.Message))
	}
	return b.String()
}

// place returns the file:line:col of a position.
func (f *Formatter) place(at token.Pos) string {
	pos := f.Fset.PositionFor(at, f.Adjusted)
	pos.Filename = f.Name(pos.Filename)
	return f.Style.Place(terminal.Line(pos.String()))
}

// maxLine is about how many bytes of a line are shown.
const maxLine = 240

// underlined returns the line of source that a span begins in, and below it a line that
// underlines the span. It returns "" if the source can't be read.
func (f *Formatter) underlined(span annotate.Span, paint func(string) string) string {
	pos := f.Fset.PositionFor(span.Pos, false)
	if f.Source == nil {
		return ""
	}
	if pos.Filename != f.Fset.PositionFor(span.Pos, f.Adjusted).Filename {
		return "" // it was made from another file, which a //line comment names
	}
	line, ok := sourceLine(f.Source(pos.Filename), pos)
	if !ok {
		return ""
	}
	return underline(line, pos.Column-1, int(span.End-span.Pos), paint)
}

// underline returns a line of source, and below it one that underlines the width bytes at column.
func underline(line []byte, column, width int, paint func(string) string) string {
	before, rest := line[:column], line[column:]
	width = min(max(width, 0), len(rest))
	inside, after := rest[:width], rest[width:]
	before = bytes.TrimPrefix(before, []byte("\ufeff")) // a byte order mark has no width
	if len(line) > maxLine {
		before, inside, after = tail(before, maxLine/3), head(inside, maxLine/3), head(after, maxLine/3)
	}
	before, inside, after = terminal.File(before), terminal.File(inside), terminal.File(after)
	// Tabs stay tabs, so that the underline is below the span.
	indent := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, string(before))
	mark := "^" + strings.Repeat("~", max(utf8.RuneCount(inside)-1, 0))
	return fmt.Sprintf("\t%s%s%s\n\t%s%s\n", before, inside, after, indent, paint(mark))
}

// sourceLine returns the line of a position, and whether it can be shown.
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

// head returns the beginning of a part of a line, if it has more than most bytes.
func head(part []byte, most int) []byte {
	if len(part) <= most {
		return part
	}
	for most > 0 && !utf8.RuneStart(part[most]) {
		most--
	}
	return append(slices.Clone(part[:most]), "..."...)
}

// tail returns the end of a part of a line, if it has more than most bytes.
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
