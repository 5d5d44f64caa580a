package registry

import (
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/plugingen/plugingen/registry/generated"
)

// Default is the registry of the program: the one that generated code links
// plugins into, and that managers use unless they are given another.
var Default = &Registry{}

// A Registry holds specs by namespace. Its zero value is empty and ready to
// use. All methods are safe for concurrent use.
//
// A program needs none but [Default]. A test that wants plugins of its own makes
// a registry of its own, or passes [WithSpecs] to a manager.
type Registry struct {
	version atomic.Uint64 // grows when specs are linked or added
	filters cow[Filter]

	mu     sync.Mutex
	links  []*generated.Links[Spec]  // what generated code has linked
	few    [4]*generated.Links[Spec] // backs links, so that linking allocates nothing
	added  map[string][]*Spec        // what was added by hand, by namespace
	claims map[claim]*Spec           // the names and aliases of that

	forwardings []*forwarding // see Forward
}

// A claim is that of a spec to a name or an alias.
type claim struct{ namespace, name string }

// Link adds the tables and sections of a host to the registry. It is for generated
// code: the init function that plugingen writes for a host calls it on [Default]. It
// allocates nothing, and reads nothing in the tables. Linking the same Links again has
// no effect.
func (r *Registry) Link(l *generated.Links[Spec]) {
	if l == nil {
		return
	}
	if r.link(l) {
		r.forwardNew()
	}
}

// link is Link without forwarding. It reports whether there are forwardings.
func (r *Registry) link(l *generated.Links[Spec]) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.Contains(r.links, l) {
		return false
	}
	if r.links == nil {
		r.links = r.few[:0]
	}
	r.links = append(r.links, l)
	r.version.Add(1)
	return len(r.forwardings) > 0
}

// sections returns where the program's configuration has the options, each section once.
func (r *Registry) sections() (all []generated.Section) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.links {
		for _, s := range l.Sections {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

// Add adds specs that were made by hand. It leaves out those that cannot be used, and
// those whose name is taken already in their namespace, and returns the joined errors
// of these, each an [*Error] that is [ErrInvalid] or [ErrDuplicate]. To add a spec
// again has no effect.
//
// Managers that exist already find what is added. A LoadAll or a range over plugins
// that is in progress uses the specs that were there when it began.
func (r *Registry) Add(specs ...*Spec) error {
	err := r.add(specs)
	r.forwardNew()
	return err
}

func (r *Registry) add(specs []*Spec) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, s := range specs {
		if err := r.admit(s); err != nil {
			errs = append(errs, err)
			continue
		}
		r.insert(s)
	}
	r.version.Add(1)
	return errors.Join(errs...)
}

// Remove removes specs that Add has added, such as those of a test in [Default]. Specs
// that are not in the registry are ignored.
//
// Managers no longer list the plugins. One that is loaded stays loaded, and is found by
// its name until it is unloaded or its manager is closed. A LoadAll in progress still
// loads what it has planned to.
//
// Do not add another spec of the same name in the place of one that managers have
// found: they may go on using the first.
func (r *Registry) Remove(specs ...*Spec) {
	r.mu.Lock()
	defer r.mu.Unlock()
	gone := make(map[*Spec]bool)
	namespaces := make(map[string]bool)
	for _, s := range specs {
		if s != nil && r.claims[claim{s.Namespace, s.Name}] == s {
			gone[s], namespaces[s.Namespace] = true, true
		}
	}
	maps.DeleteFunc(r.claims, func(_ claim, s *Spec) bool { return gone[s] })
	for namespace := range namespaces {
		kept := slices.DeleteFunc(slices.Clone(r.added[namespace]), func(s *Spec) bool { return gone[s] })
		if r.added[namespace] = kept; len(kept) == 0 {
			delete(r.added, namespace)
		}
	}
	r.version.Add(1)
}

// admit returns why a spec should not be added, or nil.
func (r *Registry) admit(s *Spec) error {
	if err := s.checkByHand(""); err != nil {
		e := &Error{Phase: PhaseResolve, Spec: s, Err: err}
		if s != nil {
			e.Namespace, e.Name = s.Namespace, s.Name
		}
		return e
	}
	for _, name := range s.names() {
		claimants := slices.Collect(r.direct(s.Namespace, name))
		if other := r.claims[claim{s.Namespace, name}]; other != nil {
			claimants = append(claimants, other)
		}
		for _, other := range claimants {
			if other != s {
				return &Error{s.Namespace, s.Name, PhaseResolve, duplicate(name, other, s), s}
			}
		}
	}
	return nil
}

// insert adds a spec. Readers may hold the slices in r.added, whose elements are
// therefore never changed.
func (r *Registry) insert(s *Spec) {
	if r.claims[claim{s.Namespace, s.Name}] == s {
		return
	}
	if r.added == nil {
		r.added, r.claims = make(map[string][]*Spec), make(map[claim]*Spec)
	}
	r.added[s.Namespace] = append(r.added[s.Namespace], s)
	for _, name := range s.names() {
		r.claims[claim{s.Namespace, name}] = s
	}
}

// linked returns the spec of a name if it can be found without going through the
// namespace: if all specs of that are in linked tables, and one of them has the name
// and no aliases. Otherwise it returns nil. It allocates nothing.
func (r *Registry) linked(namespace, name string) *Spec {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.added[namespace]) > 0 {
		return nil
	}
	var one *Spec
	for s := range r.direct(namespace, name) {
		if one != nil && one != s {
			return nil
		}
		one = s
	}
	if len(one.aliases()) > 0 {
		return nil
	}
	return one
}

