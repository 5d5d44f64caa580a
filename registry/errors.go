package registry

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

// What went wrong, for [errors.Is]. Errors about a plugin are also an [*Error],
// for [errors.As] and errors.AsType.
var (
	// ErrNotFound: there is no plugin of that name, or no requirement of that name.
	ErrNotFound = errors.New("plugin not found")

	// ErrDisabled: the plugin is there, and something decided that it should not
	// load. The reason is in the error's text, and in [Error.Reason].
	ErrDisabled = errors.New("plugin is disabled")

	// ErrDuplicate: several plugins claim one name.
	ErrDuplicate = errors.New("duplicate plugin name")

	// ErrContract: what a factory made does not satisfy the contract of the manager's namespace,
	// or has a method that looks like a part of a plugin's life and is not.
	ErrContract = errors.New("plugin breaks its contract")

	// ErrCycle: plugins wait for each other to be loaded or closed, or are to be
	// loaded before each other.
	ErrCycle = errors.New("plugins wait for each other")

	// ErrClosed: the manager has been closed.
	ErrClosed = errors.New("plugin manager is closed")

	// ErrPanic: code of a plugin, or of a listener, filter or other callback,
	// panicked. The value and the stack are in a [*PanicError].
	ErrPanic = errors.New("panic")

	// ErrNotLinked: nothing is linked into the program for the namespace; a step of
	// the build was forgotten, or the manager was used before the program's main
	// function has begun. Or what WithSpecs or a finder gave the manager is of
	// other namespaces only.
	ErrNotLinked = errors.New("no plugins are linked")

	// ErrRestart is what a plugin returns from Reload if it has to be made anew to follow
	// its new options. It may be wrapped.
	ErrRestart = errors.New("the plugin has to be restarted")

	// ErrInvalid: a spec cannot be used, because it has no name or no factory, for example;
	// an option of a manager is invalid; or a context or a function is nil.
	ErrInvalid = errors.New("invalid plugin spec or argument")
)

// A Phase is a part of a plugin's life in which an error can occur. Listeners are called for
// each phase.
type Phase uint8

// The phases, in the order in which a plugin goes through them. A plugin without options
// is not configured; one whose fields are its options is, after it is made. Only the
// plugins of a Set are reloaded, while they are loaded.
const (
	PhaseResolve   Phase = iota // the spec is checked, its ShouldLoad is called, and what it requires is loaded
	PhaseConfigure              // the plugin's options are filled; see Spec.NewWith for when that is
	PhaseInit                   // the factory makes the plugin
	PhaseLoad                   // the plugin's ShouldLoad and Load are called
	PhaseReload                 // the plugin is given other options
	PhaseClose                  // the plugin is closed
	PhaseUse                    // the plugin is used, by a function passed to Map
)

// String returns "resolve", "configure", "init", "load", "reload", "close" or "use".
func (p Phase) String() string {
	switch p {
	case PhaseResolve:
		return "resolve"
	case PhaseConfigure:
		return "configure"
	case PhaseInit:
		return "init"
	case PhaseLoad:
		return "load"
	case PhaseReload:
		return "reload"
	case PhaseClose:
		return "close"
	case PhaseUse:
		return "use"
	}
	return "phase " + strconv.Itoa(int(p))
}

// An Error says which plugin failed, in which phase of its life, and why.
type Error struct {
	Namespace string
	Name      string // "" if the error is about no plugin in particular
	Phase     Phase
	Err       error // the cause

	// Spec is what the plugin was to be made from; nil if it was not found.
	Spec *Spec
}

// Error names the plugin, the phase, the cause, and where the plugin is declared. If it
// is of several lines, all but the first are indented, so that the joined errors of
// many plugins can be distinguished.
func (e *Error) Error() string {
	switch cause := e.Err.(type) {
	case *disabled:
		return "plugin " + e.id() + " is " + indented(cause)
	case *fault:
		if cause.whole {
			return cause.text
		}
	case *notFoundError, *notLinkedError:
		return cause.Error()
	}
	switch {
	case e.Name != "":
		return "plugin " + e.id() + ": " + e.detail()
	case e.Namespace != "":
		return fmt.Sprintf("plugins of namespace %q: %s", e.Namespace, indented(e.Err))
	}
	return "registry: " + indented(e.Err)
}

func (e *Error) id() string { return e.Namespace + ":" + shown(e.Name) }

// story returns the error without the name of the plugin. It contains the plugin's position,
// unless the cause is the failure of another plugin whose position is in the text.
func (e *Error) detail() string {
	text := e.Phase.String() + ": " + indented(e.Err)
	where := e.Spec.where()
	switch {
	case where == "" || isAboutAnother(e.Err):
		return text
	case strings.Contains(text, "\n"):
		return text + "\n\t(declared " + where + ")"
	}
	return text + " (declared " + where + ")"
}

// isAboutAnother reports whether err comes from the error of a plugin that says
// where that is declared.
func isAboutAnother(err error) (is bool) {
	_ = guard(func() error {
		var e *Error
		is = errors.As(err, &e) && !isDisabled(e) && e.Spec.where() != ""
		return nil
	})
	return is
}

