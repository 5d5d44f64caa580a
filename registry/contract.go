package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"sync"
)

// A Plugin is a plugin whose Load takes an argument. Embed it in the contract of a
// namespace, with the type of the argument:
//
//	type CLIPlugin interface {
//		registry.Plugin[*CLI]
//		Attach(*CLI)
//	}
//
// Load is called once for each instance, after the factory has made it; see
// [Manager] for when a plugin is loaded. Its context ends with the context of the
// caller, or at the manager's deadline; do not use it for work that goes
// on after Load has returned. With it, Load may load other plugins. It may return
// [Disabled].
//
// A plugin may have a ShouldLoad and a Close method too, as the package's documentation
// describes them. Close is called on every instance that a factory has made, when it is
// no longer needed: also if its Load failed, or was never called since ShouldLoad
// returned false.
type Plugin[A any] interface {
	Load(ctx context.Context, arg A) error
}

// A loader is a plugin that is loaded without an argument.
type loader interface {
	Load(ctx context.Context) error
}

// A conditional plugin decides whether it should load, after it is made.
type conditional interface {
	ShouldLoad() bool
}

// A closer is a plugin that is closed with a context. Others are io.Closers.
type closer interface {
	Close(ctx context.Context) error
}

// A wrapper is a [FunctionPlugin], of whatever type of function.
type wrapper interface {
	function() any
}

// A contract has what a core has to know of the type parameter of its manager.
type contract struct {
	// instance makes an instance of what a factory has returned, or returns an error
	// that is ErrContract.
	instance func(made any) (*instance, error)

	// load loads an instance. If it is nil, plugins are loaded by their method
	// Load(context.Context) error, if they have it.
	load func(context.Context, *instance) error
}

// newInstance returns an instance with the value p. It allocates once.
func newInstance[P any](p P) *instance {
	of := &struct {
		instance
		p P
	}{p: p}
	of.value = &of.p
	return &of.instance
}

// valueOf returns the P of an instance that newInstance[P] has made.
func valueOf[P any](i *instance) P { return *i.value.(*P) }

// contractOf returns the contract of plugins that are of type P, and load themselves.
func contractOf[P any]() contract {
	if reflect.TypeFor[P]().Kind() == reflect.Func {
		return contract{instance: functionInstance[P]}
	}
	return contract{instance: plainInstance[P]}
}

// plainInstance takes what is a P.
func plainInstance[P any](made any) (*instance, error) {
	p, ok := made.(P)
	if !ok {
		return nil, mismatch[P](made)
	}
	return newInstance(p), nil
}

// functionInstance takes functions of any type that converts to P, bare or wrapped.
func functionInstance[P any](made any) (*instance, error) {
	f := made
	if w, ok := made.(wrapper); ok {
		f = w.function()
	}
	v, want := reflect.ValueOf(f), reflect.TypeFor[P]()
	if v.Kind() != reflect.Func || !v.CanConvert(want) {
		return nil, faultf(ErrContract, "the plugin is a %T, the namespace's contract is %v", f, want)
	}
	if v.IsNil() {
		return nil, faultf(ErrContract, "the function is nil")
	}
	p, ok := f.(P)
	if !ok {
		p = v.Convert(want).Interface().(P)
	}
	return newInstance(p), nil
}

// mismatch returns the error that made is not a P.
func mismatch[P any](made any) error {
	have, want := reflect.TypeOf(made), reflect.TypeFor[P]()
	if want.Kind() != reflect.Interface {
		return faultf(ErrContract, "the plugin is a %v, not a %v", have, want)
	}
	text := fmt.Sprintf("%v does not implement %v", have, want)
	if method := missingMethod[P](made); method != "" {
		text += fmt.Sprintf(": it has no method %s, or one of another signature", method)
	}
	if have.Kind() != reflect.Pointer && reflect.PointerTo(have).Implements(want) {
		text += fmt.Sprintf(" (but *%v does: the factory should return a pointer)", have)
	}
	return faultf(ErrContract, "%s", text)
}

// missingMethod returns the name of a method of P that made lacks, or "". It takes the
// name from the error of a failed type assertion: if it looked methods up by names that
// are not constants, the linker would keep all methods of all types.
func missingMethod[P any](made any) (method string) {
	defer func() {
		if err, ok := recover().(*runtime.TypeAssertionError); ok {
			_, method, _ = strings.Cut(err.Error(), "missing method ")
		}
	}()
	_ = made.(P)
	return ""
}

