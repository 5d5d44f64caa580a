// Package main has code for when there is no such plugin.
package main

import (
	"context"
	"errors"

	"uses/lib"

	"github.com/plugingen/plugingen/registry"
)

//plugin:link // want `uses/lib/lib.go:.* there is no plugin uses.regions:regoin1 .did you mean "region1"`

func main() {
	_, err := registry.NewManager[lib.Contract]("uses").Load(context.Background(), "extra")
	registry.NewManager[lib.Contract]("uses").Load(context.Background(), "onne")
	if !errors.Is(err, registry.ErrNotFound) {
		panic(err)
	}
}
