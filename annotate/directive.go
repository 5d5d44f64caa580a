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

	"github.com/plugingen/plugingen/internal/language"
	"github.com/plugingen/plugingen/internal/rules"
)

// A Word is a piece of a directive: its text without quotes, and its position.
type Word struct {
	Text string
	Span
}

// A pair is a key with its value, if it has one.
type pair struct {
	key    Word   // the name of a key; if it was misspelt, the corrected one
	items  []Word // nil for a key without a value
	quoted bool   // the value is one quoted string

	guessed   bool // the key was misspelt
	byDefault bool // a default of the package or the group
}

// span returns the span of the whole pair.
func (p pair) span() Span {
	s := p.key.Span
	if n := len(p.items); n > 0 {
		s.End = p.items[n-1].End
	}
	return s
}

// A directive is the pairs of one comment or struct tag.
type directive struct {
	Span
	pairs []pair

	broken bool      // a syntax error in it has been reported
	end    token.Pos // the end of the last pair, where another can be added
}

// get returns the pair with the key, or nil.
func (d *directive) get(key string) *pair {
	for i := range d.pairs {
		if d.pairs[i].key.Text == key {
			return &d.pairs[i]
		}
	}
	return nil
}

// names reports whether the directive has a key for the plugin's name.
func (d *directive) names() bool { return d.get("name") != nil || d.get("name_from") != nil }

// hostKey returns the first key that only a host can have, or "".
func (d *directive) hostKey() string {
	for _, p := range d.pairs {
		if key, _ := language.KeyNamed(p.key.Text); key.On == language.OnHost {
			return key.Name
		}
	}
	return ""
}

const prefix = "//plugin:"

