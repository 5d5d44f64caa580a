package config

import (
	"runtime"
	"slices"
	"strings"
)

// A root is what all values of one Load share.
type root struct {
	env   *environment // nil without an [Environment] source
	files []string     // that were read
}

// An environment is a snapshot of the variables, for the decoder: the values of
// options are looked up in it by the env of an option, and by a prefix and the path.
type environment struct {
	prefix string // "MINISTACK_", or "" if paths are not looked up
	vars   []variable
}

type variable struct{ name, value string } // sorted by name

// lookup returns the variable of a name; nil if it is not set, or if e is nil.
func (e *environment) lookup(name string) *variable {
	if e == nil {
		return nil
	}
	name = variableName(name)
	i, ok := slices.BinarySearchFunc(e.vars, name, func(v variable, name string) int {
		return strings.Compare(v.name, name)
	})
	if !ok {
		return nil
	}
	return &e.vars[i]
}

// Places of origins that are no files: after all of them.
const (
	placeEnvironment = 1 << 20
	placeSet         = 1<<20 + 1
)

// variableName returns the name by which a variable is found: names have no case on
// Windows.
func variableName(name string) string {
	if runtime.GOOS == "windows" {
		return strings.ToUpper(name)
	}
	return name
}

// named returns the variable of a name; nil if it is not set, or empty.
func (e *environment) named(name string) *variable {
	if v := e.lookup(name); v != nil && v.value != "" {
		return v
	}
	return nil
}

// nameOf returns the name of the variable of a path.
func (e *environment) nameOf(path string) string {
	return string(appendName([]byte(e.prefix), unquoted(path)))
}

// unquoted returns a path of which each name, and each number of an item, is a word of a
// variable's name.
func unquoted(path string) string {
	return strings.NewReplacer(`"`, "", "]", "").Replace(path)
}

// appendName appends a name in upper case, with _ for what is neither letter nor digit.
func appendName(b []byte, name string) []byte {
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z':
			b = append(b, c-'a'+'A')
		case 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
			b = append(b, c)
		default:
			b = append(b, '_')
		}
	}
	return b
}

// appendPath adds what the variables of what is below a path begin with.
func appendPath(b []byte, path string) []byte {
	if path == "" {
		return b
	}
	return append(appendName(b, unquoted(path)), '_')
}

// narrow returns the variables that begin with a prefix.
func narrow(vars []variable, prefix []byte) []variable {
	from := search(vars, prefix)
	to := from
	for to < len(vars) && strings.HasPrefix(vars[to].name, string(prefix)) {
		to++
	}
	return vars[from:to]
}

// search returns where a name is among sorted variables, or would be.
func search(vars []variable, name []byte) int {
	low, high := 0, len(vars)
	for low < high {
		middle := int(uint(low+high) >> 1)
		if vars[middle].name < string(name) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}
