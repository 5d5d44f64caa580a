// Package syntax has the errors that plugingen finds, too.
package syntax

//plugin:namespace=a.b nam=one // want `unknown key "nam" \(did you mean "name"\?\)`
func One() {}

// plugin:namespace=a.b name=two // want `this comment is not read`
func Two() {}

//plugin:namespace=a.b name=same
func Three() {}

//plugin:namespace=a.b name=same // want `a.b:same is declared already`
func Four() {}

//plugin:namespace=a.b name=no_type // want `Alias is an alias, which can't be a plugin: write type Alias struct`
type Alias = struct{}

//plugin:namespace=a.b name=self requires=self // want `requires itself`
func Self() {}
