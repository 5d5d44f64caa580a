package registry_test

import (
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// What is configured is shown with defaults and sources: sections of structs and of plugins,
// by alias and as instances, too.
func TestPrintConfig(t *testing.T) {
	is := is.New(t)
	var r registry.Registry
	fill, empty := func(*generated.Decoder, any) {}, func() any { return new(int) }
	options := &generated.Options{Fill: fill, New: empty, Options: []generated.Option{
		{Name: "dir", Type: "string"},
		{Name: "level", Type: "string", Default: "info", HasDefault: true},
		{Name: "token", Type: "string", Secret: true},
	}}
	made := func(*registry.Spec) (any, error) { return new(int), nil }
	madeWith := func(*registry.Spec, any) (any, error) { return new(int), nil }
	is.NoErr(r.Add(
		&registry.Spec{Namespace: "x.inputs", Name: "cpu", Aliases: []string{"processor"}, NewWith: madeWith, Options: options},
		&registry.Spec{Namespace: "x.inputs", Name: "mem", NewWith: madeWith, Options: options},
		&registry.Spec{Namespace: "x.inputs", Name: "plain", New: made},
	))
	r.Link(&generated.Links[registry.Spec]{Sections: []generated.Section{
		{Path: "agent", Options: &generated.Options{Section: "agent", Options: []generated.Option{
			{Name: "grace", Type: "duration", Default: "10s", HasDefault: true},
		}}},
		{Path: "inputs", Namespace: "x.inputs"},
	}})
	r.Link(tableOf("x.inputs", nil)) // as a table made by hand may have it
	cfg, err := config.Load(config.JSON("c.json", []byte(`{"inputs": {
"processor": {"dir": "/a", "token": "s3cr3t"},
"cpu/two": {"dir": "/b"},
"plain": {},
"unknown": {"dir": "s3cr3t"}
}}`)))
	is.NoErr(err)
	var b strings.Builder
	is.NoErr(r.PrintConfig(&b, cfg))
	is.Equal(b.String(), `[agent] # default
grace = "10s" # default

[inputs] # c.json:1:12

[inputs."cpu/two"] # c.json:3:12
dir = "/b"     # c.json:3:20
level = "info" # default

[inputs.plain] # c.json:4:10

[inputs.processor] # c.json:2:14
dir = "/a"     # c.json:2:22
level = "info" # default
token = ***    # c.json:2:37

[inputs.unknown] # c.json:5:12
dir = *** # c.json:5:20
`)
}

// A name with slashes in it may be that of a plugin: its instances are not those of the plugin
// whose name is before the first slash.
func TestPrintConfigOfInstanceWithSlashes(t *testing.T) {
	is := is.New(t)
	var r registry.Registry
	for _, name := range []string{"net", "net/tcp"} {
		is.NoErr(r.Add(&registry.Spec{
			Namespace: "x.inputs", Name: name,
			NewWith: func(*registry.Spec, any) (any, error) { return new(int), nil },
			Options: &generated.Options{
				Fill: func(*generated.Decoder, any) {}, New: func() any { return new(int) },
				Options: []generated.Option{{Name: "of_" + strings.ReplaceAll(name, "/", "_"), Type: "int"}},
			},
		}))
	}
	r.Link(&generated.Links[registry.Spec]{Sections: []generated.Section{{Path: "inputs", Namespace: "x.inputs"}}})
	cfg, err := config.Load(config.JSON("c.json", []byte(`{"inputs": {
"net/tcp/two": {"of_net_tcp": 1, "of_net": 2},
"net/udp": {"of_net_tcp": 3, "of_net": 4}
}}`)))
	is.NoErr(err)
	var b strings.Builder
	is.NoErr(r.PrintConfig(&b, cfg))
	is.Equal(b.String(), `[inputs] # c.json:1:12

[inputs."net/tcp/two"] # c.json:2:16
of_net = ***   # c.json:2:44
of_net_tcp = 1 # c.json:2:31

[inputs."net/udp"] # c.json:3:12
of_net = 4       # c.json:3:40
of_net_tcp = *** # c.json:3:27
`)
}
