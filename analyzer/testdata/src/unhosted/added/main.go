// Package main links by hand.
package main

import (
	"context"

	"github.com/plugingen/plugingen/registry"
)

type Header interface{ Do() }

func main() {
	registry.Default.Link(&registry.Links{})
	registry.NewManager[Header]("unhosted.headers").LoadAll(context.Background())
}
