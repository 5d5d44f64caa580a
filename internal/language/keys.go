// Package language has the keys of the plugin annotations, in one table: what each means, where it
// is allowed, and what values it takes. The reference that is printed is made of the table.
//
// Package annotate reads the language; its documentation has the grammar.
package language

import (
	"cmp"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/internal/rules"
)

// A Places is a set of places that an annotation can be written at.
type Places uint16

// The places of annotations.
const (
	OnPackage  Places = 1 << iota // the package clause: defaults for the package
	OnContract                    // an interface or func type without a name
	OnBase                        // a struct type without a name
	OnType                        // a type that is a plugin
	OnFunc                        // a function that is a plugin
	OnFactory                     // a function that makes plugins
	OnVar                         // a variable that is a plugin
	OnSpec                        // a variable that is a registry.Spec
	OnHost                        // a host: //plugin:link
	OnGroup                       // a declaration in parentheses: defaults for the group
	OnShared                      // a struct with //plugin:options
	OnOption                      // a field that is an option

	OnPlugin  = OnType | OnFunc | OnFactory | OnVar
	AsDefault = OnPackage | OnGroup
	// OnDirective is all places of a directive, or of a tag like one: all but those of
	// the tags of options.
	OnDirective = OnOption - 1
	// OnTag is all places of a tag that is like a directive.
	OnTag = OnDirective &^ (OnContract | OnShared)
)

var placeNames = []string{
	"the package clause", "a contract", "an abstract base", "a plugin type", "a function plugin",
	"a factory function", "a plugin " +
		"variable", "a registry.Spec", "a host (//plugin:link)", "a group of declarations",
	"a struct of options (//plugin:options)", "an option",
}

// String names the places, for messages and documentation.
func (p Places) String() string { return strings.Join(p.Names(), ", ") }

