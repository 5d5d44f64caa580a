package rules

import "path"

// A Glob is a pattern for the plugins that a host links, as in namespaces= and exclude=.
// It matches a namespace or a namespace:name as a whole. * stands for any text, dots,
// colons and slashes included; ? for one character; [ab] and [a-z] for one character of
// a set, and [!a-z] for one that is not of the set. All other characters stand for
// themselves: [*] is how an asterisk is written.
//
// It is the language of Python's fnmatch, which plux uses, and of registry.Pattern.
type Glob string

// Check returns [path.ErrBadPattern] if a set in the glob has no end.
func (g Glob) Check() error {
	for rest := []rune(g); len(rest) > 0; {
		n := 1
		if rest[0] == '[' {
			if n, _ = matchSet(rest, 0); n == 0 {
				return path.ErrBadPattern
			}
		}
		rest = rest[n:]
	}
	return nil
}

// matchPlugin reports whether the glob matches the plugin's namespace or its ID.
func (g Glob) matchPlugin(namespace, name string) bool {
	return g.Match(namespace) || g.Match(namespace+":"+name)
}

// Match reports whether the glob matches the text. After a mismatch it goes back to
// the last asterisk only, so it takes at most the product of the lengths.
func (g Glob) Match(text string) bool {
	pattern, rest := []rune(g), []rune(text)
	var afterStar, retry []rune // where to go on after a mismatch
	star := false
	for len(rest) > 0 {
		if len(pattern) > 0 && pattern[0] == '*' {
			pattern = pattern[1:]
			star, afterStar, retry = true, pattern, rest
			continue
		}
		if n, ok := matchOne(pattern, rest[0]); ok {
			pattern, rest = pattern[n:], rest[1:]
			continue
		}
		if !star {
			return false
		}
		retry = retry[1:]
		pattern, rest = afterStar, retry
	}
	for len(pattern) > 0 && pattern[0] == '*' {
		pattern = pattern[1:]
	}
	return len(pattern) == 0
}

// matchOne matches one character against the beginning of the pattern, and returns the
// length of that beginning.
func matchOne(pattern []rune, r rune) (length int, ok bool) {
	if len(pattern) == 0 {
		return 0, false
	}
	switch pattern[0] {
	case '?':
		return 1, true
	case '[':
		if length, ok := matchSet(pattern, r); length > 0 {
			return length, ok
		}
	}
	return 1, pattern[0] == r
}

// matchSet matches one character against the set that the pattern begins with. A
// bracket that follows the opening one at once belongs to the set. The length is 0 if
// the set has no end.
func matchSet(pattern []rune, r rune) (length int, ok bool) {
	first, negated := 1, false
	if len(pattern) > 1 && pattern[1] == '!' {
		first, negated = 2, true
	}
	for i := first; i < len(pattern); i++ {
		if pattern[i] == ']' && i > first {
			return i + 1, ok != negated
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
