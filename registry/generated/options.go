package generated

// Options describes the options of a struct, in the field Options of a registry.Spec or of a
// [Section]. plugingen writes one for each struct, as static data; it can be written by hand,
// too. It is read-only.
type Options struct {
	// Type is the import path and the name of the struct.
	Type string

	// Section is where the program's configuration has the struct, if it is a part of
	// the program itself.
	Section string

	// Options are the options, sorted by name.
	Options []Option

	// Embedded are the options of embedded structs that are described elsewhere. They
	// stand in the same table.
	Embedded []*Options

	// Zero is a nil *T, by which registry.Decode finds the description of T.
	Zero any

	// New returns a new *T.
	New func() any

	// Fill fills a *T with the table that the decoder stands at.
	Fill func(d *Decoder, target any)
}

// An Option describes one option.
type Option struct {
	Name string

	// Type is bool, string, int and the like, float32, float64, duration, text, any,
	// table or plugin; or one of these with a prefix: []T, [4]T, map[string]T, *T.
	Type string

	// Go is the Go type of a text, for messages: "netip.AddrPort".
	Go string

	// Struct describes the table that the option is, or that its items are. It is nil
	// for a struct that contains itself; see Table.
	Struct *Options

	// Recursive describes the same for a struct that contains itself, since static
	// data of Go can't.
	Recursive interface{ Options() *Options }

	// Namespace is that of the plugins which the option takes, and TypeKey the name in
	// its table that says which plugin it is; "type" if it is empty.
	Namespace, TypeKey string

	// Doc and Example are for people.
	Doc, Example string

	// Default is the value of an option that is not given, as text. Preset says that it
	// is for people only, as the struct has it already when it is made.
	Default    string
	HasDefault bool
	Preset     bool

	Required bool // it has to be given
	Secret   bool // its value is never shown
	Advanced bool // most users need not know it

	// Min and Max bound the value of a number, a duration or a text that is a number, the
	// number of characters of a string, and the number of items of a list or a map.
	// Enum has the values that are allowed, and Pattern is what a string has to match; of
	// a list or a map these are for each item.
	Min, Max string
	Enum     []string
	Pattern  string

	// Env is the environment variable that is looked up, besides that of the path.
	Env string

	// Deprecated is what to use instead, if the option is deprecated.
	Deprecated string

	// Aliases are old names.
	Aliases []string
}

// Table returns the description of the table that the option is, or that its items are;
// nil if they are none.
func (o *Option) Table() *Options {
	if o.Struct == nil && o.Recursive != nil {
		return o.Recursive.Options()
	}
	return o.Struct
}

// typeKey returns the name in the table of a plugin that says which plugin it is.
func (o *Option) typeKey() string {
	if o.TypeKey == "" {
		return "type"
	}
	return o.TypeKey
}

// named returns the option of a name or an alias, embedded ones included; nil if there is
// none.
func (os *Options) named(name string) *Option {
	if os == nil {
		return nil
	}
	for i := range os.Options {
		o := &os.Options[i]
		if o.Name == name {
			return o
		}
		for _, alias := range o.Aliases {
			if alias == name {
				return o
			}
		}
	}
	for _, embedded := range os.Embedded {
		if o := embedded.named(name); o != nil {
			return o
		}
	}
	return nil
}

// names appends the names of the options, embedded ones included.
func (os *Options) names(list []string) []string {
	if os == nil {
		return list
	}
	for i := range os.Options {
		list = append(list, os.Options[i].Name)
	}
	for _, embedded := range os.Embedded {
		list = embedded.names(list)
	}
	return list
}

// A Section says where the configuration of a program has the options of a struct, or of
// the plugins of a namespace. plugingen writes them for a host.
type Section struct {
	Path      string   // "services", or "agent.inputs"
	Namespace string   // of the plugins; "" if it is the section of a struct
	Options   *Options // of the struct; nil if it is the section of plugins
}
