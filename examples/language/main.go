// Language has an example of each key of directives and tags, which docs/language.md
// quotes. The tests look at what each of them does.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/plugingen/plugingen/examples/language/internal/services"
	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/config"
)

//go:generate go tool plugingen

// The host links all of this module's plugins here, but for those of my.tests.
//
//plugin:link packages=github.com/plugingen/plugingen/examples/language/... namespaces=my.* exclude=my.tests

func main() {
	if err := run(context.Background(), config.Value{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, cfg config.Value) error {
	hooks := registry.NewManager[services.Hook]("my.hooks")
	manager := registry.NewManager[services.Service]("my.services",
		registry.WithManagers(hooks), registry.WithConfig(cfg))
	_, err := manager.LoadAll(ctx)
	for spec := range manager.Loaded() {
		fmt.Println(spec.Name)
	}
	return err
}
