package tree

import (
	"runtime"
	"slices"
	"strings"
)

// A Root is what all values of one Load share.
type Root struct {
	Env   *Environment // nil without a source that is one
	Files []string     // that were read
}

// An Environment is a snapshot of the variables, for the decoder: the values of
// options are looked up in it by the env of an option, and by a prefix and the path.
type Environment struct {
	Prefix string     // "MINISTACK_", or "" if paths are not looked up
	Vars   []Variable // sorted by name
}

// A Variable is one of an environment.
type Variable struct{ Name, Value string }

// Lookup returns the variable of a name; nil if it is not set, or if e is nil.
func (e *Environment) Lookup(name string) *Variable {
	if e == nil {
		return nil
	}
	name = VariableName(name)
	i, ok := slices.BinarySearchFunc(e.Vars, name, func(v Variable, name string) int {
		return strings.Compare(v.Name, name)
	})
	if !ok {
		return nil
	}
	return &e.Vars[i]
}

// Places of origins that are no files: after all of them.
const (
	PlaceEnvironment = 1 << 20
	PlaceSet         = 1<<20 + 1
)

// VariableName returns the name by which a variable is found: names have no case on
// Windows.
func VariableName(name string) string {
	if runtime.GOOS == "windows" {
		return strings.ToUpper(name)
	}
	return name
}

// Named returns the variable of a name; nil if it is not set, or empty.
func (e *Environment) Named(name string) *Variable {
	if v := e.Lookup(name); v != nil && v.Value != "" {
		return v
	}
	return nil
}

// NameOf returns the name of the variable of a path.
func (e *Environment) NameOf(path string) string {
	return string(AppendName([]byte(e.Prefix), unquoted(path)))
}

// unquoted returns a path of which each name, and each number of an item, is a word of a
// variable's name.
func unquoted(path string) string {
	return strings.NewReplacer(`"`, "", "]", "").Replace(path)
}

// AppendName appends a name in upper case, with _ for what is neither letter nor digit.
func AppendName(b []byte, name string) []byte {
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

// AppendPath adds what the variables of what is below a path begin with.
func AppendPath(b []byte, path string) []byte {
	if path == "" {
		return b
	}
	return append(AppendName(b, unquoted(path)), '_')
}

// Narrow returns the variables that begin with a prefix.
func Narrow(vars []Variable, prefix []byte) []Variable {
	from := Search(vars, prefix)
	to := from
	for to < len(vars) && strings.HasPrefix(vars[to].Name, string(prefix)) {
		to++
	}
	return vars[from:to]
}

// Search returns where a name is among sorted variables, or would be.
func Search(vars []Variable, name []byte) int {
	low, high := 0, len(vars)
	for low < high {
		middle := int(uint(low+high) >> 1)
		if vars[middle].Name < string(name) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}
