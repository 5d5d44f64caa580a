package annotate

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
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
	Key    Word   // a known one; if it was misspelt, the one that was meant
	Items  []Word // nil for a bare key
	Quoted bool   // the value was one quoted string

	guessed   bool // the key was misspelt
	byDefault bool // from the package or the group
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

	broken bool      // not all of it could be read; that is reported
	end    token.Pos // behind the last pair, where another can be added
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

// names reports whether the directive says what the plugin is called.
func (d *Directive) names() bool { return d.Get("name") != nil || d.Get("name_from") != nil }

const prefix = "//plugin:"

// isDirective says whether a comment is a directive in the eyes of gofmt, which
// turns all others into prose. One with nothing in it is taken for a directive too: it
// was begun as one.
func isDirective(text string) bool {
	body, ok := strings.CutPrefix(text, prefix)
	if !ok {
		return false
	}
	if strings.TrimSpace(body) == "" {
		return true
	}
	c := body[0]
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
}

// parseComment reads a comment that begins with //plugin:.
func parseComment(c *ast.Comment) (*Directive, []Diagnostic) {
	body := strings.TrimRight(c.Text[len(prefix):], " \t\r")
	start := c.Slash + token.Pos(len(prefix))
	s := scanner{text: body, at: func(i int) token.Pos { return start + token.Pos(i) }}
	d := s.directive()
	d.Span = Span{c.Slash, d.end}
	return d, s.diags
}

// A scanner reads the pairs of a directive. at maps an offset in text to the
// place in the file that it was written at.
type scanner struct {
	text  string
	off   int
	at    func(int) token.Pos
	tag   bool // of a struct, so that a quote would have to be quoted again
	lost  bool // what was read last was no key, and neither may be what follows
	diags []Diagnostic
}

func (s *scanner) span(from, to int) Span { return Span{s.at(from), s.at(min(to, len(s.text)))} }

func (s *scanner) errorf(c Category, span Span, format string, args ...any) *Diagnostic {
	s.diags = append(s.diags, Diagnostic{Span: span, Category: c, Message: fmt.Sprintf(format, args...)})
	return &s.diags[len(s.diags)-1]
}

func (s *scanner) directive() *Directive {
	d := &Directive{end: s.at(0)}
	for s.space(); s.off < len(s.text) && !s.comment(); s.space() {
		p, ok := s.pair(d.Pairs)
		if ok {
			d.Pairs = append(d.Pairs, p)
		}
		d.end = s.at(s.off)
	}
	if len(d.Pairs) == 0 && len(s.diags) == 0 {
		s.errorf(Syntax, Span{s.at(0), d.end}, "empty directive: write key=value pairs, as in //plugin:namespace=my.plugins name=my")
	}
	d.Pairs = s.distinct(d.Pairs)
	d.broken = len(s.diags) > 0
	return d
}

// comment says whether an ordinary comment begins here, which ends a directive.
func (s *scanner) comment() bool { return s.off > 0 && strings.HasPrefix(s.text[s.off:], "//") }

// distinct reports repeated keys, and leaves them out.
func (s *scanner) distinct(pairs []Pair) []Pair {
	kept := pairs[:0]
	at := make(map[string]int, len(pairs)) // by key, in kept
	for _, p := range pairs {
		i, repeated := at[p.Key.Text]
		if !repeated {
			at[p.Key.Text] = len(kept)
			kept = append(kept, p)
			continue
		}
		if first := kept[i]; !p.guessed && !first.guessed {
			d := s.errorf(Syntax, p.span(), "key %q is given twice in one directive: keep one%s", p.Key.Text, several(p.Key.Text))
			d.Related = []Related{{first.Key.Span, "the first one is here"}}
		}
	}
	return kept
}

// several says how to write several values of a key that takes them.
func several(key string) string {
	switch k, _ := keyNamed(key); k.form {
	case names, plugins, typeList, patterns:
		return fmt.Sprintf(" (several values are written %s=a,b)", key)
	case name:
		return " (a directive declares one plugin, but there may be several directives)"
	}
	return ""
}

