package analyzer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/internal/rules"
)

// An inventory finds what facts say of a plugin or a namespace, without going through all of
// them for each question. The facts no longer change.
type inventory struct {
	facts      *Facts
	ids        map[string][]int   // the plugins of namespace:name, aliases included
	unanalyzed map[string]bool    // the namespace:name of those that are made by hand or are of other builds
	spaces     *words             // namespaces that anything is declared in
	names      map[string]*words  // of plugins, aliases included, by namespace
	all        *words             // namespace:name of all plugins
	loads      map[[2]string]bool // the packages that load plugins of a namespace

	// What has been found out before, for uses that are alike.
	wrongTypes map[[3]string]string // see askedType
	factories  map[string]bool      // see askedResult
	unmanaged  map[string]string    // see askedRequirements
	crossings  map[int][]crossing
	requires   *requirements
}

// inventory returns the inventory of the facts.
func (c *checker) inventory() *inventory {
	if c.found == nil {
		c.found = newInventory(c.facts)
	}
	return c.found
}

func newInventory(f *Facts) *inventory {
	inv := &inventory{
		facts: f, ids: map[string][]int{}, spaces: newWords(), names: map[string]*words{}, loads: map[[2]string]bool{},
		wrongTypes: map[[3]string]string{}, factories: map[string]bool{}, unmanaged: map[string]string{},
	}
	named := func(namespace, name string) string {
		inv.spaces.add(namespace)
		if inv.names[namespace] == nil {
			inv.names[namespace] = newWords()
		}
		inv.names[namespace].add(name)
		return namespace + ":" + name
	}
	for i, p := range f.Plugins {
		for _, name := range append([]string{p.Name}, p.Aliases...) {
			id := named(p.Namespace, name)
			inv.ids[id] = append(inv.ids[id], i)
		}
	}
	for _, u := range slices.Concat(f.ByHand, f.Elsewhere) {
		named(u.Namespace, u.Name)
	}
	for _, k := range f.Contracts {
		inv.spaces.add(k.Namespace)
	}
	for _, b := range f.Bases {
		inv.spaces.add(b.Namespace)
	}
	for _, u := range f.Uses {
		if u.Loads {
			inv.loads[[2]string{u.Package, u.Namespace}] = true
		}
	}
	return inv
}

// of returns the names of the plugins of a namespace, aliases included.
func (inv *inventory) of(namespace string) *words {
	if w := inv.names[namespace]; w != nil {
		return w
	}
	return newWords()
}

// plugins returns the plugins of a namespace, or those of them that have a name.
func (inv *inventory) plugins(namespace, name string) []Plugin {
	if name == "" {
		return withKey(inv.facts.Plugins, namespace, Plugin.namespace)
	}
	var all []Plugin
	for _, i := range inv.ids[namespace+":"+name] {
		all = append(all, inv.facts.Plugins[i])
	}
	return all
}

// named returns the plugins that have a name, aliases aside.
func (f *Facts) named(namespace, name string) []Plugin {
	return withKey(withKey(f.Plugins, namespace, Plugin.namespace), name, func(p Plugin) string { return p.Name })
}

// withKey returns the part of a list that has a key, by which the list is sorted.
func withKey[T any](list []T, key string, of func(T) string) []T {
	start, end := rangeOf(list, key, of)
	return list[start:end]
}

// rangeOf returns where the part begins and ends.
func rangeOf[T any](list []T, key string, of func(T) string) (start, end int) {
	compare := func(x T, key string) int { return cmp.Compare(of(x), key) }
	start, _ = slices.BinarySearchFunc(list, key, compare)
	end, _ = slices.BinarySearchFunc(list, key+"\x00", compare)
	return start, end
}

func (p Plugin) namespace() string   { return p.Namespace }
func (k Contract) namespace() string { return k.Namespace }
func (u Use) namespace() string      { return u.Namespace }

// words is a set of words.
type words struct {
	known map[string]bool
	list  []string     // in the order in which they were added
	slips *rules.Names // nil until it is needed
	few   string
}

func newWords() *words { return &words{known: map[string]bool{}} }

func (w *words) add(word string) {
	if !w.known[word] {
		w.known[word] = true
		w.list = append(w.list, word)
	}
}

// nearest returns the word that another was probably meant to be, or "" if there is none or
// the word is among them. Something may be reported for no other reason.
func (w *words) nearest(word string) string {
	if w.slips == nil {
		w.slips = rules.NewNames(w.list)
	}
	return w.slips.Meant(word)
}

// first lists the first words for a message.
func (w *words) first() string {
	const enough = 5
	if w.few == "" {
		list := slices.Sorted(slices.Values(w.list))
		if len(list) > enough {
			list = append(list[:enough], "...")
		}
		w.few = strings.Join(list, ", ")
	}
	return w.few
}
