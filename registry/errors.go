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

	// ErrDisabled: there is such a plugin, but a filter, its ShouldLoad, its code or a
	// listener decided that it should not load. The reason is in the error's text, and
	// in [Error.Reason].
	ErrDisabled = errors.New("plugin is disabled")

	// ErrDuplicate: several plugins claim one name.
	ErrDuplicate = errors.New("duplicate plugin name")

	// ErrContract: what a factory made does not satisfy the contract of the manager's
	// namespace, or has a method Load, ShouldLoad or Close with another signature than
	// managers call.
	ErrContract = errors.New("plugin breaks its contract")

	// ErrCycle: plugins wait for each other to be loaded or closed, or are to be
	// loaded before each other.
	ErrCycle = errors.New("plugins wait for each other")

	// ErrClosed: the manager has been closed.
	ErrClosed = errors.New("plugin manager is closed")

	// ErrPanic: code of a plugin, or of a listener, filter or other callback,
	// panicked. The value and the stack are in a [*PanicError].
	ErrPanic = errors.New("panic")

	// ErrNotLinked: no plugins of the namespace are linked into the program, since a
	// step of the build was forgotten or the manager was used before func main; or all
	// specs of WithSpecs or a finder are of other namespaces.
	ErrNotLinked = errors.New("no plugins are linked")

	// ErrRestart is returned by a plugin's Reload if a new instance has to be made for
	// the new options. It may be wrapped.
	ErrRestart = errors.New("the plugin has to be restarted")

	// ErrInvalid: a spec cannot be used, because it has no name or no factory, for example;
	// an option of a manager is invalid; or a context or a function is nil.
	ErrInvalid = errors.New("invalid plugin spec or argument")
)

// A Phase is a part of a plugin's life in which an error can occur. Listeners are
// called for each phase but PhaseUse.
type Phase uint8

// The phases, in the order in which a plugin goes through them. Plugins without options
// skip PhaseConfigure; those whose fields are their options go through it after
// PhaseInit. Only plugins of a Set go through PhaseReload.
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

// Error returns a text with the plugin, the phase, the cause, and the place where the
// plugin is declared. If it has several lines, all but the first are indented, so that
// joined errors of several plugins can be told apart.
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

// id returns the namespace and the name.
func (e *Error) id() string { return e.Namespace + ":" + shown(e.Name) }

// detail returns the text without the name of the plugin. It has the plugin's position,
// unless the cause is the error of another plugin, whose position is in the text.
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

// isAboutAnother reports whether err wraps the error of a plugin whose text has a position.
func isAboutAnother(err error) (is bool) {
	_ = guard(func() error {
		var e *Error
		is = errors.As(err, &e) && !isDisabled(e) && e.Spec.where() != ""
		return nil
	})
	return is
}

// indented returns the text of an error, with all lines but the first indented. It
// formats by fmt, which recovers a panic of the method Error.
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

// Disabled returns an error that disables a plugin, if a factory, a Load method, a
// filter or a listener returns it. That is no failure: LoadAll leaves the plugin out
// and reports nothing, and Load returns an error that is [ErrDisabled], with the
// reason. What the factory has made by then is closed; if that fails, LoadAll reports
// it, and the plugin is disabled nevertheless.
//
// An error that wraps ErrDisabled does the same, and its text is the reason. The error
// of another plugin, such as one that Load has returned, does not: it fails the plugin
// that returns it.
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

// isDisabled reports whether err is an [*Error] of a disabled plugin, and nothing has
// failed.
func isDisabled(err error) bool {
	e, ok := err.(*Error)
	if !ok {
		return false
	}
	d, ok := e.Err.(*disabled)
	return ok && d.errs == nil
}

// isRefused reports whether err is the [*Error] of a plugin that was not tried since
// the manager had been closed.
func isRefused(err error) bool {
	e, ok := err.(*Error)
	return ok && e.Err == ErrClosed
}

// asDisabled returns the error of Disabled that err is or wraps, or one made of a
// wrapped ErrDisabled. It returns nil if there is none, or if it is that of another
// plugin: an [*Error] comes before it in the chain. Unwrap methods are user code, so
// they are guarded.
func asDisabled(err error) (d *disabled) {
	_ = guard(func() error {
		for whole := err; err != nil; err = errors.Unwrap(err) {
			switch e := err.(type) {
			case *disabled:
				d = e
				return nil
			case *Error:
				return nil
			}
			if err == ErrDisabled {
				d = &disabled{reason: reasonOf(whole)}
				return nil
			}
		}
		return nil
	})
	return d
}

// reasonOf returns the reason of an error that is or wraps ErrDisabled.
func reasonOf(err error) string {
	if err == ErrDisabled {
		return "none was given"
	}
	return err.Error()
}

// isCancelled reports whether err is context.Canceled.
func isCancelled(err error) bool { return isAny(err, context.Canceled) }

// isAny is errors.Is for several targets. It recovers a panic in the method Is of an
// error, which may be code of a plugin.
func isAny(err error, targets ...error) (is bool) {
	_ = guard(func() error {
		is = slices.ContainsFunc(targets, func(target error) bool { return errors.Is(err, target) })
		return nil
	})
	return is
}

// A fault is an error that is one of the errors above and has a text of its own.
type fault struct {
	kind  error
	text  string
	whole bool // text is a whole sentence that names the plugin
}

func (f *fault) Error() string { return f.text }
func (f *fault) Unwrap() error { return f.kind }

// faultf returns a fault.
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

// caught returns the error of a function that has panicked or called runtime.Goexit. It
// is called in a deferred function, with what recover has returned there.
func caught(value any) error {
	return &PanicError{Value: value, Stack: debug.Stack()}
}

// guard calls user code, and returns its error or that of a panic.
func guard(call func() error) (err error) {
	guardInto(&err, call)
	return err
}

// guardInto is guard for callers that need the error in their deferred functions if
// call ends the goroutine by runtime.Goexit.
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

// position returns the file and line of the function at entry, or "" and 0 for code
// that has none, such as a method that the compiler wrote.
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
