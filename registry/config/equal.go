package config

import (
	"slices"
	"strings"
)

// Differing returns the names whose values are not the same in two tables, sorted. Where
// values were given makes no difference. What is no table is as good as an empty one.
// It allocates nothing for values that are the same.
func Differing(v, w Value) (names []string) {
	a, b := nodeOf(v).entries(), nodeOf(w).entries()
	for len(a) > 0 && len(b) > 0 {
		switch order := strings.Compare(a[0].key, b[0].key); {
		case order < 0:
			names, a = append(names, a[0].key), a[1:]
		case order > 0:
			names, b = append(names, b[0].key), b[1:]
		default:
			if !a[0].node.equal(&b[0].node) {
				names = append(names, a[0].key)
			}
			a, b = a[1:], b[1:]
		}
	}
	for _, e := range slices.Concat(a, b) {
		names = append(names, e.key)
	}
	return names
}

// SameEnvironment reports whether two configurations have the same environment.
func SameEnvironment(v, w Value) bool {
	a, b := environmentIn(v), environmentIn(w)
	return a == b || a.prefix == b.prefix && slices.Equal(a.vars, b.vars)
}

func environmentIn(v Value) *environment {
	if r := rootOf(v); r != nil && r.env != nil {
		return r.env
	}
	return &noEnvironment
}

var noEnvironment environment

// SameOptions reports whether a struct that is described by options, which may be nil, is
// filled with the same by two values, the environment included.
func SameOptions(v, w Value, options *Options) bool {
	if !nodeOf(v).equal(nodeOf(w)) {
		return false
	}
	if options == nil || SameEnvironment(v, w) {
		return true
	}
	a, b := environmentIn(v), environmentIn(w)
	if v.Path() != w.Path() || a.prefix != b.prefix {
		return false
	}
	if a.prefix != "" {
		prefix := appendPath([]byte(a.prefix), v.Path())
		if !slices.Equal(narrow(a.vars, prefix), narrow(b.vars, prefix)) {
			return false
		}
	}
	return sameVariables(a, b, options, 0)
}

// sameVariables reports whether the variables that the options name are the same. Options
// that are plugins may name any.
func sameVariables(a, b *environment, options *Options, depth int) bool {
	if options == nil || depth > maxDepth {
		return true
	}
	for i := range options.Options {
		o := &options.Options[i]
		if o.Namespace != "" || o.Env != "" && !sameVariable(a.named(o.Env), b.named(o.Env)) {
			return false
		}
		if o.Recursive == nil && !sameVariables(a, b, o.Struct, depth+1) {
			return false
		}
	}
	return !slices.ContainsFunc(options.Embedded, func(e *Options) bool { return !sameVariables(a, b, e, depth+1) })
}

func sameVariable(a, b *variable) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.value == b.value
}
