package tree

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Hidden is shown instead of a value that is, or may be, a secret.
const Hidden = "***"

// Snippet returns a name and its value as the file has them. It is made of the two
// alone, not of the file's line, which may have secrets beside them. A value is shown
// only if show is set: its option is known, and is no secret.
func Snippet(key string, n *Node, show bool) string {
	assign := " = "
	if n.File != nil && n.File.Assign != "" {
		assign = n.File.Assign
	}
	if !isBare(key) && key != Hidden && !strings.HasSuffix(key, "]") {
		key = strconv.Quote(key)
	}
	if !show {
		return Shorten(key) + assign + Hidden
	}
	return Shorten(key) + assign + n.shown()
}

// shown returns a value as it is written, in short. What came from references is
// shown as the references. The values of a list or a table are not shown.
func (n *Node) shown() string {
	said := n.Text
	if n.Raw != "" {
		said = n.Raw
	}
	switch n.Kind {
	case Null:
		return "null"
	case List:
		return fmt.Sprintf("[… %d]", len(n.Items))
	case Table:
		return fmt.Sprintf("{… %d}", len(n.Items))
	case String, Text:
		return strconv.Quote(Shorten(said))
	}
	return Shorten(said)
}

// Shorten returns the text, or its beginning if it is long.
func Shorten(s string) string {
	const most = 60
	return ShortenTo(s, most)
}

// MaxPath is how many bytes of a path an error shows.
const MaxPath = 1000

// ShortenTo returns the text, or its beginning of at most so many bytes if it is longer.
func ShortenTo(s string, most int) string {
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
