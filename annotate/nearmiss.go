package annotate

import (
	"go/ast"
	"go/token"
	"regexp"
	"sort"
	"strings"
	"sync"

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

	// misspeltPrefix is the same of a comment whose marker is [Misspelt]. The key has
	// to be right: two guesses would be one too many.
	misspeltPrefix = lazy(func() string {
		return `^// ?[+@]?(?:go:)?[\w-]+([: ])(x_\w+|` + strings.Join(keyNames(), "|") + `)(=|[ \t]+\w+=|\s*$)`
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

// Misspelt says whether a comment may have been meant to be a directive though its
// marker is not spelt as any of those that are known from prose: //pluign:namespace=a,
// or //go:plugin namespace=a. What stands behind the marker is not looked at, except
// where a space before it makes the comment look like prose.
func Misspelt(comment string) bool {
	text, isLine := strings.CutPrefix(comment, "//")
	if !isLine {
		return false
	}
	bare, spaced := strings.CutPrefix(text, " ")
	bare, toolchain := strings.CutPrefix(strings.TrimLeft(bare, "+@"), "go:")
	end := strings.IndexAny(bare[:min(len(bare), 10)], ": ")
	if end < 4 || bare[end] == ' ' && !toolchain || spaced && !strings.Contains(text, "namespace=") {
		return false
	}
	word := strings.ToLower(bare[:end])
	return (toolchain || word != "plugin") && rules.Alike(word, "plugin", 2)
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
	if m == nil && Misspelt(c.Text) {
		m = misspeltPrefix().FindStringSubmatchIndex(c.Text)
	}
	if m == nil || f.test() || f.generated || f.inFunc(c.Pos()) {
		return
	}
	separator, key, value := c.Text[m[2]:m[3]], c.Text[m[4]:m[5]], c.Text[m[6]:m[7]]
	meant := strings.ToLower(key)
	if _, known := keyNamed(meant); !known && strings.Contains(separator, ":") {
		meant = nearest(meant, keyNames())
	}
	if k, known := keyNamed(meant); !known || !strings.HasPrefix(value, "=") && k.form != bare {
		return
	}
	const why = "this comment is not read: a directive begins with " + prefix + " and a key, in lower case and with no space"
	span := Span{c.Pos(), c.End()}
	rest := strings.TrimSpace(strings.TrimSuffix(c.Text[m[5]:], "*/"))
	if c.Text[m[4]-1] == '"' || strings.Contains(rest, "\n") {
		r.errorf(NearMiss, span, "%s, as in %snamespace=my.plugins", why, prefix)
		return
	}
	fixed := prefix + meant + rest
	if !strings.HasPrefix(value, "=") && rest != "" {
		fixed = prefix + meant + " " + rest
	}
	r.errorf(NearMiss, span, "%s: %s", why, fixed).Fix = &Fix{Message: "write " + fixed, Span: span, New: fixed}
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
