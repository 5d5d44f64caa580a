package config

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/plugingen/plugingen/registry/internal/tree"
)

// A jsonReader reads JSON (RFC 8259).
//
// encoding/json is not used: it does not tell where a value begins, takes the last of
// several equal names and invalid UTF-8 silently, and its initialization would be
// part of every program with plugins, since package registry imports this one.
type jsonReader struct {
	data   string
	pos    int
	line   int
	begin  int // of the line
	stop   bool
	report *Builder
}

// jsonFormat is the [Format] of JSON.
var jsonFormat = Format{Name: "JSON", Assign: ": ", Parse: func(data []byte, b *Builder) { readJSON(string(data), b) }}

func readJSON(data string, b *Builder) {
	r := jsonReader{data: data, line: 1, report: b}
	r.document(b)
}

// ParseJSON returns the value that a text has as JSON: a list or a table that is the value of
// an environment variable or was set. It is at the position of the text. The error says what is
// wrong with the text, and may show a part of it.
func (v Value) ParseJSON() (Value, error) {
	from := v.node()
	if from == nil {
		return v, v.unexpected("a text")
	}
	b := newDocument(from.File)
	readJSON(from.Text, b)
	n := b.finish()
	n.Unplaced()
	if len(b.doc.errs) > 0 {
		e := b.doc.errs[0]
		return Value{}, v.Refuse(e.Message)
	}
	return Value(tree.NewValue(&n, v.root(), v.Path())), nil
}

func (r *jsonReader) document(b *Builder) {
	r.space()
	r.value(b)
	r.space()
	if !r.stop && r.pos < len(r.data) {
		r.fail("expected the end after the value")
	}
}

// fail adds an error about what is at the current position, and stops reading.
func (r *jsonReader) fail(message string) {
	if r.stop {
		return
	}
	r.stop = true
	if r.pos >= len(r.data) {
		message += "; the text ends here"
	}
	line, col := r.at()
	r.report.Fail(line, col, "invalid JSON: "+message)
}

// at returns the line and column of the current position.
func (r *jsonReader) at() (line, col int) { return r.line, r.pos - r.begin + 1 }

// peek returns the byte at the current position, 0 at the end.
func (r *jsonReader) peek() byte {
	if r.pos < len(r.data) {
		return r.data[r.pos]
	}
	return 0
}

// space skips white space.
func (r *jsonReader) space() {
	for ; r.pos < len(r.data); r.pos++ {
		switch r.data[r.pos] {
		case '\n':
			r.line, r.begin = r.line+1, r.pos+1
		case ' ', '\t', '\r':
		default:
			return
		}
	}
}

// take skips a byte, and reports whether it was there.
func (r *jsonReader) take(c byte) bool {
	if r.stop || r.peek() != c {
		return false
	}
	r.pos++
	return true
}

func (r *jsonReader) value(b *Builder) {
	if r.stop = r.stop || b.Full(); r.stop {
		return
	}
	line, col := r.at()
	switch c := r.peek(); {
	case c == '{':
		r.object(b.Table(line, col))
	case c == '[':
		r.array(b.List(line, col))
	case c == '"':
		b.String(r.text(), line, col)
	case c == '-' || tree.IsDigit(c):
		r.number(b, line, col)
	case r.word("true"):
		b.Bool(true, line, col)
	case r.word("false"):
		b.Bool(false, line, col)
	case r.word("null"):
		b.Null(line, col)
	case r.word("NaN") || r.word("Infinity"):
		r.fail("NaN and Infinity are no numbers of JSON")
	default:
		r.fail("expected a value")
	}
}

func (r *jsonReader) word(w string) bool {
	if !strings.HasPrefix(r.data[r.pos:], w) {
		return false
	}
	r.pos += len(w)
	return true
}

func (r *jsonReader) object(b *Builder) {
	r.pos++
	r.space()
	if r.take('}') {
		return
	}
	for !r.stop {
		line, col := r.at()
		if r.peek() != '"' {
			r.fail(`expected a name in "`)
			return
		}
		name := r.text()
		r.space()
		if !r.take(':') {
			r.fail("expected : after a name")
			return
		}
		r.space()
		r.value(b.Key(name, line, col))
		if r.closed('}') {
			return
		}
	}
}

