package rules

import "strings"

// MisspeltMarker reports whether a comment begins with a misspelling of //plugin:, as in
// //pluign:namespace=a or //go:plugin namespace=a. A comment with a space behind the
// slashes may be prose, so it must also contain namespace=; in others, what follows the
// marker is not checked.
func MisspeltMarker(comment string) bool {
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
	return (toolchain || word != "plugin") && Alike(word, "plugin", 2)
}
