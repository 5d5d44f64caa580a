package rules

import (
	"go/types"
	"slices"
	"strings"
)

// The names of the methods of a plugin that a manager calls.
const (
	Load       = "Load"
	ShouldLoad = "ShouldLoad"
	Close      = "Close"

	// Reload is called of plugins that have options, and only these.
	Reload = "Reload"
)

// Lifecycle returns the names of the methods that a manager calls of every plugin.
func Lifecycle() []string { return []string{Load, ShouldLoad, Close} }

// IsLifecycle reports whether a manager calls a method of the name, of every plugin.
func IsLifecycle(name string) bool { return slices.Contains(Lifecycle(), name) }

// A Method is a method that a manager calls.
type Method struct {
	Name   string
	Params []Type // Unknown for the type of the manager's load argument
	Result Type
	Record string // the method as generated files write it, "" if they do not

	text string // see String
}

// String returns the name and the signature of the method.
func (m *Method) String() string { return m.text }

// The methods that a manager calls.
var (
	LoadContext = &Method{Load, []Type{ContextType}, ErrorType, "Load(ctx)", "Load(context.Context) error"}
	// A is the type of the manager's load argument.
	LoadArgument = &Method{
		Load, []Type{ContextType, Unknown}, ErrorType, "Load(ctx,arg)", "Load(context.Context, A) error",
	}
	ShouldLoadBool      = &Method{ShouldLoad, nil, BoolType, "ShouldLoad()", "ShouldLoad() bool"}
	CloseContext        = &Method{Close, []Type{ContextType}, ErrorType, "Close(ctx)", "Close(context.Context) error"}
	CloseWithoutContext = &Method{Close, nil, ErrorType, "Close()", "Close() error"}
	// O is the type of the plugin's options.
	ReloadOptions = &Method{
		Reload, []Type{ContextType, Unknown}, ErrorType, "", "Reload(context.Context, O) error",
	}
)

var methods = []*Method{
	LoadContext, LoadArgument, ShouldLoadBool, CloseContext, CloseWithoutContext, ReloadOptions,
}

// Recorded returns the method that generated files write as record, or nil.
func Recorded(record string) *Method {
	i := slices.IndexFunc(methods, func(m *Method) bool { return record != "" && m.Record == record })
	if i < 0 {
		return nil
	}
	return methods[i]
}

// Signatures lists the methods that a manager calls by a name, for messages.
func Signatures(name string) string {
	var texts []string
	for _, m := range methods {
		if m.Name == name {
			texts = append(texts, m.String())
		}
	}
	return strings.Join(texts, ", or ")
}

// A Type is what the rule needs to know of the type of a parameter or result.
type Type int

// The types that lifecycle methods have.
const (
	Unknown     Type = iota // any type, such as an alias of a package that is not loaded
	OtherType               // none of the following
	ContextType             // context.Context
	ErrorType               // error
	BoolType                // bool
)

// mayBe reports whether a type is, or might be, another.
func (t Type) mayBe(want Type) bool { return t == want || t == Unknown || want == Unknown }

// A Signature is the parameters and results of a method.
type Signature struct {
	Params, Results []Type
	Variadic        bool
}

// SignatureOf returns the signature of a method that has been type-checked. A type with an error,
// or a type parameter, is unknown.
func SignatureOf(sig *types.Signature) Signature {
	return Signature{typesOf(sig.Params()), typesOf(sig.Results()), sig.Variadic()}
}

func typesOf(vars *types.Tuple) (all []Type) {
	for v := range vars.Variables() {
		all = append(all, typeOf(v.Type()))
	}
	return all
}

func typeOf(t types.Type) Type {
	switch t := types.Unalias(t).(type) {
	case *types.TypeParam:
		return Unknown
	case *types.Basic:
		switch t.Kind() {
		case types.Invalid:
			return Unknown
		case types.Bool:
			return BoolType
		}
	case *types.Named:
		name := t.Obj()
		if name.Name() == "Context" && name.Pkg() != nil && name.Pkg().Path() == "context" {
			return ContextType
		}
	}
	if IsError(t) {
		return ErrorType
	}
	return OtherType
}

// IsError reports whether a type is error.
func IsError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// MethodOf returns the method that a manager calls if a plugin has a method with the name
// and the signature, or nil if it calls none: as for a Go interface, signatures must
// be identical. A type that is unknown is taken for the right one.
func MethodOf(name string, s Signature) *Method {
	i := slices.IndexFunc(methods, func(m *Method) bool {
		return m.Name == name && !s.Variadic && slices.EqualFunc(s.Params, m.Params, Type.mayBe) &&
			len(s.Results) == 1 && s.Results[0].mayBe(m.Result)
	})
	if i < 0 {
		return nil
	}
	return methods[i]
}

// MisspeltLifecycle returns the lifecycle method that the name of a method was probably
// meant to be, or "". One edit is allowed, whatever the case of letters and with or
// without underscores: ShouldReload is a name of its own.
func MisspeltLifecycle(method string) string { return misspelt(method, Lifecycle()) }

// MisspeltReload returns Reload if that is what the name of a method was probably meant to
// be, or "".
func MisspeltReload(method string) string { return misspelt(method, []string{Reload}) }

func misspelt(method string, names []string) string {
	word := strings.ToLower(strings.ReplaceAll(method, "_", ""))
	switch word {
	case "clone", "closed", "loads", "preload", "reloads": // words of their own
		return ""
	}
	for _, name := range names {
		if Alike(word, strings.ToLower(name), 1) {
			return name
		}
	}
	return ""
}
