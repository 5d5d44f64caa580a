// Package main has code for when there is no such plugin.
package main

import (
	"context"
	"errors"

	"asked/lib"

	"github.com/plugingen/plugingen/registry"
)

//plugin:link // want `asked/lib/lib.go:.* there is no plugin asked.regions:regoin1 .did you mean "region1"`

func main() {
	_, err := registry.NewManager[lib.Contract]("asked").Load(context.Background(), "extra")
	registry.NewManager[lib.Contract]("asked").Load(context.Background(), "onne")
	if !errors.Is(err, registry.ErrNotFound) {
		panic(err)
	}
}
