package rules

import (
	"maps"
	"slices"
	"strings"
)

// A Lookup finds the plugins that requirements mean.
//
// A plugin requires another by its name or an alias, if both are of one namespace, or
// by namespace:name. Since a name can have colons in it, "s3:default" can be either.
// It is first looked up as a name in the namespace of the plugin that requires it, and
// only if there is no such plugin as a namespace:name. So what a requirement means does
// not depend on the plugins that other modules add to a program, and the run time needs
// no other manager to find a plugin of its own.
//
// "namespace:*" requires all plugins of a namespace but the one that requires them.
type Lookup[T comparable] struct {
	byID        map[string][]T // aliases included
	byNamespace map[string][]T

	names map[string][]string // by namespace, aliases included
	near  map[string]*Names   // of the namespaces in which Nearest has looked
	ids   *Names              // all, once Nearest has looked there
}

// Add adds a plugin.
func (l *Lookup[T]) Add(plugin T, namespace, name string, aliases ...string) {
	if l.byID == nil {
		l.byID, l.byNamespace = map[string][]T{}, map[string][]T{}
		l.names, l.near = map[string][]string{}, map[string]*Names{}
	}
	for _, n := range append([]string{name}, aliases...) {
		l.byID[namespace+":"+n] = append(l.byID[namespace+":"+n], plugin)
		l.names[namespace] = append(l.names[namespace], n)
	}
	l.byNamespace[namespace] = append(l.byNamespace[namespace], plugin)
	delete(l.near, namespace)
	l.ids = nil
}

// Find returns the plugins that a plugin of the namespace means by a requirement, of
// those that together reports to be in some program with it. There is more than one if
// several builds have plugins of one name, or if the requirement is of a namespace.
func (l *Lookup[T]) Find(plugin T, namespace, requirement string, together func(T) bool) []T {
	if space, ok := EveryOf(requirement); ok {
		return filter(l.byNamespace[space], func(x T) bool { return x != plugin && together(x) })
	}
	for _, id := range candidateIDs(namespace, requirement) {
		if found := filter(l.byID[id], together); len(found) > 0 {
			return found
		}
	}
	return filter(l.byID[l.instanceOf(namespace, requirement)], together)
}

// Has reports whether there is a plugin that a requirement in the namespace could mean.
func (l *Lookup[T]) Has(namespace, requirement string) bool {
	if space, ok := EveryOf(requirement); ok {
		return len(l.byNamespace[space]) > 0
	}
	known := func(id string) bool { return len(l.byID[id]) > 0 }
	return slices.ContainsFunc(candidateIDs(namespace, requirement), known) ||
		l.instanceOf(namespace, requirement) != ""
}

// instanceOf returns the plugin, as namespace:name, that a requirement is an instance of: a set may
// be configured to have an instance cpu/totals of the plugin cpu. It is the plugin with the
// longest name; "" if there is none, or if the name of another was probably meant.
func (l *Lookup[T]) instanceOf(namespace, requirement string) string {
	for _, id := range candidateIDs(namespace, requirement) {
		for i := strings.LastIndexByte(id, '/'); i > 0; i = strings.LastIndexByte(id[:i], '/') {
			if len(l.byID[id[:i]]) == 0 || i == len(id)-1 {
				continue
			}
			if near := l.Nearest(namespace, requirement); near != "" && !strings.HasPrefix(requirement, near+"/") {
				return ""
			}
			return id[:i]
		}
	}
	return ""
}

// Nearest returns the requirement that was probably meant by one that no plugin meets,
// or "". If the namespace in it exists, only the name can be misspelt: the namespace
// makes all its plugins look alike.
func (l *Lookup[T]) Nearest(namespace, requirement string) string {
	if space, ok := EveryOf(requirement); ok {
		if near := Nearest(space, slices.Collect(maps.Keys(l.names))); near != "" {
			return near + ":*"
		}
		return ""
	}
	if near := l.nearestName(namespace, requirement); near != "" {
		return near
	}
	space, name, ok := strings.Cut(requirement, ":")
	if _, known := l.names[space]; ok && known {
		if near := l.nearestName(space, name); near != "" {
			return space + ":" + near
		}
		return ""
	}
	if l.ids == nil {
		l.ids = NewNames(slices.Collect(maps.Keys(l.byID)))
	}
	return l.ids.Nearest(requirement)
}

func (l *Lookup[T]) nearestName(namespace, name string) string {
	if len(l.names[namespace]) == 0 {
		return ""
	}
	if l.near[namespace] == nil {
		l.near[namespace] = NewNames(l.names[namespace])
	}
	return l.near[namespace].Nearest(name)
}

// candidateIDs returns the plugins, as namespace:name, that a requirement in a namespace
// can mean, the first that exists being meant.
func candidateIDs(namespace, requirement string) []string {
	own := namespace + ":" + requirement
	if strings.Contains(requirement, ":") {
		return []string{own, requirement}
	}
	return []string{own}
}

// EveryOf returns the namespace all of whose plugins are required by "namespace:*".
func EveryOf(requirement string) (namespace string, ok bool) {
	namespace, ok = strings.CutSuffix(requirement, ":*")
	return namespace, ok && namespace != ""
}

func filter[T any](list []T, keep func(T) bool) []T {
	var kept []T
	for _, x := range list {
		if keep(x) {
			kept = append(kept, x)
		}
	}
	return kept
}
