// Package main links by hand.
package main

import (
	"context"

	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/generated"
)

type Header interface{ Do() }

func main() {
	registry.Default.Link(&generated.Links[registry.Spec]{})
	registry.NewManager[Header]("unhosted.headers").LoadAll(context.Background())
}