// methods are the lifecycle methods of a type of plugins.
type methods struct {
	of       reflect.Type
	nillable bool // values of the type can be nil

	shouldLoad bool // ShouldLoad() bool
	closes     bool // Close(context.Context) error
	closesIO   bool // Close() error

	wrong     error // a ShouldLoad or Close has another signature
	wrongLoad error // Load has; it is no error if the contract has a load of its own
}

// checkNil returns an error if made, which is of the type, is nil.
func (a *methods) checkNil(made any) error {
	if a.nillable && reflect.ValueOf(made).IsNil() {
		return faultf(ErrContract, "the factory returned a nil %T", made)
	}
	return nil
}

// methodsOf is the function methodsOf. It is faster for plugins of the same type as the
// first one of the manager.
func (m *core) methodsOf(made any) *methods {
	usual := m.firstMethods.Load()
	if usual != nil && usual.of == reflect.TypeOf(made) {
		return usual
	}
	a := methodsOf(made)
	if usual == nil {
		m.firstMethods.Store(a)
	}
	return a
}

// methodsByType caches the *methods of each type of plugin.
var methodsByType sync.Map

// methodsOf returns the methods of a plugin's type.
func methodsOf(made any) *methods {
	t := reflect.TypeOf(made)
	if a, ok := methodsByType.Load(t); ok {
		return a.(*methods)
	}
	a, _ := methodsByType.LoadOrStore(t, inspect(made, t))
	return a.(*methods)
}

// inspect finds the lifecycle methods of made, which is of type t.
func inspect(made any, t reflect.Type) *methods {
	a := &methods{of: t, nillable: nillable(t.Kind())}
	var wrong []error
	// MethodByName has constant names, so that the linker can drop methods that nothing
	// calls. Most types have no ShouldLoad and no Close, and for them MethodByName
	// takes less time than a type assertion that fails.
	if m, ok := t.MethodByName("ShouldLoad"); ok {
		if _, a.shouldLoad = made.(conditional); !a.shouldLoad {
			wrong = append(wrong, wrongSignature(t, m, "ShouldLoad() bool"))
		}
	}
	if m, ok := t.MethodByName("Close"); ok {
		_, a.closes = made.(closer)
		_, a.closesIO = made.(io.Closer)
		if !a.closes && !a.closesIO {
			wrong = append(wrong, wrongSignature(t, m, "Close(context.Context) error or Close() error"))
		}
	}
	a.wrong = errors.Join(wrong...)
	// Most types have the right Load: for a method that exists, MethodByName allocates
	// a description of it, which is kept.
	if _, ok := made.(loader); !ok {
		if m, ok := t.MethodByName("Load"); ok {
			a.wrongLoad = wrongLoad(t, m)
		}
	}
	return a
}

// nillable reports whether values of a kind can be nil.
func nillable(k reflect.Kind) bool {
	switch k {
	case reflect.Pointer, reflect.Func, reflect.Map, reflect.Chan, reflect.Slice:
		return true
	}
	return false
}

// wrongLoad returns the error of a Load that a manager without a load argument does not
// call.
func wrongLoad(t reflect.Type, m reflect.Method) error {
	err := wrongSignature(t, m, "Load(context.Context) error")
	if takesArgument(m.Type) {
		err = faultf(ErrContract, "%v, which takes an argument: make the manager with "+
			"registry.For[P](namespace).With(argument)", err)
	}
	return err
}

// takesArgument reports whether a Load is the method of a Plugin[A].
func takesArgument(method reflect.Type) bool {
	return method.NumIn() == 3 && method.In(1) == reflect.TypeFor[context.Context]() &&
		method.NumOut() == 1 && method.Out(0) == reflect.TypeFor[error]()
}

// wrongSignature returns the error of a method that has the name of a lifecycle method
// and another signature than want.
func wrongSignature(t reflect.Type, m reflect.Method, want string) error {
	signature := strings.TrimPrefix(m.Type.String(), "func("+t.String())
	signature = m.Name + "(" + strings.TrimPrefix(signature, ", ")
	return faultf(ErrContract, "%v has the method %s, not %s", t, signature, want)
}
