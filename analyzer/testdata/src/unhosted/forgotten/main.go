// Package main asks for plugins, and links none.
package main

import (
	"context"

	"github.com/plugingen/plugingen/registry"
)

type Header interface{ Do() }

func main() {
	m := registry.NewManager[Header]("unhosted.headers") // want `no plugin is linked into this program: write //plugin:link in package main, or import the package that has it, and run go run github.com/plugingen/plugingen/cmd/plugingen ./...`
	m.LoadAll(context.Background())
	registry.NewManager[Header]("unhosted.others") // once is enough
}
