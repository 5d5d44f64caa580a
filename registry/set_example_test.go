package registry_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// Listener is a plugin with an option, as plugingen would describe it.
type Listener struct {
	Port int
	name string
}

func (l *Listener) Load(ctx context.Context) error {
	l.name = registry.SpecFrom(ctx).InstanceID()
	fmt.Println("listen:", l.name, l.Port)
	return nil
}

func (l *Listener) Close() error {
	fmt.Println("close:", l.name, l.Port)
	return nil
}

// What //plugin:namespace=app.listeners name=listener is made into.
var listenerSpec = registry.Spec{
	Namespace: "app.listeners", Name: "http",
	Options: &generated.Options{
		Type:    "example.com/app.Listener",
		Zero:    (*Listener)(nil),
		New:     func() any { return new(Listener) },
		Options: []generated.Option{{Name: "port", Type: "int", Default: "80", HasDefault: true}},
		Fill: func(d *generated.Decoder, target any) {
			l := target.(*Listener)
			d.Begin()
			if d.Option(0) {
				generated.Int(d, &l.Port)
			}
			d.End()
		},
	},
	NewWith: func(_ *registry.Spec, options any) (any, error) { return options, nil },
}

func ExampleSet() {
	ctx := context.Background()
	listeners := registry.NewSet[*Listener]("app.listeners", registry.WithSpecs(&listenerSpec))
	follow := func(text string) {
		cfg, err := config.Load(config.JSON("app.json", []byte(text)))
		if err != nil {
			fmt.Println(err)
			return
		}
		result, err := listeners.Apply(ctx, cfg.At("listeners"))
		if err != nil {
			fmt.Println("error:", errors.Is(err, registry.ErrNotFound))
		}
		fmt.Println("applied:", result.Applied, "kept:", result.Kept)
	}
	follow(`{"listeners": {"http": {}, "http/admin": {"port": 8080}}}`)
	follow(`{"listeners": {"http": {}, "http/admin": {"port": 9090}}}`)
	follow(`{"listeners": {"http": {}, "htp/admin": {"port": 9090}}}`)
	if admin, ok := listeners.Get("http/admin"); ok {
		fmt.Println("admin:", admin.Port)
	}
	if err := listeners.Close(ctx); err != nil {
		fmt.Println(err)
	}
	// Output:
	// listen: http 80
	// listen: http/admin 8080
	// applied: true kept: 0
	// close: http/admin 8080
	// listen: http/admin 9090
	// applied: true kept: 1
	// error: true
	// applied: false kept: 0
	// admin: 9090
	// close: http/admin 9090
	// close: http 80
}
