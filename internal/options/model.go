// Package options reads the options of plugins from syntax: which fields of a struct are
// options, what type each has, and what their tags say. plugingen and pluginvet both
// read options with it, and so report the same errors in the same words.
package options

import (
	"encoding/json"
	"iter"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/code"
)

// A Use is how a plugin uses a struct with options.
type Use struct {
	*Struct
	Param   bool // the factory takes the struct; else the plugin is the struct
	Pointer bool // the factory's parameter is a pointer to the struct
	Reloads bool // the plugin has a method Reload for the options, or may have one
}

// A Struct is a struct that has options. There is one Struct for all uses of a type in
// a package, so that pointers can be compared; one for each list of type arguments.
type Struct struct {
	Path, Package, Name string // of the type's package: import path and name; and the type's
	TypeArgs            []code.Type
	Go                  code.Type  // the type itself, with its type arguments
	Section             string     // of //plugin:options section=
	Shared              bool       // described in the generated file of its own package: it has //plugin:options
	Foreign             bool       // Shared, and of another module: nothing else of it is known but its name
	Options             []*Option  // sorted by name
	Embedded            []Embedded // embedded pointers that are to be made if they are nil, outer ones first
	Parts               []Part     // embedded structs that are described elsewhere, whose options are in the same table

	// SetDefaults are the fields whose method SetDefaults is called, in this order, the empty path
	// for the struct as a whole: embedded structs come before what embeds them. Structs that are
	// options of their own (tables) are not among them; they have their own Struct.
	SetDefaults [][]string
	Validates   [][]string // the same for the method Validate

	File *annotate.File // where it is declared; nil if it is Foreign
	Decl annotate.Span  // the type's name

	via       annotate.Span      // the field of the package that is read by which it was first found, if any
	reading   bool               // not all options are known yet: it contains itself
	broken    bool               // an error in it has been reported
	noOptions *typeError         // why it has no options
	names     map[string]*Option // of options and aliases, while they are read
}

// An Embedded is an embedded pointer to a struct.
type Embedded struct {
	Field []string  // the path that leads to it
	Elem  code.Type // of the struct that it points to
}

// A Part is an embedded struct that is described elsewhere: in another module, since the code
// for the struct that embeds it must not depend on which options it has, or in another package
// that hides their types.
type Part struct {
	*Struct
	Field   []string // the path that leads to it
	Pointer bool     // it is an embedded pointer, and among Embedded, too
}

// hasOptions reports whether there are options, or may be.
func (s *Struct) hasOptions() bool { return len(s.Options)+len(s.Parts) > 0 }

// An Option is one option, a field of a struct or of a struct that it embeds.
type Option struct {
	Name  string
	Field []string // the path of selectors from the struct to the field
	Type  *Type    // nil if only the name is known, as of a struct of which types alone are known

	Doc, Example string
	Default      string // as in the tag; items of lists are separated by commas, see Items
	HasDefault   bool
	Preset       bool // Default is what the factory sets already, for documentation only

	Properties

	Span annotate.Span // the field's name
	Tag  annotate.Span // its tag; the name if there is none
}

// Properties are the keys of a tag that reach generated files as they are: each is read from the
// tag, written into the description, read from descriptions of other modules, and documented.
// A new key is a field here and a line in All.
type Properties struct {
	Required   bool     `json:"required,omitempty"`
	Secret     bool     `json:"secret,omitempty"`
	Advanced   bool     `json:"advanced,omitempty"`
	Min        string   `json:"min,omitempty"`
	Max        string   `json:"max,omitempty"`
	Enum       []string `json:"enum,omitempty"`
	Pattern    string   `json:"pattern,omitempty"`
	Env        string   `json:"env,omitempty"`
	Deprecated string   `json:"deprecated,omitempty"`
	Aliases    []string `json:"aliases,omitempty"`
}

// All returns the properties, in the order in which generated files have them.
func (p *Properties) All() iter.Seq[Property] {
	return func(yield func(Property) bool) {
		_ = yield(Property{"required", "Required", &p.Required}) &&
			yield(Property{"secret", "Secret", &p.Secret}) &&
			yield(Property{"advanced", "Advanced", &p.Advanced}) &&
			yield(Property{"min", "Min", &p.Min}) &&
			yield(Property{"max", "Max", &p.Max}) &&
			yield(Property{"enum", "Enum", &p.Enum}) &&
			yield(Property{"pattern", "Pattern", &p.Pattern}) &&
			yield(Property{"env", "Env", &p.Env}) &&
			yield(Property{"deprecated", "Deprecated", &p.Deprecated}) &&
			yield(Property{"aliases", "Aliases", &p.Aliases})
	}
}