// IsDirective reports whether the text of a comment is a //plugin: directive, by the rule of
// gofmt. The prefix alone is an empty directive.
func IsDirective(text string) bool {
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

// parseComment reads the pairs of a comment that begins with //plugin:.
func parseComment(c *ast.Comment) (*directive, []Diagnostic) {
	body := strings.TrimRight(c.Text[len(prefix):], " \t\r")
	start := c.Slash + token.Pos(len(prefix))
	s := scanner{text: body, at: func(i int) token.Pos { return start + token.Pos(i) }}
	d := s.directive()
	d.Span = Span{c.Slash, d.end}
	return d, s.diags
}

// A scanner reads the pairs of a directive. at returns the position in the file of an
// offset in text.
type scanner struct {
	text  string
	off   int
	at    func(int) token.Pos
	tag   bool // of a struct, in which quotes have to be quoted again
	field bool // the tag is that of an option
	lost  bool // the last word was not a key: what follows may not be one either
	diags []Diagnostic
}

// places returns the places at which the keys of the directive may be allowed.
func (s *scanner) places() language.Places {
	if s.field {
		return language.OnOption
	}
	return language.OnDirective
}

// keyNamed returns the key of the name, if the directive may have it.
func (s *scanner) keyNamed(name string) (language.Key, bool) {
	key, ok := language.KeyNamed(name)
	return key, ok && key.On&s.places() != 0
}

func (s *scanner) span(from, to int) Span { return Span{s.at(from), s.at(min(to, len(s.text)))} }

func (s *scanner) errorf(c Category, span Span, format string, args ...any) *Diagnostic {
	s.diags = append(s.diags, Diagnostic{Span: span, Category: c, Message: fmt.Sprintf(format, args...)})
	return &s.diags[len(s.diags)-1]
}

func (s *scanner) directive() *directive {
	d := &directive{end: s.at(0)}
	for s.space(); s.off < len(s.text) && !s.comment(); s.space() {
		p, ok := s.pair(d.pairs)
		if ok {
			d.pairs = append(d.pairs, p)
		}
		d.end = s.at(s.off)
	}
	if len(d.pairs) == 0 && len(s.diags) == 0 {
		s.errorf(Syntax, Span{s.at(0), d.end}, "empty directive: write key=value pairs, as in "+
			"//plugin:namespace=my.plugins name=my")
	}
	d.pairs = s.distinct(d.pairs)
	d.broken = len(s.diags) > 0
	return d
}

// comment reports whether an ordinary comment begins at the offset: it ends a directive.
func (s *scanner) comment() bool { return s.off > 0 && strings.HasPrefix(s.text[s.off:], "//") }

// distinct returns the pairs without those of repeated keys, which it reports.
func (s *scanner) distinct(pairs []pair) []pair {
	kept := pairs[:0]
	at := make(map[string]int, len(pairs)) // by key, in kept
	for _, p := range pairs {
		i, repeated := at[p.key.Text]
		if !repeated {
			at[p.key.Text] = len(kept)
			kept = append(kept, p)
			continue
		}
		if first := kept[i]; !p.guessed && !first.guessed {
			d := s.errorf(Syntax, p.span(), "key %q is given twice in one directive: keep "+
				"one%s", p.key.Text, several(p.key.Text))
			d.Related = []Related{{first.key.Span, "the first one is here"}}
		}
	}
	return kept
}

// several returns a hint how to write several values of a key, or "".
func several(key string) string {
	switch k, _ := language.KeyNamed(key); {
	case k.TakesList():
		return fmt.Sprintf(" (several values are written %s=a,b)", key)
	case k.Kind == language.NameValue:
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

// word reads bytes up to a space or one of stop.
func (s *scanner) word(stop string) Word {
	from := s.off
	for s.off < len(s.text) && !isSpace(s.text[s.off]) && strings.IndexByte(stop, s.text[s.off]) < 0 {
		s.off++
	}
	return Word{s.text[from:s.off], s.span(from, s.off)}
}

// pair reads a pair. before are the pairs before it.
func (s *scanner) pair(before []pair) (pair, bool) {
	p := pair{key: s.word("=:")}
	valid := s.key(&p, before)
	if valid && s.colon(p.key.Text) {
		return p, true
	}
	if !s.equals(p.key.Text, valid) {
		return p, valid
	}
	p.quoted = s.quote()
	from := s.off
	key, _ := language.KeyNamed(p.key.Text)
	if !p.quoted && valid && key.TakesSpaces() && s.sentence(&p, key) {
		return p, true
	}
	for {
		item, ok := s.item(p.key.Text)
		if !ok {
			s.word("") // go on behind the next space
			return p, false
		}
		p.items = append(p.items, item)
		if s.comma() {
			continue
		}
		p.quoted = p.quoted && len(p.items) == 1
		if valid && key.TakesList() {
			s.unseparated(key, from)
		}
		return p, valid
	}
}

// sentence reads and reports a value of several words without quotes. It reads nothing
// and returns false if the value is one word.
func (s *scanner) sentence(p *pair, key language.Key) bool {
	from := s.off
	first := s.word("")
	end := s.looseWords(key)
	value := s.text[from:end]
	list := (key.Kind == language.NameValue || key.Kind == language.ScalarValue) && strings.Contains(first.Text, ",")
	if end == from+len(first.Text) || list || strings.ContainsAny(first.Text, "\"`") {
		s.off = from
		return false
	}
	p.items = []Word{{value, s.span(from, end)}}
	d := s.errorf(Syntax, s.span(from, end), "quote the value: %s=%s", key.Name, strconv.Quote(value))
	if !s.tag {
		d.Fix = &Fix{Message: "quote the value", Span: d.Span, New: strconv.Quote(value)}
	}
	return true
}

// unseparated reads and reports values that are separated by spaces instead of commas.
// The first of them begins at the offset from.
func (s *scanner) unseparated(key language.Key, from int) {
	behind := s.off
	end := s.looseWords(key)
	if end == behind {
		return
	}
	separator := func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }
	values := strings.FieldsFunc(s.text[behind:end], separator)
	all := strings.TrimRight(s.text[from:behind], ",") + "," + strings.Join(values, ",")
	d := s.errorf(Syntax, s.span(from, end), "the values of a key are separated by commas, with "+
		"no space: %s=%s", key.Name, all)
	d.Fix = &Fix{Message: "write commas", Span: d.Span, New: all}
}

// looseWords reads words behind the value of a key that are neither pairs nor keys that
// can follow it, and returns the offset of their end.
func (s *scanner) looseWords(key language.Key) int {
	for first := true; ; first = false {
		end := s.off
		s.space()
		w := s.word("")
		if w.Text == "" || strings.HasPrefix(w.Text, "//") || strings.ContainsAny(w.Text, "\"`") ||
			s.beginsPair(w.Text, key, first) || s.beforeEquals() {
			s.off = end
			return end
		}
	}
}

// beforeEquals reports whether spaces and an = follow, so that the word before them is a
// key.
func (s *scanner) beforeEquals() bool {
	rest := strings.TrimLeft(s.text[s.off:], " \t")
	return strings.HasPrefix(rest, "=")
}

// beginsPair reports whether a word behind the value of a key is a pair or a key without
// a value, and not a part of the value. first is for the first word behind the value.
func (s *scanner) beginsPair(word string, before language.Key, first bool) bool {
	key, _, valued := strings.Cut(word, "=")
	if i := strings.IndexByte(key, ':'); i >= 0 && !valued {
		_, known := s.keyNamed(key[:i])
		return known && before.Kind != language.PatternList
	}
	if valued {
		return first || language.KeyMeant(key, s.places()) != ""
	}
	if before.TakesText() {
		k, known := s.keyNamed(key)
		return known && k.CanBeBare() && k.On&before.On != 0
	}
	if _, known := s.keyNamed(key); known {
		return true
	}
	meant, known := s.keyNamed(rules.NearestOrCompletion(strings.ToLower(key), language.KeysOn(s.places())))
	return known && meant.CanBeBare() && meant.On&before.On != 0
}

// colon reads and reports a colon behind a key that can be without a value, if no value follows.
func (s *scanner) colon(key string) bool {
	k, _ := language.KeyNamed(key)
	if !k.CanBeBare() || s.off == len(s.text) || s.text[s.off] != ':' {
		return false
	}
	from := s.off
	s.off++
	s.space()
	end := s.off
	next := s.word("")
	s.off = end
	if next.Text != "" && !strings.HasPrefix(next.Text, "//") && !s.beginsPair(next.Text, k, false) {
		s.off = from
		return false
	}
	format := "key %q has no value: remove the colon behind it"
	if k.Kind == language.NoValue {
		format = "key %q takes no value: remove the colon behind it"
	}
	d := s.errorf(Syntax, s.span(from, end), format, key)
	d.Fix = &Fix{Message: "remove the colon", Span: d.Span}
	if next.Text != "" {
		d.Fix.New = " "
	}
	return true
}

// equals reads the = between a key and its value, and reports whether there is one. It
// also reads spaces around it, or a colon in its place, and reports them if the key is
// valid.
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
	word, _, _ := strings.Cut(s.text[to:], " ")
	if to > i+1 && (word == "" || strings.ContainsAny(word, "=:") || strings.HasPrefix(word, "//")) {
		to = i + 1 // the value is missing: what follows is the next pair
	}
	k, _ := language.KeyNamed(key)
	if s.text[from:to] != "=" && valid && k.Kind != language.NoValue { // a value is reported elsewhere
		d := s.errorf(Syntax, s.span(from, to), "a key and its value are joined by = alone, with "+
			"no space: %s=...", key)
		d.Fix = &Fix{Message: "write =", Span: d.Span, New: "="}
	}
	s.off = to
	return true
}

// comma reads the comma behind an item, and reports whether another item follows. It
// reports a comma between pairs.
func (s *scanner) comma() bool {
	if s.off == len(s.text) || s.text[s.off] != ',' {
		return false
	}
	from := s.off
	s.off++
	next := s.text[s.off:]
	if s.wordFollows() {
		s.space()
		d := s.errorf(Syntax, s.span(from, s.off), "the values of a key are separated by a comma "+
			"alone, with no space")
		d.Fix = &Fix{Message: "write a comma alone", Span: d.Span, New: ","}
		return true
	}
	// The end of the item: looking further would be quadratic in the length of a list.
	end := max(strings.IndexAny(next, "=, \t\"`"), 0)
	if _, known := s.keyNamed(next[:end]); known && next[end] == '=' || next == "" || isSpace(next[0]) {
		example := "namespace=my.plugins name=my"
		if s.field {
			example = "option default=3 min=1"
		}
		d := s.errorf(Syntax, s.span(from, s.off), "pairs are separated by spaces, as in "+
			"%s; a comma separates the values of one key", example)
		d.Fix = &Fix{Message: "separate the pairs by a space", Span: d.Span, New: " "}
		return false
	}
	return true
}

// wordFollows reports whether spaces and a word that is not a key follow.
func (s *scanner) wordFollows() bool {
	next := s.text[s.off:]
	if next == "" || !isSpace(next[0]) {
		return false
	}
	word, _, _ := strings.Cut(strings.TrimLeft(next, " \t"), " ")
	return word != "" && language.KeyMeant(word, s.places()) == "" && !strings.ContainsAny(word, "=:/")
}

// key reports whether the key of p is one of the language, or a misspelt one, which it
// corrects. It adds diagnostics for keys that are not of the language.
func (s *scanner) key(p *pair, before []pair) bool {
	key := p.key
	// A key with a value that belongs elsewhere is reported by method allowed.
	k, ok := language.KeyNamed(key.Text)
	if ok && language.WellFormed(key.Text) && (k.On&s.places() != 0 || s.beforeEquals()) {
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
	meant := language.KeyMeant(key.Text, s.places())
	if meant == "link" && !linkFits(before) {
		meant = ""
	}
	lost := s.lost
	s.lost = meant == ""
	switch {
	case meant == "" && lost:
		return false // reported with the word before
	case meant == "" && len(before) > 0 && s.afterWord():
		last, _ := language.KeyNamed(before[len(before)-1].key.Text)
		why := fmt.Sprintf("key %q before it takes one value without spaces", last.Name)
		if last.TakesSpaces() {
			why = fmt.Sprintf("if it belongs to the value before it, put all of that in quotes, "+
				"as in %s=\"two words\"", last.Name)
		}
		end := s.at(s.looseWords(language.CustomKey))
		s.errorf(UnknownKey, Span{key.Pos, end}, "unknown key %q: %s; \"plugingen help "+
			"keys\" lists the keys", key.Text, why)
		return false
	case meant == "":
		custom := "; those of your own begin with x_, and are lower-case letters, digits and _"
		if s.field {
			custom = ""
		}
		s.errorf(UnknownKey, key.Span, "unknown key %q: \"plugingen help keys\" lists the keys%s", key.Text, custom)
		return false
	}
	custom := "; keys of your own begin with x_"
	if s.field {
		custom = ""
	}
	d := s.errorf(UnknownKey, key.Span, "unknown key %q%s%s", key.Text, rules.DidYouMean(meant), custom)
	d.Fix = &Fix{Message: "write " + meant, Span: key.Span, New: meant}
	p.key.Text, p.guessed = meant, true
	return true
}

// afterWord reports whether the offset is at the end of a word.
func (s *scanner) afterWord() bool { return s.off == len(s.text) || isSpace(s.text[s.off]) }

// linkFits reports whether the key link can follow the pairs: there are none, or all are
// of a host. Many words are similar to link.
func linkFits(before []pair) bool {
	return !slices.ContainsFunc(before, func(p pair) bool {
		key, _ := language.KeyNamed(p.key.Text)
		return key.On&language.OnHost == 0
	})
}

// quote reports whether a quoted item begins at the offset.
func (s *scanner) quote() bool {
	return s.off < len(s.text) && (s.text[s.off] == '"' || s.text[s.off] == '`')
}

// item reads one item of the value of a key.
func (s *scanner) item(key string) (Word, bool) {
	if s.quote() {
		return s.quoted(key)
	}
	from := s.off
	w := s.word(",\"`'")
	if s.off < len(s.text) && strings.IndexByte("\"`'", s.text[s.off]) >= 0 {
		s.word("")
		s.errorf(Syntax, s.span(from, s.off),
			"a value that contains a quote must be quoted as a whole, with \" or `: %s=\"...\"", key)
		return w, false
	}
	if w.Text == "" {
		s.errorf(BadValue, s.span(from-1, from+1), "key %q has an empty value: give it one, or "+
			"remove the key", key)
		return w, false
	}
	if i := strings.IndexFunc(w.Text, unprintable); i >= 0 {
		s.errorf(Syntax, w.Span, "the value of %q contains an invisible character: quote it, as "+
			"in %s=%+q", key, key, w.Text)
		return w, false
	}
	return w, true
}

func unprintable(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }

// closes reports whether the text has a closing quote for the quote that it begins with.
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

// quoted reads a quoted item of the value of a key.
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
		s.errorf(Syntax, s.span(s.off, s.off+1), "a quoted value must be followed by a space or a comma")
		return Word{}, false
	case !utf8.ValidString(value):
		s.errorf(Syntax, s.span(from, s.off), "the value of %q is not valid UTF-8", key)
		return Word{}, false
	}
	return Word{value, s.span(from, s.off)}, true
}
