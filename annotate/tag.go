package annotate

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// A trust says when a tag is taken for ours: other programs have a key plugin of
// their own.
type trust int

const (
	strict trust = iota // if it has a pair of the language
	likely              // if it has a pair that may be one
	sure                // in any case
)

// parseTag reads what a struct tag says of plugins. The directive is nil if it says
// nothing.
func parseTag(lit *ast.BasicLit, t trust) (*Directive, []Diagnostic) {
	if !mentionsPlugin(lit.Value) {
		return nil, nil
	}
	tag := unquoteLit(lit.Value, func(i int) token.Pos { return lit.ValuePos + token.Pos(i) })
	fields, rest := tag.fields()
	var found *Directive
	var diags []Diagnostic
	for _, f := range fields {
		switch {
		case f.key.Text == "plugin" && found != nil:
			diags = append(diags, Diagnostic{Span: f.key.Span, Category: Syntax,
				Message: "a second plugin key in one tag is not read: put all in one, as in `plugin:\"namespace=my.plugins name=my\"`"})
		case f.key.Text == "plugin":
			d, more := f.directive(t)
			found, diags = d, append(diags, more...)
		case almostPlugin(f.key.Text) && hasPair().MatchString(f.value.s):
			diags = append(diags, f.key.notPlugin())
		}
	}
	if i := almostField().FindStringIndex(tag.s[rest:]); i != nil && hasPair().MatchString(tag.s[rest:]) {
		diags = append(diags, Diagnostic{Span: Span{tag.pos(rest + i[0]), tag.pos(len(tag.s))}, Category: Syntax,
			Message: "this tag can't be read: a tag is written `plugin:\"namespace=my.plugins name=my\"`, with one space before the next key, if there is one"})
	}
	if found != nil {
		found.Span, found.Tag = Span{lit.Pos(), lit.Pos() + token.Pos(len(lit.Value))}, true
	}
	return found, diags
}

// A tagField is one key of a struct tag with its value.
type tagField struct {
	key   Word
	value mapped
}

// notPlugin reports a key that was meant to be plugin.
func (w Word) notPlugin() Diagnostic {
	if w.Text[0] == ',' {
		return Diagnostic{Span: w.Span, Category: NearMiss,
			Message: "this tag is not read: what separates it from the one before is a space, and no comma",
			Fix:     &Fix{Message: "separate them by a space", Span: w.Span, New: " plugin"}}
	}
	return Diagnostic{Span: w.Span, Category: NearMiss,
		Message: "this tag is not read: its key is plugin, in lower case",
		Fix:     &Fix{Message: "write plugin", Span: w.Span, New: "plugin"}}
}

// directive reads the value of a plugin key.
func (f tagField) directive(t trust) (*Directive, []Diagnostic) {
	s := scanner{text: f.value.s, at: f.value.pos, tag: true}
	d := s.directive()
	valued := func(p Pair) bool { return p.Items != nil }
	if t == sure || t == likely && slices.ContainsFunc(d.Pairs, valued) || hasPair().MatchString(f.value.s) {
		return d, s.diags
	}
	return nil, nil
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

// fields splits a struct tag as reflect.StructTag does, up to the place from
// which it is not as reflect wants it.
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
