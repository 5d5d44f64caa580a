package main

import (
	"context"

	"asked/lib"

	"github.com/plugingen/plugingen/registry"
)

//plugin:link // want `asked/lib/lib.go:.* there is no plugin asked.regions:regoin1 .did you mean "region1"`

type runner interface{ Run(string) }

type app struct {
	plugins *registry.Manager[lib.Contract]
}

func main() {
	ctx := context.Background()
	a := app{plugins: registry.NewManager[lib.Contract]("asked", registry.WithConcurrency(2))}
	a.plugins.Load(ctx, "one")
	a.plugins.Load(ctx, "second")
	a.plugins.Load(ctx, "missing") // want `there is no plugin asked:missing; namespace asked has: one, second, two`
	registry.NewManager[lib.Contract]("asked", registry.WithSpecs()).Load(ctx, "missing")

	ones := registry.NewManager[*lib.One]("asked")
	ones.Load(ctx, "one")
	ones.Load(ctx, "two") // want `a manager of \*lib.One can't load plugin asked:two: it is a \*lib.Two`
	ones.LoadAll(ctx)     // want `a manager of \*lib.One can't load plugin asked:two: it is a \*lib.Two`

	runners := registry.NewManager[runner]("asked.free")
	runners.LoadAll(ctx) // want `a manager of main.runner can't load plugin asked.free:three: method Run has another signature`
	registry.NewManager[interface{ Run(int) }]("asked.free").LoadAll(ctx)

	registry.NewManager[lib.Contract]("elsewhere")  // want `there is no namespace elsewhere \(did you mean "asked"\?\)`
	registry.NewManager[runner]("elsewhere")        // want `nothing is declared in namespace elsewhere: this manager never has a plugin`
	registry.NewManager[lib.Other]("asked")         // want `this is a manager of lib.Other, the contract of asked.other, but its namespace is asked, whose contract is lib.Contract: write "asked.other", or a manager of lib.Contract`
	registry.NewManager[lib.Contract]("asked.wide") // it asks for less, which is all right
	param(nil)
}

func param(m *registry.Manager[lib.Contract]) {
	if m == nil {
		m = registry.NewManager[lib.Contract]("asked")
	}
	m.Load(context.Background(), "missing")
}

func concrete() *registry.Manager[*lib.Three] {
	return registry.NewManager[*lib.Three]("asked.free")
}
