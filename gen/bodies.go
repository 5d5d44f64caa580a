package gen

import (
	"bytes"
	"slices"
)

// withoutBodies returns the source of a file without what is in its functions, as long
// as before and with the same lines, so that what is declared can be parsed in half of
// the time. It leaves alone what is not laid out as gofmt does or is hard to
// look through.
func withoutBodies(src []byte) []byte {
	src = slices.Clone(src)
	for at := 0; at < len(src); {
		line := lineAt(src, at)
		next := at + len(line) + 1
		if bytes.HasPrefix(line, []byte("func ")) && bytes.HasSuffix(line, []byte(" {")) {
			if end := bytes.Index(src[at+len(line):], []byte("\n}\n")); end >= 0 {
				body := src[at+len(line) : at+len(line)+end]
				if isPlain(body) {
					blank(body)
					next = at + len(line) + end + len("\n}\n")
				}
			}
		}
		at = next
	}
	return src
}

func lineAt(src []byte, at int) []byte {
	if end := bytes.IndexByte(src[at:], '\n'); end >= 0 {
		return src[at : at+end]
	}
	return src[at:]
}

// isPlain says whether a function's body is certain to be one: each line is indented,
// braces match, and there is no raw string or general comment that could hide anything.
func isPlain(body []byte) bool {
	depth := 0
	for i, c := range body {
		switch c {
		case '`':
			return false
		case '*':
			if i > 0 && body[i-1] == '/' || i+1 < len(body) && body[i+1] == '/' {
				return false
			}
		case '\n':
			if i+1 < len(body) && body[i+1] != '\t' && body[i+1] != '\n' {
				return false
			}
		case '{':
			depth++
		case '}':
			if depth--; depth < 0 {
				return false
			}
		}
	}
	return depth == 0
}

func blank(body []byte) {
	for i, c := range body {
		if c != '\n' {
			body[i] = ' '
		}
	}
}
