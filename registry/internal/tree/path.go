package tree

import (
	"errors"
	"strconv"
	"strings"
)

// SplitPath returns the names of a path. They are separated by dots; a quoted one
// is as in TOML: a literal in ' or a string with escapes in ".
func SplitPath(path string) ([]string, error) {
	var names []string
	for rest := path; ; {
		name, after, err := CutName(rest, "")
		if err != nil {
			return nil, err
		}
		names = append(names, name)
		if after == "" {
			return names, nil
		}
		if after[0] != '.' {
			return nil, errors.New("a dot is missing after a quoted name")
		}
		rest = after[1:]
	}
}

// CutName returns the first name of a path, and the rest, which is empty or begins
// with what follows the name: a dot, or one of the ends.
func CutName(path, ends string) (name, rest string, err error) {
	switch {
	case strings.HasPrefix(path, "'"):
		name, rest, ok := strings.Cut(path[1:], "'")
		if !ok {
			return "", "", errors.New("a ' is missing after a quoted name")
		}
		return name, rest, nil
	case strings.HasPrefix(path, `"`):
		quoted, err := strconv.QuotedPrefix(path)
		if err != nil {
			return "", "", errors.New("malformed quoted name")
		}
		name, err := strconv.Unquote(quoted)
		return name, path[len(quoted):], err
	}
	end := strings.IndexAny(path, "."+ends)
	if end < 0 {
		end = len(path)
	}
	switch name := path[:end]; {
	case name == "":
		return "", "", errors.New("a name is empty")
	case strings.ContainsAny(name, "\"'[]= \t\r\n"):
		return "", "", errors.New("a name with special characters has to be quoted")
	}
	return path[:end], path[end:], nil
}

// JoinPath returns the path of a name in a table.
func JoinPath(path, name string) string {
	if !isBare(name) {
		name = strconv.Quote(name)
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// IndexPath returns the path of an item of a list.
func IndexPath(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// isBare reports whether a name needs no quotes in a path.
func isBare(name string) bool {
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-':
		default:
			return false
		}
	}
	return name != ""
}

// IsDigit reports whether a byte is a decimal digit.
func IsDigit(c byte) bool { return '0' <= c && c <= '9' }
