package rules

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ValidNamespace reports whether s can be a namespace: dot-separated words of letters,
// digits, _ and -.
func ValidNamespace(s string) bool {
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

// ValidName reports whether s can be the name of a plugin: printable characters, none of
// them a quote or a comma, with spaces only between other characters.
func ValidName(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || !unicode.IsPrint(r) || strings.ContainsRune("\"'`,", r) {
			return false
		}
	}
	return s != "" && strings.TrimSpace(s) == s
}

// ValidSection reports whether s can be the section of a configuration: names of tables, joined
// by dots, of printable characters other than spaces, quotes, brackets and =.
func ValidSection(s string) bool {
	for name := range strings.SplitSeq(s, ".") {
		if name == "" || strings.ContainsFunc(name, func(r rune) bool {
			return r == utf8.RuneError || !unicode.IsPrint(r) || strings.ContainsRune(" \"'[]=", r)
		}) {
			return false
		}
	}
	return true
}

// Namings are the struct tags that can name options.
var Namings = []string{"toml", "json", "yaml", "mapstructure"}

// A Clash is a name that two plugins claim, or a namespace that two contracts do.
type Clash[T any] struct {
	ID            string // namespace:name, or the namespace
	First, Second T
}

// Clashes returns the claims to a name that an earlier claim has taken. A name is
// unique in its namespace, aliases included, so a claim is made for each alias too.
//
// Two claims of one ID clash if clash reports so. It must return false for two claims of one
// plugin, and for two plugins that are never in one program. A claim is reported once, with the
// first that it clashes with.
func Clashes[T any](claims iter.Seq2[string, T], clash func(first, second T) bool) []Clash[T] {
	var found []Clash[T]
	claimed := map[string][]T{}
	for id, x := range claims {
		for _, other := range claimed[id] {
			if clash(other, x) {
				found = append(found, Clash[T]{id, other, x})
				break
			}
		}
		claimed[id] = append(claimed[id], x)
	}
	return found
}
