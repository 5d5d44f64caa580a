// Package main has code for when there is no such plugin.
package main

import (
	"context"
	"errors"

	"asked/lib"

	"github.com/plugingen/plugingen/registry"
)

//plugin:link

func main() {
	_, err := registry.NewManager[lib.Contract]("asked").Load(context.Background(), "extra")
	registry.NewManager[lib.Contract]("asked").Load(context.Background(), "onne")
	if !errors.Is(err, registry.ErrNotFound) {
		panic(err)
	}
}
