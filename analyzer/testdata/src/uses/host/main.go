package main

import (
	"context"

	"uses/lib"

	"github.com/plugingen/plugingen/registry"
)

//plugin:link // want `uses/lib/lib.go:.* there is no plugin uses.regions:regoin1 .did you mean "region1"`

type runner interface{ Run(string) }

type app struct {
	plugins *registry.Manager[lib.Contract]
}

func main() {
	ctx := context.Background()
	a := app{plugins: registry.NewManager[lib.Contract]("uses", registry.WithConcurrency(2))}
	a.plugins.Load(ctx, "one")
	a.plugins.Load(ctx, "second")
	a.plugins.Load(ctx, "missing") // want `there is no plugin uses:missing; namespace uses has: one, second, two`
	registry.NewManager[lib.Contract]("uses", registry.WithSpecs()).Load(ctx, "missing")

	ones := registry.NewManager[*lib.One]("uses")
	ones.Load(ctx, "one")
	ones.Load(ctx, "two") // want `a manager of \*lib.One can't load plugin uses:two: it is a \*lib.Two`
	ones.LoadAll(ctx)     // want `a manager of \*lib.One can't load plugin uses:two: it is a \*lib.Two`

	runners := registry.NewManager[runner]("uses.free")
	runners.LoadAll(ctx) // want `a manager of main.runner can't load plugin uses.free:three: method Run has another signature`
	registry.NewManager[interface{ Run(int) }]("uses.free").LoadAll(ctx)

	registry.NewManager[lib.Contract]("elsewhere")  // want `there is no namespace elsewhere \(did you mean "uses"\?\)`
	registry.NewManager[runner]("elsewhere")        // want `nothing is declared in namespace elsewhere: this manager never has a plugin`
	registry.NewManager[lib.Other]("uses")         // want `this is a manager of lib.Other, the contract of uses.other, but its namespace is uses, whose contract is lib.Contract: write "uses.other", or a manager of lib.Contract`
	registry.NewManager[lib.Contract]("uses.wide") // it asks for less, which is all right
	param(nil)
}

func param(m *registry.Manager[lib.Contract]) {
	if m == nil {
		m = registry.NewManager[lib.Contract]("uses")
	}
	m.Load(context.Background(), "missing")
}

func concrete() *registry.Manager[*lib.Three] {
	return registry.NewManager[*lib.Three]("uses.free")
}
