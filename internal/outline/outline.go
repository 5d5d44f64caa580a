// Package outline finds what a Go file declares without parsing it, in a tenth of the
// time. It is exact for files that can be parsed; of others it finds something.
package outline

import (
	"bytes"
	"go/token"
	"iter"
	"unicode/utf8"

	"github.com/plugingen/plugingen/internal/readfile"
)

// An Outline is what a file declares at package level.
type Outline struct {
	Package   int // where the package clause begins, behind comments only
	Names     []Name
	Receivers []string // the types that its methods are declared on
	Bodies    []Range  // of its functions, without braces
}

// A Name is an identifier that is declared, "_" and init included.
type Name struct {
	Text   string
	Offset int
}

// A Range is a part of the file.
type Range struct{ Begin, End int }

// Of returns the outline of a file.
func Of(src []byte) Outline {
	s := &scanner{src: src}
	s.found.Names, s.found.Bodies = make([]Name, 0, 16), make([]Range, 0, 16) // most files have as many
	if bytes.HasPrefix(src, []byte(readfile.ByteOrderMark)) {
		s.at = len(readfile.ByteOrderMark)
	}
	s.next()
	s.found.Package = s.at - len(s.token)
	for ; s.kind != end; s.statement() {
		switch s.text() {
		case "func":
			s.next()
			s.function()
		case "type", "var", "const":
			s.next()
			s.declaration()
		}
	}
	return s.found
}

// AppendWithoutBodies appends the source to dst with the bodies of functions replaced by
// spaces, except those for which keep reports true. Lines and offsets stay the same.
func (o Outline) AppendWithoutBodies(dst, src []byte, keep func(body []byte) bool) []byte {
	from := len(dst)
	dst = append(dst, src...)
	for _, r := range o.Bodies {
		body := dst[from+r.Begin : from+r.End]
		if keep(body) {
			continue
		}
		for i, c := range body {
			if c != '\n' {
				body[i] = ' '
			}
		}
	}
	return dst
}

// Words returns the identifiers and the other words in the source, those of comments and
// strings included. It leaves out the bodies of functions.
func (o Outline) Words(src []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		from := 0
		for _, r := range o.Bodies {
			if !words(src[from:r.Begin], yield) {
				return
			}
			from = r.End
		}
		words(src[from:], yield)
	}
}

// words yields the words in a part of the source, and reports whether to go on.
func words(src []byte, yield func([]byte) bool) bool {
	from := -1
	for i, c := range src {
		switch {
		case !isLetter(c):
			if from >= 0 && !yield(src[from:i]) {
				return false
			}
			from = -1
		case from < 0:
			from = i
		}
	}
	return from < 0 || yield(src[from:])
}

// function reads a function's receiver and name, and looks for its body.
func (s *scanner) function() {
	if s.kind == '(' {
		s.receiver()
	} else {
		s.name()
	}
	typ := false // a brace would be a type's
	for s.kind != end && s.kind != terminator {
		if s.kind == '{' && !typ {
			s.body()
			return
		}
		typ = s.text() == "struct" || s.text() == "interface"
		s.skip()
	}
}

// body reads a function's body, which goes on to the end of the file if it is not closed.
func (s *scanner) body() {
	begin := s.at
	s.nested()
	stop := s.at
	if s.kind != end {
		stop-- // before the brace
	}
	s.found.Bodies = append(s.found.Bodies, Range{begin, stop})
}

// receiver reads a method's receiver: its last word is the type, but for type arguments.
func (s *scanner) receiver() {
	typ := ""
	for s.next(); s.kind != ')' && s.kind != end; {
		switch s.kind {
		case word:
			typ = s.text()
			s.next()
		case '[':
			s.skip()
		default:
			s.next()
		}
	}
	for s.kind == ')' {
		s.next()
	}
	s.found.Receivers = append(s.found.Receivers, typ)
}

// declaration reads what follows type, var or const: one specification, or several
// in parentheses.
func (s *scanner) declaration() {
	if s.kind != '(' {
		s.names()
		return
	}
	s.next()
	for s.kind != ')' && s.kind != end {
		s.names()
		for s.kind != terminator && s.kind != ')' && s.kind != end {
			s.skip()
		}
		if s.kind == terminator {
			s.next()
		}
	}
	s.next()
}

// names reads a list of identifiers.
func (s *scanner) names() {
	s.name()
	for s.kind == ',' {
		s.next()
		s.name()
	}
}

func (s *scanner) name() {
	if s.kind == word {
		s.found.Names = append(s.found.Names, Name{s.text(), s.at - len(s.token)})
		s.next()
	}
}

// statement skips the rest of a statement.
func (s *scanner) statement() {
	for s.kind != terminator && s.kind != end {
		s.skip()
	}
	s.next()
}

// skip skips a token, or all that is in brackets.
func (s *scanner) skip() {
	switch s.kind {
	case '(', '[', '{':
		s.nested()
	}
	s.next()
}

