package genfile

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/rules"
)

// An Interface is a contract that is an interface, as a generated file describes it so
// that packages of other modules know how a function can satisfy it.
type Interface struct {
	Record
	Methods   []code.Ident // besides the lifecycle's
	Unknown   bool         // there may be more
	Lifecycle []string     // records of those of its methods that a manager calls
	LoadArg   code.Type    // of what Load takes, for rules.LoadArgument; none if it can't be told
}

// String returns what parseInterface reads: words, the last of which may be quoted.
func (i Interface) String() string {
	words := []string{i.Namespace, i.Symbol}
	if len(i.Methods) > 0 {
		var names []string
		for _, m := range i.Methods {
			names = append(names, m.String())
		}
		words = append(words, "methods="+strings.Join(names, ","))
	}
	if i.Unknown {
		words = append(words, "more")
	}
	if len(i.Lifecycle) > 0 {
		words = append(words, "lifecycle="+strings.Join(i.Lifecycle, ";"))
	}
	imports := i.LoadArg.Imports()
	for _, name := range slices.Sorted(maps.Keys(imports)) {
		words = append(words, "import:"+name+"="+imports[name].String())
	}
	if !i.LoadArg.IsZero() {
		words = append(words, "arg="+strconv.Quote(i.LoadArg.String()))
	}
	return strings.Join(words, " ")
}

// parseInterface reads an interface. It ignores words that it does not know, and validates the
// others.
func parseInterface(s string) (Interface, error) {
	s, arg, hasArg := strings.Cut(s, " arg=")
	words := strings.Fields(s)
	record, err := parseRecord(s)
	if err != nil {
		return Interface{}, err
	}
	i := Interface{Record: record}
	imports := map[string]string{}
	for _, word := range words[2:] {
		key, value, _ := strings.Cut(word, "=")
		switch name, isImport := strings.CutPrefix(key, "import:"); {
		case isImport:
			imports[name] = value
		case key == "methods":
			if err := i.setMethods(value); err != nil {
				return i, err
			}
		case key == "more":
			i.Unknown = true
		case key == "lifecycle":
			i.setLifecycle(value)
		}
	}
	if hasArg {
		text, err := strconv.Unquote(arg)
		if err != nil {
			return i, fmt.Errorf("%s is not a quoted string", arg)
		}
		if i.LoadArg, err = code.ParseType(text, imports); err != nil {
			return i, err
		}
	}
	return i, nil
}

func (i *Interface) setMethods(list string) error {
	for name := range strings.SplitSeq(list, ",") {
		m, err := code.ParseIdent(name)
		if err != nil {
			return err
		}
		if rules.IsLifecycle(name) || slices.Contains(i.Methods, m) {
			return fmt.Errorf("%s is no further method of the interface %s", name, i.Symbol)
		}
		i.Methods = append(i.Methods, m)
	}
	return nil
}

// setLifecycle records the methods that a manager calls. If there is one that this version of
// plugingen does not know, the interface is Unknown.
func (i *Interface) setLifecycle(list string) {
	for method := range strings.SplitSeq(list, ";") {
		if rules.Recorded(method) != nil {
			i.Lifecycle = append(i.Lifecycle, method)
		} else {
			i.Unknown = true
		}
	}
}
