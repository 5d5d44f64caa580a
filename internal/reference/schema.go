package reference

import (
	"bytes"
	"encoding/json"
	"math"
	"math/big"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/registry/config"
)

// dialect is the version of JSON Schema that [Schema] writes.
const dialect = "https://json-schema.org/draft/2020-12/schema"

// Schema returns the JSON Schema of a program's configuration. It accepts what the program's
// decoder accepts, except where JSON Schema has no means: the decoder also calls UnmarshalText and
// Validate methods, compares durations and texts with their bounds, and may find a required option
// in the environment.
func Schema(p *gen.Program) []byte {
	w := &schemaWriter{
		program: p, names: map[*options.Struct]string{}, choices: map[choice]string{}, taken: map[string]bool{},
	}
	root := &schema{
		Dialect: dialect, Title: "Configuration of " + p.Host, Type: types{"object"},
		Additional: refused,
	}
	root.Properties.add("$schema", &schema{Type: types{"string"}, Description: "This schema, for editors."})
	for _, s := range p.Sections {
		w.section(root, s)
	}
	root.Defs = w.defs
	return append(root.append(make([]byte, 0, 1<<20), "\n"), '\n')
}

// A schema is a JSON Schema, with the keywords in the order in which people look for them.
type schema struct {
	Dialect     string
	Ref         string
	Title       string
	Description string
	Deprecated  bool
	WriteOnly   bool
	Type        types
	Const       json.RawMessage
	Enum        []json.RawMessage
	Default     json.RawMessage
	Examples    []json.RawMessage
	Minimum     json.Number
	Maximum     json.Number
	Above       json.Number
	Below       json.Number
	MinLength   *int
	MaxLength   *int
	Pattern     string
	MinItems    *int
	MaxItems    *int
	Items       *schema
	Properties  properties
	Patterns    properties
	MinProps    *int
	MaxProps    *int
	Additional  *schema
	Required    []string
	Not         *schema
	AllOf       []*schema
	AnyOf       []*schema
	OneOf       []*schema
	Defs        properties

	never bool // no value is valid
}

// refused is the schema of what must not be there.
var refused = &schema{never: true}

// types is one type, or several.
type types []string

// properties are schemas by name, in order.
type properties []property

type property struct {
	name   string
	schema *schema // nil if it is just a reference
	ref    string
}

func (p *properties) add(name string, s *schema) { *p = append(*p, property{name, s, ""}) }

// text returns a string in JSON, in which <, > and & stay as they are.
func text(s string) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a string can always be encoded
	}
	return bytes.TrimSpace(b.Bytes())
}

// A schemaWriter makes the schemas of structs, and of choices of plugins, each once.
type schemaWriter struct {
	program *gen.Program
	names   map[*options.Struct]string // of their definitions
	choices map[choice]string          // of theirs
	taken   map[string]bool
	defs    properties

	durations string // the name of their definition
}

// A choice is an option that is one of the plugins of a namespace: the key says which.
type choice struct{ namespace, key string }

// section adds the schema of a section to that of the whole configuration.
func (w *schemaWriter) section(root *schema, s gen.Section) {
	if s.Namespace == "" {
		w.fields(root.table(s.Path, s.Doc), s.Options)
		return
	}
	in := root.table(s.Path, s.Doc)
	keys := keysOf(s.Plugins)
	for _, p := range s.Plugins {
		w.plugin(in, p, keys)
	}
}

// table returns the schema of the table at a path, which it adds if there is none yet.
func (s *schema) table(path, doc string) *schema {
	for name := range strings.SplitSeq(path, ".") {
		s = s.child(name)
	}
	if s.Description == "" {
		s.Description = doc
	}
	return s
}

func (s *schema) child(name string) *schema {
	for _, p := range s.Properties {
		if p.name == name {
			return p.schema
		}
	}
	child := &schema{Type: types{"object"}, Additional: refused}
	s.Properties.add(name, child)
	return child
}