func (s *scanner) space() {
	for s.off < len(s.text) && isSpace(s.text[s.off]) {
		s.off++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

// word advances over bytes up to a space or one of stop, and returns them.
func (s *scanner) word(stop string) Word {
	from := s.off
	for s.off < len(s.text) && !isSpace(s.text[s.off]) && strings.IndexByte(stop, s.text[s.off]) < 0 {
		s.off++
	}
	return Word{s.text[from:s.off], s.span(from, s.off)}
}

// pair reads a pair, given those before it.
func (s *scanner) pair(before []Pair) (Pair, bool) {
	p := Pair{Key: s.word("=:")}
	valid := s.key(&p, before)
	if !s.equals(p.Key.Text, valid) {
		return p, valid
	}
	p.Quoted = s.quote()
	from := s.off
	key, _ := keyNamed(p.Key.Text)
	if !p.Quoted && valid && key.takesSpaces() && s.sentence(&p, key) {
		return p, true
	}
	for {
		item, ok := s.item(p.Key.Text)
		if !ok {
			s.word("") // go on behind the next space
			return p, false
		}
		p.Items = append(p.Items, item)
		if s.comma() {
			continue
		}
		p.Quoted = p.Quoted && len(p.Items) == 1
		if valid && key.takesList() {
			s.unseparated(&p, key, from)
		}
		return p, valid
	}
}

// takesSpaces reports whether the value of a key can have spaces in it, if it is quoted.
func (k Key) takesSpaces() bool { return k.form == text || k.form == optional || k.form == name }

// takesList reports whether a key can have several values.
func (k Key) takesList() bool {
	return k.form == names || k.form == plugins || k.form == patterns || k.form == typeList
}

// sentence reads a value of several words that is not quoted, and reports it. It returns
// false, and reads nothing, if the value is one word.
func (s *scanner) sentence(p *Pair, key Key) bool {
	from := s.off
	first := s.word("")
	end := s.looseWords(key)
	value := s.text[from:end]
	if end == from+len(first.Text) || strings.Contains(first.Text, ",") && key.form == name || strings.ContainsAny(first.Text, "\"`") {
		s.off = from
		return false
	}
	p.Items = []Word{{value, s.span(from, end)}}
	d := s.errorf(Syntax, s.span(from, end), "quote the value: %s=%s", key.Name, strconv.Quote(value))
	if !s.tag {
		d.Fix = &Fix{Message: "quote the value", Span: d.Span, New: strconv.Quote(value)}
	}
	return true
}

// unseparated reports words that follow the values of a key and were meant to be more of
// them. The values begin at an offset.
func (s *scanner) unseparated(p *Pair, key Key, from int) {
	behind := s.off
	end := s.looseWords(key)
	if end == behind {
		return
	}
	var values []string
	for _, word := range strings.FieldsFunc(s.text[behind:end], func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		values = append(values, word)
	}
	all := strings.TrimRight(s.text[from:behind], ",") + "," + strings.Join(values, ",")
	d := s.errorf(Syntax, s.span(from, end), "the values of a key are separated by commas, with no space: %s=%s", key.Name, all)
	d.Fix = &Fix{Message: "write commas", Span: d.Span, New: all}
}

// looseWords advances over words that are neither pairs nor keys that may stand beside
// the one before them, and returns where the last one ends.
func (s *scanner) looseWords(key Key) int {
	for first := true; ; first = false {
		end := s.off
		s.space()
		w := s.word("")
		if w.Text == "" || strings.HasPrefix(w.Text, "//") || strings.ContainsAny(w.Text, "\"`") || beginsPair(w.Text, key, first) || s.off < len(s.text) && s.beforeEquals() {
			s.off = end
			return end
		}
	}
}

// beforeEquals reports whether an = follows behind spaces, so that the word before them is
// a key.
func (s *scanner) beforeEquals() bool {
	rest := strings.TrimLeft(s.text[s.off:], " \t")
	return strings.HasPrefix(rest, "=")
}

// beginsPair reports whether a word behind the value of a key is a pair, or a key without
// a value, and not more of the value.
func beginsPair(word string, before Key, first bool) bool {
	key, _, valued := strings.Cut(word, "=")
	if i := strings.IndexByte(key, ':'); i >= 0 && !valued {
		_, known := keyNamed(key[:i])
		return known && before.form != patterns
	}
	if valued {
		return first || meantKey(key) != ""
	}
	if before.form == text || before.form == optional {
		k, known := keyNamed(key)
		return known && k.standsAlone() && k.On&before.On != 0
	}
	if _, known := keyNamed(key); known {
		return true
	}
	meant, known := keyNamed(nearest(strings.ToLower(key), keyNames()))
	return known && meant.standsAlone() && meant.On&before.On != 0
}

// standsAlone reports whether a key can be without a value.
func (k Key) standsAlone() bool { return k.form == bare || k.form == factory || k.form == optional }

// equals advances over the = between a key and its value. It takes spaces around
// it, or a colon in its place, for a slip, which it reports if the key is one.
func (s *scanner) equals(key string, valid bool) bool {
	from, i := s.off, s.off
	for i < len(s.text) && isSpace(s.text[i]) {
		i++
	}
	if i == len(s.text) || s.text[i] != '=' && s.text[i] != ':' {
		return false
	}
	to := i + 1
	for to < len(s.text) && isSpace(s.text[to]) {
		to++
	}
	if word, _, _ := strings.Cut(s.text[to:], " "); to > i+1 && (word == "" || strings.ContainsAny(word, "=:") || strings.HasPrefix(word, "//")) {
		to = i + 1 // what follows is the next pair: the value is missing
	}
	if s.text[from:to] != "=" && valid {
		d := s.errorf(Syntax, s.span(from, to), "a key and its value are joined by = alone, with no space: %s=...", key)
		d.Fix = &Fix{Message: "write =", Span: d.Span, New: "="}
	}
	s.off = to
	return true
}

// comma advances over a comma if another item follows. One that separates pairs is
// a slip, which it reports.
func (s *scanner) comma() bool {
	if s.off == len(s.text) || s.text[s.off] != ',' {
		return false
	}
	from := s.off
	s.off++
	next := s.text[s.off:]
	if s.wordFollows() {
		s.space()
		d := s.errorf(Syntax, s.span(from, s.off), "the values of a key are separated by a comma alone, with no space")
		d.Fix = &Fix{Message: "write a comma alone", Span: d.Span, New: ","}
		return true
	}
	end := max(strings.IndexAny(next, "=, \t\"`"), 0) // of the item, of which lists may have very many
	if _, known := keyNamed(next[:end]); known && next[end] == '=' || next == "" || isSpace(next[0]) {
		d := s.errorf(Syntax, s.span(from, s.off), "pairs are separated by spaces, as in namespace=my.plugins name=my; a comma separates the values of one key")
		d.Fix = &Fix{Message: "separate the pairs by a space", Span: d.Span, New: " "}
		return false
	}
	return true
}

// wordFollows reports whether there is space, and behind it a word that is no key.
func (s *scanner) wordFollows() bool {
	next := s.text[s.off:]
	if next == "" || !isSpace(next[0]) {
		return false
	}
	word, _, _ := strings.Cut(strings.TrimLeft(next, " \t"), " ")
	return word != "" && meantKey(word) == "" && !strings.ContainsAny(word, "=:/")
}

// key reports a key that is not one. If it was meant to be another, p is given that.
func (s *scanner) key(p *Pair, before []Pair) bool {
	key := p.Key
	if _, ok := keyNamed(key.Text); ok && wellFormed(key.Text) {
		s.lost = false
		return true
	}
	switch {
	case key.Text == "":
		s.errorf(Syntax, s.span(s.off, s.off+1), "a key is missing before the %c", s.text[s.off])
		return false
	case strings.ContainsAny(key.Text, "\"`'"):
		s.errorf(Syntax, key.Span, "a key is expected here: only values are quoted, as in doc=\"two words\"")
		return false
	}
	meant := meantKey(key.Text)
	if meant == "link" && !linkFits(before) {
		meant = ""
	}
	lost := s.lost
	s.lost = meant == ""
	switch {
	case meant == "" && lost:
		return false // one message is enough
	case meant == "" && len(before) > 0 && s.afterWord():
		last, _ := keyNamed(before[len(before)-1].Key.Text)
		why := fmt.Sprintf("key %q before it takes one value without spaces", last.Name)
		if last.takesSpaces() {
			why = fmt.Sprintf("if it belongs to the value before it, put all of that in quotes, as in %s=\"two words\"", last.Name)
		}
		end := s.at(s.looseWords(own))
		s.errorf(UnknownKey, Span{key.Span.Pos, end}, "unknown key %q: %s; \"plugingen help keys\" lists the keys", key.Text, why)
		return false
	case meant == "":
		s.errorf(UnknownKey, key.Span, "unknown key %q: \"plugingen help keys\" lists the keys; those of your own begin with x_, and are lower-case letters, digits and _", key.Text)
		return false
	}
	d := s.errorf(UnknownKey, key.Span, "unknown key %q (did you mean %q?); keys of your own begin with x_", key.Text, meant)
	d.Fix = &Fix{Message: "write " + meant, Span: key.Span, New: meant}
	p.Key.Text, p.guessed = meant, true
	return true
}

func (s *scanner) afterWord() bool { return s.off == len(s.text) || isSpace(s.text[s.off]) }

// linkFits reports whether the pairs leave room for the key link, which many words are
// like: they are none, or those of a host.
func linkFits(before []Pair) bool {
	return !slices.ContainsFunc(before, func(p Pair) bool {
		key, _ := keyNamed(p.Key.Text)
		return key.On&OnHost == 0
	})
}

func wellFormed(key string) bool {
	for i, r := range key {
		if !('a' <= r && r <= 'z' || i > 0 && ('0' <= r && r <= '9' || r == '_')) {
			return false
		}
	}
	return key != ""
}

// quote says whether a quoted value begins here.
func (s *scanner) quote() bool {
	return s.off < len(s.text) && (s.text[s.off] == '"' || s.text[s.off] == '`')
}

func (s *scanner) item(key string) (Word, bool) {
	if s.quote() {
		return s.quoted(key)
	}
	from := s.off
	w := s.word(",\"`'")
	if s.off < len(s.text) && strings.IndexByte("\"`'", s.text[s.off]) >= 0 {
		s.word("")
		s.errorf(Syntax, s.span(from, s.off), "a value with a quote in it is quoted as a whole, with \" or `: %s=\"...\"", key)
		return w, false
	}
	if w.Text == "" {
		s.errorf(BadValue, s.span(from-1, from+1), "key %q has an empty value here: give it one, or leave the key away", key)
		return w, false
	}
	if i := strings.IndexFunc(w.Text, unprintable); i >= 0 {
		s.errorf(Syntax, w.Span, "the value of %q has a character in it that can't be seen: quote it, as in %s=%+q", key, key, w.Text)
		return w, false
	}
	return w, true
}

func unprintable(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }

// closes says whether the quote with which the text begins is closed in it, by one
// without a backslash.
func closes(text string) bool {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case text[0]:
			return true
		}
	}
	return false
}

func (s *scanner) quoted(key string) (Word, bool) {
	from := s.off
	lit, err := strconv.QuotedPrefix(s.text[from:])
	if err != nil {
		s.off = len(s.text)
		why := "is its closing quote missing?"
		if closes(s.text[from:]) {
			why = "a backslash in it is not one of Go's escapes; write \\\\, or quote the value with ` instead"
		}
		s.errorf(Syntax, s.span(from, len(s.text)), "the quoted value of %q is not a Go string: %s", key, why)
		return Word{}, false
	}
	s.off = from + len(lit)
	value, _ := strconv.Unquote(lit)
	switch {
	case s.off < len(s.text) && !isSpace(s.text[s.off]) && s.text[s.off] != ',':
		s.errorf(Syntax, s.span(s.off, s.off+1), "after a quoted value comes a space or a comma")
		return Word{}, false
	case !utf8.ValidString(value):
		s.errorf(Syntax, s.span(from, s.off), "the value of %q is not valid UTF-8", key)
		return Word{}, false
	}
	return Word{value, s.span(from, s.off)}, true
}
