// Package lib has contracts and plugins, and asks for what others may link.
package lib

import (
	"context"

	"github.com/plugingen/plugingen/registry"
)

//plugin:namespace=uses
type Contract interface{ Do() }

//plugin:namespace=uses.other
type Other interface{ Do() }

//plugin:namespace=uses.wide
type Wide interface {
	Contract
	More()
}

//plugin:namespace=uses name=one
type One struct{}

func (*One) Do() {}

//plugin:namespace=uses name=two aliases=second
type Two struct{}

func (*Two) Do() {}

//plugin:namespace=uses.free name=three
type Three struct{}

func (*Three) Run(int) {}

//plugin:namespace=uses.regions name=region1 aliases=e
type Region struct{}

func load() {
	registry.NewManager[Contract]("uses").Load(context.Background(), "elsewhere")
	registry.NewManager[any]("uses.nowhere")

	regions := registry.NewManager[any]("uses.regions")
	regions.Load(context.Background(), "regoin1") // misspelt, reported where the package is imported
	regions.Load(context.Background(), "region2") // others may link it: digits are never misspelt
	regions.Load(context.Background(), "e1")      // nor is a short word
}
