package annotate

import (
	"slices"
	"strings"
)

// RegistryPath is the import path of the run-time package.
const RegistryPath = "github.com/plugingen/plugingen/registry"

// A Place is a set of things that an annotation can stand on.
type Place uint16

const (
	OnPackage  Place = 1 << iota // the package clause: defaults
	OnContract                   // an interface or func type without a name
	OnBase                       // a struct type without a name
	OnType                       // a type that is a plugin
	OnFunc                       // a function that is a plugin
	OnFactory                    // a function that makes plugins
	OnVar                        // a variable that is a plugin
	OnSpec                       // a variable that is a registry.Spec
	OnHost                       // a host: //plugin:link
	OnGroup                      // a declaration of several in parentheses: defaults

	onPlugin  = OnType | OnFunc | OnFactory | OnVar
	asDefault = OnPackage | OnGroup
)

var placeNames = []string{
	"the package clause", "a contract", "an abstract base", "a plugin type", "a function plugin",
	"a factory function", "a plugin variable", "a registry.Spec", "a host (//plugin:link)", "a group of declarations",
}

// String names the places, for messages and documentation.
func (p Place) String() string {
	var names []string
	for i, name := range placeNames {
		if p&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// A form is what the value of a key looks like.
type form int

const (
	bare       form = iota // no value
	text                   // one item, not empty
	optional               // one item, "true" if there is none
	namespace              // a namespace
	name                   // a plugin's name
	names                  // a list of plugins' names
	plugins                // a list of "name", "namespace:name" or "namespace:*"
	level                  // a level of stability
	constant               // an identifier of a constant, or pkg.Constant
	identifier             // an identifier of the package
	factory                // bare on a function, an identifier on a type
	integer                // a decimal integer
	typeList               // a list of Go types
	patterns               // a list of import path patterns, or globs
	reserved               // not to be used yet
)

// A Key is one key of the language.
type Key struct {
	Name  string
	Value string // how a value is written in documentation; "" for a bare key
	On    Place
	Doc   string
	form  form
	alike []string // other words for it, which are not keys but may be tried
}

// Keys returns the keys of the language, in the order in which they are best
// explained. Keys that begin with "x_" are the user's own and not in the list.
func Keys() []Key { return append([]Key(nil), keys...) }

var keys = []Key{
	{"namespace", "my.plugins", onPlugin | asDefault | OnContract | OnBase | OnSpec,
		"the namespace: dot-separated words of letters, digits, _ and -", namespace, []string{"ns", "group", "space"}},
	{"name", "my", onPlugin | OnSpec,
		"the plugin's name, unique in its namespace; a function plugin's defaults to its identifier in snake_case", name, []string{"id"}},
	{"name_from", "pluginName", onPlugin,
		"a string constant of the package, or pkg.Name of an imported one, whose value is the plugin's name", constant, []string{"name_const", "namefrom"}},
	{"contract", "", OnContract,
		"every plugin of the namespace is a pointer to this struct, or of this pointer type; an interface or func type needs no such key", bare, []string{"interface"}},
	{"factory", "NewT", OnType | OnFactory,
		"on a type: the function that makes it, instead of new(T); bare, on a function: it makes plugins, and is not one", factory, []string{"new", "constructor"}},
	{"should_load", "enabled", onPlugin | asDefault,
		"a bool, or a function that returns one, asked before the plugin is made", identifier, []string{"enabled", "condition", "if"}},
	{"load", "start", OnFunc,
		"a func(context.Context) error, called when the function plugin is loaded", identifier, []string{"init", "on_load"}},
	{"requires", "a,other.space:b,third.space:*", onPlugin | asDefault,
		"plugins that are loaded first, and without which this one can't be loaded; namespace:* is every plugin of another namespace",
		plugins, []string{"depends", "depends_on", "dependencies", "needs", "require"}},
	{"after", "a,other.space:b", onPlugin | asDefault,
		"plugins that are loaded before this one if they are there; written like requires", plugins, []string{"loads_after", "runs_after"}},
	{"before", "c", onPlugin | asDefault,
		"plugins that are loaded after this one if they are there; written like requires", plugins, []string{"loads_before", "runs_before"}},
	{"aliases", "b,c", onPlugin,
		"other names for the plugin", names, []string{"alias", "aka"}},
	{"priority", "10", onPlugin | asDefault,
		"plugins of higher priority are loaded first; the default is 0", integer, []string{"order", "weight"}},
	{"stability", "beta", onPlugin | asDefault,
		"how mature the plugin is: " + strings.Join(levels, ", "), level, []string{"maturity", "status"}},
	{"deprecated", `"use b"`, onPlugin | asDefault,
		`what to use instead; the default is the paragraph of the doc comment that begins with "Deprecated: "`, text, nil},
	{"deprecated_since", "v1.4", onPlugin | asDefault,
		"the version in which the plugin was deprecated", text, []string{"since"}},
	{"removal_in", "v2.0", onPlugin | asDefault,
		"the version that is planned to be without the plugin", text, []string{"removed_in", "removal"}},
	{"doc", `"a sentence"`, onPlugin,
		"a sentence for people; the default is the first sentence of the doc comment", text, []string{"description", "desc", "help", "summary"}},
	{"type_args", "int,string", OnType | OnFunc | OnFactory,
		"the type arguments of a generic type or function", typeList, []string{"types", "instantiate"}},
	{"ignore", "", OnSpec,
		"this registry.Spec is not to be found", bare, []string{"skip"}},
	{"link", "", OnHost,
		"this package links plugins into a program: those of its module, unless packages= names others", bare, []string{"host"}},
	{"packages", "all", OnHost,
		"import path patterns of the packages to link (example.com/app/...), or all: every module of the build list", patterns, []string{"pkgs", "modules"}},
	{"namespaces", "my.*", OnHost,
		"globs: link plugins of these namespaces only", patterns, nil},
	{"exclude", "my.plugins:old*", OnHost,
		"globs of namespaces, of namespace:name, or with a slash import path patterns: do not link these", patterns, []string{"without"}},
	{"option", "", 0, "reserved for the options of plugins", reserved, nil},
	{"default", "", 0, "reserved for the options of plugins", reserved, nil},
}

// levels are the values of stability, those of registry.Stability.
var levels = []string{"development", "alpha", "beta", "stable", "deprecated", "unmaintained"}

// own is what all keys that begin with x_ have in common.
var own = Key{Value: "anything", On: onPlugin | asDefault, form: optional}

func keyNamed(name string) (Key, bool) {
	for i := range keys {
		if keys[i].Name == name {
			return keys[i], true
		}
	}
	if len(name) > 2 && strings.HasPrefix(name, "x_") {
		return Key{Name: name, Value: own.Value, On: own.On, form: own.form}, true
	}
	return Key{}, false
}

// meantKey returns the key that a word was probably meant to be, "" if none.
func meantKey(word string) string {
	word = strings.ReplaceAll(strings.ToLower(word), "-", "_")
	if _, ok := keyNamed(word); ok && wellFormed(word) {
		return word
	}
	for _, k := range keys {
		if slices.Contains(k.alike, word) {
			return k.Name
		}
	}
	return nearest(word, keyNames())
}

func keyNames() []string {
	var all []string
	for _, k := range keys {
		if k.form != reserved {
			all = append(all, k.Name)
		}
	}
	return all
}
