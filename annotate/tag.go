package annotate

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/plugingen/plugingen/internal/language"
	"github.com/plugingen/plugingen/internal/lazyregexp"
	"github.com/plugingen/plugingen/internal/rules"
)

// lazy is lazyregexp.New for an expression that takes time to make, too.
func lazy(expr func() string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr()) })
}

// A confidence is how sure a caller is that a struct tag with the key plugin is ours:
// other programs have such a key too.
type confidence int

const (
	unlikely confidence = iota // a tag is ours if it has a pair of the language
	likely                     // a tag is ours if it has a pair of any key
	certain                    // every tag is ours
	field                      // it is the tag of an option
)

// example returns pairs of a tag, for messages.
func (c confidence) example() string {
	if c == field {
		return "option required"
	}
	return "namespace=my.plugins name=my"
}

// parseTag reads the pairs under the key plugin of a struct tag. The directive is nil
// if there is no such key, or if it belongs to another program.
func parseTag(lit *ast.BasicLit, c confidence) (*directive, []Diagnostic) {
	if !rules.MentionsPlugin(lit.Value) {
		return nil, nil
	}
	tag := unquoteLit(lit.Value, func(i int) token.Pos { return lit.ValuePos + token.Pos(i) })
	fields, rest := tag.fields()
	var found *directive
	var diags []Diagnostic
	for _, f := range fields {
		switch {
		case f.key.Text == "plugin" && found != nil:
			diags = append(diags, Diagnostic{
				Span: f.key.Span, Category: Syntax,
				Message: "a second plugin key in a tag is not read: write all pairs in one, as in `plugin:\"" +
					c.example() + "\"`",
			})
		case f.key.Text == "plugin":
			d, more := f.directive(c)
			found, diags = d, append(diags, more...)
		case almostPlugin(f.key.Text) && (hasPair().MatchString(f.value.s) || optionKey(f.value.s)):
			diags = append(diags, f.key.notPlugin())
		}
	}
	if i := almostField().FindStringIndex(tag.s[rest:]); i != nil &&
		(hasPair().MatchString(tag.s[rest:]) || almostOption().MatchString(tag.s[rest:])) {
		if almostOption().MatchString(tag.s[rest:]) {
			c = field
		}
		diags = append(diags, Diagnostic{
			Span: Span{tag.pos(rest + i[0]), tag.pos(len(tag.s))}, Category: Syntax,
			Message: "this tag can't be read: a tag is written `plugin:\"" + c.example() + "\"`, " +
				"with one space before the next key, if there is one",
		})
	}
	if found != nil {
		found.Span = Span{lit.Pos(), lit.Pos() + token.Pos(len(lit.Value))}
	}
	return found, diags
}

// almostPlugin reports whether the key of a struct tag was probably meant to be plugin.
func almostPlugin(word string) bool {
	switch strings.ToLower(strings.TrimPrefix(word, ",")) {
	case "plugin", "plugins", "plug-in", "plug_in", "plugingen":
		return true
	}
	return false
}

var (
	// almostField matches the key plugin of a struct tag, or a misspelling of it.
	almostField = lazyregexp.New(`(?i)\bplug-?ins?\s*:`)

	// almostOption matches the key option of a tag that can't be read.
	almostOption = lazyregexp.New(`(?i)\bplug-?ins?\s*:\s*"?\s*option\b`)

	// hasPair matches a pair of the language, one that can be in a tag.
	hasPair = lazy(func() string {
		names := language.KeysOn(language.OnTag)
		return `(?:^|[\s":,])(?:x_\w+|` + strings.Join(names, "|") + `)\s?=`
	})
)

// A tagField is one key of a struct tag with its value.
type tagField struct {
	key   Word
	value mapped
}

// notPlugin returns a diagnostic for a misspelling of the key plugin.
func (w Word) notPlugin() Diagnostic {
	if w.Text[0] == ',' {
		return Diagnostic{
			Span: w.Span, Category: NearMiss,
			Message: "this tag is not read: separate it from the one before by a space, not by a comma",
			Fix:     &Fix{Message: "separate them by a space", Span: w.Span, New: " plugin"},
		}
	}
	return Diagnostic{
		Span: w.Span, Category: NearMiss,
		Message: "this tag is not read: its key must be plugin, in lower case",
		Fix:     &Fix{Message: "write plugin", Span: w.Span, New: "plugin"},
	}
}

// directive reads the value of a plugin key.
func (f tagField) directive(c confidence) (*directive, []Diagnostic) {
	s := scanner{text: f.value.s, at: f.value.pos, tag: true, field: c == field}
	d := s.directive()
	valued := func(p pair) bool { return p.items != nil }
	if c >= certain || c == likely && slices.ContainsFunc(d.pairs, valued) || hasPair().MatchString(f.value.s) {
		return d, s.diags
	}
	return nil, nil
}

// A mapped is an unquoted string, with the position in the file of each byte.
type mapped struct {
	s  string
	at []token.Pos // len(s)+1 of them
}

func (m mapped) pos(i int) token.Pos { return m.at[min(i, len(m.at)-1)] }

// unquoteLit unquotes a string literal. pos returns the position of an offset in it.
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

// fields splits a struct tag as reflect.StructTag does. rest is the offset of what
// reflect would not accept, or the length of the tag.
func (m mapped) fields() (fields []tagField, rest int) {
	for i := 0; ; {
		for i < len(m.s) && m.s[i] == ' ' {
			i++
		}
		from := i
		for i < len(m.s) && m.s[i] > ' ' && m.s[i] != ':' && m.s[i] != '"' && m.s[i] != 0x7f {
			i++
		}
		if i == from || i+1 >= len(m.s) || m.s[i] != ':' || m.s[i+1] != '"' {
			return fields, from
		}
		lit, err := strconv.QuotedPrefix(m.s[i+1:])
		if err != nil {
			return fields, from
		}
		at := m.at[i+1:]
		key := Word{m.s[from:i], Span{m.pos(from), m.pos(i)}}
		fields = append(fields, tagField{key, unquoteLit(lit, func(j int) token.Pos { return at[j] })})
		i += 1 + len(lit)
	}
}

// optionKey reports whether there is the key option in what a tag has under plugin.
func optionKey(pairs string) bool {
	return slices.ContainsFunc(strings.Fields(pairs), func(word string) bool {
		key, _, _ := strings.Cut(word, "=")
		return key == "option"
	})
}
