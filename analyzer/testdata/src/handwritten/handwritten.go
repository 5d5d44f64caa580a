// Package handwritten has a file that is called as generated ones are.
package handwritten

import "context"

//plugin:namespace=handwritten name=one
type One struct{}

func (*One) load(context.Context) error { return nil } // it is called
func (*One) close() error               { return nil } // want `a manager does not call a method close`
