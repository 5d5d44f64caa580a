// Package byhand has specs that are written by hand.
package byhand

import (
	"errors"

	"github.com/plugingen/plugingen/registry"
)

//plugin:namespace=byhand
type Contract interface{ Do() }

type good struct{}

func (*good) Do() {}

type bad struct{}

var Good = registry.Spec{Namespace: "byhand", Name: "good", New: func(*registry.Spec) (any, error) { return new(good), nil }}

var Bad = registry.Spec{Namespace: "byhand", Name: "bad", New: func(*registry.Spec) (any, error) { return new(bad), nil }} // want `plugin byhand:bad: \*byhand.bad does not satisfy byhand.Contract, the contract of its namespace: it has no method Do`

var Named = registry.Spec{Namespace: "byhand", Name: "named", New: makeBad} // want `plugin byhand:named: \*byhand.bad does not satisfy`

func makeBad(spec *registry.Spec) (any, error) {
	if spec.Name == "" {
		return nil, errors.New("no name")
	}
	return newBad()
}

func newBad() (*bad, error) { return new(bad), nil }

var Either = registry.Spec{Namespace: "byhand", Name: "either", New: func(spec *registry.Spec) (any, error) {
	if spec.Name == "" {
		return new(bad), nil
	}
	return new(good), nil
}}

var Empty = registry.Spec{Namespace: "byhand", Name: "empty"} // want `this registry.Spec has no New, which makes the plugin: add New: `

func add() {
	registry.Default.Add(
		&registry.Spec{Namespace: "byhand", Name: "added", New: makeBad},
		&registry.Spec{Namespace: "byhand", Name: "lacking"}, // want `this registry.Spec has no New`
	)
	_ = &registry.Spec{Namespace: "byhand", Name: "for_comparison"}
}

var Late = registry.Spec{Namespace: "byhand", Name: "late"}

func init() { finish(&Late) }

func finish(s *registry.Spec) { *s = registry.Spec{Namespace: s.Namespace, Name: s.Name, New: makeBad} }

func addVar() {
	registry.Default.Add(&registry.Spec{Namespace: "byhand", Name: "var", Var: &Late})
}
