package reference

import (
	"fmt"
	"testing"

	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/options"
)

func TestTry(t *testing.T) {
	tls := &options.Struct{Package: "tls", Name: "Config", Options: []*options.Option{
		{Name: "cert", Doc: "Cert is a file.", Type: &options.Type{Kind: options.String}, Required: true, Example: "a.pem"},
		{Name: "key", Type: &options.Type{Kind: options.String}, Secret: true},
	}}
	str := &options.Type{Kind: options.String}
	objects := &options.Struct{Package: "objects", Name: "Options", Options: []*options.Option{
		{Name: "addr", Doc: "Addr is the address\nto listen on.\n\nIt may be 0.", Type: str, Default: "127.0.0.1:0", HasDefault: true, Env: "OBJECTS_ADDR"},
		{Name: "level", Type: str, Enum: []string{"debug", "info"}, Default: "info", HasDefault: true},
		{Name: "max", Type: &options.Type{Kind: options.Int, Bits: 8}, Min: "1", Required: true},
		{Name: "names", Type: &options.Type{Kind: options.List, Elem: str}, Default: "a,b", HasDefault: true, Aliases: []string{"tags"}},
		{Name: "parser", Type: &options.Type{Kind: options.Plugin, Namespace: "x.parsers", TypeKey: "type"}},
		{Name: "rules", Type: &options.Type{Kind: options.List, Elem: &options.Type{Kind: options.Table, Struct: tls}}},
		{Name: "tls", Type: &options.Type{Kind: options.Pointer, Elem: &options.Type{Kind: options.Table, Struct: tls}}},
	}}
	p := &gen.Program{Host: "example.com/app", Sections: []gen.Section{
		{Path: "services", Namespace: "app.services", Contract: "example.com/app/service.Plugin", Doc: "A Plugin is a service.", Plugins: []gen.Plugin{
			{Namespace: "app.services", Name: "objects", Doc: "an object store", Package: "example.com/app/objects", Options: objects, Aliases: []string{"s3"}},
			{Namespace: "app.services", Name: "queue", Doc: "queues", Package: "example.com/app/queue", Version: "v1", Requires: []string{"objects"}},
		}},
	}, Nested: []gen.Section{{Namespace: "x.parsers", Plugins: []gen.Plugin{{Name: "json", Options: tls}, {Name: "csv"}}}}}
	s, err := Schema(p)
	fmt.Println(string(s), err)
	fmt.Println(string(Describe(p).Markdown()))
	fmt.Println(string(Example(p, TOML)))
	fmt.Println(string(Example(p, YAML)))
}
