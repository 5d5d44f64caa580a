package annotate

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/plugingen/plugingen/internal/rules"
)

// mentionsPlugin is a cheap test that all directives, tags and slips pass.
func mentionsPlugin(text string) bool {
	return strings.Contains(text, "lug") || strings.Contains(text, "LUG")
}

// lazy returns a regular expression that is compiled when it is first needed: vet runs
// once for each package, and few packages need one.
func lazy(expr func() string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr()) })
}

var (
	// almostPrefix is what a comment begins with that was meant to be a directive:
	// the marker, what separates it from the key, and the key. gofmt puts a space before
	// a comment's text unless it is a directive, so a slip often ends up as prose.
	almostPrefix = lazy(func() string {
		return `^(?://|/\*) ?[+@]?(?i:plug-?in(?:s|gen)?)(?:\.\w+)?( ?:[ :]?| )"?([\w-]+)(=|[ \t]+\w+=|\s*(?:\*/)?$)`
	})

	// misspeltPrefix is the same of a comment whose marker is [rules.MisspeltMarker]. The key has
	// to be right: two guesses would be one too many.
	misspeltPrefix = lazy(func() string {
		return `^// ?[+@]?(?:go:)?[\w-]+([: ])(x_\w+|` + strings.Join(keyNames(), "|") + `)(=|[ \t]+\w+=|\s*$)`
	})

	// begun is a comment that begins like a directive: the marker, something that is
	// neither a letter nor a space, and the rest.
	begun = lazy(func() string { return `^(//|/\*) ?[+@]?(?i:plugin)([^\pL\p{Nd}\s])((?s:.*))$` })

	// loosePair is a pair in another notation: of JSON, or with a colon.
	loosePair = lazy(func() string {
		return `^"?(x_\w+|` + strings.Join(keyNames(), "|") + `)(?:"?[:=] ?("[^"]*"|[^\s"',;(){}\[\]]+))?"?(?:[\s,;]+|$)`
	})

	// almostField is the start of a field of a struct tag that was meant for us.
	almostField = lazy(func() string { return `(?i)\bplug-?ins?\s*:` })

	// hasPair finds a pair of the language.
	hasPair = lazy(func() string {
		return `(?:^|[\s":,])(?:x_\w+|` + strings.Join(keyNames(), "|") + `)\s?=`
	})
)

// beginsLikePlugin is a cheap test that all passes which almostPrefix matches.
func beginsLikePlugin(comment string) bool {
	text := strings.TrimLeft(comment[2:], " +@")
	return len(text) > 4 && strings.EqualFold(text[:4], "plug")
}

// almostPlugin says whether a word may have been meant to be plugin.
func almostPlugin(word string) bool {
	switch strings.ToLower(strings.TrimPrefix(word, ",")) {
	case "plugin", "plugins", "plug-in", "plug_in", "plugingen":
		return true
	}
	return false
}

// nearMiss reports a comment that was meant to be a directive. It needs a key of
// the language, or almost one, so that prose about plugins is left alone.
func (r *reader) nearMiss(f *File, c *ast.Comment) {
	var m []int
	if beginsLikePlugin(c.Text) {
		m = almostPrefix().FindStringSubmatchIndex(c.Text)
	}
	if m == nil && rules.MisspeltMarker(c.Text) {
		m = misspeltPrefix().FindStringSubmatchIndex(c.Text)
	}
	if f.test() || f.generated || f.inFunc(c.Pos()) {
		return
	}
	if m == nil || !r.almost(c, m) {
		r.begun(f, c)
	}
}

const notRead = "this comment is not read: a directive begins with " + prefix + " and a key, in lower case and with no space"

// almost reports a comment whose marker or whose key is nearly right, if it is one. m is
// where marker, key and value are.
func (r *reader) almost(c *ast.Comment, m []int) bool {
	separator, key, value := c.Text[m[2]:m[3]], c.Text[m[4]:m[5]], c.Text[m[6]:m[7]]
	meant := strings.ToLower(key)
	if _, known := keyNamed(meant); !known && strings.Contains(separator, ":") {
		meant = nearest(meant, keyNames())
	}
	if k, known := keyNamed(meant); !known || !strings.HasPrefix(value, "=") && k.form != bare {
		return false
	}
	if c.Text[m[4]-1] == '"' {
		return false
	}
	span := Span{c.Pos(), c.End()}
	rest := strings.TrimSpace(strings.TrimSuffix(c.Text[m[5]:], "*/"))
	if strings.Contains(rest, "\n") {
		r.errorf(NearMiss, span, "%s, as in %snamespace=my.plugins", notRead, prefix)
		return true
	}
	fixed := prefix + meant + rest
	if !strings.HasPrefix(value, "=") && rest != "" {
		fixed = prefix + meant + " " + rest
	}
	r.rewrite(c, fixed)
	return true
}

