package registry

import (
	"runtime"
	"time"
)

// An Option is a setting of a manager or a set. If its arguments are invalid, every
// method of that which returns an error, but for Close, returns one that is
// [ErrInvalid].
type Option func(*settings)

type settings struct {
	finder       Finder
	listeners    []Listener
	filters      []Filter
	managers     []AnyManager
	concurrency  int
	failFast     bool
	overlap      bool
	loadTimeout  time.Duration
	closeTimeout time.Duration
	conflict     func(name string, specs []*Spec) (*Spec, error)
	missing      func(name string, err error) error
	section      *section // of the configuration, or nil
	errs         []error  // of options with invalid arguments
}

// invalid records that an argument is invalid.
func (s *settings) invalid(text string) {
	s.errs = append(s.errs, &fault{kind: ErrInvalid, text: text})
}

// WithFinder makes the manager get its specs from f instead of [Default]: another
// [Registry], or any other source.
func WithFinder(f Finder) Option {
	return func(s *settings) {
		if isNil(f) {
			s.invalid("WithFinder was given nil")
			return
		}
		s.finder = f
	}
}

// WithSpecs gives the manager specs of its own, instead of those in [Default], as tests
// need. It ignores specs of other namespaces; if there are only such ones, errors are
// [ErrNotLinked].
func WithSpecs(specs ...*Spec) Option {
	return WithFinder(FinderFunc(func(string) ([]*Spec, error) { return specs, nil }))
}

// WithListener adds a listener. There can be several; they are called in the
// order in which they were added.
func WithListener(l Listener) Option {
	return func(s *settings) {
		if l == nil {
			s.invalid("WithListener was given nil")
			return
		}
		s.listeners = append(s.listeners, l)
	}
}

// WithLogger makes the manager log what happens to its plugins: failures at
// level Error, the use of deprecated plugins at level Warn, the rest at level
// Debug. A manager without a logger, or with one that is nil, logs nothing.
func WithLogger(log Logger) Option {
	if isNil(log) {
		return nil
	}
	return WithListener(logging(log))
}

// WithFilter adds a filter, such as one made by [Exclude], [Only] or [Enabled].
// There can be several; a plugin has to pass them all, and those of the registry.
func WithFilter(f Filter) Option {
	return func(s *settings) {
		if f == nil {
			s.invalid("WithFilter was given nil")
			return
		}
		s.filters = append(s.filters, f)
	}
}

// WithConcurrency makes LoadAll and its like load up to n plugins at a time; 0 stands
// for GOMAXPROCS. Without it they load one plugin after the other, since plugins often
// share what they are given.
func WithConcurrency(n int) Option {
	return func(s *settings) {
		switch {
		case n < 0:
			s.invalid("WithConcurrency was given a negative number")
		case n == 0:
			s.concurrency = runtime.GOMAXPROCS(0)
		default:
			s.concurrency = n
		}
	}
}

// WithFailFast makes LoadAll and its like stop at the first failure: no further
// load is begun, and the context of those that run is cancelled. What was loaded
// by then stays loaded until the manager is closed.
func WithFailFast() Option {
	return func(s *settings) { s.failFast = true }
}

// WithLoadTimeout limits how long the load of each plugin may take, including the loads
// of the plugins that it requires. After that time the plugin's context ends. If its
// code goes on nevertheless, it is abandoned: the load fails with
// [context.DeadlineExceeded], and if the code succeeds later, the plugin is closed.
func WithLoadTimeout(d time.Duration) Option {
	return func(s *settings) {
		if d <= 0 {
			s.invalid("WithLoadTimeout was given a duration that is not positive")
		}
		s.loadTimeout = d
	}
}

// WithCloseTimeout limits how long closing each plugin may take. After that time the
// context of its Close ends, and closing it fails with [context.DeadlineExceeded]; the
// plugin stays in [StateClosing] until its code returns. It does not count after the
// context of [Manager.Close] or [Manager.Unload] has ended: these then wait for a
// second in total.
func WithCloseTimeout(d time.Duration) Option {
	return func(s *settings) {
		if d <= 0 {
			s.invalid("WithCloseTimeout was given a duration that is not positive")
		}
		s.closeTimeout = d
	}
}

// WithManagers names the managers of other namespaces: a plugin "namespace:name" that
// plugins require is loaded by the one of that namespace.
func WithManagers(managers ...AnyManager) Option {
	return func(s *settings) {
		for _, m := range managers {
			if isNil(m) {
				s.invalid("WithManagers was given nil")
				continue
			}
			s.managers = append(s.managers, m)
		}
	}
}

// WithConflict makes choose decide which of several specs with one name is used. It is
// passed them in the order in which they were found, and must return one of them, or
// the error of that name. Without WithConflict the error is [ErrDuplicate]; it always
// is if a name is also the alias of another plugin.
func WithConflict(choose func(name string, specs []*Spec) (*Spec, error)) Option {
	return func(s *settings) { s.conflict = choose }
}

// WithMissing makes LoadNamed and its like call missing for each name that no plugin
// has, with the error that they would report. They report the error that it returns
// instead, or nothing if that is nil.
func WithMissing(missing func(name string, err error) error) Option {
	return func(s *settings) { s.missing = missing }
}
