// Package pattern fills options that have a pattern. It is a package of its own so that
// only programs which have such options contain package regexp.
package pattern

import (
	"regexp"
	"sync"

	"github.com/plugingen/plugingen/registry/generated"
)

// compiled caches what a pattern was compiled to.
var compiled sync.Map // of func(string) bool, by pattern

// String is [generated.String] for an option that has a pattern. Generated code calls it.
func String[T ~string](d *generated.Decoder, p *T) { generated.Match(d, p, compile) }

func compile(pattern string) (func(string) bool, error) {
	if match, ok := compiled.Load(pattern); ok {
		return match.(func(string) bool), nil
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	match, _ := compiled.LoadOrStore(pattern, re.MatchString)
	return match.(func(string) bool), nil
}