func (r *jsonReader) array(b *Builder) {
	r.pos++
	r.space()
	if r.take(']') {
		return
	}
	for !r.stop {
		r.value(b.Item(r.at()))
		if r.closed(']') {
			return
		}
	}
}

// closed skips what is after a value of an object or an array, and reports whether
// that was the last.
func (r *jsonReader) closed(end byte) bool {
	r.space()
	if r.take(end) {
		return true
	}
	if !r.take(',') {
		r.fail(fmt.Sprintf("expected , or %c after a value", end))
	}
	r.space()
	if r.peek() == end {
		r.fail(fmt.Sprintf("a comma before %c", end))
	}
	return r.stop
}

func (r *jsonReader) number(b *Builder, line, col int) {
	from := r.pos
	r.take('-')
	switch {
	case r.take('0'):
		if tree.IsDigit(r.peek()) {
			r.fail("a number begins with 0")
		}
	case !r.digits():
		r.fail("expected a digit")
	}
	whole := true
	if r.take('.') {
		whole = false
		if !r.digits() {
			r.fail("expected a digit after the point")
		}
	}
	if r.take('e') || r.take('E') {
		whole = false
		if !r.take('+') {
			r.take('-')
		}
		if !r.digits() {
			r.fail("expected a digit in the exponent")
		}
	}
	if whole {
		b.Integer(r.data[from:r.pos], line, col)
	} else {
		b.Float(r.data[from:r.pos], line, col)
	}
}

// digits skips digits, and reports whether there is one.
func (r *jsonReader) digits() bool {
	from := r.pos
	for tree.IsDigit(r.peek()) {
		r.pos++
	}
	return r.pos > from
}

// text reads a string. Its text is valid UTF-8, as the data is.
func (r *jsonReader) text() string {
	r.pos++
	from := r.pos
	for r.pos < len(r.data) {
		switch c := r.data[r.pos]; {
		case c == '"':
			r.pos++
			return r.data[from : r.pos-1]
		case c == '\\':
			return r.escaped(r.data[from:r.pos])
		case c < 0x20:
			r.fail("a control character in a string; write \\n for a line break")
			return ""
		}
		r.pos++
	}
	r.fail(`expected " at the end of a string`)
	return ""
}

// escaped reads the rest of a string that has escapes, of which the beginning is
// read already.
func (r *jsonReader) escaped(begin string) string {
	b := append(make([]byte, 0, 2*len(begin)+16), begin...)
	for r.pos < len(r.data) && !r.stop {
		switch c := r.data[r.pos]; {
		case c == '"':
			r.pos++
			return string(b)
		case c == '\\':
			b = utf8.AppendRune(b, r.escape())
			continue
		case c < 0x20:
			r.fail("a control character in a string; write \\n for a line break")
		default:
			b = append(b, c)
		}
		r.pos++
	}
	r.fail(`expected " at the end of a string`)
	return ""
}

// escape reads an escape.
func (r *jsonReader) escape() rune {
	const named, meaning = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	r.pos++
	if i := strings.IndexByte(named, r.peek()); i >= 0 && r.pos < len(r.data) {
		r.pos++
		return rune(meaning[i])
	}
	first := r.unicode()
	if !utf16.IsSurrogate(first) {
		return first
	}
	if strings.HasPrefix(r.data[r.pos:], `\u`) {
		r.pos++
		if both := utf16.DecodeRune(first, r.unicode()); both != utf8.RuneError {
			return both
		}
	}
	r.fail("half of a surrogate pair is no character")
	return utf8.RuneError
}

// unicode reads what follows the backslash of an escape like \u00e9.
func (r *jsonReader) unicode() rune {
	const digits = 4
	if r.peek() != 'u' || r.pos+1+digits > len(r.data) {
		r.fail(`unknown escape; write \\ for a backslash`)
		return 0
	}
	code := rune(0)
	for _, c := range []byte(r.data[r.pos+1 : r.pos+1+digits]) {
		switch {
		case tree.IsDigit(c):
			code = code<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			code = code<<4 | rune(c|0x20-'a'+10)
		default:
			r.fail(`expected four hexadecimal digits after \u`)
			return 0
		}
	}
	r.pos += 1 + digits
	return code
}
