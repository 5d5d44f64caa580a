package config

import (
	"slices"
	"strings"
)

// A root is what all values of one Load share.
type root struct {
	env   *environment // nil without an [Environment] source
	files []string     // that were read
}

// Files returns the paths of the files that the configuration was read from, and of those
// that references name, including optional ones that are not there: what a program that
// follows its configuration has to watch. They are as they were given.
func (v Value) Files() []string {
	if v.root == nil {
		return nil
	}
	return slices.Clone(v.root.files)
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