// indented returns the text of an error, or what fmt makes of one whose method panics.
func indented(err error) string {
	return strings.ReplaceAll(fmt.Sprintf("%v", err), "\n", "\n\t")
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Position returns the "file:line" at which the plugin is declared, or "" if
// that is not known.
func (e *Error) Position() string { return e.Spec.Origin().Position() }

// Reason returns why the plugin is disabled, or "" if it failed for another reason.
func (e *Error) Reason() string {
	if d, ok := e.Err.(*disabled); ok {
		return d.reason
	}
	return ""
}

// Disabled returns an error by which a factory, a Load method, a filter or a
// listener says that the plugin should not load. It is no failure: LoadAll leaves
// the plugin out and does not report it, Load returns an error that is
// [ErrDisabled] and names the reason. What was made of the plugin by then is
// closed; if that fails the plugin is disabled all the same, and LoadAll reports
// it.
//
// An error that wraps ErrDisabled says the same, and its text is the reason; but
// not if it is of another plugin, as what Load returned is: a plugin that requires
// a disabled one fails.
func Disabled(reason string) error { return &disabled{reason: reason} }

type disabled struct {
	reason string
	errs   error // what failed after that: to close what had been made, say
}

func (d *disabled) Error() string {
	if d.errs != nil {
		return "disabled, reason: " + d.reason + "; " + d.errs.Error()
	}
	return "disabled, reason: " + d.reason
}

func (d *disabled) Unwrap() []error {
	if d.errs != nil {
		return []error{ErrDisabled, d.errs}
	}
	return []error{ErrDisabled}
}

// isDisabled reports whether err says that its plugin is disabled, and nothing
// has failed.
func isDisabled(err error) bool {
	e, ok := err.(*Error)
	if !ok {
		return false
	}
	d, ok := e.Err.(*disabled)
	return ok && d.errs == nil
}

// isRefused reports whether err says that the manager was closed before its
// plugin's turn came.
func isRefused(err error) bool {
	e, ok := err.(*Error)
	return ok && e.Err == ErrClosed
}

// asDisabled finds the Disabled that err says of its own plugin; nil if there is
// none. ErrDisabled itself, wrapped or not, counts, too. An error of another plugin
// further down the chain does not. Unwrap methods are user code, so they are guarded.
func asDisabled(err error) (d *disabled) {
	_ = guard(func() error {
		for said := err; err != nil; err = errors.Unwrap(err) {
			switch e := err.(type) {
			case *disabled:
				d = e
				return nil
			case *Error:
				return nil
			}
			if err == ErrDisabled {
				d = &disabled{reason: reasonOf(said)}
				return nil
			}
		}
		return nil
	})
	return d
}

// reasonOf returns the reason that an error gives that wraps ErrDisabled.
func reasonOf(err error) string {
	if err == ErrDisabled {
		return "none was given"
	}
	return err.Error()
}

// isCancelled reports whether err is context.Canceled.
func isCancelled(err error) bool { return isAny(err, context.Canceled) }

// isAny is errors.Is for several targets. An error may be one of a plugin, whose method Is
// panics.
func isAny(err error, targets ...error) (is bool) {
	_ = guard(func() error {
		is = slices.ContainsFunc(targets, func(target error) bool { return errors.Is(err, target) })
		return nil
	})
	return is
}

// A fault is an error of one of the kinds above with a text of its own.
type fault struct {
	kind  error
	text  string
	whole bool // text is a whole sentence that names the plugin
}

func (f *fault) Error() string { return f.text }
func (f *fault) Unwrap() error { return f.kind }

func faultf(kind error, format string, args ...any) error {
	return &fault{kind: kind, text: fmt.Sprintf(format, args...)}
}

// A PanicError is a panic, or a call of [runtime.Goexit], in code that the
// package called.
type PanicError struct {
	Value any    // what the code panicked with; nil after Goexit
	Stack []byte // the goroutine's stack at that time, as [debug.Stack] formats it
}

// Error returns the value of the panic, without the stack.
func (e *PanicError) Error() string {
	if e.Value == nil {
		return "runtime.Goexit was called"
	}
	return fmt.Sprint("panic: ", e.Value)
}

// Is reports that a PanicError is [ErrPanic].
func (e *PanicError) Is(target error) bool { return target == ErrPanic }

// Unwrap returns the value of the panic if that is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// caught makes an error of what recover returned in a deferred function, once
// the function it was deferred by has not returned.
func caught(value any) error {
	return &PanicError{Value: value, Stack: debug.Stack()}
}

// guard calls user code, and returns a panic in it as an error.
func guard(call func() error) (err error) {
	guardInto(&err, call)
	return err
}

// guardInto is guard for callers that need the error in their deferred functions, since
// runtime.Goexit ends them.
func guardInto(err *error, call func() error) {
	returned := false
	defer func() {
		if !returned {
			*err = caught(recover())
		}
	}()
	*err = call()
	returned = true
}

// position returns the file and line of the function at entry, or "" and 0 for code that has
// none, such as a method that the compiler wrote.
func position(entry uintptr) (file string, line int) {
	f := runtime.FuncForPC(entry)
	if f == nil {
		return "", 0
	}
	file, line = f.FileLine(entry)
	if file == "<autogenerated>" || file == "?" {
		return "", 0
	}
	return file, line
}
