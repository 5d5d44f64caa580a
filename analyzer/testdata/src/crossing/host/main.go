// Package main has plugins that require those of another namespace.
package main

import (
	"context"

	"github.com/plugingen/plugingen/registry"
)

//plugin:link

//plugin:namespace=app requires=base:x
func Needs() {}

//plugin:namespace=app requires=needs
func Chained() {}

//plugin:namespace=app
func Free() {}

//plugin:namespace=base name=x requires=deep:y
func X() {}

//plugin:namespace=deep name=y
func Y() {}

//plugin:namespace=whether requires=base:x should_load=enabled
func Whether() {}

//plugin:namespace=absent requires=deep:nowhere // want `it requires deep:nowhere, which does not exist`
func Absent() {}

//plugin:namespace=decides name=decides requires=base:x
type Decides struct{}

func (*Decides) ShouldLoad() bool { return enabled }

// What is in the interface may decide, too.
//
//plugin:namespace=hides name=hides requires=base:x factory
func Hides() any { return new(Decides) }

//plugin:namespace=always name=always requires=base:x
type Always struct{}

var enabled = false

//plugin:namespace=self name=a requires=b
func A() {}

//plugin:namespace=self name=b requires=self:c
func B() {}

//plugin:namespace=self name=c
func C() {}

var ctx = context.Background()

func main() {
	registry.NewManager[func()]("app").LoadAll(ctx) // want `plugin app:needs requires base:x, but this manager is given no manager of namespace base, so the load fails: pass one with registry.WithManagers`

	app := registry.NewManager[func()]("app", registry.WithConcurrency(2))
	app.Load(ctx, "free")
	app.Load(ctx, "needs")                                              // want `plugin app:needs requires base:x, but this manager`
	app.Load(ctx, "chained")                                            // want `plugin app:needs requires base:x, but this manager`
	registry.Map(ctx, app, func(func()) (int, error) { return 0, nil }) // want `plugin app:needs requires base:x, but this manager`

	deep := registry.NewManager[func()]("deep")
	base := registry.NewManager[func()]("base", registry.WithManagers(deep))
	registry.NewManager[func()]("app", registry.WithManagers(base)).LoadAll(ctx)
	registry.NewManager[func()]("app", registry.WithManagers(deep)).LoadAll(ctx) // want `plugin app:needs requires base:x, but this manager`
	base.LoadAll(ctx)

	// It is not known what these have.
	registry.NewManager[func()]("app", registry.WithManagers(others()...)).LoadAll(ctx)
	registry.NewManager[func()]("app", registry.WithManagers(another())).LoadAll(ctx)
	registry.NewManager[func()]("app", options()...).LoadAll(ctx)
	registry.NewManager[func()]("app", registry.WithSpecs()).LoadAll(ctx)
	registry.NewManager[func()]("app", registry.WithFilter(nil)).LoadAll(ctx)
	registry.NewManager[func()]("app", registry.WithListener(nil)).LoadAll(ctx)
	registry.NewManager[func()]("app", registry.WithConfig(nil)).LoadAll(ctx)

	registry.NewManager[func()]("whether").LoadAll(ctx)
	registry.NewManager[*Decides]("decides").LoadAll(ctx)
	registry.NewManager[any]("hides").LoadAll(ctx)
	registry.NewManager[*Always]("always").LoadAll(ctx) // want `plugin always:always requires base:x, but this manager`
	registry.NewManager[func()]("absent").LoadAll(ctx)
	registry.NewManager[func()]("self").LoadAll(ctx)
}

func others() []registry.AnyManager { return nil }

func another() registry.AnyManager { return nil }

func options() []registry.Option { return nil }