// Kinds of tokens. Others are operators, of which the kind is the first byte.
const (
	end        = 0
	word       = 'a' // an identifier, a keyword, or a number
	literal    = '"'
	terminator = ';' // of a statement: a semicolon, or a line's end that stands for one
)

// A scanner divides a file into tokens, and does not mind which are wrong.
type scanner struct {
	src   []byte
	at    int // what is read next
	kind  byte
	token []byte
	found Outline
}

func (s *scanner) text() string {
	if s.kind != word {
		return ""
	}
	return string(s.token)
}

// next reads a token.
func (s *scanner) next() {
	for s.at < len(s.src) {
		switch c := s.src[s.at]; {
		case c == '\n' && s.terminates():
			s.read(terminator, 1)
			return
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			s.at++
		case c == '/' && s.isComment():
			comment := s.src[s.at:]
			s.comment()
			comment = comment[:len(comment)-len(s.src[s.at:])]
			if bytes.IndexByte(comment, '\n') >= 0 && s.terminates() {
				s.read(terminator, 0)
				return
			}
		case c == '"' || c == '\'' || c == '`':
			s.quoted()
			s.kind = literal
			return
		case isLetter(c):
			s.read(word, s.length())
			return
		default:
			s.read(c, 1)
			return
		}
	}
	s.kind = end
}

func (s *scanner) read(kind byte, length int) {
	s.kind, s.token = kind, s.src[s.at:s.at+length]
	s.at += length
}

// length returns how long the word is that begins here.
func (s *scanner) length() int {
	number := s.src[s.at] <= '9'
	n := 1
	for _, c := range s.src[s.at+1:] {
		if !isLetter(c) && (!number || c != '.') {
			break
		}
		n++
	}
	return n
}

// terminates reports whether a line's end after the token ends the statement. The keywords
// of which it would, such as return, do not stand outside of functions.
func (s *scanner) terminates() bool {
	switch s.kind {
	case word:
		return !token.IsKeyword(string(s.token))
	case literal, ')', ']', '}':
		return true
	}
	return false
}

// nested goes on from an opening bracket to the one that closes it, over what most of a
// file consists of. It counts brackets of that kind only, so that one of another kind that is
// missing in a function does not affect what is found behind the function.
func (s *scanner) nested() {
	opening := s.kind
	closing := closings[opening]
	for depth := 1; ; {
		s.at += plain(s.src[s.at:])
		if s.at == len(s.src) {
			s.kind = end
			return
		}
		switch c := s.src[s.at]; c {
		case opening:
			depth++
			s.at++
		case closing:
			s.at++
			if depth--; depth == 0 {
				s.kind = c
				return
			}
		case '"', '\'', '`':
			s.quoted()
		case '/':
			if s.isComment() {
				s.comment()
			} else {
				s.at++
			}
		default: // another kind of bracket
			s.at++
		}
	}
}

var closings = [...]byte{'(': ')', '[': ']', '{': '}'}

// plain returns how many bytes come before the first that may matter between brackets.
func plain(src []byte) int {
	for i, c := range src {
		if notable[c] {
			return i
		}
	}
	return len(src)
}

var notable = setOf("()[]{}\"'`/")

// setOf returns a table that is true for each byte of a string.
func setOf(bytes string) (set [256]bool) {
	for i := range len(bytes) {
		set[bytes[i]] = true
	}
	return set
}

func (s *scanner) isComment() bool {
	return s.at+1 < len(s.src) && (s.src[s.at+1] == '/' || s.src[s.at+1] == '*')
}

// comment skips a comment, but for the line's end after it.
func (s *scanner) comment() {
	general := s.src[s.at+1] == '*'
	s.at += 2
	if general {
		s.skipTo("*/")
		return
	}
	s.skipTo("\n")
	if s.at < len(s.src) {
		s.at--
	}
}

// skipTo skips all up to the end of a string.
func (s *scanner) skipTo(what string) {
	if i := bytes.Index(s.src[s.at:], []byte(what)); i >= 0 {
		s.at += i + len(what)
	} else {
		s.at = len(s.src)
	}
}

// quoted skips a string or a rune.
func (s *scanner) quoted() {
	quote := s.src[s.at]
	s.at++
	if quote == '`' {
		s.skipTo("`")
		return
	}
	for s.at < len(s.src) && s.src[s.at] != '\n' {
		c := s.src[s.at]
		s.at++
		if c == quote {
			return
		}
		if c == '\\' && s.at < len(s.src) {
			s.at++
		}
	}
}

// isLetter reports whether a byte is of a word. All that is not ASCII is taken for letters.
func isLetter(c byte) bool { return letters[c] }

var letters = func() [256]bool {
	set := setOf("_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	for c := utf8.RuneSelf; c < len(set); c++ {
		set[c] = true
	}
	return set
}()
