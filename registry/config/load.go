package config

import (
	"slices"
	"strings"

	"github.com/plugingen/plugingen/registry/internal/tree"
)

// Load returns the configuration that results from merging the sources.
//
// Later sources are stronger than earlier ones, except that the environment is stronger than
// all files, and [Set] and [Assignments] are stronger than the environment. Tables are
// merged; other values replace those of weaker sources. Then the references in strings are
// resolved, see [Resolver].
//
// If anything is wrong with the sources, the Value is missing, and the error is [Errors], with
// everything that is.
func Load(sources ...Source) (Value, error) {
	l := loader{env: systemEnvironment, resolvers: map[string]func(string) (string, error){}}
	for _, s := range sources {
		if s != nil {
			s.load(&l)
		}
	}
	config := tree.Node{Kind: tree.Table}
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
	env.Prefix = l.prefix
	refs := references{loader: &l, env: env, resolved: map[string]resolution{}}
	refs.resolve(&config, nil)
	if err := l.errs.sorted(); err != nil {
		return Value{}, err
	}
	if !l.withEnv {
		env = nil
	}
	return Value(tree.NewValue(&config, &tree.Root{Env: env, Files: l.read}, "")), nil
}

// A loader is the state of one Load.
type loader struct {
	files     []tree.Node // in order
	read      []string    // paths of files
	set       []assignment
	resolvers map[string]func(string) (string, error)
	env       func() *tree.Environment
	prefix    string
	withEnv   bool
	places    int
	errs      Errors
}

// origin returns the origin of the next source.
func (l *loader) origin(name string, layer tree.Layer) *tree.Origin {
	l.places++
	return &tree.Origin{Name: name, Layer: layer, Place: l.places}
}

// add adds the table of a file, or of what is like one.
func (l *loader) add(n tree.Node) { l.files = append(l.files, n) }

// merge puts a stronger value over a weaker one.
func merge(weak *tree.Node, strong tree.Node) {
	if weak.Kind != tree.Table || strong.Kind != tree.Table {
		*weak = strong
		return
	}
	weak.File, weak.Line, weak.Col = strong.File, strong.Line, strong.Col
	if len(weak.Items) == 0 {
		weak.Items = strong.Items
		return
	}
	merged := make([]tree.Entry, 0, len(weak.Items)+len(strong.Items))
	i := 0
	for _, e := range strong.Items {
		for i < len(weak.Items) && weak.Items[i].Key < e.Key {
			merged = append(merged, weak.Items[i])
			i++
		}
		if i < len(weak.Items) && weak.Items[i].Key == e.Key {
			both := weak.Items[i].Node
			merge(&both, e.Node)
			e.Node = both
			i++
		}
		merged = append(merged, e)
	}
	weak.Items = append(merged, weak.Items[i:]...)
}

// sortEntries sorts the values of a table by name.
func sortEntries(items []tree.Entry) {
	slices.SortFunc(items, func(a, b tree.Entry) int { return strings.Compare(a.Key, b.Key) })
}
