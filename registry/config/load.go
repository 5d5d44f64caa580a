package config

import (
	"slices"
	"strings"
)

// Load returns the configuration that the sources make together.
//
// What is loaded later is stronger, except that the environment is stronger than all
// files, and what was set by [Set] or [Assignments] is stronger than the environment.
// Tables are merged; everything else replaces what a weaker source has. Then the
// references in strings are resolved, see [Resolver].
//
// The error has everything that is wrong with the sources, as [Errors]; the Value is
// missing then.
func Load(sources ...Source) (Value, error) {
	l := loader{env: systemEnvironment, resolvers: map[string]func(string) (string, error){}}
	for _, s := range sources {
		if s != nil {
			s.load(&l)
		}
	}
	config := node{kind: table}
	if len(l.files) > 0 {
		config = l.files[0]
		for _, n := range l.files[1:] {
			merge(&config, n)
		}
	}
	for _, a := range l.set {
		a.apply(&config, &l)
	}
	env := l.env()
	env.prefix = l.prefix
	refs := references{loader: &l, env: env, resolved: map[string]resolution{}}
	refs.resolve(&config, nil)
	if err := l.errs.sorted(); err != nil {
		return Value{}, err
	}
	if !l.withEnv {
		env = nil
	}
	return Value(newValue(&config, &root{env: env, files: l.read}, "")), nil
}

// A loader is the state of one Load.
type loader struct {
	files     []node   // in order
	read      []string // paths of files
	set       []assignment
	resolvers map[string]func(string) (string, error)
	env       func() *environment
	prefix    string
	withEnv   bool
	places    int
	errs      Errors
}

// origin returns the origin of the next source.
func (l *loader) origin(name string, layer layer) *origin {
	l.places++
	return &origin{name: name, layer: layer, place: l.places}
}

// add adds the table of a file, or of what is like one.
func (l *loader) add(n node) { l.files = append(l.files, n) }

// merge puts a stronger value over a weaker one.
func merge(weak *node, strong node) {
	if weak.kind != table || strong.kind != table {
		*weak = strong
		return
	}
	weak.file, weak.line, weak.col = strong.file, strong.line, strong.col
	if len(weak.items) == 0 {
		weak.items = strong.items
		return
	}
	merged := make([]entry, 0, len(weak.items)+len(strong.items))
	i := 0
	for _, e := range strong.items {
		for i < len(weak.items) && weak.items[i].key < e.key {
			merged = append(merged, weak.items[i])
			i++
		}
		if i < len(weak.items) && weak.items[i].key == e.key {
			both := weak.items[i].node
			merge(&both, e.node)
			e.node = both
			i++
		}
		merged = append(merged, e)
	}
	weak.items = append(merged, weak.items[i:]...)
}

// sortEntries sorts the values of a table by name.
func sortEntries(items []entry) {
	slices.SortFunc(items, func(a, b entry) int { return strings.Compare(a.key, b.key) })
}
