// Package main gives managers plugins that are not linked.
package main

import (
	"opaque/lib"

	"github.com/plugingen/plugingen/registry"
)

//plugin:link // want `opaque/lib/lib.go:.* there is no namespace opaqe .did you mean "opaque"` `opaque/lib/lib.go:.* there is no namespace opaque.elsewhere .did you mean "opaque"`

func main() {
	options := []registry.Option{registry.WithSpecs()}
	registry.NewManager[lib.Contract]("elsewhere", options...)
	registry.NewManager[lib.Contract]("elsewhere", registry.WithSpecs())
	registry.NewManager[lib.Contract]("elsewhere", registry.WithFinder(registry.Default), registry.WithFailFast())
}