// plugin adds what a section may have for a plugin: a table by its name or an alias, a list of
// tables that may have an id, or tables whose names begin with the plugin's and a slash, as the
// instances of a registry.Set are called. A registry.Manager only takes the first. The keys are
// those of all plugins of the section.
func (w *schemaWriter) plugin(in *schema, p gen.Plugin, keys []string) {
	one := &schema{
		Description: joined(p.Doc, deprecation(p)), Deprecated: isDeprecated(p),
		Type: types{"object", "null"}, Additional: refused,
	}
	if p.Options != nil {
		w.fields(one, p.Options)
		if incomplete(p.Options) {
			one.Type = types{"object"}
		}
	}
	name := w.newName(p.Namespace + "." + p.Name)
	w.defs.add(name, one)
	item := w.newName(name + ".item")
	w.defs.add(item, itemOf(one, name))
	either := &schema{
		Description: one.Description, Deprecated: one.Deprecated,
		AnyOf: []*schema{{Ref: definition(name)}, {Type: types{"array"}, Items: &schema{Ref: definition(item)}}},
	}
	for i, key := range append([]string{p.Name}, p.Aliases...) {
		if i > 0 {
			in.Properties.add(key, w.sameAs(either, "Another name of "+p.Name+"."))
			in.exclusive(p.Name, key)
		} else {
			in.Properties.add(key, either)
		}
		if pattern := instancePattern(key, keys); pattern != "" {
			in.Patterns.add(pattern, &schema{Ref: definition(name)})
		}
	}
}

// itemOf returns the schema of a table in a list of a plugin's tables.
func itemOf(one *schema, name string) *schema {
	item := *one
	hasID := false
	item.Properties = make(properties, 0, len(one.Properties)+1)
	prefix := definition(name) + "/properties/"
	for _, p := range one.Properties {
		hasID = hasID || p.name == "id"
		item.Properties = append(item.Properties, property{p.name, nil, prefix + pointer(p.name)})
	}
	if !hasID {
		item.Properties.add("id", &schema{
			Description: "What the instance is called; its position in the list if there is none.",
			Type:        types{"string", "integer"},
		})
	}
	return &item
}

// definition returns the reference to a definition: a JSON Pointer in the fragment of a URI.
func definition(name string) string {
	return "#/$defs/" + pointer(name)
}

// pointer returns a name as a part of a JSON Pointer in a URI.
func pointer(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return !isWord(r) && r != '.' && r != '-' }) {
		return name
	}
	return url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
}

// sameAs returns a schema that accepts the same, with another description.
func (w *schemaWriter) sameAs(s *schema, doc string) *schema {
	other := *s
	other.Description, other.Deprecated = doc, true
	return &other
}

// exclusive makes the schema refuse tables that have both names.
func (s *schema) exclusive(a, b string) {
	s.AllOf = append(s.AllOf, &schema{Not: &schema{Type: types{"object"}, Required: []string{a, b}}})
}

// fields adds the options of a struct to the schema of a table.
func (w *schemaWriter) fields(s *schema, of *options.Struct) {
	for _, o := range of.All() {
		w.option(s, o)
	}
}

// option adds one option.
func (w *schemaWriter) option(s *schema, o *options.Option) {
	x := w.typ(o.Type, o)
	x.Description = joined(o.Doc, o.Deprecated)
	x.Deprecated = o.Deprecated != ""
	x.WriteOnly = o.Secret
	if o.HasDefault && !o.Secret {
		x.Default = literal(o.Type, o.Default)
	}
	if o.Example != "" && !o.Secret {
		x.Examples = []json.RawMessage{literal(o.Type, o.Example)}
	}
	s.Properties.add(o.Name, x)
	for _, alias := range o.Aliases {
		s.Properties.add(alias, w.sameAs(x, "The old name of "+o.Name+"."))
		s.exclusive(o.Name, alias)
	}
	switch {
	case !demanded(o):
	case len(o.Aliases) == 0:
		s.Required = append(s.Required, o.Name)
	default:
		either := &schema{}
		for _, name := range append([]string{o.Name}, o.Aliases...) {
			either.AnyOf = append(either.AnyOf, &schema{Required: []string{name}})
		}
		s.AllOf = append(s.AllOf, either)
	}
}

// demanded reports whether an option has to be in the file: one that is needed, unless it
// names a variable, as then the environment may have it.
func demanded(o *options.Option) bool {
	return lacked(o) || o.Type.Kind == options.Table && incomplete(o.Type.Struct)
}

// incomplete reports whether an empty table lacks options.
func incomplete(s *options.Struct) bool { return slices.ContainsFunc(filled(s), lacked) }

