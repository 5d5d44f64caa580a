package registry

import (
	"fmt"
	"iter"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/registry/internal/nearest"
)

// notFound returns the error that there is no plugin of a name: ErrNotFound, or
// ErrNotLinked if the namespace has none at all.
func (m *core) notFound(name string, r *Registry, c *catalog) error {
	if err := m.notLinked(r, c); err != nil {
		return err
	}
	return m.wrap(name, &notFoundError{m.namespace, name, c, m.earlyUseError()})
}

// A notFoundError is the error that there is no plugin of a name. The text, with the
// nearest name, is made when Error is called.
type notFoundError struct {
	namespace, name string
	catalog         *catalog
	earlyUse        error // the manager was used before plugins were linked, or nil
}

func (e *notFoundError) Unwrap() error { return ErrNotFound }

func (e *notFoundError) Error() string {
	text := fmt.Sprintf("no plugin named %s in namespace %s", shown(e.name), e.namespace)
	if like := e.suggestion(); like != "" {
		text += fmt.Sprintf(" (did you mean %s?)", shown(like))
	}
	if list := e.catalog.list; len(list) > 0 {
		text += "; there are: " + enumerate(len(list), func(i int) string { return list[i].name() })
	} else {
		text += "; there are none at all"
	}
	if e.earlyUse != nil {
		text += "\n\t" + e.earlyUse.Error()
	}
	return text
}

// suggestion returns the name that was probably meant, or "": the same without the
// namespace in front, or the nearest name or alias. Of more than a thousand it compares
// those that are near in the alphabet.
func (e *notFoundError) suggestion() string {
	c := e.catalog
	if bare, ok := strings.CutPrefix(e.name, e.namespace+":"); ok && c.find(bare) != nil {
		return bare
	}
	at, _ := c.search(e.name)
	var names []string
	for _, p := range around(c.list, at) {
		names = append(names, p.name())
	}
	aliases := slices.Sorted(maps.Keys(c.aliases))
	at, _ = slices.BinarySearch(aliases, e.name)
	names = append(names, around(aliases, at)...)
	slices.Sort(names)
	return nearest.Name(e.name, names)
}

// around returns the part of a list that is around an index.
func around[T any](list []T, at int) []T {
	const most = 1_000
	first := max(0, min(at-most/2, len(list)-most))
	return list[first:min(first+most, len(list))]
}

// notLinked returns an error that is ErrNotLinked if there are no plugins of the
// namespace, or nil. It is no error if a registry or a finder of the manager's own has
// none at all.
func (m *core) notLinked(r *Registry, c *catalog) error {
	if len(c.list) > 0 || len(c.faults) > 0 {
		return nil
	}
	e := &notLinkedError{namespace: m.namespace, registry: r}
	if r == Default {
		e.early = duringInit()
	} else if _, own := m.finder.(*Registry); own || len(r.Namespaces()) == 0 {
		return nil
	}
	return m.wrap("", e)
}

// A notLinkedError is the error that there are no plugins of a namespace. The text,
// which says what to do, is made when Error is called.
type notLinkedError struct {
	namespace string
	registry  *Registry
	early     bool // the program was still being initialized
}

func (e *notLinkedError) Unwrap() error { return ErrNotLinked }

func (e *notLinkedError) Error() string {
	text := fmt.Sprintf("no plugins of namespace %s are linked into this program", e.namespace)
	switch {
	case e.registry != Default:
		text = fmt.Sprintf("none of the plugins that the manager was given is of namespace %s", e.namespace)
	case e.early:
		return text + " yet, since this is " + tooEarly
	case builtFromFiles():
		return text + "; it was built from files, without those that plugingen has written" + howToBuild
	}
	namespaces := slices.DeleteFunc(e.registry.Namespaces(), func(n string) bool { return n == e.namespace })
	if like := nearest.Name(e.namespace, namespaces); like != "" {
		text += fmt.Sprintf(" (did you mean %s?)", like)
	}
	if len(namespaces) > 0 {
		text += "; there are plugins of " + enumerate(len(namespaces), func(i int) string { return namespaces[i] })
	}
	switch {
	case e.registry != Default:
	case len(namespaces) > 0:
		text += howToSelect + orElse
	default:
		text += howToLink + orElse
	}
	return text
}

const tooEarly = "too early: an init function of package main links the plugins, after package-level " +
	"variables and the init functions of the packages that it imports; use managers in func main or later"

const howToBuild = `
	build the package: go run . (not: go run main.go), go build . (not: go build main.go)`

const howToLink = "\n\tto link plugins, put the comment //plugin:link above the package clause " +
	"or a declaration of package main, run plugingen ./... (or: go tool plugingen ./...), and build again"

const howToSelect = "\n\tif the namespace is right, its plugins are not among those that //plugin:link selects: " +
	"plugingen list ./... (or: go tool plugingen list ./...) shows why"

const orElse = `
	to add plugins by hand, call registry.Default.Add
	in a test, import a package that has //plugin:link, or pass plugins to the manager with registry.WithSpecs`

// builtFromFiles reports whether the go command was given files instead of a package.
func builtFromFiles() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && info.Path == "command-line-arguments"
}

// duringInit reports whether it is called, directly or not, by the initialization of a
// package.
func duringInit() (during bool) {
	for f := range callers() {
		during = during || strings.HasPrefix(f.Function, "runtime.doInit")
	}
	return during
}

// callers iterates over the frames of the stack.
func callers() iter.Seq[runtime.Frame] {
	return func(yield func(runtime.Frame) bool) {
		var entries [100]uintptr
		frames := runtime.CallersFrames(entries[:runtime.Callers(2, entries[:])])
		for more := true; more; {
			var f runtime.Frame
			if f, more = frames.Next(); !yield(f) {
				return
			}
		}
	}
}

// recordEarlyUse records where the manager was used while packages were initialized and
// nothing was linked yet. Methods that return no error can't report it, so later errors
// do.
func (m *core) recordEarlyUse(r *Registry, c *catalog) {
	if r != Default || len(c.list) > 0 || !duringInit() {
		return
	}
	for f := range callers() {
		if !strings.Contains(f.Function, "/plugingen/registry.") {
			at := fmt.Sprintf("%s:%d", f.File, f.Line)
			m.earlyUse.CompareAndSwap(nil, &at)
			return
		}
	}
}

// earlyUseError returns the error of what recordEarlyUse has recorded, or nil.
func (m *core) earlyUseError() error {
	at := m.earlyUse.Load()
	if at == nil {
		return nil
	}
	text := fmt.Sprintf("the manager of namespace %s was used at %s, which is %s", m.namespace, *at, tooEarly)
	return m.wrap("", &fault{kind: ErrNotLinked, text: text, whole: true})
}

// enumerate returns a list of n names for a message, without most of very many.
func enumerate(n int, name func(int) string) string {
	return nearest.ListFunc(n, func(i int) string { return shown(name(i)) })
}

// shown returns a name as messages show it: in quotes if it has spaces or is not a
// valid name.
func shown(name string) string {
	if checkName(name) != nil || strings.Contains(name, " ") {
		return quote(name)
	}
	return name
}
