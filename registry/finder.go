package registry

// A Finder is where a manager gets the specs of its namespace. A manager asks
// once, when it first needs them, and again after an error. A [*Registry] is a
// Finder that a manager goes on asking, so that it sees what is added later.
type Finder interface {
	Find(namespace string) ([]*Spec, error)
}

// A FinderFunc is a function as a [Finder].
type FinderFunc func(namespace string) ([]*Spec, error)

// Find calls f.
func (f FinderFunc) Find(namespace string) ([]*Spec, error) { return f(namespace) }

// found makes a registry of what a finder found. Unlike Add it takes everything:
// what is wrong with a spec is an error of that plugin. Specs without a namespace would have
// been of this one, had it not been forgotten.
func found(namespace string, specs []*Spec) *Registry {
	r := &Registry{added: map[string][]*Spec{}}
	for _, s := range specs {
		of := namespace
		if s != nil && s.Namespace != "" {
			of = s.Namespace
		}
		r.added[of] = append(r.added[of], s)
	}
	return r
}
