package registry

import (
	"fmt"
	"slices"
	"strings"
)

// A Filter is called before a plugin is made. If it returns [Disabled], the plugin is
// disabled; if another error, the plugin fails; if nil, the plugin passes. It must be
// safe for concurrent use.
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

// String returns the fields that are not empty, as in "namespace=my.* name=s3", or
// "every plugin" if all are.
func (p Pattern) String() string {
	var parts []string
	for _, field := range [][2]string{{"namespace", p.Namespace}, {"name", p.Name}, {"symbol", p.Symbol}} {
		if field[1] != "" {
			parts = append(parts, field[0]+"="+field[1])
		}
	}
	if len(parts) == 0 {
		return "every plugin"
	}
	return strings.Join(parts, " ")
}

// Exclude returns a filter that disables the plugins that match any of the patterns.
func Exclude(patterns ...Pattern) Filter {
	return func(s *Spec) error {
		for _, p := range patterns {
			if p.Match(s) {
				return Disabled("excluded by the filter for " + p.String())
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
		return Disabled("not among those that the filter lets pass: " + joined(patterns))
	}
}

func joined(patterns []Pattern) string {
	if len(patterns) == 0 {
		return "none"
	}
	var list []string
	for _, p := range patterns {
		list = append(list, p.String())
	}
	return strings.Join(list, ", ")
}

// Enabled returns a filter that disables the plugins for which enabled returns
// false. If enabled is nil, the filter fails them with [ErrInvalid].
func Enabled(enabled func(*Spec) bool) Filter {
	return func(s *Spec) error {
		if enabled == nil {
			return faultf(ErrInvalid, "the filter's function is nil: Enabled was given nil")
		}
		if !enabled(s) {
			return Disabled("not enabled")
		}
		return nil
	}
}

// maturity has the levels of stability that MinStability takes, in order.
var maturity = []Stability{StabilityDevelopment, StabilityAlpha, StabilityBeta, StabilityStable}

// MinStability returns a filter that disables the plugins whose declared stability
// is less than level, one of [StabilityDevelopment] to [StabilityStable].
// Deprecated and unmaintained plugins are less than each of them. A plugin that
// declares no stability passes. If level is none of those, the filter fails every
// plugin with [ErrInvalid].
func MinStability(level Stability) Filter {
	least := slices.Index(maturity, level)
	return func(s *Spec) error {
		switch {
		case least < 0:
			return faultf(ErrInvalid,
				"the filter's level of stability is %q, not development, alpha, beta or stable", level)
		case s.Stability != "" && slices.Index(maturity, s.Stability) < least:
			return Disabled(fmt.Sprintf("its stability is %s, less than %s", s.Stability, level))
		}
		return nil
	}
}

// ExcludeDeprecated returns a filter that disables the plugins that are deprecated.
func ExcludeDeprecated() Filter {
	return func(s *Spec) error {
		if text := s.deprecation(); text != "" {
			return Disabled(text)
		}
		return nil
	}
}

// glob reports whether a glob matches a text, as Python's fnmatch does. After a
// mismatch it goes back to the last star only, so it takes no more steps than the
// product of the lengths.
func glob(pattern, text string) bool {
	return globRunes([]rune(pattern), []rune(text))
}

func globRunes(pattern, text []rune) bool {
	star, retry := -1, 0 // where to go on after a mismatch
	p, t := 0, 0
	for t < len(text) {
		if p < len(pattern) && pattern[p] == '*' {
			star, retry = p, t
			p++
			continue
		}
		if n, ok := globOne(pattern[p:], text[t]); ok {
			p, t = p+n, t+1
			continue
		}
		if star < 0 {
			return false
		}
		retry++
		p, t = star+1, retry
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// globOne reports whether the beginning of the pattern matches one character, and
// returns the length of that beginning.
func globOne(pattern []rune, r rune) (length int, ok bool) {
	if len(pattern) == 0 {
		return 0, false
	}
	switch pattern[0] {
	case '?':
		return 1, true
	case '[':
		if length, ok := globSet(pattern, r); length > 0 {
			return length, ok
		}
	}
	return 1, pattern[0] == r
}

// globSet reports whether the set at the beginning of the pattern matches one
// character, and returns its length. That is 0 if it is no set, since it has no end.
func globSet(pattern []rune, r rune) (length int, ok bool) {
	i, not := 1, false
	if len(pattern) > 1 && pattern[1] == '!' {
		i, not = 2, true
	}
	for first := i; i < len(pattern); i++ {
		if pattern[i] == ']' && i > first {
			return i + 1, ok != not
		}
		low, high := pattern[i], pattern[i]
		if i+2 < len(pattern) && pattern[i+1] == '-' && pattern[i+2] != ']' {
			high = pattern[i+2]
			i += 2
		}
		ok = ok || low <= r && r <= high
	}
	return 0, false
}
