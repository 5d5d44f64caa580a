// Package configtoml reads TOML for package config, with the position of each name and
// value:
//
//	cfg, err := config.Load(configtoml.File("ministack.toml"))
//
// It reads TOML 1.1 with the parser of github.com/pelletier/go-toml/v2, which is kept
// well and has the byte range of each name and value. (github.com/BurntSushi/toml has
// positions in its errors alone.) That parser is in its package unstable, so that another
// version may need changes here.
//
// The parser does not know which tables may be defined again; what does, the decoder of
// the library, reads the file as a whole, stops at the first error, and takes quadratic
// time for many names. So the rules of redefinition are here. All errors of a file but
// those of its syntax are reported together.
//
// It is a module of its own, so that only programs that import it depend on a TOML
// library.
package configtoml

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/plugingen/plugingen/registry/config"
)

var format = config.Format{Name: "TOML", Assign: " = ", Parse: parse}

// File returns the source of the values of a TOML file. See [config.Optional] for one
// that need not exist.
func File(path string) config.Source { return format.File(path) }

// Data returns the source of values that the program has as TOML. The name is that of
// the file in errors.
func Data(name string, data []byte) config.Source { return format.Data(name, data) }

// maxMarks bounds the memory of the parser, which needs it for all values of a list, and all
// names of a dotted key, before the first can be counted.
const maxMarks = 1_000_000

// maxNames bounds the names of a dotted key. It is more than there can be tables in each
// other.
const maxNames = 200

// How a table was made decides how it may be continued.
type definition uint8

const (
	implicit    definition = iota + 1 // by a header of a table in it
	explicit                          // by its own header
	dotted                            // by a dotted name
	arrayTables                       // a list, by [[ ]]
)

// A reader makes tables of the expressions of a file.
type reader struct {
	data    []byte
	parser  unstable.Parser
	root    *config.Builder
	current *config.Builder // the table of the last header
	defined map[*config.Builder]definition

	// The line of the last position that was asked for, where it begins, and up to
	// where line ends are counted.
	line, begin, counted int
}

func parse(data []byte, root *config.Builder) {
	r := &reader{
		data: data, root: root.Table(1, 1), current: root,
		defined: map[*config.Builder]definition{root: explicit}, line: 1,
	}
	for _, mark := range []string{",", "."} {
		if bytes.Count(data, []byte(mark)) > maxMarks {
			root.Fail(1, 1, fmt.Sprintf("more than %d times %q: too many values or names", maxMarks, mark))
			return
		}
	}
	r.parser.Reset(data)
	for !root.Full() && r.parser.NextExpression() {
		switch e := r.parser.Expression(); e.Kind {
		case unstable.Table:
			r.table(e)
		case unstable.ArrayTable:
			r.arrayTable(e)
		case unstable.KeyValue:
			r.keyValue(r.current, e)
		}
	}
	if err := r.parser.Error(); err != nil && !root.Full() {
		r.syntaxError(err)
	}
}

// syntaxError reports an error of the parser, without the character that some of
// them show, which may be of a secret.
func (r *reader) syntaxError(err error) {
	line, column, message := 1, 1, err.Error()
	if e, ok := errors.AsType[*unstable.ParserError](err); ok {
		line, column = r.at(int(r.parser.Range(e.Highlight).Offset))
		message = e.Message
	}
	if before, after, ok := strings.Cut(message, "U+"); ok {
		message = strings.TrimRight(strings.TrimSuffix(before, "but got "), " :")
		if strings.HasSuffix(after, " at start of value") {
			message += " at start of value"
		}
	}
	r.root.Fail(line, column, "invalid TOML: "+message)
}

// at returns the line and column of an offset. Line ends are counted once, since offsets
// hardly ever go back to an earlier line.
func (r *reader) at(offset int) (line, column int) {
	if offset < r.begin {
		r.line, r.begin, r.counted = 1, 0, 0
	}
	for r.counted < offset {
		i := bytes.IndexByte(r.data[r.counted:offset], '\n')
		if i < 0 {
			r.counted = offset
			break
		}
		r.counted += i + 1
		r.line, r.begin = r.line+1, r.counted
	}
	return r.line, offset - r.begin + 1
}

// A part is a name of a dotted key, and where it stands.
type part struct {
	name         string
	line, column int
	begin, end   int // offsets
}

// parts returns the names of the key of an expression.
func (r *reader) parts(e *unstable.Node) []part {
	var parts []part
	for it := e.Key(); it.Next() && len(parts) < maxNames; {
		key := it.Node()
		p := part{name: string(key.Data), begin: int(key.Raw.Offset)}
		p.end = p.begin + int(key.Raw.Length)
		p.line, p.column = r.at(p.begin)
		parts = append(parts, p)
	}
	return parts
}

// A header is [a.b] or [[a.b]].
type header struct {
	last         part
	line, column int             // of its bracket
	in           *config.Builder // the table that its other names lead to
}

