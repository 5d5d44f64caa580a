package registry

import (
	"io"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// PrintConfig writes the configuration of a program as it is in effect: the sections
// that plugingen has linked, with the options of the plugins that the configuration
// names, defaults included, each with its source:
//
//	[services.objects]
//	dir   = "/data" # app.toml:4:7
//	quota = "1GiB"  # default
//	token = ***     # environment variable OBJECTS_TOKEN
//
// The output looks like TOML, and is for people. The values of secret and of unknown
// options are shown as ***. PrintConfig returns the error of w, and does not check the
// configuration; see [Registry.ValidateConfig]. It is safe for concurrent use.
func (r *Registry) PrintConfig(w io.Writer, cfg config.Value) error {
	sections := r.sections()
	described := make(map[string]*generated.Options)
	for _, s := range sections {
		if s.Options != nil {
			described[s.Path] = s.Options
		} else {
			described[s.Path] = r.describeSection(s.Namespace, cfg.At(s.Path))
		}
	}
	root := new(generated.Options)
	for _, path := range topmost(described) {
		root.Options = append(root.Options, generated.Option{Name: path, Type: "table", Struct: described[path]})
	}
	return generated.Print(w, cfg, func(path string) *generated.Options {
		if path == "" {
			return root
		}
		return described[path]
	})
}

// topmost returns the paths of sections that are not in tables, sorted.
func topmost(described map[string]*generated.Options) (names []string) {
	for path := range described {
		if !strings.Contains(path, ".") {
			names = append(names, path)
		}
	}
	slices.Sort(names)
	return names
}

// describeSection returns the description of a section of plugins, in which each
// instance that the section names is an option.
func (r *Registry) describeSection(namespace string, section config.Value) *generated.Options {
	specs := make(map[string]*Spec)
	found, _ := r.find(namespace)
	for _, s := range found {
		if s = s.resolved(); s == nil {
			continue
		}
		for _, name := range s.names() {
			specs[name] = s
		}
	}
	described := new(generated.Options)
	for _, name := range section.Keys() {
		s, _ := instanceOf(name, func(name string) *Spec { return specs[name] })
		if s == nil {
			continue // ValidateConfig reports it
		}
		o := generated.Option{Name: name, Type: "table", Struct: s.Options}
		if o.Struct == nil {
			o.Struct = new(generated.Options)
		}
		if section.Key(name).Kind() == config.KindList {
			o.Type = "[]table"
		}
		described.Options = append(described.Options, o)
	}
	return described
}