// A Property is one of the [Properties] of an option.
type Property struct {
	Key   string // of the language
	Field string // of generated.Option, and of Properties
	Value any    // a pointer to the value: a *bool, *string or *[]string
}

// A Kind is how the value of an option is decoded.
type Kind int

// The kinds of options. Each but Invalid and Table is decoded by the function of that name in
// package registry/generated.
const (
	Invalid  Kind = iota
	Bool          // ~bool
	String        // ~string
	Int           // ~int, ~int8, ...
	Uint          // ~uint, ~uint8, ...
	Float         // ~float32, ~float64
	Duration      // time.Duration, and types whose underlying type it is
	Text          // has UnmarshalText
	Binary        // has UnmarshalBinary only: url.URL
	Any           // any
	Tree          // config.Value
	RawJSON       // json.RawMessage
	Table         // a struct
	Plugin        // a plugin of another namespace
	Pointer       // *Elem
	List          // []Elem
	Array         // [Len]Elem
	Map           // map[Key]Elem, where Key is ~string
)

// A Type is the type of an option, or of its elements.
type Type struct {
	Kind      Kind
	Bits      int       // of Int, Uint and Float: 8, 16, 32 or 64; 0 for int and uint
	Go        code.Type // the field's type
	Elem      *Type     // of pointers, lists, arrays and maps
	Key       code.Type // of Map
	Len       int       // of Array
	Struct    *Struct   // of Table
	Namespace string    // of Plugin: whose plugins it takes
	TypeKey   string    // of Plugin: the key in its table that names the plugin, "type" by default
	As        bool      // Kind is what the key as says, and only the compiler knows better

	// Number is Int, Uint, Float or Duration if the kind is Text and its underlying type
	// is known to be such a number, so that there can be bounds; else Invalid.
	Number Kind

	under    *Type  // of Text: the type without its methods, if it is known
	standard string // of a type of the standard library: import path and name
}

var kinds = [...]string{
	Invalid: "nothing", Bool: "a boolean", String: "a string", Int: "an integer", Uint: "an unsigned integer",
	Float: "a number", Duration: "a duration", Text: "a text", Binary: "a URL", Any: "anything", Tree: "anything",
	RawJSON: "anything",
	Table:   "a struct", Plugin: "a plugin", Pointer: "a pointer", List: "a list", Array: "an array", Map: "a map",
}

// String returns the kind for messages, with an article.
func (k Kind) String() string { return kinds[k] }

// Leaf returns the type of the elements that are no pointers, lists, arrays or maps.
func (t *Type) Leaf() *Type {
	for t.Elem != nil {
		t = t.Elem
	}
	return t
}

// Table returns the struct of an option that is a table, or has some; or nil.
func (t *Type) Table() *Struct { return t.Leaf().Struct }

// All returns the options of the struct, with those of embedded structs that are described
// elsewhere, sorted by name.
func (s *Struct) All() []*Option {
	if len(s.Parts) == 0 {
		return s.Options
	}
	var all []*Option
	seen := map[*Struct]bool{} // files of other modules may have a struct embed another twice, or itself
	var add func(*Struct)
	add = func(s *Struct) {
		if seen[s] {
			return
		}
		seen[s] = true
		all = append(all, s.Options...)
		for _, part := range s.Parts {
			add(part.Struct)
		}
	}
	add(s)
	slices.SortStableFunc(all, func(a, b *Option) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Contained returns the structs that must be filled whenever the struct is: those that it
// embeds, and its options that are structs, or required pointers to structs. A struct that
// contains itself, directly or not, can't be filled.
func (s *Struct) Contained() []*Struct {
	var all []*Struct
	for _, part := range s.Parts {
		all = append(all, part.Struct)
	}
	for _, o := range s.Options {
		if t := o.contained(); t != nil {
			all = append(all, t)
		}
	}
	return all
}

// contained returns the struct that has to be filled whenever the one with the option is, or nil.
func (o *Option) contained() *Struct {
	t := o.Type
	if t != nil && o.Required {
		t = pointee(t)
	}
	if t == nil || t.Kind != Table {
		return nil
	}
	return t.Struct
}

// Items returns the items of a default, an example or an enum of a list, as text: those between
// commas, or those of a JSON array. For valid values, they are the items that a decoder finds.
func Items(value string) []string {
	value = strings.TrimSpace(value)
	if value == "" {
		return nil
	}
	if value[0] == '[' { // other JSON, such as null, is text
		var items []string
		if json.Unmarshal([]byte(value), &items) == nil {
			return items
		}
	}
	var items []string
	for item := range strings.SplitSeq(value, ",") {
		items = append(items, strings.TrimSpace(item))
	}
	return items
}
