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

// A Plugin is a plugin whose Load takes an argument. The contract of a namespace embeds it
// with the type of the argument:
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
// A plugin may have a ShouldLoad and a Close method too, as the package's
// documentation describes them. Close is called on every instance that was made and
// is no longer to be used, so also on one whose Load failed or was never called:
// because ShouldLoad said no, say. It must not count on Load having succeeded.
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

// A contract is a manager's type parameter, for its core, which has none.
type contract struct {
	// instance makes an instance of what a factory made, or returns why that does not
	// satisfy the contract.
	instance func(made any) (*instance, error)

	// load loads an instance. It is nil for plugins that have a Load without
	// arguments or none.
	load func(context.Context, *instance) error
}

// newInstance makes an instance that has a P, in one allocation.
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

func contractOf[P any]() contract {
	if reflect.TypeFor[P]().Kind() == reflect.Func {
		return contract{instance: functionInstance[P]}
	}
	return contract{instance: plainInstance[P]}
}

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

// mismatch returns an error about what made lacks to be a P.
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

// missingMethod gets the name from the run-time's own error. To go through the
// methods by reflection would keep every method of every type in the binary.
func missingMethod[P any](made any) (method string) {
	defer func() {
		if err, ok := recover().(*runtime.TypeAssertionError); ok {
			_, method, _ = strings.Cut(err.Error(), "missing method ")
		}
	}()
	_ = made.(P)
	return ""
}

// methods has which of the methods that a manager calls a type has.
type methods struct {
	of       reflect.Type
	nillable bool // it has a nil

	shouldLoad bool // ShouldLoad() bool
	closes     bool // Close(context.Context) error
	closesIO   bool // Close() error

	// What is wrong with methods that have these names and other signatures,
	// and with a Load that a manager which passes no argument would not call.
	wrong, wrongLoad error
}

// checkNil returns an error if made, which is of the type, is nil.
func (a *methods) checkNil(made any) error {
	if a.nillable && reflect.ValueOf(made).IsNil() {
		return faultf(ErrContract, "the factory returned a nil %T", made)
	}
	return nil
}

// methodsOf is the function of this name. It looks first whether the plugin is of the same
// type as the manager's first one, as plugins often are.
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

// inspect asks for methods by constant names only: then the linker still drops
// the methods that nothing calls. It asks whether there is a method of the name
// first: that a type lacks a method is found much sooner than that it does not
// implement an interface, and most types lack these. Of Load it asks the other
// way round: most types have one that is right, and the description of a method that
// is there is long in the making, and stays in memory for each type.
func inspect(made any, t reflect.Type) *methods {
	a := &methods{of: t, nillable: nillable(t.Kind())}
	var wrong []error
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
	if _, ok := made.(loader); !ok {
		if m, ok := t.MethodByName("Load"); ok {
			a.wrongLoad = wrongLoad(t, m)
		}
	}
	return a
}

func nillable(k reflect.Kind) bool {
	switch k {
	case reflect.Pointer, reflect.Func, reflect.Map, reflect.Chan, reflect.Slice:
		return true
	}
	return false
}

func wrongLoad(t reflect.Type, m reflect.Method) error {
	err := wrongSignature(t, m, "Load(context.Context) error")
	if takesArgument(m.Type) {
		err = faultf(ErrContract, "%v, which takes an argument: make the manager with "+
			"registry.For[P](namespace).With(argument)", err)
	}
	return err
}

// takesArgument reports whether a Load method is that of a Plugin[A].
func takesArgument(method reflect.Type) bool {
	return method.NumIn() == 3 && method.In(1) == reflect.TypeFor[context.Context]() &&
		method.NumOut() == 1 && method.Out(0) == reflect.TypeFor[error]()
}

func wrongSignature(t reflect.Type, m reflect.Method, want string) error {
	signature := strings.TrimPrefix(m.Type.String(), "func("+t.String())
	signature = m.Name + "(" + strings.TrimPrefix(signature, ", ")
	return faultf(ErrContract, "%v has the method %s, not %s", t, signature, want)
}
