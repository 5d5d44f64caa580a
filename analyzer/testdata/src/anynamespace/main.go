// Package main makes a manager of any namespace, so no plugin is known to be without one.
package main

import (
	"context"

	"github.com/plugingen/plugingen/registry"
)

//plugin:link

//plugin:namespace=anynamespace.headers
type Header interface{ Do() }

//plugin:namespace=anynamespace.readers name=mem
type Mem struct{}

func (*Mem) Do() {}

func main() {
	load[*Mem]("anynamespace.readers")
}

func load[P any](namespace string) {
	registry.NewManager[P](namespace).LoadAll(context.Background())
}
