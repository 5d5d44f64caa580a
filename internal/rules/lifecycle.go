package rules

import (
	"go/types"
	"strings"
)

// The names of the methods of a plugin that a manager calls.
const (
	Load       = "Load"
	ShouldLoad = "ShouldLoad"
	Close      = "Close"
)

// Lifecycle returns the names of the methods that a manager calls.
func Lifecycle() []string { return []string{Load, ShouldLoad, Close} }

// IsLifecycle reports whether a manager calls a method of the name.
func IsLifecycle(name string) bool { return name == Load || name == ShouldLoad || name == Close }

// A Method is the name and the signature of a method that a manager calls.
type Method string

// The methods that a manager calls.
const (
	LoadContext         Method = "Load(context.Context) error"
	LoadArgument        Method = "Load(context.Context, A) error" // A is the type of the manager's load argument
	ShouldLoadBool      Method = "ShouldLoad() bool"
	CloseWithoutContext Method = "Close() error"
	CloseContext        Method = "Close(context.Context) error"
)

// Signatures lists the methods that a manager calls by a name, for messages.
func Signatures(name string) string {
	var methods []string
	for _, m := range MethodsOf(name) {
		methods = append(methods, string(m))
	}
	return strings.Join(methods, ", or ")
}

// MethodsOf returns the methods that a manager calls by a name.
func MethodsOf(name string) []Method {
	switch name {
	case Load:
		return []Method{LoadContext, LoadArgument}
	case ShouldLoad:
		return []Method{ShouldLoadBool}
	case Close:
		return []Method{CloseContext, CloseWithoutContext}
	}
	return nil
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

// is reports whether a type is, or might be, another.
func (t Type) is(want Type) bool { return t == want || t == Unknown }

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
// and the signature. ok is false if it calls none: as for a Go interface, signatures must
// be identical. A type that is unknown is taken for the right one.
func MethodOf(name string, s Signature) (m Method, ok bool) {
	result := ErrorType
	if name == ShouldLoad {
		result = BoolType
	}
	if s.Variadic || len(s.Results) != 1 || !s.Results[0].is(result) {
		return "", false
	}
	if len(s.Params) > 0 && !s.Params[0].is(ContextType) {
		return "", false
	}
	switch n := len(s.Params); {
	case name == ShouldLoad && n == 0:
		return ShouldLoadBool, true
	case name == Close && n == 0:
		return CloseWithoutContext, true
	case name == Close && n == 1:
		return CloseContext, true
	case name == Load && n == 1:
		return LoadContext, true
	case name == Load && n == 2:
		return LoadArgument, true
	}
	return "", false
}

// MisspeltLifecycle returns the lifecycle method that the name of a method was probably
// meant to be, or "". One edit is allowed, whatever the case of letters and with or
// without underscores: ShouldReload is a name of its own.
func MisspeltLifecycle(method string) string {
	word := strings.ToLower(strings.ReplaceAll(method, "_", ""))
	switch word {
	case "clone", "closed", "loads": // words of their own
		return ""
	}
	for _, name := range Lifecycle() {
		if Alike(word, strings.ToLower(name), 1) {
			return name
		}
	}
	return ""
}
