package reference

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/options"
)

// A Document describes the plugins and the configuration of a program for people.
type Document struct {
	Host     string        `json:"host"`
	Sections []SectionPage `json:"sections"`
}

// A SectionPage documents a section, or a namespace without one: its plugins are configured
// where other plugins use them, or not at all.
type SectionPage struct {
	Section   string       `json:"section,omitempty"`
	Namespace string       `json:"namespace,omitempty"`
	Contract  string       `json:"contract,omitempty"`
	Doc       string       `json:"doc,omitempty"`
	Options   []OptionRow  `json:"options,omitempty"`
	Plugins   []PluginPage `json:"plugins,omitempty"`
}

// A PluginPage documents a plugin.
type PluginPage struct {
	gen.Plugin
	Options []OptionRow `json:"options,omitempty"`
}

// An OptionRow documents an option.
type OptionRow struct {
	Name    string          `json:"name"` // its path in the table of the plugin: "tls.cert"
	Type    string          `json:"type"`
	Doc     string          `json:"doc,omitempty"`
	Default json.RawMessage `json:"default,omitempty"`
	Example json.RawMessage `json:"example,omitempty"`
	options.Properties
	Namespace string `json:"namespace,omitempty"` // of an option that is a plugin
	TypeKey   string `json:"type_key,omitempty"`
}

// Describe returns the documentation of a program.
func Describe(p *gen.Program) *Document {
	d := &Document{Host: p.Host, Sections: []SectionPage{}}
	for _, list := range [][]gen.Section{p.Sections, p.Nested, p.Plain} {
		for _, s := range list {
			d.Sections = append(d.Sections, describe(s))
		}
	}
	return d
}

func describe(s gen.Section) SectionPage {
	page := SectionPage{
		Section: s.Path, Namespace: s.Namespace, Contract: s.Contract, Doc: s.Doc, Options: Rows(s.Options),
	}
	page.Plugins = PluginPages(s.Plugins)
	return page
}

// configurable reports whether the section has options, or plugins that have some.
func (s SectionPage) configurable() bool {
	return s.Section != "" || slices.ContainsFunc(s.Plugins, func(p PluginPage) bool { return len(p.Options) > 0 })
}

// PluginPages returns plugins with their options.
func PluginPages(plugins []gen.Plugin) []PluginPage {
	var pages []PluginPage
	for _, p := range plugins {
		pages = append(pages, PluginPage{p, Rows(p.Options)})
	}
	return pages
}

// JSON returns the documentation for a site generator.
func (d *Document) JSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(d)
	return b.Bytes(), err
}

// Rows returns the options of a struct and of the tables in it, each with its path.
func Rows(s *options.Struct) []OptionRow {
	if s == nil {
		return nil
	}
	var w rowWriter
	w.fields("", s)
	return w.rows
}

type rowWriter struct {
	rows   []OptionRow
	within []*options.Struct // whose rows are being written
}

func (w *rowWriter) fields(prefix string, s *options.Struct) {
	for _, outer := range w.within {
		if outer == s {
			return // a table that has itself; its options are above
		}
	}
	w.within = append(w.within, s)
	defer func() { w.within = w.within[:len(w.within)-1] }()
	for _, o := range s.All() {
		name := prefix + key(o.Name)
		w.rows = append(w.rows, row(name, o))
		if nested := o.Type.Table(); nested != nil {
			w.fields(name+suffixOf(o.Type)+".", nested)
		}
	}
}

func row(name string, o *options.Option) OptionRow {
	r := OptionRow{Name: name, Type: typeName(o.Type), Doc: o.Doc, Properties: o.Properties}
	if o.HasDefault && !o.Secret {
		r.Default = literal(o.Type, o.Default)
	}
	if o.Example != "" && !o.Secret {
		r.Example = literal(o.Type, o.Example)
	}
	if c := choiceIn(o.Type); c != nil {
		r.Namespace, r.TypeKey = c.Namespace, typeKey(c)
	}
	return r
}

// suffixOf returns what the path of what is in lists and maps has after the name: "[]" for
// each list, ".*" for each map.
func suffixOf(t *options.Type) (suffix string) {
	for ; t != nil; t = t.Elem {
		switch t.Kind {
		case options.List, options.Array:
			suffix += "[]"
		case options.Map:
			suffix += ".*"
		}
	}
	return suffix
}

// choiceIn returns the type of a plugin, or of the plugins in a list or a map.
func choiceIn(t *options.Type) *options.Type {
	if leaf := t.Leaf(); leaf.Kind == options.Plugin {
		return leaf
	}
	return nil
}

// typeKey returns the name in the table of a plugin that says which plugin it is.
func typeKey(t *options.Type) string { return cmp.Or(t.TypeKey, "type") }

// typeName returns the type of an option in words.
func typeName(t *options.Type) string {
	switch t.Kind {
	case options.Bool:
		return "boolean"
	case options.String:
		return "string"
	case options.Int, options.Uint:
		return "integer"
	case options.Float:
		return "number"
	case options.Duration:
		return "duration"
	case options.Text, options.Binary:
		return "text (" + t.Go.Short() + ")"
	case options.Table:
		return "table"
	case options.Plugin:
		return "plugin of " + t.Namespace
	case options.Pointer:
		return typeName(t.Elem)
	case options.List:
		return "list of " + plural(typeName(t.Elem))
	case options.Array:
		return "list of " + strconv.Itoa(t.Len) + " " + plural(typeName(t.Elem))
	case options.Map:
		return "table of " + plural(typeName(t.Elem))
	default:
		return "any"
	}
}

func plural(name string) string {
	word, rest, _ := strings.Cut(name, " ")
	if word == "any" || word == "text" {
		return name
	}
	word += "s"
	if rest != "" {
		return word + " " + rest
	}
	return word
}

// Summary returns the default of an option, or what stands in its place.
func (r OptionRow) Summary() string {
	switch {
	case r.Required:
		return "required"
	case r.Secret:
		return "secret"
	case len(r.Default) > 0:
		return "= " + string(r.Default)
	}
	return ""
}
