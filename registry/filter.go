package registry

import (
	"fmt"
	"unicode/utf8"
)

// A Filter is asked before a plugin is made. To disable the plugin it returns
// [Disabled]; another error fails the plugin; nil lets it pass. Filters may be
// called from several goroutines at once.
type Filter func(*Spec) error

// A Pattern matches plugins by globs. An empty field matches everything, so the
// zero Pattern matches every plugin. In a glob, * stands for any text, dots and
// slashes included, ? for any character, and [ab], [a-z], [!a-z] for one of a set.
type Pattern struct {
	Namespace string
	Name      string
	Symbol    string // of the declaration with its package: "example.com/app/services.NewS3"
}

// Match reports whether the plugin matches every field.
func (p Pattern) Match(s *Spec) bool {
	return (p.Namespace == "" || glob(p.Namespace, s.Namespace)) &&
		(p.Name == "" || glob(p.Name, s.Name)) &&
		(p.Symbol == "" || glob(p.Symbol, s.symbol()))
}

// Exclude returns a filter that disables the plugins that match any of the patterns.
func Exclude(patterns ...Pattern) Filter {
	return func(s *Spec) error {
		for _, p := range patterns {
			if p.Match(s) {
				return Disabled(fmt.Sprintf("excluded by the filter %+v", p))
			}
		}
		return nil
	}
}

// Only returns a filter that disables the plugins that match none of the patterns.
func Only(patterns ...Pattern) Filter {
	return func(s *Spec) error {
		for _, p := range patterns {
			if p.Match(s) {
				return nil
			}
		}
		return Disabled(fmt.Sprintf("not among those the filter %+v lets pass", patterns))
	}
}

// Enabled returns a filter that disables the plugins for which enabled returns false.
func Enabled(enabled func(*Spec) bool) Filter {
	return func(s *Spec) error {
		if !enabled(s) {
			return Disabled("not enabled")
		}
		return nil
	}
}

// glob matches as Python's fnmatch does. It goes back to the last star only, so
// its time grows with the product of the lengths at worst.
func glob(pattern, text string) bool {
	star, retry := -1, 0 // where to go on after a mismatch
	p, t := 0, 0
	for t < len(text) {
		if p < len(pattern) && pattern[p] == '*' {
			star, retry = p, t
			p++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[t:])
		if n, ok := globOne(pattern[p:], r); ok {
			p, t = p+n, t+size
			continue
		}
		if star < 0 {
			return false
		}
		_, size = utf8.DecodeRuneInString(text[retry:])
		retry += size
		p, t = star+1, retry
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// globOne matches one character with the beginning of the pattern, and returns
// the length of that beginning.
func globOne(pattern string, r rune) (length int, ok bool) {
	if pattern == "" {
		return 0, false
	}
	want, size := utf8.DecodeRuneInString(pattern)
	switch want {
	case '?':
		return size, true
	case '[':
		if length, ok := globSet(pattern, r); length > 0 {
			return length, ok
		}
	}
	return size, want == r
}

// globSet matches one character with the set that the pattern begins with. The
// length is 0 if the set has no end: then it is none.
func globSet(pattern string, r rune) (length int, ok bool) {
	set := []rune(pattern[1:])
	i, not := 0, false
	if len(set) > 0 && set[0] == '!' {
		i, not = 1, true
	}
	for first := i; i < len(set); i++ {
		if set[i] == ']' && i > first {
			return len("[") + len(string(set[:i])) + len("]"), ok != not
		}
		low, high := set[i], set[i]
		if i+2 < len(set) && set[i+1] == '-' && set[i+2] != ']' {
			high = set[i+2]
			i += 2
		}
		ok = ok || low <= r && r <= high
	}
	return 0, false
}
