package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/fsnotify/fsnotify"
	"github.com/matryer/is"

	"github.com/plugingen/plugingen/examples/language/internal/services"
	"github.com/plugingen/plugingen/internal/language"
	"github.com/plugingen/plugingen/registry"
	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

func Example() {
	if err := run(context.Background(), config.Value{}); err != nil {
		panic(err)
	}
	// Output:
	// urgent
	// azure
	// cleanup
	// s3
	// backup
	// cached
	// disk
	// fast
	// ftp
	// gcs
	// numbers
	// site
	// slow
	// trial
	// upload
	// web
}

// plugins are those of the program.
func plugins(t *testing.T, options ...registry.Option) *registry.Manager[services.Service] {
	t.Helper()
	hooks := registry.NewManager[services.Hook]("my.hooks")
	return registry.NewManager[services.Service]("my.services", append(options, registry.WithManagers(hooks))...)
}

func spec(t *testing.T, namespace, name string) *registry.Spec {
	t.Helper()
	for _, s := range registry.NewManager[any](namespace).Specs() {
		if s.Name == name || slices.Contains(s.Aliases, name) {
			return s
		}
	}
	t.Fatalf("there is no plugin %s:%s", namespace, name)
	return nil
}

func option(t *testing.T, name string) *generated.Option {
	t.Helper()
	for _, o := range spec(t, "my.services", "upload").Options.Options {
		if o.Name == name {
			return &o
		}
	}
	t.Fatalf("there is no option %s", name)
	return nil
}

// upload loads the plugin with options.
func upload(t *testing.T, options map[string]any) (*services.Upload, error) {
	t.Helper()
	cfg, err := config.Load(config.FromMap("test", map[string]any{"upload": options}))
	is.New(t).NoErr(err)
	s, err := plugins(t, registry.WithConfig(cfg)).Load(context.Background(), "upload")
	if err != nil {
		return nil, err
	}
	return s.(*services.Upload), nil
}