// Names returns what each of the places is called.
func (p Places) Names() (names []string) {
	for i, name := range placeNames {
		if p&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// A Kind is the kind of value that a key takes: an index of valueKinds.
type Kind int

// The kinds of values.
const (
	NoValue Kind = iota
	TextValue
	OptionalValue
	NamespaceValue
	NameValue
	NameList
	PluginList
	LevelValue
	ConstantValue
	IdentValue
	FactoryValue
	IntValue
	TypeList
	PatternList
	OptionValue
	ScalarValue
	ScalarList
	NamingValue
	SectionValue
)

// valueKinds describes each kind of value.
var valueKinds = [...]struct {
	takes  string // the value, for documentation
	list   bool   // several values, separated by commas
	spaces bool   // the value can have spaces in it, if it is quoted
	text   bool   // the value is prose: a word in it that is a key is part of it
	bare   bool   // the key can be without a value
}{
	NoValue:        {bare: true},
	TextValue:      {takes: "text", spaces: true, text: true},
	OptionalValue:  {takes: "text, or nothing", spaces: true, text: true, bare: true},
	NamespaceValue: {takes: "a namespace"},
	NameValue:      {takes: "a name: printable text without quotes and commas", spaces: true},
	NameList:       {takes: "names", list: true},
	PluginList:     {takes: "names of plugins: name, namespace:name or namespace:*", list: true},
	LevelValue:     {takes: strings.Join(rules.Stabilities, ", ")},
	ConstantValue:  {takes: "a constant: an identifier, or pkg.Name"},
	IdentValue:     {takes: "an identifier of the package"},
	FactoryValue:   {takes: "nothing on a function, an identifier on a type", bare: true},
	IntValue:       {takes: "a whole number"},
	TypeList:       {takes: "types: int, *T, pkg.T, []T, map[K]V, T[A]", list: true},
	PatternList:    {takes: "patterns", list: true},
	OptionValue:    {takes: "a name, or nothing", spaces: true, bare: true},
	ScalarValue:    {takes: "a value of the field's type", spaces: true}, // or a list, if that is a list
	ScalarList:     {takes: "values of the field's type", list: true},
	NamingValue: {
		takes: "toml, json, yaml or mapstructure; nothing on a struct whose fields have tags", bare: true,
	},
	SectionValue: {takes: "names of tables, joined by dots"},
}

// A Key describes one key of the language.
type Key struct {
	Name  string
	Value string // how a value is written in documentation; "" for a bare key
	On    Places
	Doc   string
	takes string // its value, for documentation, if it is not what the kind says
	unset string // what holds without the key, for documentation; "" if nothing does
	Kind  Kind
	alike []string // words that people may try instead: not keys, but suggestions lead from them
}

// keys are the keys of the language, in the order in which the reference explains
// them. Keys that begin with "x_" are the user's own and not in the list.
var keys = []Key{
	{
		Name: "namespace", Value: "my.plugins", Kind: NamespaceValue,
		unset: "that of the group, of the package clause, or of what a struct embeds",
		On:    OnPlugin | AsDefault | OnContract | OnBase | OnSpec,
		alike: []string{"ns", "group", "space"},
		Doc:   "the namespace: dot-separated words of letters, digits, _ and -",
	},
	{
		Name: "name", Value: "my", On: OnPlugin | OnSpec, Kind: NameValue,
		unset: "a function plugin's is its identifier in snake case: `ConfigureHTTP` is " +
			"`configure_http`; others need a name",
		alike: []string{"id"},
		Doc: "the plugin's name, unique in its namespace; a function plugin's defaults to its " +
			"identifier in snake_case",
	},
	{
		Name: "name_from", Value: "pluginName", On: OnPlugin, Kind: ConstantValue,
		alike: []string{"name_const", "namefrom"},
		Doc: "a string constant of the package, or pkg.Name of another one of the module that the " +
			"file imports, if only as _, whose value is the plugin's name",
	},
	{
		Name: "contract", On: OnContract, Kind: NoValue,
		alike: []string{"interface"},
		Doc: "every plugin of the namespace is a pointer to this struct, or of this pointer type; an " +
			"interface or func type needs no such key",
	},
	{
		Name: "factory", Value: "NewT", On: OnType | OnFactory, Kind: FactoryValue,
		unset: "a function is the plugin itself; a type's plugin is made by `new(T)`",
		alike: []string{"new", "constructor"},
		Doc: "on a type: the function that makes it, instead of new(T); bare, on a function: it makes " +
			"plugins, and is not one",
	},
	{
		Name: "should_load", Value: "enabled", On: OnPlugin | AsDefault, Kind: IdentValue,
		takes: "an identifier of the package: a bool variable or constant, or a function",
		unset: "the plugin is loaded, unless it has a method `ShouldLoad` that returns false",
		alike: []string{"enabled", "condition", "if"},
		Doc:   "a bool, or a function that returns one, asked before the plugin is made",
	},
	{
		Name: "load", Value: "start", On: OnFunc, Kind: IdentValue,
		takes: "an identifier of the package: a function",
		unset: "nothing is called",
		alike: []string{"init", "on_load"},
		Doc:   "a func(context.Context) error, called when the function plugin is loaded",
	},
	{
		Name: "requires", Value: "a,other.space:b,third.space:*", On: OnPlugin | AsDefault, Kind: PluginList,
		alike: []string{"depends", "depends_on", "dependencies", "needs", "require"},
		Doc: "plugins that are loaded first, and without which this one can't be loaded; namespace:* " +
			"is every plugin of another namespace",
	},
	{
		Name: "after", Value: "a,other.space:b", On: OnPlugin | AsDefault, Kind: PluginList,
		alike: []string{"loads_after", "runs_after"},
		Doc:   "plugins that are loaded before this one if they are there; written like requires",
	},
	{
		Name: "before", Value: "c", On: OnPlugin | AsDefault, Kind: PluginList,
		alike: []string{"loads_before", "runs_before"},
		Doc:   "plugins that are loaded after this one if they are there; written like requires",
	},
	{
		Name: "aliases", Value: "b,c", On: OnPlugin | OnOption, Kind: NameList,
		alike: []string{"alias", "aka"},
		Doc:   "other names for the plugin; of an option, names that it had before",
	},
	{
		Name: "priority", Value: "10", On: OnPlugin | AsDefault, Kind: IntValue,
		unset: "0",
		alike: []string{"order", "weight"},
		Doc:   "plugins of higher priority are loaded first; the default is 0",
	},
	{
		Name: "stability", Value: "beta", On: OnPlugin | AsDefault, Kind: LevelValue,
		alike: []string{"maturity", "status"},
		Doc:   "how mature the plugin is: " + strings.Join(rules.Stabilities, ", "),
	},
	{
		Name: "deprecated", Value: `"use b"`, On: OnPlugin | AsDefault | OnOption, Kind: TextValue,
		unset: "the paragraph of the doc comment that begins with `Deprecated: `",
		Doc: `what to use instead; the default is the paragraph of the doc comment that begins with ` +
			`"Deprecated: "`,
	},
	{
		Name: "deprecated_since", Value: "v1.4", On: OnPlugin | AsDefault, Kind: TextValue,
		takes: "a version",
		alike: []string{"since"},
		Doc:   "the version in which the plugin was deprecated",
	},
	{
		Name: "removal_in", Value: "v2.0", On: OnPlugin | AsDefault, Kind: TextValue,
		takes: "a version",
		alike: []string{"removed_in", "removal"},
		Doc:   "the version that is planned to be without the plugin",
	},
	{
		Name: "doc", Value: `"a sentence"`, On: OnPlugin | OnOption, Kind: TextValue,
		unset: "the first sentence of the doc comment; for an option, all of it",
		alike: []string{"description", "desc", "help", "summary"},
		Doc: "a sentence for people; the default is the first sentence of the doc comment, and " +
			"all of it for an option",
	},
	{
		Name: "type_args", Value: "int,string", On: OnType | OnFunc | OnFactory, Kind: TypeList,
		alike: []string{"types", "instantiate"},
		Doc:   "the type arguments of a generic type or function",
	},
	{
		Name: "ignore", On: OnSpec, Kind: NoValue,
		alike: []string{"skip"},
		Doc:   "this registry.Spec is not to be found",
	},
	{
		Name: "link", On: OnHost, Kind: NoValue,
		alike: []string{"host"},
		Doc: "this package links plugins into a program: those of its module, unless packages= names " +
			"others",
	},
	{
		Name: "packages", Value: "all", On: OnHost, Kind: PatternList,
		takes: "import path patterns, or all",
		unset: "the packages of the host's module",
		alike: []string{"pkgs", "modules"},
		Doc: "import path patterns of the packages to link (example.com/app/...), or all: every " +
			"module of the build list",
	},
	{
		Name: "namespaces", Value: "my.*", On: OnHost, Kind: PatternList,
		takes: "globs",
		unset: "all namespaces",
		Doc:   "globs: link plugins of these namespaces only",
	},
	{
		Name: "exclude", Value: "my.plugins:old*", On: OnHost, Kind: PatternList,
		takes: "globs, or import path patterns",
		unset: "nothing is left out",
		alike: []string{"without"},
		Doc: "globs of namespaces, of namespace:name, or with a slash import path patterns: do not " +
			"link these",
	},
	{
		Name: "options", Value: "toml", On: OnShared | OnContract, Kind: NamingValue,
		alike: []string{"config"},
		Doc: "on a struct: it has options that many plugins share, or that are the program's own; on " +
			"a contract: its plugins have options. The value is toml, json, yaml or mapstructure: " +
			"all exported fields are options, and these struct tags name them. A struct needs no " +
			"value if its fields have tags with the key option",
	},
	{
		Name: "section", Value: "services", On: OnShared | OnContract, Kind: SectionValue,
		unset: "the last word of the namespace",
		alike: []string{"table", "path"},
		Doc: "where the configuration of a program has the plugins of the namespace (by default, " +
			"the last word of the namespace), or the options of the struct",
	},
	{
		Name: "option", Value: "addr", On: OnOption, Kind: OptionValue,
		unset: "the field is no option",
		alike: []string{"opt", "flag"},
		Doc: "the field is an option; its name is that of the field in snake_case, unless one is " +
			"given; bare, on an embedded struct: the options of that are options of this",
	},
	{
		Name: "default", Value: "5s", On: OnOption, Kind: ScalarValue,
		unset: "what the struct has when it is made: the zero value, or what the factory or `SetDefaults` sets",
		alike: []string{"def", "value"},
		Doc:   "the value if none is given; the values of a list are separated by commas",
	},
	{
		Name: "required", On: OnOption, Kind: NoValue,
		alike: []string{"mandatory", "must", "req"},
		Doc:   "a value must be given; an empty string is one, unless there is min=1, too",
	},
	{
		Name: "min", Value: "1", On: OnOption, Kind: TextValue,
		takes: "a number, a duration, or a length",
		alike: []string{"minimum", "gte", "from"},
		Doc: "the least value of a number or a duration, the least length of a string, the least " +
			"number of items of a list or a map",
	},
	{
		Name: "max", Value: "65535", On: OnOption, Kind: TextValue,
		takes: "a number, a duration, or a length",
		alike: []string{"maximum", "lte"},
		Doc:   "the greatest value, length or number of items, as for min",
	},
	{
		Name: "enum", Value: "debug,info,warn", On: OnOption, Kind: ScalarList,
		alike: []string{"oneof", "values", "choices", "allowed"},
		Doc:   "the only values that are allowed; of a list or a map, for each item",
	},
	{
		Name: "pattern", Value: "^[a-z]+$", On: OnOption, Kind: TextValue,
		takes: "a regular expression",
		alike: []string{"regexp", "regex", "match", "matches"},
		Doc: "a regular expression that a string must match; of a list or a map of strings, each " +
			"item",
	},
	{
		Name: "secret", On: OnOption, Kind: NoValue,
		alike: []string{"sensitive", "password"},
		Doc:   "the value is never shown: not in errors, not in listings",
	},
	{
		Name: "env", Value: "APP_TOKEN", On: OnOption, Kind: TextValue,
		takes: "the name of a variable",
		unset: "the variable that the program's prefix and the path make, such as `APP_SERVICES_S3_TOKEN`",
		alike: []string{"environment", "envvar"},
		Doc:   "the environment variable that gives the value if it is set",
	},
	{
		Name: "advanced", On: OnOption, Kind: NoValue,
		alike: []string{"expert", "hidden"},
		Doc:   "few users need the option: it is documented apart from the others",
	},
	{
		Name: "example", Value: "192.0.2.1", On: OnOption, Kind: ScalarValue,
		alike: []string{"sample"},
		Doc:   "a value for the documentation",
	},
	{
		Name: "as", Value: "text", On: OnOption, Kind: TextValue,
		takes: "text, string, bool, int, uint, float or duration",
		alike: []string{"kind"},
		Doc: "how a type of another module is written, which can't be told from syntax: text (it " +
			"has UnmarshalText), or string, bool, int, uint, float or duration (its " +
			"underlying type)",
	},
	{
		Name: "plugin", Value: "my.parsers", On: OnOption, Kind: NamespaceValue,
		Doc: "the value is a plugin of the namespace; needed only if the field's type is not the " +
			"contract of one",
	},
	{
		Name: "type_key", Value: "format", On: OnOption, Kind: TextValue,
		takes: "a word",
		unset: "`type`",
		alike: []string{"type_field"},
		Doc: "of an option that is a plugin: the word in its table that says which plugin it is, " +
			"instead of type",
	},
}

// An Entry is what the reference says of a key.
type Entry struct {
	Name    string
	Example string   // as it is written in a directive or a tag
	Value   string   // what it takes, "" if it takes no value
	Doc     string   // what it means
	Default string   // what holds without it, "" if nothing does
	On      []string // the declarations that it is allowed on
	Option  bool     // it is for options alone
}

// Reference returns the keys of the language, in the order in which the reference explains them.
// The last but those for options stands for all keys that begin with x_.
func Reference() []Entry {
	var all, options []Entry
	for _, k := range keys {
		key := Entry{
			Name: k.Name, Example: k.Example(), Value: cmp.Or(k.takes, valueKinds[k.Kind].takes), Doc: k.Doc,
			Default: k.unset, On: k.On.Names(), Option: k.On == OnOption,
		}
		if key.Option {
			options = append(options, key)
		} else {
			all = append(all, key)
		}
	}
	all = append(all, Entry{
		Name: "x_...", Example: "x_port=4566", Value: valueKinds[CustomKey.Kind].takes,
		Doc: CustomKey.Doc, On: CustomKey.On.Names(),
	})
	return append(all, options...)
}

// TakesList reports whether the key can have several values.
func (k Key) TakesList() bool { return valueKinds[k.Kind].list }

// TakesSpaces reports whether the value of the key can contain spaces, if it is quoted.
func (k Key) TakesSpaces() bool { return valueKinds[k.Kind].spaces }

// TakesText reports whether the value of the key is prose.
func (k Key) TakesText() bool { return valueKinds[k.Kind].text }

// CanBeBare reports whether the key can be without a value.
func (k Key) CanBeBare() bool { return valueKinds[k.Kind].bare }

// Example returns the key as it is written in a directive.
func (k Key) Example() string {
	if k.Value == "" {
		return k.Name
	}
	return k.Name + "=" + k.Value
}

// CustomKey describes all keys that begin with x_.
var CustomKey = Key{
	Value: "anything", On: OnPlugin | AsDefault, Kind: OptionalValue,
	Doc: "a key of your own: registry.Spec.Attr returns its value, which is true if none is given",
}

// KeyNamed returns the description of a key.
func KeyNamed(name string) (Key, bool) {
	for i := range keys {
		if keys[i].Name == name {
			return keys[i], true
		}
	}
	if len(name) > 2 && strings.HasPrefix(name, "x_") {
		return Key{Name: name, Value: CustomKey.Value, On: CustomKey.On, Kind: CustomKey.Kind}, true
	}
	return Key{}, false
}

// WellFormed reports whether a key is one of the language, or a user's own key of lower-case
// letters, digits and _.
func WellFormed(key string) bool {
	return !strings.ContainsFunc(key, func(r rune) bool {
		return (r < 'a' || 'z' < r) && (r < '0' || '9' < r) && r != '_'
	})
}

// KeyMeant returns the key, of those that are allowed at one of the places, that a word
// was probably meant to be, or "".
func KeyMeant(word string, places Places) string {
	word = strings.ReplaceAll(strings.ToLower(word), "-", "_")
	if k, ok := KeyNamed(word); ok && WellFormed(word) && k.On&places != 0 {
		return word
	}
	for _, k := range keys {
		if k.On&places != 0 && slices.Contains(k.alike, word) {
			return k.Name
		}
	}
	return rules.NearestOrCompletion(word, KeysOn(places))
}

// KeysOn returns the names of the keys that are allowed at one of the places.
func KeysOn(places Places) []string {
	var all []string
	for _, k := range keys {
		if k.On&places != 0 {
			all = append(all, k.Name)
		}
	}
	return all
}
