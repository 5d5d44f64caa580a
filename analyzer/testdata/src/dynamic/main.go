// Package main adds plugins of which nothing is known.
package main

import "github.com/plugingen/plugingen/registry"

//plugin:link

//plugin:namespace=dynamic.headers
type Header interface{ Do() }

func main() {
	add := registry.Default.Add
	add(specs()...)
	registry.NewManager[any]("dynamic.readers")
}

func specs() []*registry.Spec { return nil }
