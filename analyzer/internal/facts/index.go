package facts

import (
	"cmp"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/internal/rules"
)

// An Index finds facts by namespace and name. It is only valid as long as the facts
// do not change.
type Index struct {
	facts       *Facts
	ids         map[string][]int    // the plugins of namespace:name, aliases included
	Namespaces  *NameSet            // that have declarations
	byNamespace map[string]*NameSet // of plugins, aliases included, by namespace
	loading     map[[2]string]bool  // by package and namespace, whether the package loads plugins
}

// NewIndex returns the index of facts.
func NewIndex(f *Facts) *Index {
	x := &Index{
		facts: f, ids: map[string][]int{}, Namespaces: NewNameSet(),
		byNamespace: map[string]*NameSet{}, loading: map[[2]string]bool{},
	}
	named := func(namespace, name string) string {
		x.Namespaces.Add(namespace)
		if x.byNamespace[namespace] == nil {
			x.byNamespace[namespace] = NewNameSet()
		}
		x.byNamespace[namespace].Add(name)
		return namespace + ":" + name
	}
	for i, p := range f.Plugins {
		for _, name := range append([]string{p.Name}, p.Aliases...) {
			id := named(p.Namespace, name)
			x.ids[id] = append(x.ids[id], i)
		}
	}
	for _, u := range slices.Concat(f.ByHand, f.OtherBuilds) {
		named(u.Namespace, u.Name)
	}
	for _, k := range f.Contracts {
		x.Namespaces.Add(k.Namespace)
	}
	for _, b := range f.Bases {
		x.Namespaces.Add(b.Namespace)
	}
	for _, u := range f.Uses {
		if u.Loads {
			x.loading[[2]string{u.Package, u.Namespace}] = true
		}
	}
	return x
}

// Names returns the names of the plugins of a namespace, aliases included.
func (x *Index) Names(namespace string) *NameSet {
	if w := x.byNamespace[namespace]; w != nil {
		return w
	}
	return NewNameSet()
}

// Plugins returns the plugins of a namespace that have a name or an alias, or all of
// the namespace if name is "".
func (x *Index) Plugins(namespace, name string) []Plugin {
	if name == "" {
		return x.facts.PluginsOf(namespace)
	}
	var all []Plugin
	for _, i := range x.ids[namespace+":"+name] {
		all = append(all, x.facts.Plugins[i])
	}
	return all
}

// Find returns the indexes of the plugins that Plugins returns.
func (x *Index) Find(namespace, name string) []int {
	if name != "" {
		return x.ids[namespace+":"+name]
	}
	start, end := rangeWithKey(x.facts.Plugins, namespace, Plugin.namespace)
	var all []int
	for i := range end - start {
		all = append(all, start+i)
	}
	return all
}

// Loads reports whether a package loads plugins of a namespace.
func (x *Index) Loads(importPath, namespace string) bool {
	return x.loading[[2]string{importPath, namespace}]
}

// PluginsOf returns the plugins of a namespace.
func (f *Facts) PluginsOf(namespace string) []Plugin {
	return withKey(f.Plugins, namespace, Plugin.namespace)
}

// ContractsOf returns the contracts of a namespace.
func (f *Facts) ContractsOf(namespace string) []Contract {
	return withKey(f.Contracts, namespace, Contract.namespace)
}

// ByHandIn returns the specs of a namespace that functions build.
func (f *Facts) ByHandIn(namespace string) []Use {
	return withKey(f.ByHand, namespace, Use.namespace)
}

// Named returns the plugins that have a name, aliases not included.
func (f *Facts) Named(namespace, name string) []Plugin {
	return withKey(f.PluginsOf(namespace), name, func(p Plugin) string { return p.Name })
}

// withKey returns the part of a list that has a key, by which the list is sorted.
func withKey[T any](list []T, key string, of func(T) string) []T {
	start, end := rangeWithKey(list, key, of)
	return list[start:end]
}

// rangeWithKey returns where the part begins and ends.
func rangeWithKey[T any](list []T, key string, of func(T) string) (start, end int) {
	compare := func(x T, key string) int { return cmp.Compare(of(x), key) }
	start, _ = slices.BinarySearchFunc(list, key, compare)
	end, _ = slices.BinarySearchFunc(list, key+"\x00", compare)
	return start, end
}

