package registry

import (
	"slices"
	"strings"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
	"github.com/plugingen/plugingen/registry/internal/tree"
)

// differing returns the names that two tables have different values by, sorted. The
// places of the values make no difference. A value that is not a table counts as an
// empty one. It allocates nothing if the tables are equal.
func differing(v, w config.Value) (names []string) {
	a, b := tree.Value(v).Node().Entries(), tree.Value(w).Node().Entries()
	for len(a) > 0 && len(b) > 0 {
		switch order := strings.Compare(a[0].Key, b[0].Key); {
		case order < 0:
			names, a = append(names, a[0].Key), a[1:]
		case order > 0:
			names, b = append(names, b[0].Key), b[1:]
		default:
			if !a[0].Node.Equal(&b[0].Node) {
				names = append(names, a[0].Key)
			}
			a, b = a[1:], b[1:]
		}
	}
	for _, e := range slices.Concat(a, b) {
		names = append(names, e.Key)
	}
	return names
}

// sameEnvironment reports whether two configurations have the same environment variables.
func sameEnvironment(v, w config.Value) bool {
	a, b := environmentIn(v), environmentIn(w)
	return a == b || a.Prefix == b.Prefix && slices.Equal(a.Vars, b.Vars)
}

func environmentIn(v config.Value) *tree.Environment {
	if r := tree.Value(v).Root(); r != nil && r.Env != nil {
		return r.Env
	}
	return &noEnvironment
}

var noEnvironment tree.Environment

// sameOptions reports whether two values, with the environment variables of their
// configurations, fill the options in the same way. The description may be nil.
func sameOptions(v, w config.Value, options *generated.Options) bool {
	if !tree.Value(v).Node().Equal(tree.Value(w).Node()) {
		return false
	}
	if options == nil || sameEnvironment(v, w) {
		return true
	}
	a, b := environmentIn(v), environmentIn(w)
	if v.Path() != w.Path() || a.Prefix != b.Prefix {
		return false
	}
	if a.Prefix != "" {
		prefix := tree.AppendPath([]byte(a.Prefix), v.Path())
		if !slices.Equal(tree.Narrow(a.Vars, prefix), tree.Narrow(b.Vars, prefix)) {
			return false
		}
	}
	return sameVariables(a, b, options, 0)
}

// sameVariables reports whether the environment variables that the options name are the
// same. It returns false if an option is a plugin, which may name any.
func sameVariables(a, b *tree.Environment, options *generated.Options, depth int) bool {
	if options == nil || depth > tree.MaxDepth {
		return true
	}
	for i := range options.Options {
		o := &options.Options[i]
		if o.Namespace != "" || o.Env != "" && !sameVariable(a.Named(o.Env), b.Named(o.Env)) {
			return false
		}
		if o.Recursive == nil && !sameVariables(a, b, o.Struct, depth+1) {
			return false
		}
	}
	return !slices.ContainsFunc(options.Embedded, func(e *generated.Options) bool {
		return !sameVariables(a, b, e, depth+1)
	})
}

func sameVariable(a, b *tree.Variable) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Value == b.Value
}
