package config

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// hidden is shown instead of a value that is, or may be, a secret.
const hidden = "***"

// snippet returns a name and its value as the file has them. It is made of the two
// alone, not of the file's line, which may have secrets beside them. A value is shown
// only if show is set: its option is known, and is no secret.
func snippet(key string, n *node, show bool) string {
	assign := " = "
	if n.file != nil && n.file.assign != "" {
		assign = n.file.assign
	}
	if !isBare(key) && key != hidden && !strings.HasSuffix(key, "]") {
		key = strconv.Quote(key)
	}
	if !show {
		return shorten(key) + assign + hidden
	}
	return shorten(key) + assign + n.shown()
}

// shown returns a value as it is written, in short. What came from references is
// shown as the references. The values of a list or a table are not shown.
func (n *node) shown() string {
	said := n.text
	if n.raw != "" {
		said = n.raw
	}
	switch n.kind {
	case null:
		return "null"
	case list:
		return fmt.Sprintf("[… %d]", len(n.items))
	case table:
		return fmt.Sprintf("{… %d}", len(n.items))
	case str, text:
		return strconv.Quote(shorten(said))
	}
	return shorten(said)
}

// shorten returns the text, or its beginning if it is long.
func shorten(s string) string {
	const most = 60
	return shortenTo(s, most)
}

// maxPath is how many bytes of a path an error shows.
const maxPath = 1000

func shortenTo(s string, most int) string {
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
