// Command configured loads a plugin that has an option.
package main

import (
	"context"
	"fmt"

	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/generated"
)

type plugin struct{ Size int }

func (*plugin) Load(context.Context) error { return nil }

type loader interface{ Load(context.Context) error }

var options = generated.Options{
	New:  func() any { return new(plugin) },
	Fill: func(d *generated.Decoder, target any) { fill(d, target.(*plugin)) },
	Options: []generated.Option{
		{Name: "size", Type: "int", Default: "5", HasDefault: true},
	},
}

func fill(d *generated.Decoder, p *plugin) {
	d.Begin()
	if d.Option(0) {
		generated.Int(d, &p.Size)
	}
	d.End()
}

func main() {
	spec := &registry.Spec{
		Namespace: "app.plugins", Name: "configured", Options: &options,
		New: func(*registry.Spec) (any, error) { return new(plugin), nil },
	}
	m := registry.NewManager[loader]("app.plugins", registry.WithSpecs(spec))
	all, err := m.LoadAll(context.Background())
	fmt.Println(len(all), err, m.Validate(), m.Close(context.Background()), all[0].(*plugin).Size)
}
