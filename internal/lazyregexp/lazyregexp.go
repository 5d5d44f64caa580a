// Package lazyregexp compiles regular expressions when they are first used. The commands start
// once a package, under go generate and go vet, and most runs need none of the expressions.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New returns a function that returns the regular expression, which it compiles once. It panics if
// the expression can't be parsed, and is safe for concurrent use.
func New(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