// A NameSet is a set of names.
type NameSet struct {
	names    map[string]bool
	list     []string     // in the order in which they were added
	known    *rules.Names // nil until index is called
	firstFew string
}

// NewNameSet returns an empty set.
func NewNameSet() *NameSet { return &NameSet{names: map[string]bool{}} }

// Has reports whether a name is in the set.
func (s *NameSet) Has(name string) bool { return s.names[name] }

// Empty reports whether the set is empty.
func (s *NameSet) Empty() bool { return len(s.list) == 0 }

// Add adds a name.
func (s *NameSet) Add(name string) {
	if !s.names[name] {
		s.names[name] = true
		s.list = append(s.list, name)
	}
}

// Nearest is [rules.Names.Nearest] for the names.
func (s *NameSet) Nearest(name string) string { return s.index().Nearest(name) }

// NearestIfMisspelt is [rules.Names.NearestIfMisspelt] for the names.
func (s *NameSet) NearestIfMisspelt(name string) string { return s.index().NearestIfMisspelt(name) }

func (s *NameSet) index() *rules.Names {
	if s.known == nil {
		s.known = rules.NewNames(s.list)
	}
	return s.known
}

// First lists the first names, for a message.
func (s *NameSet) First() string {
	const enough = 5
	if s.firstFew == "" {
		list := slices.Sorted(slices.Values(s.list))
		if len(list) > enough {
			list = append(list[:enough], "...")
		}
		s.firstFew = strings.Join(list, ", ")
	}
	return s.firstFew
}

func (p Plugin) namespace() string { return p.Namespace }

func (k Contract) namespace() string { return k.Namespace }

func (u Use) namespace() string { return u.Namespace }

// Requirements finds the plugins that others require. Plugins are known by their
// indexes in the facts.
type Requirements struct {
	rules.Lookup[int]
	Facts *Facts

	// Ambiguous has plugins whose name or alias another plugin has: a duplicate, or
	// a plugin that another host links.
	Ambiguous map[int]bool
}

// NewRequirements returns the requirements among facts.
func NewRequirements(f *Facts) *Requirements {
	r := &Requirements{Facts: f, Ambiguous: map[int]bool{}}
	claimed := map[string]int{}
	for i, p := range f.Plugins {
		r.Add(i, p.Namespace, p.Name, p.Aliases...)
		for _, name := range append([]string{p.Name}, p.Aliases...) {
			id := p.Namespace + ":" + name
			if other, ok := claimed[id]; ok && other != i {
				r.Ambiguous[i], r.Ambiguous[other] = true, true
			}
			claimed[id] = i
		}
	}
	return r
}

// Indexes returns the indexes of all plugins.
func (r *Requirements) Indexes() []int {
	all := make([]int, len(r.Facts.Plugins))
	for i := range all {
		all[i] = i
	}
	return all
}

// Plugins returns the plugins that have the indexes.
func (r *Requirements) Plugins(indexes []int) []Plugin {
	var all []Plugin
	for _, i := range indexes {
		all = append(all, r.Facts.Plugins[i])
	}
	return all
}

// AllNames returns the names of all plugins, including those of other builds and
// those whose specs functions build.
func (f *Facts) AllNames() *rules.Lookup[int] {
	l := &NewRequirements(f).Lookup
	for _, u := range slices.Concat(f.ByHand, f.OtherBuilds) {
		l.Add(-1, u.Namespace, u.Name)
	}
	return l
}

// HasPlugin returns a function that reports whether facts include a plugin.
func HasPlugin(p Plugin) func(*Facts) bool {
	return func(f *Facts) bool {
		_, ok := slices.BinarySearchFunc(f.Plugins, p, Plugin.CompareID)
		return ok
	}
}

// HasByHand returns a function that reports whether facts include a spec that a
// function builds.
func HasByHand(u Use) func(*Facts) bool {
	return func(f *Facts) bool {
		return slices.ContainsFunc(f.ByHand, func(v Use) bool { return u.compare(v) == 0 })
	}
}

// HasContract returns a function that reports whether facts include a contract.
func HasContract(k Contract) func(*Facts) bool {
	return func(f *Facts) bool {
		return slices.ContainsFunc(f.Contracts, func(x Contract) bool {
			return x.Namespace == k.Namespace && x.compare(k.Origin) == 0
		})
	}
}
