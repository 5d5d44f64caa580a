// Package main has plugins of its own for its manager.
package main

import (
	"context"

	"github.com/plugingen/plugingen/registry"
)

type Header interface{ Do() }

func main() {
	registry.NewManager[Header]("unhosted.headers", registry.WithSpecs()).LoadAll(context.Background())
}
