package registry

import (
	"fmt"
	"slices"
	"strings"
)

// notFound returns the error that there is no plugin of that name, and which there are; or
// that the namespace is empty, because a step of the build was forgotten.
func (m *core) notFound(name string, r *Registry, c *catalog) error {
	if err := m.notLinked(r, c); err != nil {
		return err
	}
	return m.wrap(name, &notFoundError{m.namespace, name, c})
}

// A notFoundError finds out what was meant only if somebody reads it.
type notFoundError struct {
	namespace, name string
	catalog         *catalog
}

func (e *notFoundError) Unwrap() error { return ErrNotFound }

func (e *notFoundError) Error() string {
	names := e.catalog.names()
	text := fmt.Sprintf("no plugin named %s in namespace %s", shown(e.name), e.namespace)
	if like := meant(e.namespace, e.name, names); like != "" {
		text += fmt.Sprintf("; did you mean %s?", shown(like))
	}
	if len(names) == 0 {
		return text + "; there are none at all"
	}
	return text + "; there are: " + enumerate(names)
}

// notLinked returns an error that says what to do if there are no plugins of the namespace: which
// step is missing in the program, or that the manager was given those of other namespaces
// only. A manager with a finder of its own may well have none.
func (m *core) notLinked(r *Registry, c *catalog) error {
	if len(c.list) > 0 || len(c.faults) > 0 {
		return nil
	}
	namespaces := r.Namespaces()
	text := fmt.Sprintf("no plugins of namespace %s are linked into this program", m.namespace)
	if _, own := m.finder.(*Registry); r != Default {
		if own || len(namespaces) == 0 {
			return nil
		}
		text = fmt.Sprintf("none of the plugins that the manager was given is of namespace %s", m.namespace)
	}
	if like := nearest(m.namespace, namespaces); like != "" {
		text += fmt.Sprintf("; did you mean %s?", like)
	}
	if len(namespaces) > 0 {
		text += "; there are plugins of " + enumerate(namespaces)
	}
	if r == Default {
		text += howToLink
	}
	return m.wrap("", &fault{kind: ErrNotLinked, text: text, whole: true})
}

const howToLink = `
	to link plugins, put the comment //plugin:link above the package clause or a declaration of package main, run plugingen ./... (or: go tool plugingen ./...), and build again
	to add plugins by hand, call registry.Default.Add; in a test, pass them to the manager with registry.WithSpecs`

func (m *core) noteEarly(*Registry, *catalog) {}
func tooEarly(s string) string                { return s }

// enumerate lists names for a message, but not thousands of them.
func enumerate(names []string) string {
	const most = 20
	var list []string
	for _, name := range names[:min(most, len(names))] {
		list = append(list, shown(name))
	}
	text := strings.Join(list, ", ")
	if left := len(names) - most; left > 0 {
		text += fmt.Sprintf(", and %d more", left)
	}
	return text
}

// shown returns a name as messages show it: with quotes if it is none.
func shown(name string) string {
	if checkName(name) != nil {
		return quote(name)
	}
	return name
}

// meant returns the name in the namespace that another may stand for: itself without the
// namespace in front, or one that it is a slip of.
func meant(namespace, name string, names []string) string {
	if bare, ok := strings.CutPrefix(name, namespace+":"); ok && slices.Contains(names, bare) {
		return bare
	}
	return nearest(name, names)
}

// nearest returns the name that another is a slip of, or "" if there is none. At most
// one edit makes a slip, or two in a word of eight characters or more; a single
// character is a slip of none but itself. Of several names it is the one with the fewest
// edits, and then the first in order. Generator and checker have the same rule.
func nearest(name string, names []string) string {
	word, best := []rune(strings.ToLower(name)), ""
	limit := min(len(word)-1, 1)
	if len(word) >= 8 {
		limit = maxEdits
	}
	for _, candidate := range names {
		d := distance(word, []rune(strings.ToLower(candidate)), max(limit, 0))
		if d < limit || d == limit && (best == "" || candidate < best) {
			best, limit = candidate, d
		}
	}
	return best
}

// maxEdits is the largest limit of distance.
const maxEdits = 2

// distance returns how many edits turn a into b: insertions, deletions, substitutions,
// and exchanges of neighbours. It returns limit+1 if they are more than limit, and
// looks only at the diagonals of the matrix that are within it.
func distance(a, b []rune, limit int) int {
	tooMany := limit + 1
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return tooMany
	}
	// Cell zero+d of row i is the distance of a[:i] and b[:i+d]. The cells at both ends
	// are never within the limit.
	const zero = maxEdits + 1
	var far [2*zero + 1]int
	for k := range far {
		far[k] = tooMany
	}
	before, last := far, far
	for d := range limit + 1 {
		last[zero+d] = d
	}
	for i := 1; i <= len(a); i++ {
		row, least := far, tooMany
		for d := max(-limit, -i); d <= min(limit, len(b)-i); d++ {
			j, k := i+d, zero+d
			edits := min(last[k+1], row[k-1]) + 1
			if j > 0 && a[i-1] == b[j-1] {
				edits = min(edits, last[k])
			} else if j > 0 {
				edits = min(edits, last[k]+1)
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				edits = min(edits, before[k]+1)
			}
			row[k] = min(edits, tooMany)
			least = min(least, row[k])
		}
		if least == tooMany {
			return tooMany
		}
		before, last = last, row
	}
	return last[zero+len(b)-len(a)]
}