// header returns the header of an expression. Tables that it leads through are made.
func (r *reader) header(e *unstable.Node) header {
	parts := r.parts(e)
	h := header{last: parts[len(parts)-1], in: r.root}
	begin := parts[0].begin
	for begin > 0 && strings.IndexByte(" \t[", r.data[begin-1]) >= 0 {
		begin--
	}
	h.line, h.column = r.at(r.space(begin))
	for _, p := range parts[:len(parts)-1] {
		next := h.in.Get(p.name)
		switch r.defined[next] {
		case arrayTables:
			next = next.Last()
		case 0: // there is none, or another value
			next = h.in.Key(p.name, p.line, p.column).Table(p.line, p.column)
			r.defined[next] = implicit
		}
		h.in = next
	}
	return h
}

// table reads [a.b].
func (r *reader) table(e *unstable.Node) {
	h := r.header(e)
	t := h.in.Get(h.last.name)
	if r.defined[t] != implicit {
		t = h.in.Key(h.last.name, h.last.line, h.last.column)
	}
	r.current = t.Table(h.line, h.column)
	r.defined[t] = explicit
}

// arrayTable reads [[a.b]].
func (r *reader) arrayTable(e *unstable.Node) {
	h := r.header(e)
	list := h.in.Get(h.last.name)
	if r.defined[list] != arrayTables {
		list = h.in.Key(h.last.name, h.last.line, h.last.column).List(h.line, h.column)
		r.defined[list] = arrayTables
	}
	r.current = list.Item(h.line, h.column).Table(h.line, h.column)
	r.defined[r.current] = explicit
}

// keyValue reads a.b = value, and returns the offset of its end.
func (r *reader) keyValue(in *config.Builder, e *unstable.Node) int {
	parts := r.parts(e)
	last := parts[len(parts)-1]
	for _, p := range parts[:len(parts)-1] {
		next := in.Get(p.name)
		if r.defined[next] != dotted { // there is none, or another value
			next = in.Key(p.name, p.line, p.column).Table(p.line, p.column)
			r.defined[next] = dotted
		}
		in = next
	}
	at := r.space(last.end)
	at = r.space(at + len("="))
	return r.value(in.Key(last.name, last.line, last.column), e.Value(), at)
}

// value reads the value that begins at an offset, and returns the offset of its end.
// The parser does not say where a list begins and ends.
func (r *reader) value(b *config.Builder, v *unstable.Node, offset int) int {
	line, column := r.at(offset)
	if b.Full() {
		return offset
	}
	switch v.Kind {
	case unstable.Array:
		b.List(line, column)
		offset++
		for it := v.Children(); it.Next(); {
			offset = r.filler(offset)
			offset = r.value(b.Item(r.at(offset)), it.Node(), offset)
		}
		return r.filler(offset) + len("]")
	case unstable.InlineTable:
		b.Table(line, column)
		offset++
		for it := v.Children(); it.Next(); {
			offset = r.keyValue(b, it.Node())
		}
		return r.filler(offset) + len("}")
	case unstable.String:
		b.String(string(v.Data), line, column)
	case unstable.Bool:
		b.Bool(v.Data[0] == 't', line, column)
	case unstable.Integer:
		integer(b, string(v.Data), line, column)
	case unstable.Float:
		float(b, string(v.Data), line, column)
	default:
		datetime(b, string(v.Data), line, column)
	}
	return offset + int(v.Raw.Length)
}

// space returns the offset of what follows spaces and tabs.
func (r *reader) space(offset int) int {
	for offset < len(r.data) && (r.data[offset] == ' ' || r.data[offset] == '\t') {
		offset++
	}
	return offset
}

// filler returns the offset of what follows white space, commas and comments.
func (r *reader) filler(offset int) int {
	for ; offset < len(r.data); offset++ {
		switch r.data[offset] {
		case ' ', '\t', '\r', '\n', ',':
		case '#':
			if end := bytes.IndexByte(r.data[offset:], '\n'); end >= 0 {
				offset += end
			}
		default:
			return offset
		}
	}
	return offset
}

func integer(b *config.Builder, text string, line, column int) {
	text = strings.ReplaceAll(text, "_", "")
	if len(text) < 2 || text[0] != '0' {
		b.Integer(text, line, column)
		return
	}
	n, err := strconv.ParseUint(text, 0, 64)
	if err != nil {
		b.Fail(line, column, "the integer has more than 64 bits")
		return
	}
	b.Integer(strconv.FormatUint(n, 10), line, column)
}

func float(b *config.Builder, text string, line, column int) {
	text = strings.ReplaceAll(text, "_", "")
	if strings.HasSuffix(text, "nan") { // strconv knows no sign of it
		text = "nan"
	}
	b.Float(text, line, column)
}

// datetime leaves it to the library what is a date or a time, since the parser finds only
// where it ends.
func datetime(b *config.Builder, text string, line, column int) {
	var doc struct{ T any }
	if err := toml.Unmarshal([]byte("T="+text), &doc); err != nil {
		b.Fail(line, column, "invalid date or time")
		return
	}
	switch t := doc.T.(type) {
	case time.Time:
		b.Datetime(t.Format(time.RFC3339Nano), line, column)
	case fmt.Stringer:
		b.Datetime(t.String(), line, column)
	}
}