// rewrite reports a comment that is not read, with what is.
func (r *reader) rewrite(c *ast.Comment, fixed string) {
	span := Span{c.Pos(), c.End()}
	r.errorf(NearMiss, span, "%s: %s", notRead, fixed).Fix = &Fix{Message: "write " + fixed, Span: span, New: fixed}
}

// begun reports a comment that begins like a directive, if all of it is pairs of the
// language in whatever notation. One that begins with the whole marker can't be anything
// else: it is reported in any case where a directive has a meaning.
func (r *reader) begun(f *File, c *ast.Comment) {
	if !beginsLikePlugin(c.Text) {
		return
	}
	m := begun().FindStringSubmatch(c.Text)
	if m == nil {
		return
	}
	code := m[2] == "." || m[2] == "[" || m[2] == "(" // which may be Go that is commented out
	if pairs, ok := loosePairs(m[3], code); ok {
		r.rewrite(c, prefix+pairs)
		return
	}
	if m[2] == ":" && (strings.HasPrefix(c.Text, prefix) || notProse(m[3])) && f.topLevel(c.Pos()) {
		r.errorf(NearMiss, Span{c.Pos(), c.End()}, "%s, as in %snamespace=my.plugins name=my", notRead, prefix)
	}
}

// notProse reports whether what follows "plugin:" can't be the rest of a sentence: gofmt
// puts a space before the comments that it does not take for directives.
func notProse(rest string) bool {
	first, _ := utf8.DecodeRuneInString(rest)
	word, _, _ := strings.Cut(rest, " ")
	return !unicode.IsSpace(first) && first != '/' && (unicode.IsPunct(first) || unicode.IsSymbol(first) || strings.Contains(word, "="))
}

// loosePairs returns the pairs of a text in the notation of the language, and whether it is
// made of pairs alone. A key without a value may stand alone unless the text can be code.
func loosePairs(text string, code bool) (string, bool) {
	text = strings.TrimFunc(strings.TrimSuffix(text, "*/"), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '"' })
	if inner := strings.Trim(text, `"`); len(inner) == len(text)-2 && !strings.Contains(inner, `"`) {
		text = inner
	}
	var pairs []string
	for text != "" {
		m := loosePair().FindStringSubmatch(text)
		if m == nil {
			return "", false
		}
		key, _ := keyNamed(m[1])
		value, err := strconv.Unquote(m[2])
		if err != nil {
			value = m[2]
		}
		switch {
		case m[2] != "":
			pairs = append(pairs, m[1]+"="+quoted(value))
		case code || key.form != bare && key.form != factory:
			return "", false
		default:
			pairs = append(pairs, m[1])
		}
		text = text[len(m[0]):]
	}
	return strings.Join(pairs, " "), len(pairs) > 0
}

// topLevel reports whether a place is outside of all declarations, or above one in a group.
func (f *File) topLevel(pos token.Pos) bool {
	decls := f.declsFrom(pos)
	if len(decls) == 0 || decls[0].Pos() > pos {
		return true
	}
	group, ok := decls[0].(*ast.GenDecl)
	return ok && slices.ContainsFunc(group.Specs, func(s ast.Spec) bool {
		doc := docOfSpec(s)
		return doc != nil && doc.Pos() <= pos && pos < doc.End()
	})
}

func docOfSpec(s ast.Spec) *ast.CommentGroup {
	switch s := s.(type) {
	case *ast.TypeSpec:
		return s.Doc
	case *ast.ValueSpec:
		return s.Doc
	}
	return nil
}

// inFunc says whether the place is inside of a function.
func (f *File) inFunc(pos token.Pos) bool {
	decls := f.declsFrom(pos)
	if len(decls) == 0 {
		return false
	}
	fn, ok := decls[0].(*ast.FuncDecl)
	return ok && fn.Pos() <= pos
}

// declsFrom returns the declarations that end behind a place. The first may have begun before
// it.
func (f *File) declsFrom(pos token.Pos) []ast.Decl {
	decls := f.Syntax.Decls
	return decls[sort.Search(len(decls), func(i int) bool { return decls[i].End() > pos }):]
}
