package gen

import (
	"fmt"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// noteFakes notes that a program links a plugin which an internal host of its module declares,
// though nothing that is written by hand imports that package: such a host is often for tests, and
// its plugins are fakes. A host that names the package means it.
func (run *linker) noteFakes(c *candidate) (notes []annotate.Diagnostic) {
	if c.Name != "main" || c.broken() {
		return nil
	}
	for _, h := range c.hosts {
		noted := map[string]bool{} // import paths
		for _, l := range h.linked {
			q := l.of
			if q == nil || q == c.pkg || len(q.Hosts) == 0 || noted[q.Path] || rules.InternalTo(q.Path) == "" ||
				slices.ContainsFunc(h.Packages, func(w annotate.Word) bool { return w.Text == q.Path }) ||
				run.imports(c.tree, c.Path, q.Path, map[string]bool{}) {
				continue
			}
			noted[q.Path] = true
			notes = append(notes, annotate.Diagnostic{
				Span: h.Directive, Category: annotate.Linking,
				Message: fmt.Sprintf("this program links %s of %s, which is a host itself: if that is for tests, "+
					"write exclude=%[2]s; if not, import it here", l.id(), q.Path),
			})
		}
	}
	return notes
}

// imports reports whether a package of the module imports another, directly or not, in files that
// are written by hand. Packages that have been seen are known not to.
func (run *linker) imports(t *tree, from, to string, seen map[string]bool) bool {
	if from == to {
		return true
	}
	if seen[from] || !t.main.Owns(from) {
		return false
	}
	seen[from] = true
	return slices.ContainsFunc(run.importsOf(t, from), func(path string) bool {
		return run.imports(t, path, to, seen)
	})
}
