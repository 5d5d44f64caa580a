package annotate

import (
	"cmp"

	"github.com/plugingen/plugingen/internal/rules"
)

// nearest returns the known word that another was probably meant to be, or "": one
// that it is a slip of, or else the only one that it is the beginning of. It is for words
// of which a reader sees few, as are keys and what a package declares.
func nearest(word string, known []string) string {
	return cmp.Or(rules.Nearest(word, known), rules.Completion(word, known))
}