// keys have a test of what each key of the language does.
var keys = map[string]func(t *testing.T){
	"namespace": func(t *testing.T) { is.New(t).Equal(spec(t, "my.services", "s3").Namespace, "my.services") },
	"name":      func(t *testing.T) { is.New(t).Equal(spec(t, "my.services", "s3").Symbol, "S3") },
	"name_from": func(t *testing.T) { is.New(t).Equal(spec(t, "my.services", "disk").Symbol, "Disk") },
	"contract": func(t *testing.T) {
		cloud, err := registry.NewManager[*services.Cloud]("my.clouds").Load(context.Background(), "north")
		is.New(t).NoErr(err)
		is.New(t).Equal(cloud.Region, "north-1")
	},
	"factory": func(t *testing.T) {
		is := is.New(t)
		for name, want := range map[string]string{"fast": "fast", "slow": "slow", "cached": "from the cache"} {
			s, err := plugins(t).Load(context.Background(), name)
			is.NoErr(err)
			is.Equal(s.Run(), want)
		}
	},
	"should_load": func(t *testing.T) {
		is := is.New(t)
		_, err := plugins(t).Load(context.Background(), "cloud")
		is.True(errors.Is(err, registry.ErrDisabled))
		t.Setenv("CLOUD", "yes")
		_, err = plugins(t).Load(context.Background(), "cloud")
		is.NoErr(err)
	},
	"load": func(t *testing.T) {
		audit, err := registry.NewManager[services.Hook]("my.hooks").Load(context.Background(), "audit")
		is.New(t).NoErr(err)
		is.New(t).Equal(audit(), "open")
	},
	"requires": func(t *testing.T) {
		manager := plugins(t)
		_, err := manager.Load(context.Background(), "site")
		is.New(t).NoErr(err)
		is.New(t).True(manager.IsLoaded("s3"))
	},
	"after":  func(t *testing.T) { inOrder(t, "s3", "backup") },
	"before": func(t *testing.T) { inOrder(t, "cleanup", "s3") },
	"aliases": func(t *testing.T) {
		_, err := plugins(t).Load(context.Background(), "google")
		is.New(t).NoErr(err)
	},
	"priority":         func(t *testing.T) { inOrder(t, "urgent", "azure") },
	"stability":        func(t *testing.T) { is.New(t).Equal(spec(t, "my.services", "trial").Stability, registry.StabilityBeta) },
	"deprecated":       func(t *testing.T) { is.New(t).Equal(spec(t, "my.services", "ftp").Deprecated, "use s3") },
	"deprecated_since": func(t *testing.T) { is.New(t).Equal(spec(t, "my.services", "ftp").DeprecatedSince, "v1.4") },
	"removal_in":       func(t *testing.T) { is.New(t).Equal(spec(t, "my.services", "ftp").RemovalIn, "v2.0") },
	"doc": func(t *testing.T) {
		is.New(t).Equal(spec(t, "my.services", "azure").Doc, "Keeps blobs, in Azure")
		is.New(t).Equal(spec(t, "my.services", "s3").Doc, "S3 is the plugin s3, made by new(S3).")
		is.New(t).Equal(option(t, "note").Doc, "Two words, quoted")
	},
	"type_args": func(t *testing.T) {
		s, err := plugins(t).Load(context.Background(), "numbers")
		is.New(t).NoErr(err)
		_, ok := s.(*services.Store[int])
		is.New(t).True(ok)
	},
	"ignore": func(t *testing.T) { is.New(t).True(!plugins(t).Exists("fake")) },
	"link":   func(t *testing.T) { is.New(t).True(plugins(t).Exists("s3")) },
	"packages": func(t *testing.T) {
		is.New(t).True(!registry.NewManager[any]("localstack.configurators").Exists("region"))
	},
	"namespaces": func(t *testing.T) { is.New(t).True(registry.NewManager[any]("my.volumes").Exists("ssd")) },
	"exclude":    func(t *testing.T) { is.New(t).Equal(len(registry.NewManager[any]("my.tests").Names()), 0) },
	"options": func(t *testing.T) {
		cfg, err := config.Load(config.FromMap("test", map[string]any{"ssd": map[string]any{"size": 3}}))
		is.New(t).NoErr(err)
		manager := registry.NewManager[services.Volume]("my.volumes", registry.WithConfig(cfg))
		ssd, err := manager.Load(context.Background(), "ssd")
		is.New(t).NoErr(err)
		is.New(t).Equal(ssd.Size(), 3)
	},
	"section": func(t *testing.T) {
		var sections []string
		for _, s := range pluginLinks.Sections {
			sections = append(sections, s.Path)
		}
		is.New(t).True(slices.Contains(sections, "disks"))
		is.New(t).True(slices.Contains(sections, "program"))
	},
	"x_...": func(t *testing.T) {
		port, ok := spec(t, "my.services", "web").Attr("x_port")
		is.New(t).True(ok)
		is.New(t).Equal(port, "4566")
		public, _ := spec(t, "my.services", "web").Attr("x_public")
		is.New(t).Equal(public, "true")
	},

	"option": func(t *testing.T) {
		u, err := upload(t, map[string]any{"bucket": "b", "listen": ":80", "retries": 5})
		is.New(t).NoErr(err)
		is.New(t).Equal([]any{u.Bucket, u.Addr, u.Retries}, []any{"b", ":80", 5})
	},
	"default": func(t *testing.T) {
		u, err := upload(t, nil)
		is.New(t).NoErr(err)
		is.New(t).Equal(u.Timeout.String(), "5s")
		is.New(t).Equal(u.Zones, []string{"a", "b"})
	},
	"required": func(t *testing.T) {
		_, err := registry.NewManager[any]("my.imports").Load(context.Background(), "import")
		fails(t, err, "from")
	},
	"min":     func(t *testing.T) { refuses(t, "parts", 0); refuses(t, "key", "ab") },
	"max":     func(t *testing.T) { refuses(t, "parts", 11); refuses(t, "key", "abcdefghi") },
	"enum":    func(t *testing.T) { refuses(t, "level", "loud") },
	"pattern": func(t *testing.T) { refuses(t, "prefix", "ABC") },
	"secret":  func(t *testing.T) { is.New(t).True(option(t, "token").Secret) },
	"env": func(t *testing.T) {
		t.Setenv("UPLOAD_TOKEN", "swordfish")
		cfg, err := config.Load(config.Environment("APP_"))
		is.New(t).NoErr(err)
		s, err := plugins(t, registry.WithConfig(cfg.At("services"))).Load(context.Background(), "upload")
		is.New(t).NoErr(err)
		is.New(t).Equal(s.(*services.Upload).Token, "swordfish")
	},
	"advanced": func(t *testing.T) { is.New(t).True(option(t, "buffer").Advanced) },
	"example":  func(t *testing.T) { is.New(t).Equal(option(t, "proxy").Example, "http://192.0.2.1:3128") },
	"as": func(t *testing.T) {
		u, err := upload(t, map[string]any{"events": 2})
		is.New(t).NoErr(err)
		is.New(t).Equal(u.Events, fsnotify.Write)
	},
	"plugin":   withFilter,
	"type_key": withFilter,
}

func inOrder(t *testing.T, first, second string) {
	t.Helper()
	manager := plugins(t)
	_, err := manager.LoadAll(context.Background())
	is.New(t).NoErr(err)
	var names []string
	for s := range manager.Loaded() {
		names = append(names, s.Name)
	}
	is.New(t).True(slices.Index(names, first) < slices.Index(names, second))
}

func fails(t *testing.T, err error, option string) {
	t.Helper()
	var errs config.Errors
	is.New(t).True(errors.As(err, &errs))
	is.New(t).True(strings.Contains(err.Error(), option))
}

func refuses(t *testing.T, option string, value any) {
	t.Helper()
	_, err := upload(t, map[string]any{option: value})
	fails(t, err, option)
}

func withFilter(t *testing.T) {
	u, err := upload(t, map[string]any{"filter": map[string]any{"kind": "json", "indent": 2}})
	is.New(t).NoErr(err)
	is.New(t).Equal(u.Filter.(*services.JSON).Indent, 2)
	_, ok := u.Codec.(*services.JSON)
	is.New(t).True(ok)
}

// TestKeys has an example of every key, and checks what it does.
func TestKeys(t *testing.T) {
	for _, key := range language.Reference() {
		t.Run(key.Name, func(t *testing.T) {
			test := keys[key.Name]
			if test == nil {
				t.Fatal("the key has no example")
			}
			test(t)
		})
	}
}
