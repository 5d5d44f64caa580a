package peers

import (
	"encoding/json"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/config"
)

// An app is an app of Caddy that does nothing with the ten options.
type app struct {
	options
	id string
}

func (a *app) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: caddy.ModuleID(a.id), New: func() caddy.Module { return &app{id: a.id} }}
}

func (*app) Start() error { return nil }
func (*app) Stop() error  { return nil }

// caddyApps returns the configuration of Caddy for an app of each name.
func caddyApps(b *testing.B, all map[string]any) []byte {
	for name := range all {
		if _, err := caddy.GetModule(name); err != nil {
			caddy.RegisterModule(&app{id: name})
		}
	}
	text, err := json.Marshal(map[string]any{
		"admin":   map[string]any{"disabled": true, "config": map[string]any{"persist": false}},
		"logging": map[string]any{"logs": map[string]any{"default": map[string]any{"level": "PANIC"}}},
		"apps":    all,
	})
	if err != nil {
		b.Fatal(err)
	}
	return text
}

// BenchmarkReload follows a configuration of which one instance has changed, and which has
// been parsed but for Caddy, which takes JSON. Caddy provisions and starts all apps anew.
func BenchmarkReload(b *testing.B) {
	changed := func(names []string) []map[string]any {
		a, other := configuration(names), configuration(names)
		other[wanted].(map[string]any)["limit"] = 77
		return []map[string]any{a, other}
	}
	b.Run("plugingen", func(b *testing.B) {
		forSizes(b, func(b *testing.B, names []string) {
			var specs []*registry.Spec
			for _, name := range names {
				specs = append(specs, &registry.Spec{
					Namespace: namespace, Name: name, Options: &described,
					NewWith: func(_ *registry.Spec, o any) (any, error) { return o, nil },
				})
			}
			set := registry.NewSet[any](namespace, registry.WithSpecs(specs...))
			var sections []config.Value
			for _, c := range changed(names) {
				cfg, err := config.Load(config.FromMap("bench", map[string]any{"apps": c}))
				if err != nil {
					b.Fatal(err)
				}
				sections = append(sections, cfg.At("apps"))
			}
			alternate(b, func(i int) error {
				_, err := set.Apply(ctx, sections[i%2])
				return err
			})
		})
	})
	b.Run("caddy", func(b *testing.B) {
		forSizes(b, func(b *testing.B, names []string) {
			var texts [][]byte
			for _, c := range changed(names) {
				texts = append(texts, caddyApps(b, c))
			}
			defer func() {
				if err := caddy.Stop(); err != nil {
					b.Error(err)
				}
			}()
			alternate(b, func(i int) error { return caddy.Load(texts[i%2], false) })
		})
	})
}

// alternate measures how long it takes to apply one of two configurations after the other.
func alternate(b *testing.B, apply func(i int) error) {
	if err := apply(0); err != nil {
		b.Fatal(err)
	}
	for i := 1; b.Loop(); i++ {
		if err := apply(i); err != nil {
			b.Fatal(err)
		}
	}
}
