package registry

import (
	"fmt"
	"slices"
	"strings"
)

// notFound says that there is no plugin of that name, and which there are; or
// that the namespace is empty, because a step of the build was forgotten.
func (m *core) notFound(name string, r *Registry, ros *roster) error {
	if err := m.notLinked(r, ros); err != nil {
		return err
	}
	names := ros.names()
	text := fmt.Sprintf("no plugin named %s in namespace %s", shown(name), m.namespace)
	if like := meant(m.namespace, name, names); like != "" {
		text += fmt.Sprintf("; did you mean %s?", shown(like))
	}
	switch {
	case len(names) == 0:
		text += "; there are none at all"
	default:
		text += "; there are: " + enumerate(names)
	}
	return m.wrap(name, &fault{kind: ErrNotFound, text: text, whole: true})
}

// notLinked says what to do if there are no plugins of the namespace: which step is
// missing in the program, or that the manager was given those of other
// namespaces only. A manager with a finder of its own may well have none.
func (m *core) notLinked(r *Registry, ros *roster) error {
	if len(ros.list) > 0 || len(ros.faults) > 0 {
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

func (r *roster) names() []string {
	names := make([]string, len(r.list))
	for i, c := range r.list {
		names[i] = c.spec.Name
	}
	return names
}

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

// nearest returns the name that is most like the given one, if any is like it
// enough to have been meant.
func nearest(name string, names []string) string {
	if name == "" {
		return ""
	}
	best, least := "", max(1, len(name)/3)+1
	name = strings.ToLower(name)
	for _, candidate := range names {
		if d := distance(name, strings.ToLower(candidate), least); d < least {
			best, least = candidate, d
		}
	}
	return best
}

// distance counts the edits between two words: insertions, deletions,
// substitutions, and exchanges of neighbours. It does not count beyond limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		if slices.Min(row) >= limit && slices.Min(last) >= limit {
			return limit
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit)
}
