package annotate

import "strings"

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

	onPlugin = OnType | OnFunc | OnFactory | OnVar
)

var placeNames = []string{
	"the package clause", "a contract", "an abstract base", "a plugin type", "a function plugin",
	"a factory function", "a plugin variable", "a registry.Spec", "a host",
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
	namespace              // a namespace
	name                   // a plugin's name
	names                  // a list of plugins' names
	plugins                // a list of "name" or "namespace:name"
	identifier             // an identifier of the package
	factory                // bare on a function, an identifier on a type
	integer                // a decimal integer
	types                  // a list of Go types
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
}

// Keys returns the keys of the language, in the order in which they are best
// explained. Keys that begin with "x_" are the user's own and not in the list.
func Keys() []Key { return append([]Key(nil), keys...) }

var keys = []Key{
	{"namespace", "my.plugins", onPlugin | OnPackage | OnContract | OnBase | OnSpec,
		"the namespace: dot-separated words of letters, digits, _ and -", namespace},
	{"name", "my", onPlugin | OnSpec,
		"the plugin's name, unique in its namespace; a function plugin's defaults to its identifier in snake_case", name},
	{"factory", "NewT", OnType | OnFactory,
		"on a type: the function that makes it, instead of new(T); bare, on a function: it makes plugins, and is not one", factory},
	{"should_load", "enabled", onPlugin | OnPackage,
		"a bool, or a function that returns one, asked before the plugin is made", identifier},
	{"load", "start", OnFunc,
		"a func(context.Context) error, called when the function plugin is loaded", identifier},
	{"requires", "a,other.space:b", onPlugin | OnPackage,
		"plugins that are loaded first", plugins},
	{"aliases", "b,c", onPlugin,
		"other names for the plugin", names},
	{"priority", "10", onPlugin | OnPackage,
		"plugins of higher priority are loaded first; the default is 0", integer},
	{"deprecated", `"use b"`, onPlugin | OnPackage,
		"what to use instead", text},
	{"doc", `"a sentence"`, onPlugin,
		"a sentence for people; the default is the first sentence of the doc comment", text},
	{"type_args", "int,string", OnType | OnFunc | OnFactory,
		"the type arguments of a generic type or function", types},
	{"ignore", "", OnSpec,
		"this registry.Spec is not to be found", bare},
	{"link", "", OnHost,
		"this package links plugins into a program: those of its module, unless packages= names others", bare},
	{"packages", "all", OnHost,
		"import path patterns of the packages to link (example.com/app/...), or all: every module of the build list", patterns},
	{"namespaces", "my.*", OnHost,
		"globs: link plugins of these namespaces only", patterns},
	{"exclude", "my.plugins:old*", OnHost,
		"globs: do not link these namespaces, or namespace:name", patterns},
	{"option", "", 0, "reserved for the options of plugins", reserved},
	{"default", "", 0, "reserved for the options of plugins", reserved},
}

func keyNamed(name string) (Key, bool) {
	for _, k := range keys {
		if k.Name == name {
			return k, true
		}
	}
	if strings.HasPrefix(name, "x_") {
		return Key{Name: name, Value: "anything", On: onPlugin | OnPackage, form: text}, true
	}
	return Key{}, false
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
