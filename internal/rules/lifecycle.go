package rules

import (
	"slices"
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
func IsLifecycle(name string) bool { return slices.Contains(Lifecycle(), name) }

// A Form is a way to declare a lifecycle method.
type Form string

// The forms in which a manager calls a method.
const (
	LoadContext    Form = "Load(context.Context) error"
	LoadArgument   Form = "Load(context.Context, A) error" // A is the type of the manager's load argument
	ShouldLoadBool Form = "ShouldLoad() bool"
	ClosePlain     Form = "Close() error"
	CloseContext   Form = "Close(context.Context) error"
)

// Wanted returns the forms of the lifecycle method of a name, for messages.
func Wanted(name string) string {
	var forms []string
	for _, f := range FormsOf(name) {
		forms = append(forms, string(f))
	}
	return strings.Join(forms, ", or ")
}

// FormsOf returns the forms of the lifecycle method of a name.
func FormsOf(name string) []Form {
	switch name {
	case Load:
		return []Form{LoadContext, LoadArgument}
	case ShouldLoad:
		return []Form{ShouldLoadBool}
	case Close:
		return []Form{CloseContext, ClosePlain}
	}
	return nil
}

// A Type is as much as the rule needs to know of the type of a parameter or result.
type Type int

// The types that lifecycle methods have.
const (
	Unknown     Type = iota // it might be any type: an alias that syntax can't follow, say
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

// FormOf returns the form in which a manager calls a method of a plugin, and reports
// whether it calls it at all. Like a Go interface, a manager takes a method of exactly
// one of the forms and passes over all others, variadic ones included. A type that is
// unknown is given the benefit of the doubt.
func FormOf(name string, s Signature) (form Form, ok bool) {
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
		return ClosePlain, true
	case name == Close && n == 1:
		return CloseContext, true
	case name == Load && n == 1:
		return LoadContext, true
	case name == Load && n == 2:
		return LoadArgument, true
	}
	return "", false
}

// LifecycleSlip returns the lifecycle method that the name of a method was probably
// meant to be, or "". One edit is allowed, whatever the case of letters and with or
// without underscores: ShouldReload is a name of its own.
func LifecycleSlip(method string) string {
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