// direct iterates over the linked specs of a name. r.mu is held.
func (r *Registry) direct(namespace, name string) iter.Seq[*Spec] {
	return func(yield func(*Spec) bool) {
		for table := range r.tables(namespace) {
			i, _ := slices.BinarySearchFunc(table, name, compareName)
			for ; i < len(table) && table[i] != nil && table[i].Name == name; i++ {
				if !yield(table[i]) {
					return
				}
			}
		}
	}
}

// tables iterates over the linked tables of a namespace. r.mu is held.
func (r *Registry) tables(namespace string) iter.Seq[[]*Spec] {
	return func(yield func([]*Spec) bool) {
		for _, l := range r.links {
			i, ok := slices.BinarySearchFunc(l.Tables, namespace, compareNamespace)
			if ok && !yield(l.Tables[i].Specs) {
				return
			}
		}
	}
}

// Find returns all specs of a namespace, sorted by name, several of one name included.
// The error is always nil; it makes a Registry a [Finder].
func (r *Registry) Find(namespace string) ([]*Spec, error) {
	specs, _ := r.find(namespace)
	return sorted(specs), nil
}

// find returns the specs of a namespace, in any order, and whether some were added by
// hand. The slice may be that of a table; the caller must not change it.
func (r *Registry) find(namespace string) (specs []*Spec, mixed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for table := range r.tables(namespace) {
		if specs == nil {
			specs = slices.Clip(table)
			continue
		}
		specs = append(specs, table...)
	}
	added := r.added[namespace]
	return append(specs, added...), len(added) > 0
}

// sorted returns the specs without repetitions, sorted by name, in a new slice.
func sorted(specs []*Spec) []*Spec {
	specs = slices.Clone(specs)
	sortSpecs(specs)
	return slices.Compact(specs)
}

// Namespaces returns the namespaces that have plugins, sorted.
func (r *Registry) Namespaces() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := make(map[string]bool)
	for _, l := range r.links {
		for _, t := range l.Tables {
			if len(t.Specs) > 0 {
				seen[t.Namespace] = true
			}
		}
	}
	for namespace := range r.added {
		seen[namespace] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// Filter makes every manager that uses the registry call f before it loads a plugin,
// until remove is called. If f is nil, nothing happens. A program disables plugins in
// all its managers by registry.Default.Filter(registry.Exclude(...)). A plugin that is
// loaded already stays loaded; [Manager.Unload] closes it.
func (r *Registry) Filter(f Filter) (remove func()) {
	if f == nil {
		return func() {}
	}
	return r.filters.add(f)
}

// sortSpecs sorts by name, in a stable order. Tables of generated code are sorted already.
func sortSpecs(specs []*Spec) {
	compare := func(a, b *Spec) int { return compareName(a, b.name()) }
	if !slices.IsSortedFunc(specs, compare) {
		slices.SortStableFunc(specs, compare)
	}
}

func compareName(s *Spec, name string) int {
	return compareStrings(s.name(), name)
}

func compareNamespace(t generated.Table[Spec], namespace string) int {
	return compareStrings(t.Namespace, namespace)
}

func compareStrings(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return +1
	}
	return 0
}

// duplicate returns the error that several specs have a name, with their places.
func duplicate(name string, specs ...*Spec) error {
	text := "the name " + quote(name) + " is claimed"
	for i, s := range specs {
		if i > 0 {
			text += " and"
		}
		text += " by " + s.describe()
	}
	return &fault{kind: ErrDuplicate, text: text}
}

// A Finder finds the specs of a namespace, for the managers that are made [WithFinder].
//
// A manager calls Find when it first needs the specs, and again only if that returned
// an error. Other goroutines that need the specs wait for it, even after their contexts
// have ended, so Find must return soon and must not use the manager. A [*Registry] is a
// Finder whose later changes the manager finds, too.
type Finder interface {
	Find(namespace string) ([]*Spec, error)
}

// A FinderFunc is a function as a [Finder].
type FinderFunc func(namespace string) ([]*Spec, error)

// Find calls f.
func (f FinderFunc) Find(namespace string) ([]*Spec, error) { return f(namespace) }

// found returns a registry with the specs that a finder has found. Unlike Add it takes
// specs that cannot be used: to load one returns the error. Those without a namespace
// are taken for specs of this one, whose author has forgotten to set it.
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
