// Package main knows that there may be nothing.
package main

import (
	"context"
	"errors"

	"github.com/plugingen/plugingen/registry"
)

type Header interface{ Do() }

func main() {
	_, err := registry.NewManager[Header]("unhosted.headers").LoadAll(context.Background())
	if errors.Is(err, registry.ErrNotLinked) {
		return
	}
}
