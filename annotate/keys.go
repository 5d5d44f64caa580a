package annotate

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/internal/rules"
)

// A placeSet is a set of places that an annotation can be written at.
type placeSet uint16

const (
	onPackage  placeSet = 1 << iota // the package clause: defaults for the package
	onContract                      // an interface or func type without a name
	onBase                          // a struct type without a name
	onType                          // a type that is a plugin
	onFunc                          // a function that is a plugin
	onFactory                       // a function that makes plugins
	onVar                           // a variable that is a plugin
	onSpec                          // a variable that is a registry.Spec
	onHost                          // a host: //plugin:link
	onGroup                         // a declaration in parentheses: defaults for the group
	onShared                        // a struct with //plugin:options
	onOption                        // a field that is an option

	onPlugin  = onType | onFunc | onFactory | onVar
	asDefault = onPackage | onGroup
	// onDirective is all places of a directive, or of a tag like one: all but those of
	// the tags of options.
	onDirective = onOption - 1
)

var placeNames = []string{
	"the package clause", "a contract", "an abstract base", "a plugin type", "a function plugin",
	"a factory function", "a plugin " +
		"variable", "a registry.Spec", "a host (//plugin:link)", "a group of declarations",
	"a struct of options (//plugin:options)", "an option",
}

// String names the places, for messages and documentation.
func (p placeSet) String() string { return strings.Join(p.names(), ", ") }