// lacked reports whether an option itself has to be in the file.
func lacked(o *options.Option) bool {
	return o.Required && (o.Type.Kind == options.Table || o.Env == "")
}

// wholeReference is the pattern of a string that is a reference and nothing else: it stands for
// a value of any type.
const wholeReference = `^\$\{[^{}]*\}$`

// typ returns the schema of a type, with the constraints of the option that has it or that
// has a list or a map of it.
func (w *schemaWriter) typ(t *options.Type, o *options.Option) *schema {
	switch t.Kind {
	case options.Bool:
		return &schema{Type: types{"boolean", "string"}, Pattern: wholeReference}
	case options.Int, options.Uint:
		return number("integer", t, o)
	case options.Float:
		return number("number", t, o)
	case options.String:
		return str(o)
	case options.Duration:
		return w.duration()
	case options.Text, options.Binary:
		s := &schema{Type: types{"string", "integer"}}
		return enumerated(s, o, t)
	case options.Table:
		return w.table(t.Struct)
	case options.Plugin:
		return w.choice(choice{t.Namespace, typeKey(t)})
	case options.Pointer:
		return nullable(w.typ(t.Elem, o))
	case options.List, options.Array:
		return w.list(t, o)
	case options.Map:
		s := &schema{Type: types{"object"}, Additional: w.typ(t.Elem, withoutBounds(o))}
		s.MinProps, s.MaxProps = length(o.Min), length(o.Max)
		return s
	default:
		return &schema{}
	}
}

// duration returns a reference to the definition of durations, whose pattern is long.
func (w *schemaWriter) duration() *schema {
	if w.durations == "" {
		w.durations = w.newName("duration")
		w.defs.add(w.durations, &schema{Type: types{"string"}, Pattern: alternative(config.DurationPattern)})
	}
	return &schema{Ref: definition(w.durations)}
}

func (w *schemaWriter) list(t *options.Type, o *options.Option) *schema {
	s := &schema{Type: types{"array"}, Items: w.typ(t.Elem, withoutBounds(o))}
	s.MinItems, s.MaxItems = length(o.Min), length(o.Max)
	if t.Kind == options.Array {
		s.MinItems, s.MaxItems = &t.Len, &t.Len
	}
	return s
}

// withoutBounds returns the option for the elements of a list or map: min and max are of
// their number, enum and pattern of each.
func withoutBounds(o *options.Option) *options.Option {
	if o.Min == "" && o.Max == "" {
		return o
	}
	elem := *o
	elem.Min, elem.Max = "", ""
	return &elem
}

func length(bound string) *int {
	n, err := strconv.Atoi(bound)
	if err != nil {
		return nil
	}
	return &n
}

// table returns a reference to the definition of a struct.
func (w *schemaWriter) table(of *options.Struct) *schema {
	name, ok := w.names[of]
	if !ok {
		name = w.newName(of.Package + "." + of.Name + typeArguments(of.TypeArgs))
		w.names[of] = name // before its fields: it may have itself
		def := &schema{Type: types{"object"}, Additional: refused}
		w.defs.add(name, def)
		w.fields(def, of)
	}
	return &schema{Ref: definition(name)}
}

// choice returns a reference to the definition of a choice: the table of any of the
// plugins, with the key that names it.
func (w *schemaWriter) choice(c choice) *schema {
	name, ok := w.choices[c]
	if !ok {
		name = w.newName(c.namespace)
		w.choices[c] = name
		def := &schema{Type: types{"object"}, Required: []string{c.key}}
		w.defs.add(name, def)
		for _, p := range w.program.Plugins(c.namespace) {
			for i, name := range append([]string{p.Name}, p.Aliases...) {
				def.OneOf = append(def.OneOf, w.alternative(p, c.key, name, i > 0))
			}
		}
		if def.OneOf == nil { // no plugin of the namespace is linked
			def.never = true
		}
	}
	return &schema{Ref: definition(name)}
}

// alternative returns the table of one plugin of a choice.
func (w *schemaWriter) alternative(p gen.Plugin, key, name string, alias bool) *schema {
	s := &schema{
		Description: joined(p.Doc, deprecation(p)), Deprecated: alias || isDeprecated(p),
		Type: types{"object"}, Additional: refused, Properties: properties{{key, &schema{Const: text(name)}, ""}},
	}
	if p.Options != nil {
		w.fields(s, p.Options)
	}
	return s
}

