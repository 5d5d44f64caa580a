package annotate

import (
	"fmt"
	"go/ast"
	"go/token"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Word is a piece of a directive: the text it stands for, and where it is.
type Word struct {
	Text string
	Span
}

// A Pair is a key with its value, if it has one.
type Pair struct {
	Key    Word
	Items  []Word // nil for a bare key
	Quoted bool   // the value was one quoted string
}

// span covers the whole pair.
func (p Pair) span() Span {
	s := p.Key.Span
	if n := len(p.Items); n > 0 {
		s.End = p.Items[n-1].End
	}
	return s
}

// A Directive is one comment or tag, read but not yet understood.
type Directive struct {
	Span
	Pairs []Pair
	Tag   bool // in a struct tag
}

// Get returns the pair with the key, or nil.
func (d *Directive) Get(key string) *Pair {
	for i := range d.Pairs {
		if d.Pairs[i].Key.Text == key {
			return &d.Pairs[i]
		}
	}
	return nil
}

const prefix = "//plugin:"

// parseComment reads a comment that begins with //plugin:.
func parseComment(c *ast.Comment) (*Directive, []Diagnostic) {
	body := strings.TrimRight(c.Text[len(prefix):], " \t\r")
	start := c.Slash + token.Pos(len(prefix))
	s := scanner{text: body, at: func(i int) token.Pos { return start + token.Pos(i) }}
	d := s.directive()
	d.Span = Span{c.Slash, s.at(s.end())}
	return d, s.diags
}

// parseTag reads the value of the plugin key of a struct tag. It returns nil if
// the tag has no such key.
func parseTag(lit *ast.BasicLit) (*Directive, []Diagnostic) {
	tag := unquoteLit(lit.Value, func(i int) token.Pos { return lit.ValuePos + token.Pos(i) })
	value, ok := tag.lookup("plugin")
	if !ok {
		return nil, nil
	}
	s := scanner{text: value.s, at: value.pos, tag: true}
	d := s.directive()
	d.Span, d.Tag = Span{lit.Pos(), lit.End()}, true
	return d, s.diags
}

// A scanner reads the pairs of a directive. at maps an offset in text to the
// place in the file that it was written at.
type scanner struct {
	text  string
	off   int
	at    func(int) token.Pos
	tag   bool
	diags []Diagnostic
}

// end is the offset behind the directive, not counting a comment that follows it.
func (s *scanner) end() int {
	return len(strings.TrimRight(s.text[:s.off], " \t"))
}

func (s *scanner) span(from, to int) Span { return Span{s.at(from), s.at(to)} }

func (s *scanner) errorf(c Category, span Span, format string, args ...any) {
	s.diags = append(s.diags, Diagnostic{Span: span, Category: c, Message: fmt.Sprintf(format, args...)})
}

func (s *scanner) directive() *Directive {
	d := &Directive{}
	for s.space(); s.off < len(s.text); s.space() {
		if s.off > 0 && strings.HasPrefix(s.text[s.off:], "//") {
			return s.checked(d)
		}
		if p, ok := s.pair(); ok {
			d.Pairs = append(d.Pairs, p)
		}
	}
	return s.checked(d)
}

// checked reports an empty directive and repeated keys.
func (s *scanner) checked(d *Directive) *Directive {
	if len(d.Pairs) == 0 && len(s.diags) == 0 {
		s.errorf(Syntax, s.span(0, s.off), "this says nothing: write keys and values, as in //plugin:namespace=my.plugins name=my")
	}
	seen := map[string]Word{}
	kept := d.Pairs[:0]
	for _, p := range d.Pairs {
		first, twice := seen[p.Key.Text]
		if twice {
			s.errorf(Syntax, p.span(), "key %q is given twice in one directive: keep one (several values are written %s=a,b)", p.Key.Text, p.Key.Text)
			s.diags[len(s.diags)-1].Related = []Related{{first.Span, "the first one is here"}}
			continue
		}
		seen[p.Key.Text] = p.Key
		kept = append(kept, p)
	}
	d.Pairs = kept
	return d
}

func (s *scanner) space() {
	for s.off < len(s.text) && (s.text[s.off] == ' ' || s.text[s.off] == '\t') {
		s.off++
	}
}

// word advances over bytes up to a space or one of stop, and returns them.
func (s *scanner) word(stop string) Word {
	from := s.off
	for s.off < len(s.text) && !strings.ContainsRune(" \t"+stop, rune(s.text[s.off])) {
		s.off++
	}
	return Word{s.text[from:s.off], s.span(from, s.off)}
}

func (s *scanner) pair() (Pair, bool) {
	key := s.word("=")
	valid := s.key(key)
	if s.off == len(s.text) || s.text[s.off] != '=' {
		return Pair{Key: key}, valid
	}
	s.off++
	p := Pair{Key: key, Quoted: s.off < len(s.text) && strings.ContainsRune("\"`", rune(s.text[s.off]))}
	for {
		item, ok := s.item(key.Text)
		if !ok {
			s.word("") // go on behind the next space
			return p, false
		}
		p.Items = append(p.Items, item)
		if s.off == len(s.text) || s.text[s.off] != ',' {
			p.Quoted = p.Quoted && len(p.Items) == 1
			return p, valid
		}
		s.off++
	}
}

// key reports a key that is not one, with what it may have been meant to be.
func (s *scanner) key(key Word) bool {
	if _, ok := keyNamed(key.Text); ok && wellFormed(key.Text) {
		return true
	}
	switch {
	case key.Text == "":
		s.errorf(Syntax, s.span(s.off, s.off+1), "a key is missing before the =")
	case strings.ContainsAny(key.Text, ",;"):
		s.errorf(Syntax, key.Span, "pairs are separated by spaces, as in namespace=my.plugins name=my")
	case strings.Contains(key.Text, ":"):
		s.errorf(Syntax, key.Span, "a key and its value are joined by =, as in name=my")
	default:
		near := nearest(key.Text, keyNames())
		s.errorf(UnknownKey, key.Span, "unknown key %q%s; keys of your own begin with x_", key.Text, didYouMean(key.Text, keyNames()))
		if near != "" {
			s.diags[len(s.diags)-1].Fix = &Fix{Message: "write " + near, Span: key.Span, New: near}
		}
	}
	return false
}

func wellFormed(key string) bool {
	for i, r := range key {
		if !('a' <= r && r <= 'z' || i > 0 && ('0' <= r && r <= '9' || r == '_')) {
			return false
		}
	}
	return key != ""
}

func (s *scanner) item(key string) (Word, bool) {
	from := s.off
	if s.off < len(s.text) && (s.text[s.off] == '"' || s.text[s.off] == '`') {
		return s.quoted(key)
	}
	w := s.word(",\"`'")
	if s.off < len(s.text) && strings.ContainsRune("\"`'", rune(s.text[s.off])) {
		s.errorf(Syntax, s.span(from, s.off+1), "a quoted value is quoted as a whole, with \" or `: %s=\"...\"", key)
		return w, false
	}
	if w.Text == "" {
		s.errorf(BadValue, s.span(from, from+1), "key %q has an empty value: leave the key away, or write \"\" if nothing is what you mean", key)
		return w, false
	}
	if !utf8.ValidString(w.Text) {
		s.errorf(Syntax, w.Span, "the value of %q is not valid UTF-8", key)
		return w, false
	}
	return w, true
}

func (s *scanner) quoted(key string) (Word, bool) {
	from := s.off
	lit, err := strconv.QuotedPrefix(s.text[from:])
	if err != nil {
		s.off = len(s.text)
		s.errorf(Syntax, s.span(from, len(s.text)), "the quoted value of %q is not a Go string: is its closing quote missing?", key)
		return Word{}, false
	}
	s.off = from + len(lit)
	if s.off < len(s.text) && !strings.ContainsRune(" \t,", rune(s.text[s.off])) {
		s.errorf(Syntax, s.span(s.off, s.off+1), "after a quoted value comes a space or a comma")
		return Word{}, false
	}
	value, _ := strconv.Unquote(lit)
	return Word{value, s.span(from, s.off)}, true
}

// A mapped is a string whose bytes know where in the file they were written.
type mapped struct {
	s  string
	at []token.Pos // len(s)+1 places
}

func (m mapped) pos(i int) token.Pos { return m.at[min(i, len(m.at)-1)] }

// unquoteLit decodes a Go string literal, byte by byte so that no place is lost.
func unquoteLit(lit string, pos func(int) token.Pos) mapped {
	var m mapped
	if len(lit) < 2 {
		return mapped{at: []token.Pos{pos(0)}}
	}
	quote, body := lit[0], lit[1:len(lit)-1]
	var b strings.Builder
	for off := 1; body != ""; {
		rest := body[1:]
		dec := body[:1]
		if quote == '"' {
			r, multibyte, tail, err := strconv.UnquoteChar(body, quote)
			if err != nil {
				break // the compiler reports it
			}
			rest = tail
			dec = string(rune(r))
			if !multibyte {
				dec = string([]byte{byte(r)})
			}
		}
		for range len(dec) {
			m.at = append(m.at, pos(off))
		}
		b.WriteString(dec)
		off += len(body) - len(rest)
		body = rest
	}
	m.s = b.String()
	m.at = append(m.at, pos(len(lit)-1))
	return m
}

// lookup returns the value of a key of a struct tag, as reflect.StructTag does.
func (m mapped) lookup(key string) (mapped, bool) {
	for i := 0; i < len(m.s); {
		for i < len(m.s) && m.s[i] == ' ' {
			i++
		}
		from := i
		for i < len(m.s) && m.s[i] > ' ' && m.s[i] != ':' && m.s[i] != '"' {
			i++
		}
		if i == from || i+1 >= len(m.s) || m.s[i] != ':' || m.s[i+1] != '"' {
			return mapped{}, false
		}
		found := m.s[from:i] == key
		lit, err := strconv.QuotedPrefix(m.s[i+1:])
		if err != nil {
			return mapped{}, false
		}
		if found {
			at := m.at[i+1:]
			return unquoteLit(lit, func(j int) token.Pos { return at[j] }), true
		}
		i += 1 + len(lit)
	}
	return mapped{}, false
}

// validNamespace says whether s is dot-separated words of letters, digits, _ and -.
func validNamespace(s string) bool {
	for word := range strings.SplitSeq(s, ".") {
		if word == "" {
			return false
		}
		for _, r := range word {
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-' {
				return false
			}
		}
	}
	return true
}

// validName says whether s is printable, with no space, quote, comma or control
// character.
func validName(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || !unicode.IsPrint(r) || unicode.IsSpace(r) || strings.ContainsRune("\"'`,", r) {
			return false
		}
	}
	return s != ""
}