func (p placeSet) names() (names []string) {
	for i, name := range placeNames {
		if p&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// A valueKind is the kind of value that a key takes: an index of valueKinds.
type valueKind int

const (
	noValue valueKind = iota
	textValue
	optionalValue
	namespaceValue
	nameValue
	nameList
	pluginList
	levelValue
	constantValue
	identValue
	factoryValue
	intValue
	typeList
	patternList
	optionValue
	scalarValue
	scalarList
	namingValue
	sectionValue
)

// valueKinds describes each kind of value.
var valueKinds = [...]struct {
	takes  string // the value, for documentation
	list   bool   // several values, separated by commas
	spaces bool   // the value can have spaces in it, if it is quoted
	text   bool   // the value is prose: a word in it that is a key is part of it
	bare   bool   // the key can be without a value
}{
	noValue:        {bare: true},
	textValue:      {takes: "text", spaces: true, text: true},
	optionalValue:  {takes: "text, or nothing", spaces: true, text: true, bare: true},
	namespaceValue: {takes: "a namespace"},
	nameValue:      {takes: "a name: printable text without quotes and commas", spaces: true},
	nameList:       {takes: "names", list: true},
	pluginList:     {takes: "names of plugins: name, namespace:name or namespace:*", list: true},
	levelValue:     {takes: strings.Join(rules.Stabilities, ", ")},
	constantValue:  {takes: "a constant: an identifier, or pkg.Name"},
	identValue:     {takes: "an identifier of the package"},
	factoryValue:   {takes: "nothing on a function, an identifier on a type", bare: true},
	intValue:       {takes: "a whole number"},
	typeList:       {takes: "types: int, *T, pkg.T, []T, map[K]V, T[A]", list: true},
	patternList:    {takes: "patterns", list: true},
	optionValue:    {takes: "a name, or nothing", spaces: true, bare: true},
	scalarValue:    {takes: "a value of the field's type", spaces: true}, // or a list, if that is a list
	scalarList:     {takes: "values of the field's type", list: true},
	namingValue: {
		takes: "toml, json, yaml or mapstructure; nothing on a struct whose fields have tags", bare: true,
	},
	sectionValue: {takes: "names of tables, joined by dots"},
}

// A keyDef describes one key of the language.
type keyDef struct {
	name  string
	value string // how a value is written in documentation; "" for a bare key
	on    placeSet
	doc   string
	takes string // its value, for documentation, if it is not what the kind says
	unset string // what holds without the key, for documentation; "" if nothing does
	kind  valueKind
	alike []string // words that people may try instead: not keys, but suggestions lead from them
}

// keys are the keys of the language, in the order in which the reference explains
// them. Keys that begin with "x_" are the user's own and not in the list.
var keys = []keyDef{
	{
		name: "namespace", value: "my.plugins", kind: namespaceValue,
		unset: "that of the group, of the package clause, or of what a struct embeds",
		on:    onPlugin | asDefault | onContract | onBase | onSpec,
		alike: []string{"ns", "group", "space"},
		doc:   "the namespace: dot-separated words of letters, digits, _ and -",
	},
	{
		name: "name", value: "my", on: onPlugin | onSpec, kind: nameValue,
		unset: "a function plugin's is its identifier in snake case: `ConfigureHTTP` is " +
			"`configure_http`; others need a name",
		alike: []string{"id"},
		doc: "the plugin's name, unique in its namespace; a function plugin's defaults to its " +
			"identifier in snake_case",
	},
	{
		name: "name_from", value: "pluginName", on: onPlugin, kind: constantValue,
		alike: []string{"name_const", "namefrom"},
		doc: "a string constant of the package, or pkg.Name of another one of the module that the " +
			"file imports, if only as _, whose value is the plugin's name",
	},
	{
		name: "contract", on: onContract, kind: noValue,
		alike: []string{"interface"},
		doc: "every plugin of the namespace is a pointer to this struct, or of this pointer type; an " +
			"interface or func type needs no such key",
	},
	{
		name: "factory", value: "NewT", on: onType | onFactory, kind: factoryValue,
		unset: "a function is the plugin itself; a type's plugin is made by `new(T)`",
		alike: []string{"new", "constructor"},
		doc: "on a type: the function that makes it, instead of new(T); bare, on a function: it makes " +
			"plugins, and is not one",
	},
	{
		name: "should_load", value: "enabled", on: onPlugin | asDefault, kind: identValue,
		takes: "an identifier of the package: a bool variable or constant, or a function",
		unset: "the plugin is loaded, unless it has a method `ShouldLoad` that returns false",
		alike: []string{"enabled", "condition", "if"},
		doc:   "a bool, or a function that returns one, asked before the plugin is made",
	},
	{
		name: "load", value: "start", on: onFunc, kind: identValue,
		takes: "an identifier of the package: a function",
		unset: "nothing is called",
		alike: []string{"init", "on_load"},
		doc:   "a func(context.Context) error, called when the function plugin is loaded",
	},
	{
		name: "requires", value: "a,other.space:b,third.space:*", on: onPlugin | asDefault, kind: pluginList,
		alike: []string{"depends", "depends_on", "dependencies", "needs", "require"},
		doc: "plugins that are loaded first, and without which this one can't be loaded; namespace:* " +
			"is every plugin of another namespace",
	},
	{
		name: "after", value: "a,other.space:b", on: onPlugin | asDefault, kind: pluginList,
		alike: []string{"loads_after", "runs_after"},
		doc:   "plugins that are loaded before this one if they are there; written like requires",
	},
	{
		name: "before", value: "c", on: onPlugin | asDefault, kind: pluginList,
		alike: []string{"loads_before", "runs_before"},
		doc:   "plugins that are loaded after this one if they are there; written like requires",
	},
	{
		name: "aliases", value: "b,c", on: onPlugin | onOption, kind: nameList,
		alike: []string{"alias", "aka"},
		doc:   "other names for the plugin; of an option, names that it had before",
	},
	{
		name: "priority", value: "10", on: onPlugin | asDefault, kind: intValue,
		unset: "0",
		alike: []string{"order", "weight"},
		doc:   "plugins of higher priority are loaded first; the default is 0",
	},
	{
		name: "stability", value: "beta", on: onPlugin | asDefault, kind: levelValue,
		alike: []string{"maturity", "status"},
		doc:   "how mature the plugin is: " + strings.Join(rules.Stabilities, ", "),
	},
	{
		name: "deprecated", value: `"use b"`, on: onPlugin | asDefault | onOption, kind: textValue,
		unset: "the paragraph of the doc comment that begins with `Deprecated: `",
		doc: `what to use instead; the default is the paragraph of the doc comment that begins with ` +
			`"Deprecated: "`,
	},
	{
		name: "deprecated_since", value: "v1.4", on: onPlugin | asDefault, kind: textValue,
		takes: "a version",
		alike: []string{"since"},
		doc:   "the version in which the plugin was deprecated",
	},
	{
		name: "removal_in", value: "v2.0", on: onPlugin | asDefault, kind: textValue,
		takes: "a version",
		alike: []string{"removed_in", "removal"},
		doc:   "the version that is planned to be without the plugin",
	},
	{
		name: "doc", value: `"a sentence"`, on: onPlugin | onOption, kind: textValue,
		unset: "the first sentence of the doc comment; for an option, all of it",
		alike: []string{"description", "desc", "help", "summary"},
		doc: "a sentence for people; the default is the first sentence of the doc comment, and " +
			"all of it for an option",
	},
	{
		name: "type_args", value: "int,string", on: onType | onFunc | onFactory, kind: typeList,
		alike: []string{"types", "instantiate"},
		doc:   "the type arguments of a generic type or function",
	},
	{
		name: "ignore", on: onSpec, kind: noValue,
		alike: []string{"skip"},
		doc:   "this registry.Spec is not to be found",
	},
	{
		name: "link", on: onHost, kind: noValue,
		alike: []string{"host"},
		doc: "this package links plugins into a program: those of its module, unless packages= names " +
			"others",
	},
	{
		name: "packages", value: "all", on: onHost, kind: patternList,
		takes: "import path patterns, or all",
		unset: "the packages of the host's module",
		alike: []string{"pkgs", "modules"},
		doc: "import path patterns of the packages to link (example.com/app/...), or all: every " +
			"module of the build list",
	},
	{
		name: "namespaces", value: "my.*", on: onHost, kind: patternList,
		takes: "globs",
		unset: "all namespaces",
		doc:   "globs: link plugins of these namespaces only",
	},
	{
		name: "exclude", value: "my.plugins:old*", on: onHost, kind: patternList,
		takes: "globs, or import path patterns",
		unset: "nothing is left out",
		alike: []string{"without"},
		doc: "globs of namespaces, of namespace:name, or with a slash import path patterns: do not " +
			"link these",
	},
	{
		name: "options", value: "toml", on: onShared | onContract, kind: namingValue,
		alike: []string{"config"},
		doc: "on a struct: it has options that many plugins share, or that are the program's own; on " +
			"a contract: its plugins have options. The value is toml, json, yaml or mapstructure: " +
			"all exported fields are options, and these struct tags name them. A struct needs no " +
			"value if its fields have tags with the key option",
	},
	{
		name: "section", value: "services", on: onShared | onContract, kind: sectionValue,
		unset: "the last word of the namespace",
		alike: []string{"table", "path"},
		doc: "where the configuration of a program has the plugins of the namespace (by default, " +
			"the last word of the namespace), or the options of the struct",
	},
	{
		name: "option", value: "addr", on: onOption, kind: optionValue,
		unset: "the field is no option",
		alike: []string{"opt", "flag"},
		doc: "the field is an option; its name is that of the field in snake_case, unless one is " +
			"given; bare, on an embedded struct: the options of that are options of this",
	},
	{
		name: "default", value: "5s", on: onOption, kind: scalarValue,
		unset: "what the struct has when it is made: the zero value, or what the factory or `SetDefaults` sets",
		alike: []string{"def", "value"},
		doc:   "the value if none is given; the values of a list are separated by commas",
	},
	{
		name: "required", on: onOption, kind: noValue,
		alike: []string{"mandatory", "must", "req"},
		doc:   "a value must be given; an empty string is one, unless there is min=1, too",
	},
	{
		name: "min", value: "1", on: onOption, kind: textValue,
		takes: "a number, a duration, or a length",
		alike: []string{"minimum", "gte", "from"},
		doc: "the least value of a number or a duration, the least length of a string, the least " +
			"number of items of a list or a map",
	},
	{
		name: "max", value: "65535", on: onOption, kind: textValue,
		takes: "a number, a duration, or a length",
		alike: []string{"maximum", "lte"},
		doc:   "the greatest value, length or number of items, as for min",
	},
	{
		name: "enum", value: "debug,info,warn", on: onOption, kind: scalarList,
		alike: []string{"oneof", "values", "choices", "allowed"},
		doc:   "the only values that are allowed; of a list or a map, for each item",
	},
	{
		name: "pattern", value: "^[a-z]+$", on: onOption, kind: textValue,
		takes: "a regular expression",
		alike: []string{"regexp", "regex", "match", "matches"},
		doc: "a regular expression that a string must match; of a list or a map of strings, each " +
			"item",
	},
	{
		name: "secret", on: onOption, kind: noValue,
		alike: []string{"sensitive", "password"},
		doc:   "the value is never shown: not in errors, not in listings",
	},
	{
		name: "env", value: "APP_TOKEN", on: onOption, kind: textValue,
		takes: "the name of a variable",
		unset: "the variable that the program's prefix and the path make, such as `APP_SERVICES_S3_TOKEN`",
		alike: []string{"environment", "envvar"},
		doc:   "the environment variable that gives the value if it is set",
	},
	{
		name: "advanced", on: onOption, kind: noValue,
		alike: []string{"expert", "hidden"},
		doc:   "few users need the option: it is documented apart from the others",
	},
	{
		name: "example", value: "192.0.2.1", on: onOption, kind: scalarValue,
		alike: []string{"sample"},
		doc:   "a value for the documentation",
	},
	{
		name: "as", value: "text", on: onOption, kind: textValue,
		takes: "text, string, bool, int, uint, float or duration",
		alike: []string{"kind"},
		doc: "how a type of another module is written, which can't be told from syntax: text (it " +
			"has UnmarshalText), or string, bool, int, uint, float or duration (its " +
			"underlying type)",
	},
	{
		name: "plugin", value: "my.parsers", on: onOption, kind: namespaceValue,
		doc: "the value is a plugin of the namespace; needed only if the field's type is not the " +
			"contract of one",
	},
	{
		name: "type_key", value: "format", on: onOption, kind: textValue,
		takes: "a word",
		unset: "`type`",
		alike: []string{"type_field"},
		doc: "of an option that is a plugin: the word in its table that says which plugin it is, " +
			"instead of type",
	},
}

// A Key describes a key of the language, for documentation.
type Key struct {
	Name    string
	Example string   // as it is written in a directive or a tag
	Value   string   // what it takes, "" if it takes no value
	Doc     string   // what it means
	Default string   // what holds without it, "" if nothing does
	On      []string // the declarations that it is allowed on
	Option  bool     // it is for options alone
}

// Keys returns the keys of the language, in the order in which the reference explains them.
// The last but those for options stands for all keys that begin with x_.
func Keys() []Key {
	var all, options []Key
	for _, k := range keys {
		key := Key{
			Name: k.name, Example: k.example(), Value: cmp.Or(k.takes, valueKinds[k.kind].takes), Doc: k.doc,
			Default: k.unset, On: k.on.names(), Option: k.on == onOption,
		}
		if key.Option {
			options = append(options, key)
		} else {
			all = append(all, key)
		}
	}
	all = append(all, Key{
		Name: "x_...", Example: "x_port=4566", Value: valueKinds[customKey.kind].takes,
		Doc: customKey.doc, On: customKey.on.names(),
	})
	return append(all, options...)
}

// takesList reports whether the key can have several values.
func (k keyDef) takesList() bool { return valueKinds[k.kind].list }

// takesSpaces reports whether the value of the key can contain spaces, if it is quoted.
func (k keyDef) takesSpaces() bool { return valueKinds[k.kind].spaces }

// takesText reports whether the value of the key is prose.
func (k keyDef) takesText() bool { return valueKinds[k.kind].text }

// canBeBare reports whether the key can be without a value.
func (k keyDef) canBeBare() bool { return valueKinds[k.kind].bare }

// example returns the key as it is written in a directive.
func (k keyDef) example() string {
	if k.value == "" {
		return k.name
	}
	return k.name + "=" + k.value
}

// customKey describes all keys that begin with x_.
var customKey = keyDef{
	value: "anything", on: onPlugin | asDefault, kind: optionalValue,
	doc: "a key of your own: registry.Spec.Attr returns its value, which is true if none is given",
}

// keyNamed returns the description of a key.
func keyNamed(name string) (keyDef, bool) {
	for i := range keys {
		if keys[i].name == name {
			return keys[i], true
		}
	}
	if len(name) > 2 && strings.HasPrefix(name, "x_") {
		return keyDef{name: name, value: customKey.value, on: customKey.on, kind: customKey.kind}, true
	}
	return keyDef{}, false
}

// wellFormed reports whether a key is one of the language, or a user's own key of lower-case
// letters, digits and _.
func wellFormed(key string) bool {
	return !strings.ContainsFunc(key, func(r rune) bool {
		return (r < 'a' || 'z' < r) && (r < '0' || '9' < r) && r != '_'
	})
}

// meantKey returns the key, of those that are allowed at one of the places, that a word
// was probably meant to be, or "".
func meantKey(word string, places placeSet) string {
	word = strings.ReplaceAll(strings.ToLower(word), "-", "_")
	if k, ok := keyNamed(word); ok && wellFormed(word) && k.on&places != 0 {
		return word
	}
	for _, k := range keys {
		if k.on&places != 0 && slices.Contains(k.alike, word) {
			return k.name
		}
	}
	return rules.NearestOrCompletion(word, keysOn(places))
}

// keyNames returns the names of the keys of directives, and of tags that are like them.
func keyNames() []string { return keysOn(onDirective) }

// keysOn returns the names of the keys that are allowed at one of the places.
func keysOn(places placeSet) []string {
	var all []string
	for _, k := range keys {
		if k.on&places != 0 {
			all = append(all, k.name)
		}
	}
	return all
}

// usages are the places of annotations, with the keys that are required there.
var usages = []struct{ on, with, means string }{
	{"a func", "namespace", "a function plugin; its name defaults to the identifier in snake_case"},
	{"a func", "namespace name factory", "a constructor of plugins: func() T or func() (T, " +
		"error), which may take the plugin's name (string) or its *registry.Spec; each directive " +
		"is one plugin"},
	{"a type", "namespace name", "a plugin type; plugins are made by new(T), or by factory=NewT"},
	{"a struct type", "namespace", "an abstract base, no plugin; a struct that embeds it inherits " +
		"its namespace"},
	{"an interface or func type", "namespace", "the contract that every plugin of the namespace satisfies"},
	{"a struct or pointer type", "namespace contract", "the contract: every plugin of the " +
		"namespace is a pointer to the struct, or of the pointer type"},
	{"a var", "namespace name", "a value that is a plugin"},
	{"a var of registry.Spec", "nothing", "a plugin described by hand, found by its constant " +
		"Namespace and Name; //plugin:ignore hides it"},
	{"a struct type", "options", "a struct whose options many plugins share: it is described and " +
		"filled in its own package; with section, options of the program itself"},
	{"the package clause", "namespace ...", "defaults for the plugins of the package"},
	{"declarations in parentheses", "namespace ...", "defaults for the plugins of the group"},
	{"anywhere at top level", "link", "the package links plugins into a program"},
}

// grammar is the introduction of the reference.
const grammar = `An annotation is a comment directly above a declaration, or a struct tag on an
embedded field or on a field named _:

	//plugin:namespace=my.plugins name=my
	type My struct{ ... }

	type My struct {
		Base ` + "`plugin:\"name=my\"`" + ` // the namespace is that of Base
	}

Pairs of key and value are separated by spaces; several values of one key by
commas. A value with a space, a comma or a quote in it is written as a Go string,
"..." or ` + "`...`" + `. A key alone means yes. A space and // end a directive, and an ordinary
comment follows.
`

// optionsGrammar is the introduction to options.
const optionsGrammar = `A plugin is configured by fields of its struct, or of a struct that its factory takes.
A tag with the key option makes a field an option; its doc comment documents it:

	// Objects keeps objects on disk.
	//
	//plugin:namespace=my.services name=objects
	type Objects struct {
		// Addr is the address to listen on.
		Addr    netip.AddrPort ` + "`plugin:\"option default=127.0.0.1:0\"`" + `
		Dir     string         ` + "`plugin:\"option required\"`" + `
		Timeout time.Duration  ` + "`plugin:\"option default=5s min=1ms\"`" + `
		Level   string         ` + "`plugin:\"option default=info enum=debug,info,warn\"`" + `
		Token   string         ` + "`plugin:\"option secret env=OBJECTS_TOKEN\"`" + `
		TLS     *TLS           ` + "`plugin:\"option\"`" + ` // a table; nil unless it is given
		Retry                  ` + "`plugin:\"option\"`" + ` // its options are options of Objects
	}

	type TLS struct {
		Cert string ` + "`plugin:\"option required\"`" + `
	}

	type Retry struct {
		Retries int ` + "`plugin:\"option default=3 min=0 max=10\"`" + `
	}

	// Validate is called when the struct has been filled; SetDefaults() before.
	func (o *Objects) Validate() error { ... }

Run plugingen, and let the program give its configuration to the manager (packages
registry, registry/config and registry/config/configtoml):

	cfg, err := config.Load(configtoml.File("app.toml"), config.Environment("APP_"))
	services := registry.NewManager[Service]("my.services", registry.WithConfig(cfg.At("services")))
	objects, err := services.Load(ctx, "objects")

app.toml then is, for example:

	[services.objects]
	dir = "/var/objects"
	retries = 5

	[services.objects.tls]
	cert = "cert.pem"

A factory can take the options instead, alone or behind the plugin's name (string)
or its *registry.Spec. Then the tags are in the struct that it takes:

	//plugin:namespace=my.services name=objects factory
	func NewObjects(o *ObjectsOptions) (*Objects, error)

An option can be a string, a boolean, a number, a time.Duration, any type with the
method UnmarshalText, a struct with options, a pointer, a slice, an array, a map with
string keys of these, a config.Value or any (which the plugin itself decodes), or the
contract of a namespace (the value is another plugin). A value with a space or a
comma in it is quoted, as in ` + "`plugin:\"option doc=\\\"two words\\\"\"`" + `.

The keys of options:
`

// WriteHelp writes the reference of the language, or returns the error of w.
func WriteHelp(w io.Writer) error {
	p := &printer{w: w}
	p.printf("%s\nWHERE\n\n", grammar)
	for _, f := range usages {
		p.entry(f.on+", with "+f.with, f.means)
	}
	p.printf("KEYS\n\n")
	for _, k := range keys {
		if k.on == onOption {
			continue
		}
		p.key(k)
	}
	p.entry("x_...="+customKey.value, customKey.doc, "on "+customKey.on.String())
	p.printf("OPTIONS\n\n%s\n", optionsGrammar)
	for _, k := range keys {
		if k.on == onOption {
			p.key(k)
		}
	}
	p.printf("  The keys doc, deprecated and aliases are for options too.\n")
	return p.err
}

// WriteKeyHelp writes the part of the reference that describes a key. It writes nothing for a
// word that is none.
func WriteKeyHelp(w io.Writer, name string) error {
	p := &printer{w: w}
	for _, k := range keys {
		if k.name == name {
			p.key(k)
		}
	}
	return p.err
}

// key writes the entry of a key.
func (p *printer) key(k keyDef) {
	if k.on == onOption {
		head := k.example()
		if k.kind == optionValue {
			head = k.name + ", " + head
		}
		p.entry(head, k.doc)
		return
	}
	p.entry(k.example(), k.doc, "on "+k.on.String())
}

// A printer keeps the first error of its writer.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// entry writes a headline, and indented paragraphs below it.
func (p *printer) entry(head string, paragraphs ...string) {
	p.printf("  %s\n", head)
	for _, text := range paragraphs {
		p.printf("%s", wrapped(text, "      ", 78))
	}
	p.printf("\n")
}

// wrapped breaks text into indented lines of at most width columns, where it can.
func wrapped(text, indent string, width int) string {
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(text) {
		switch {
		case column == 0:
			b.WriteString(indent)
			column = len(indent)
		case column+1+len(word) > width:
			b.WriteString("\n" + indent)
			column = len(indent)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	b.WriteByte('\n')
	return b.String()
}
