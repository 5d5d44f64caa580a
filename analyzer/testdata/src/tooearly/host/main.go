// Package main asks before main runs. In its own file, init functions run before that of
// plugins_gen.go, since the go command sorts files by name.
package main

import (
	"context"
	"slices"

	"github.com/plugingen/plugingen/registry"
)

//plugin:link // want `tooearly/lib/lib.go:20:27: Names is called too early`

//plugin:namespace=tooearly
type Contract func() error

//plugin:namespace=tooearly name=one
func One() error { return nil }

func main() { manager.LoadAll(ctx) }

var (
	ctx      = context.Background()
	manager  = registry.NewManager[Contract]("tooearly")
	names    = manager.Names() // want `Names is called too early and finds no plugins: the init function in the host's plugins_gen.go links them, and runs later: call Names from main, or from a function that main calls`
	commands = build()
	known    = func() []string { return manager.Names() }() // want `Names is called too early`
	later    = func() []string { return manager.Names() }
	handed   = each(func() { manager.Names() })
	exported = Names()
	started  = start()
	twice    = both()
	plugins  = manager.All(ctx)
	fake     = registry.NewManager[Contract]("tooearly", registry.WithSpecs()).Names()
	other    = registry.NewManager[Contract]("tooearly.byhand").Names()
)

func init() {
	manager.LoadAll(ctx)                                                              // want `LoadAll is called too early`
	registry.NewManager[Contract]("tooearly", registry.WithFilter(nil)).Load(ctx, "one") // want `Load is called too early`
	for range manager.All(ctx) {                                                      // want `All is called too early`
	}
	defer func() { manager.Exists("one") }() // want `Exists is called too early`
	go func() { manager.Names() }()
	go manager.Names()
	for i := range manager.Specs() { // want `Specs is called too early`
		_ = func() { manager.Load(ctx, names[i]) }
	}
	registry.Map(ctx, manager, func(Contract) (int, error) { return 0, nil }) // want `Map is called too early`
	local := registry.NewManager[Contract]("tooearly")
	local.Names() // want `Names is called too early`
	slices.ContainsFunc(names, func(name string) bool { return manager.Exists(name) })
	register(&command{run: Run})
	hooks = append(hooks, hook)
	registry.Default.Add(&registry.Spec{Namespace: "tooearly.byhand", Name: "x", New: func(*registry.Spec) (any, error) { return nil, nil }})
}

type command struct{ run func() }

// Run is called when the program runs.
func Run() {
	manager.LoadAll(ctx)
	both()
}

// Names is exported, but no other package can call it.
func Names() []string { return manager.Names() } // want `Names is called too early`

func register(*command) {}

// build is only called to initialize a variable, and so is what it calls.
func build() []string { return list[string]() }

func list[T any]() []string { return manager.Names() } // want `Names is called too early`

func both() []string { return manager.Names() }

func each(func()) int { return 0 }

func start() int {
	go work()
	return 0
}

func work() { manager.Names() }

var hooks []func()

func hook() { manager.Names() }

func again(n int) []string {
	if n > 0 {
		return again(n - 1)
	}
	return manager.Names()
}
