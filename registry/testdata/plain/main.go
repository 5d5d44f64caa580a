// Command plain loads a plugin that has no options.
package main

import (
	"context"
	"fmt"

	"github.com/plugingen/plugingen/registry"
)

type plugin struct{}

func (*plugin) Load(context.Context) error { return nil }

type loader interface{ Load(context.Context) error }

func main() {
	spec := &registry.Spec{Namespace: "app.plugins", Name: "plain", New: func(*registry.Spec) (any, error) {
		return new(plugin), nil
	}}
	m := registry.NewManager[loader]("app.plugins", registry.WithSpecs(spec))
	all, err := m.LoadAll(context.Background())
	fmt.Println(len(all), err, m.Validate(), m.Close(context.Background()))
}
