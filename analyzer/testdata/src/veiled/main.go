// Package main makes a manager of any namespace, so no plugin is known to be without one.
package main

import (
	"context"

	"github.com/plugingen/plugingen/registry"
)

//plugin:link

//plugin:namespace=veiled.headers
type Header interface{ Do() }

//plugin:namespace=veiled.readers name=mem
type Mem struct{}

func (*Mem) Do() {}

func main() {
	load[*Mem]("veiled.readers")
}

func load[P any](namespace string) {
	registry.NewManager[P](namespace).LoadAll(context.Background())
}
