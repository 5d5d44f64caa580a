package registry

import (
	"runtime"
	"time"
)

// An Option is a setting of a manager or a set.
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
	errs         []error  // what is wrong with the options
}

func (s *settings) invalid(text string) {
	s.errs = append(s.errs, &fault{kind: ErrInvalid, text: text})
}

// WithFinder makes the manager get its specs from f instead of [Default]: from
// another [Registry], or from anywhere else.
func WithFinder(f Finder) Option {
	return func(s *settings) {
		if isNil(f) {
			s.invalid("WithFinder was given nil")
			return
		}
		s.finder = f
	}
}

// WithSpecs gives the manager specs of its own, instead of those in [Default].
// Specs of other namespaces are left out, but if there are no others the manager says so
// by [ErrNotLinked]. It is the way to write a test.
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

// WithConcurrency lets LoadAll and its like load up to n plugins at a time; 0
// stands for GOMAXPROCS. Without it they load one plugin after the other, in
// the order of their priorities, since plugins often share what they are given.
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

// WithLoadTimeout limits how long the load of each plugin may take, what it
// requires included. The plugin's context ends then, and if its code goes on all the same
// it is abandoned: the load fails with [context.DeadlineExceeded], and the
// plugin is closed should it be loaded after all.
func WithLoadTimeout(d time.Duration) Option {
	return func(s *settings) {
		if d <= 0 {
			s.invalid("WithLoadTimeout was given a duration that is not positive")
		}
		s.loadTimeout = d
	}
}

// WithCloseTimeout limits how long closing each plugin may take. Then the context of its Close
// ends, and closing it fails with [context.DeadlineExceeded]; the plugin stays in [StateClosing]
// until its code returns. Once the context of Close or Unload has ended, the second that
// these wait counts instead.
func WithCloseTimeout(d time.Duration) Option {
	return func(s *settings) {
		if d <= 0 {
			s.invalid("WithCloseTimeout was given a duration that is not positive")
		}
		s.closeTimeout = d
	}
}

// WithManagers names the managers of other namespaces from which the plugins may
// require some: "namespace:name" is loaded by the manager of that namespace.
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

// WithConflict lets choose decide which of several specs of one name is used.
// Without it they are an [ErrDuplicate]. The specs are in the order in which
// they were found; an error from choose is the error of that name. A name that is the
// alias of another plugin is no such conflict, and always an [ErrDuplicate].
func WithConflict(choose func(name string, specs []*Spec) (*Spec, error)) Option {
	return func(s *settings) { s.conflict = choose }
}

// WithMissing lets missing decide what LoadNamed and its like do about a name
// that is not there. It is called with the error that they would report; what it
// returns is reported instead, and nothing if that is nil.
func WithMissing(missing func(name string, err error) error) Option {
	return func(s *settings) { s.missing = missing }
}
