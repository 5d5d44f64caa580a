package genfile

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// An Interface is a contract that is an interface, as a generated file describes it so
// that packages of other modules know how a function can satisfy it.
type Interface struct {
	Mark
	Methods   []string          // besides the lifecycle's
	Unknown   bool              // there may be more
	Lifecycle []string          // of the methods that a manager calls, those it asks for
	LoadArg   string            // the type of what Load takes, for LoadArgMethod
	Imports   map[string]string // what the qualifiers in LoadArg stand for
}

// What an interface can ask for of the methods that a manager calls.
const (
	LoadMethod       = "Load(ctx)"
	LoadArgMethod    = "Load(ctx,arg)"
	ShouldLoadMethod = "ShouldLoad()"
	CloseMethod      = "Close()"
	CloseCtxMethod   = "Close(ctx)"
)

// String returns what parseInterface reads: words, the last of which may be quoted.
func (i Interface) String() string {
	words := []string{i.Namespace, i.Symbol}
	if len(i.Methods) > 0 {
		words = append(words, "methods="+strings.Join(i.Methods, ","))
	}
	if i.Unknown {
		words = append(words, "more")
	}
	if len(i.Lifecycle) > 0 {
		words = append(words, "lifecycle="+strings.Join(i.Lifecycle, ";"))
	}
	for _, name := range slices.Sorted(maps.Keys(i.Imports)) {
		words = append(words, "import:"+name+"="+i.Imports[name])
	}
	if i.LoadArg != "" {
		words = append(words, "arg="+strconv.Quote(i.LoadArg))
	}
	return strings.Join(words, " ")
}

// parseInterface reads an interface. What it does not know, it leaves out.
func parseInterface(s string) (Interface, bool) {
	s, arg, _ := strings.Cut(s, " arg=")
	words := strings.Fields(s)
	if len(words) < 2 {
		return Interface{}, false
	}
	i := Interface{Mark: Mark{words[0], words[1]}, Imports: map[string]string{}}
	if arg != "" {
		i.LoadArg, _ = strconv.Unquote(arg)
	}
	for _, word := range words[2:] {
		key, value, _ := strings.Cut(word, "=")
		switch name, isImport := strings.CutPrefix(key, "import:"); {
		case isImport:
			i.Imports[name] = value
		case key == "methods":
			i.Methods = strings.Split(value, ",")
		case key == "more":
			i.Unknown = true
		case key == "lifecycle":
			i.Lifecycle = strings.Split(value, ";")
		}
	}
	return i, true
}
