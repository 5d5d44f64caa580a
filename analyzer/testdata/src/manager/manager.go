package main

import (
	"context"

	"github.com/plugingen/plugingen/registry"
)

//plugin:link

type CLI struct{}

//plugin:namespace=my.plugins
type Contract interface {
	registry.Plugin[*CLI]
	Attach()
}

//plugin:namespace=my.functions
type Function func(int) error

//plugin:namespace=my.plugins name=first_one
type One struct{}

func (*One) Load(context.Context, *CLI) error { return nil }
func (*One) Attach()                          {}

//plugin:namespace=my.function
func Stray(int) error { return nil } // want `plugin my.function:stray: nothing loads plugins of namespace my.function \(did you mean "my.functions"\?\)`

type wider interface {
	Contract
	Detach()
}

type other interface{ Attach() int }

const namespace = "my." + "plugins"

func main() {
	ctx := context.Background()
	m := registry.For[Contract](namespace).With(&CLI{})
	m.Load(ctx, "first_one")
	m.Load(ctx, "first_on")             // want `there is no plugin my.plugins:first_on \(did you mean "first_one"\?\)`
	m.Load(ctx, "something else")       // want `there is no plugin my.plugins:something else; namespace my.plugins has: first_one`
	m.Load(ctx, "my.plugins:first_one") // want `there is no plugin my.plugins:my.plugins:first_one \(did you mean "first_one"\?\)`
	if m.Exists("first_onn") {
		m.Load(ctx, "first_onn")
	}

	registry.For[registry.Plugin[*CLI]](namespace)
	registry.NewManagerFunc(namespace, func(context.Context, any) error { return nil })
	registry.NewManager[Contract](namespace)        // want `plugins of my.plugins are loaded with an argument, and this manager has none: write registry.For\[main.Contract\]\(...\).With\(argument\)`
	registry.NewManager[any](namespace)             // want `plugins of my.plugins are loaded with an argument`
	registry.NewManager[wider](namespace)           // want `the contract of my.plugins is main.Contract, but this is a manager of main.wider: the contract does not promise the method Detach\(\)`
	registry.NewManager[other](namespace)           // want `the contract promises Attach\(\), not Attach\(\) int`
	registry.NewManager[*CLI](namespace)            // want `but this is a manager of \*main.CLI: it has no method Attach`
	registry.NewManager[func(int) error](namespace) // want `but this is a manager of func\(int\) error: write main.Contract`

	registry.NewManager[Function]("my.functions")
	registry.NewManager[func(int) error]("my.functions")
	registry.NewManager[*registry.FunctionPlugin[Function]]("my.functions")
	registry.NewManager[func()]("my.functions") // want `the contract of my.functions is main.Function, but this is a manager of func\(\): write main.Function`
	registry.NewManager[func()]("my.functons")  // want `there is no namespace my.functons \(did you mean "my.functions"\?\)`
	registry.NewManager[func()]("elsewhere")    // want `nothing is declared in namespace elsewhere: this manager never has a plugin`
	registry.NewManager[func()]("my.functons", registry.WithSpecs())

	registry.For[Contract](namespace).Set(&CLI{}).Apply(ctx, nil)
	registry.NewSetFunc(namespace, func(context.Context, any) error { return nil })
	registry.NewSet[Function]("my.functions")
	registry.NewSet[Contract](namespace)    // want `plugins of my.plugins are loaded with an argument, and this set has none: write registry.For\[main.Contract\]\(...\).Set\(argument\)`
	registry.NewSet[other](namespace)       // want `the contract of my.plugins is main.Contract, but this is a set of main.other: the contract promises Attach\(\), not Attach\(\) int`
	registry.NewSet[func()]("my.functions") // want `the contract of my.functions is main.Function, but this is a set of func\(\): write main.Function`
	registry.NewSet[func()]("elsewhere")    // want `nothing is declared in namespace elsewhere: this set never has a plugin`

	registry.Forward("my.functions", func(string, Function) {})
	registry.Forward("my.functions", func(string, func()) {})  // want `the contract of my.functions is main.Function, but this is a Forward of func\(\): write main.Function`
	registry.Forward("my.functins", func(string, Function) {}) // want `there is no namespace my.functins \(did you mean "my.functions"\?\)`
}
