package scan

import (
	"bytes"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/internal/rules"
)

// Annotated reports whether a file, or a part of one, may hold an annotation, something that was
// meant to be one, or a registry.Spec. It has few false positives, which cost parsing the file, and
// no false negatives.
func Annotated(src []byte) bool {
	return contains(src, "lug", "in") || contains(src, "LUG", "IN") || misspelt(src)
}

// AnnotatedText is [Annotated] for a comment or a struct tag. It only copies a text that has
// one of the words that Annotated searches for.
func AnnotatedText(text string) bool {
	has := func(word string) bool { return strings.Contains(text, word) }
	return (rules.MentionsPlugin(text) || slices.ContainsFunc(misspeltKeys, has)) && Annotated([]byte(text))
}

// misspelt reports whether there is a comment in src that was meant to be an annotation with a
// namespace, or one that links, but begins with a misspelling of plugin. It searches for the key,
// since the word can be misspelt in many ways.
func misspelt(src []byte) bool {
	return slices.ContainsFunc(misspeltKeys, func(key string) bool { return misspeltAt(src, key) })
}

// misspeltKeys is what one of the comments has that misspelt searches for.
var misspeltKeys = []string{"namespace=", ":link"}

// misspeltAt looks for comments in which the key stands.
func misspeltAt(src []byte, key string) bool {
	for at := 0; ; {
		i := index(src[at:], key)
		if i < 0 {
			return false
		}
		at += i + len(key)
		if rules.MisspeltMarker(string(lineTo(src, at))) {
			return true
		}
	}
}

// index is bytes.Index for text whose last byte is rarer in source than its first. The byte
// before the last rules out most of what is not the text, without a call.
func index(src []byte, text string) int {
	last := len(text) - 1
	for at := last; at < len(src); at++ {
		i := bytes.IndexByte(src[at:], text[last])
		if i < 0 {
			break
		}
		at += i
		if src[at-1] == text[last-1] && string(src[at-last:at+1]) == text {
			return at - last
		}
	}
	return -1
}

// lineTo returns what of a line stands before its end and after its indentation,
// or nothing if that is longer than a directive may be expected to be.
func lineTo(src []byte, end int) []byte {
	start := max(0, end-300)
	i := bytes.LastIndexByte(src[start:end], '\n')
	if i < 0 && start > 0 {
		return nil
	}
	return bytes.TrimLeft(src[start+i+1:end], " \t")
}

// contains reports whether there is a marker in src whose letters are p, middle, optional
// hyphen, end. Searching for the rare middle is what makes it fast.
func contains(src []byte, middle, end string) bool {
	for at := 0; ; {
		i := index(src[at:], middle)
		if i < 0 {
			return false
		}
		before := src[:at+i]
		at += i + len(middle)
		after, ok := bytes.CutPrefix(bytes.TrimPrefix(bytes.TrimPrefix(src[at:], []byte("-")),
			[]byte("_")), []byte(end))
		if ok && (beginsComment(before) || isMarker(after)) {
			return true
		}
		if beginsComment(before) && isMarker(src[at:]) { // as in //pluggin:link
			return true
		}
	}
}

// beginsComment reports whether a comment's text begins with the word whose middle
// follows.
func beginsComment(before []byte) bool {
	before = before[max(0, len(before)-5):] // as in "// +p"
	return bytes.Contains(before, []byte("//")) || bytes.Contains(before, []byte("/*"))
}

// isMarker reports whether what follows the word makes it more than a word: the import
// path of the registry, or a colon, perhaps after a suffix.
func isMarker(after []byte) bool {
	if bytes.HasPrefix(after, []byte("gen/registry\"")) || bytes.HasPrefix(after, []byte("gen/registry`")) {
		return true
	}
	for _, c := range after[:min(len(after), 30)] {
		switch {
		case c == ':':
			return true
		case c != '.' && c != '_' && c != ' ' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z'):
			return false
		}
	}
	return false
}
