package generated_test

import (
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// What is in effect is shown with its source; secrets and what is not described are not.
func TestPrint(t *testing.T) {
	is := is.New(t)
	cfg, err := config.Load(
		config.JSON("c.json", []byte(`{
  "services": {
    "objects": {"dir": "/x", "token": "s3cr3t", "tls": {"key": "s3cr3t", "cert": "c"}, "tags": ["a", 1], "typo": "s3cr3t", "url": "http://${USER_NAME}"},
    "other": {"x": "s3cr3t", "y": {"z": "s3cr3t"}}
  },
  "loose": "s3cr3t", "list": [{"a": "s3cr3t"}, {"a": 1}]}`)),
		config.EnvironmentOf("P_", []string{"P_SERVICES_OBJECTS_DIR=/env", "P_SERVICES_OBJECTS_QUOTA=2", "TOKEN=s3cr3t-2", "USER_NAME=s3cr3t"}),
		config.Set("services.objects.quota=3"),
	)
	is.NoErr(err)
	objects := &generated.Options{Options: []generated.Option{
		{Name: "dir", Type: "string"},
		{Name: "level", Type: "string", Default: "info", HasDefault: true},
		{Name: "pass", Type: "string", Secret: true, Default: "s3cr3t", HasDefault: true},
		{Name: "quota", Type: "int"},
		{Name: "tags", Type: "[]string"},
		{Name: "tls", Type: "*table", Struct: &generated.Options{Options: []generated.Option{
			{Name: "cert", Type: "string"}, {Name: "key", Type: "string", Secret: true},
		}}},
		{Name: "token", Type: "string", Secret: true, Env: "TOKEN"},
		{Name: "url", Type: "string"},
	}}
	var b strings.Builder
	is.NoErr(generated.Print(&b, cfg, func(path string) *generated.Options {
		if path == "services.objects" {
			return objects
		}
		return nil
	}))
	is.True(!strings.Contains(b.String(), "s3cr3t"))
	is.Equal(b.String(), `loose = *** # c.json:6:12

[[list]] # c.json:6:31
a = *** # c.json:6:37

[[list]] # c.json:6:48
a = *** # c.json:6:54

[services] # c.json:2:15

[services.objects] # c.json:3:16
dir = "/env"                # environment variable P_SERVICES_OBJECTS_DIR
level = "info"              # default
pass = ***                  # default
quota = "3"                 # -set
tags = ["a", 1]             # c.json:3:96
token = ***                 # environment variable TOKEN
typo = ***                  # c.json:3:114
url = "http://${USER_NAME}" # c.json:3:131

[services.objects.tls] # c.json:3:56
cert = "c" # c.json:3:82
key = ***  # c.json:3:64

[services.other] # c.json:4:14
x = *** # c.json:4:20

[services.other.y] # c.json:4:35
z = *** # c.json:4:41
`)
}

// The values of maps are shown as the option says, and none of those of a secret one.
func TestPrintMaps(t *testing.T) {
	is := is.New(t)
	cfg, err := config.Load(config.JSON("c.json", []byte(
		`{"plain": {"a": "x"}, "hid": {"a": "s3cr3t"}, "tables": {"one": {"k": "v", "p": "s3cr3t"}}, "list": [{"k": "v"}, {"p": "s3cr3t"}], "set": {"a": {"b": "s3cr3t"}}}`)))
	is.NoErr(err)
	each := &generated.Options{Options: []generated.Option{{Name: "k", Type: "string"}, {Name: "p", Type: "string", Secret: true}}}
	var b strings.Builder
	is.NoErr(generated.Print(&b, cfg, func(path string) *generated.Options {
		if path != "" {
			return nil
		}
		return &generated.Options{Options: []generated.Option{
			{Name: "hid", Type: "map[string]string", Secret: true},
			{Name: "list", Type: "[]table", Struct: each},
			{Name: "plain", Type: "map[string]string"},
			{Name: "set", Type: "map[string]table", Struct: each, Secret: true},
			{Name: "tables", Type: "map[string]table", Struct: each},
		}}
	}))
	is.True(!strings.Contains(b.String(), "s3cr3t"))
	is.Equal(strings.Count(b.String(), `k = "v"`), 2)
	is.Equal(strings.Count(b.String(), `a = "x"`), 1)
	is.Equal(strings.Count(b.String(), `***`), 4)
}
