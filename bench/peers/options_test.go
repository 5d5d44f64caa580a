package peers

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/go-viper/mapstructure/v2"
	"go.opentelemetry.io/collector/confmap"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// The options of a plugin are ten.
type options struct {
	Addr    netip.AddrPort `json:"addr" mapstructure:"addr"`
	Debug   bool           `json:"debug" mapstructure:"debug"`
	Dir     string         `json:"dir" mapstructure:"dir"`
	Level   string         `json:"level" mapstructure:"level"`
	Limit   int            `json:"limit" mapstructure:"limit"`
	Names   []string       `json:"names" mapstructure:"names"`
	Port    uint16         `json:"port" mapstructure:"port"`
	Rate    float64        `json:"rate" mapstructure:"rate"`
	Timeout duration       `json:"timeout" mapstructure:"timeout"`
	Token   string         `json:"token" mapstructure:"token"`
}

// A duration is a text in all configurations, which encoding/json does not know.
type duration time.Duration

func (d *duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = duration(v)
	return err
}

// described is what plugingen writes for the options, with the checks of a real plugin.
var described = generated.Options{
	New:  func() any { return new(options) },
	Fill: func(d *generated.Decoder, target any) { fill(d, target.(*options)) },
	Options: []generated.Option{
		{Name: "addr", Type: "text", Go: "netip.AddrPort"},
		{Name: "debug", Type: "bool"},
		{Name: "dir", Type: "string", Required: true},
		{Name: "level", Type: "string", Enum: []string{"debug", "info", "warn"}},
		{Name: "limit", Type: "int", Min: "1", Max: "100000"},
		{Name: "names", Type: "[]string"},
		{Name: "port", Type: "uint16"},
		{Name: "rate", Type: "float64"},
		{Name: "timeout", Type: "duration"},
		{Name: "token", Type: "string", Secret: true},
	},
}

func fill(d *generated.Decoder, o *options) {
	d.Begin()
	if d.Option(0) {
		generated.Text(d, &o.Addr)
	}
	if d.Option(1) {
		generated.Bool(d, &o.Debug)
	}
	if d.Option(2) {
		generated.String(d, &o.Dir)
	}
	if d.Option(3) {
		generated.String(d, &o.Level)
	}
	if d.Option(4) {
		generated.Int(d, &o.Limit)
	}
	if d.Option(5) {
		generated.List(d, &o.Names, generated.String)
	}
	if d.Option(6) {
		generated.Uint(d, &o.Port)
	}
	if d.Option(7) {
		generated.Float(d, &o.Rate)
	}
	if d.Option(8) {
		generated.Duration(d, &o.Timeout)
	}
	if d.Option(9) {
		generated.String(d, &o.Token)
	}
	d.End()
}

// configuration returns a table of options for each name.
func configuration(names []string) map[string]any {
	all := make(map[string]any, len(names))
	for i, name := range names {
		all[name] = map[string]any{
			"addr": fmt.Sprintf("127.0.0.1:%d", i%60000+1), "debug": i%2 == 0, "dir": "/data/" + name,
			"level": "info", "limit": i%1000 + 1, "names": []any{"a", "b", name}, "port": i % 60000,
			"rate": 0.5, "timeout": "1m30s", "token": "token of " + name,
		}
	}
	return all
}

// BenchmarkOptions fills the options of all plugins from a configuration that has been
// parsed; encoding/json parses it, too, as it has no other form of it.
func BenchmarkOptions(b *testing.B) {
	check := func(b *testing.B, o *options, err error) {
		if err != nil || o.Level != "info" || time.Duration(o.Timeout) != 90*time.Second || len(o.Names) != 3 {
			b.Fatal(o, err)
		}
	}
	b.Run("plugingen", func(b *testing.B) {
		forSizes(b, func(b *testing.B, names []string) {
			cfg, err := config.Load(config.FromMap("bench", configuration(names)))
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				for _, name := range names {
					o := new(options)
					err := generated.Fill(generated.Request{Value: cfg.Key(name), Options: &described, Target: o}).Err
					check(b, o, err)
				}
			}
		})
	})
	b.Run("mapstructure", func(b *testing.B) {
		forSizes(b, func(b *testing.B, names []string) {
			cfg := configuration(names)
			for b.Loop() {
				for _, name := range names {
					o := new(options)
					d, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
						Result: o, ErrorUnused: true, DecodeHook: mapstructure.TextUnmarshallerHookFunc(),
					})
					if err == nil {
						err = d.Decode(cfg[name])
					}
					check(b, o, err)
				}
			}
		})
	})
	b.Run("confmap", func(b *testing.B) {
		forSizes(b, func(b *testing.B, names []string) {
			cfg := confmap.NewFromStringMap(configuration(names))
			for b.Loop() {
				for _, name := range names {
					o := new(options)
					sub, err := cfg.Sub(name)
					if err == nil {
						err = sub.Unmarshal(o)
					}
					check(b, o, err)
				}
			}
		})
	})
	b.Run("json", func(b *testing.B) {
		forSizes(b, func(b *testing.B, names []string) {
			texts := make(map[string][]byte)
			for name, options := range configuration(names) {
				text, err := json.Marshal(options)
				if err != nil {
					b.Fatal(err)
				}
				texts[name] = text
			}
			for b.Loop() {
				for _, name := range names {
					o := new(options)
					check(b, o, json.Unmarshal(texts[name], o))
				}
			}
		})
	})
}
