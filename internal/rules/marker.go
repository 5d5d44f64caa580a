package rules

import (
	"bytes"
	"strings"
)

// MentionsPlugin reports whether a text may contain a directive or a tag of this language. It is
// fast, and has no false negatives but those for comments in which plugin itself is misspelt:
// [MisspeltMarker] finds them.
func MentionsPlugin[T string | []byte](text T) bool {
	switch text := any(text).(type) {
	case string:
		return strings.Contains(text, "lug") || strings.Contains(text, "LUG")
	case []byte:
		return bytes.Contains(text, []byte("lug")) || bytes.Contains(text, []byte("LUG"))
	}
	return false
}

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