// newName returns a name for a definition that no other has.
func (w *schemaWriter) newName(base string) string {
	name := base
	for n := 2; w.taken[name]; n++ {
		name = base + "_" + strconv.Itoa(n)
	}
	w.taken[name] = true
	return name
}

// typeArguments returns type arguments as part of a name.
func typeArguments(args []code.Type) string {
	var b strings.Builder
	for _, arg := range args {
		b.WriteByte('_')
		for _, r := range arg.String() {
			if !isWord(r) {
				r = '_'
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isWord reports whether a character is an ASCII letter or digit, or _.
func isWord(r rune) bool {
	return r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// nullable returns the schema that accepts null, too.
func nullable(s *schema) *schema {
	switch {
	case len(s.Type) > 0 && s.Enum == nil:
		s.Type = append(s.Type, "null")
		return s
	case len(s.Type) == 0 && s.Ref == "" && s.AnyOf == nil && s.Enum == nil:
		return s // anything
	}
	return &schema{AnyOf: []*schema{s, {Type: types{"null"}}}}
}

// str returns the schema of a string. One that is a reference is accepted, whatever the
// constraints: they are for what it stands for.
func str(o *options.Option) *schema {
	s := &schema{Type: types{"string"}, MinLength: length(o.Min), MaxLength: length(o.Max)}
	if o.Pattern != "" {
		s.Pattern = o.Pattern
	}
	for _, v := range o.Enum {
		s.Enum = append(s.Enum, text(v))
	}
	if s.MinLength == nil && s.MaxLength == nil && s.Pattern == "" && s.Enum == nil {
		return s
	}
	return orReference(s)
}

// enumerated adds the values of enum to the schema of a text.
func enumerated(s *schema, o *options.Option, t *options.Type) *schema {
	if len(o.Enum) == 0 {
		return s
	}
	for _, v := range o.Enum {
		s.Enum = append(s.Enum, literal(t, v))
	}
	return orReference(s)
}

// orReference returns the schema that accepts a reference, too.
func orReference(s *schema) *schema {
	return &schema{AnyOf: []*schema{s, {Type: types{"string"}, Pattern: wholeReference}}}
}

// alternative returns a pattern that matches what another does, or a reference.
func alternative(pattern string) string { return "(?:" + pattern + ")|" + wholeReference }

// number returns the schema of an integer or a float: the bounds are those of its type and
// those of the option.
func number(name string, t *options.Type, o *options.Option) *schema {
	s := &schema{Type: types{name, "string"}, Pattern: wholeReference}
	s.limit(t)
	if o.Min != "" {
		s.Minimum, s.Above = json.Number(number10(t, o.Min)), ""
	}
	if o.Max != "" {
		s.Maximum, s.Below = json.Number(number10(t, o.Max)), ""
	}
	if len(o.Enum) > 0 {
		s.Pattern = ""
		s.Type = types{name}
		for _, v := range o.Enum {
			s.Enum = append(s.Enum, literal(t, v))
		}
		return orReference(s)
	}
	return s
}

// limit sets the bounds of a type of numbers. Many validators compare floats, so the bounds
// are numbers that a float64 can be exactly.
func (s *schema) limit(t *options.Type) {
	bits := t.Bits
	if bits == 0 {
		bits = 64
	}
	switch t.Kind {
	case options.Int:
		s.Minimum, s.Below = json.Number("-"+power(bits-1)), json.Number(power(bits-1))
	case options.Uint:
		s.Minimum, s.Below = "0", json.Number(power(bits))
	default:
		if bits == 64 {
			s.Maximum = json.Number(strconv.FormatFloat(math.MaxFloat64, 'g', -1, 64))
			s.Minimum = "-" + s.Maximum
			return
		}
		// What is nearer to the largest float32 than to the next one would be is rounded to it.
		bound := new(big.Float).SetMantExp(big.NewFloat(1), 128)
		bound.Sub(bound, new(big.Float).SetMantExp(big.NewFloat(1), 103))
		s.Below = json.Number(bound.Text('f', 0))
		s.Above = "-" + s.Below
	}
}

// power returns 2 to the power of n.
func power(n int) string { return new(big.Int).Lsh(big.NewInt(1), uint(n)).String() }
