package registry

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/plugingen/plugingen/registry/config"
)

// A Set has instances of the plugins of one namespace: as many as a configuration
// names, each with its own options. It follows the configuration while the program
// runs. P is the contract of the plugins, as for a [Manager].
//
//	inputs := registry.NewSet[Input]("agent.inputs")
//	result, err := inputs.Apply(ctx, cfg.At("inputs"))
//
// All methods are safe for concurrent use. Instances are made, loaded and closed as the
// plugins of a Manager are, with the same [Option] values, listeners, phases and
// errors. No lock is held while code of plugins and listeners runs.
//
// # Names of instances
//
// Each name in the section of the configuration is the name or an alias of a plugin, or
// begins with one and a slash. If several plugins have such names, as "net" and
// "net/tcp" for "net/tcp/two", it belongs to the one with the longest:
//
//	[inputs.cpu]             cpu
//	[inputs."cpu/totals"]    cpu/totals, another instance of cpu
//
//	[[inputs.disk]]          disk/root
//	id = "root"
//	[[inputs.disk]]          disk/1, by its position, counted from 0
//
// An id may begin with the name of the plugin and a slash itself: id = "disk/root" is
// the same. Give the items of a list ids: without them, if one item is removed, those
// after it are other instances, since they have other positions.
//
// # Requirements
//
// A plugin that requires another, by its name or an alias, requires all instances of
// that, of which there must be at least one. One that requires the id of an instance
// requires that instance. Plugins of other namespaces are those of the managers and
// sets that [WithManagers] names. Each instance is loaded after those that it requires,
// and closed before them.
type Set[P any] struct {
	set set
}

// NewSet returns a set of plugins of a namespace, without instances. Like a [Manager]
// it looks up nothing before its first use. If the arguments are invalid, Apply returns
// an error that is [ErrInvalid].
func NewSet[P any](namespace string, opts ...Option) *Set[P] {
	return newSet[P](namespace, contractOf[P](), opts)
}

// NewSetFunc is [NewSet] for plugins that are loaded by calling load, as by
// [NewManagerFunc].
func NewSetFunc[P any](namespace string, load func(context.Context, P) error, opts ...Option) *Set[P] {
	s := newSet[P](namespace, loadedBy(load), opts)
	if load == nil {
		s.set.invalid("NewSetFunc was given no function to load plugins with")
	}
	return s
}

// Set returns a [Set] that loads each instance with arg.
func (u ManagerFor[P, A]) Set(arg A) *Set[P] { return newSet[P](u.namespace, u.contract(arg), u.opts) }

func newSet[P any](namespace string, c contract, opts []Option) *Set[P] {
	s := new(Set[P])
	s.set.setUp(namespace, c, opts)
	return s
}

// WithOverlap makes a [Set] start the replacement of an instance before it closes that,
// so that there is always one, and two for a moment. It is for plugins that use nothing
// that only one instance can have, such as a port. If a replacement fails, the instance
// that it was to replace stays in use. WithOverlap has no effect on a Manager.
func WithOverlap() Option {
	return func(s *settings) { s.overlap = true }
}

// Namespace returns the namespace of the set's plugins.
func (s *Set[P]) Namespace() string { return s.set.namespace }

func (s *Set[P]) manager() *core { return &s.set.core }

// Apply makes the instances of the set those of a section of the configuration: a table
// of plugins, as described at [Set]. A missing section is like an empty one.
//
// First it checks everything: that the plugins exist and are not disabled, their
// options, and what they require. A plugin whose fields are its options is made to
// check them, and closed. If anything is wrong, nothing changes; the error joins an
// [*Error] for each instance with errors.
//
// Then it changes what has to change. Instances with the same options stay as they are.
// One with other options is given them if it can take them, see [Spec.Reload], and
// replaced otherwise. Each instance that requires a replaced, added or removed one is
// replaced, too. Those that are replaced or removed are closed, the latest loaded
// first; then the new ones are made and loaded, each after those that it requires. See
// also [WithOverlap]. Plugins of other managers that require a replaced instance are
// closed and loaded again.
//
// If an instance fails or is disabled, or if ctx ends, the changes are rolled back:
// reloaded instances are given their old options, and closed ones are made anew with
// theirs. The error joins what has failed. The rollback takes at most ten seconds after
// the end of ctx. Instances that could not be started again are named by the error and
// by Result.Missing; the next Apply tries to start them. An error of closing an
// instance is returned, too, but is no reason for a rollback: see Result.Applied.
//
// One Apply runs at a time. If several wait, the one that was called last is next, and
// the others return without having done anything: see Result.Superseded. Apply returns
// [ErrCycle] if it is called by code of an instance of the set that is being loaded,
// reloaded or closed, provided that the code passes on its context, and [ErrClosed]
// after Close.
func (s *Set[P]) Apply(ctx context.Context, section config.Value) (Result, error) {
	return s.set.apply(ctx, section)
}

// Check returns the errors that Apply would find in a section of the configuration
// before it changes anything. Instances that would not change are not checked.
func (s *Set[P]) Check(ctx context.Context, section config.Value) error {
	return s.set.dryRun(ctx, section)
}

// Get returns the loaded instance with an id, and whether there is one. It takes no
// lock and allocates nothing.
func (s *Set[P]) Get(id string) (P, bool) {
	if p := s.set.index.get(id); p != nil {
		if i := p.loaded.Load(); i != nil {
			return valueOf[P](i), true
		}
	}
	var none P
	return none, false
}

// All iterates over the ids and values of the loaded instances, in the order in which they
// were loaded.
func (s *Set[P]) All() iter.Seq2[string, P] {
	return func(yield func(string, P) bool) {
		for _, i := range s.set.loaded() {
			if !yield(i.plugin.name(), valueOf[P](i)) {
				return
			}
		}
	}
}

// Names returns the ids of the instances that the configuration names, sorted.
func (s *Set[P]) Names() []string {
	list := s.set.instances().list
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = p.name()
	}
	return names
}

// Plugins iterates over the instances that the configuration names, sorted by id.
func (s *Set[P]) Plugins() iter.Seq[Info] {
	return func(yield func(Info) bool) {
		for _, p := range s.set.instances().list {
			if !yield(p.info()) {
				return
			}
		}
	}
}

// Info returns the state of an instance, or an error that is [ErrNotFound].
func (s *Set[P]) Info(id string) (Info, error) {
	c := s.set.instances()
	p := c.find(id)
	if p == nil {
		return Info{}, s.set.wrap(id, &notFoundError{s.set.namespace, id, c, nil})
	}
	return p.info(), nil
}

// Specs returns the specs of all plugins that can have instances, sorted by name. It
// returns none if they cannot be found; Validate returns the error.
func (s *Set[P]) Specs() []*Spec {
	c, err := s.set.definitions.current()
	if err != nil {
		return nil
	}
	specs := make([]*Spec, len(c.list))
	for i, p := range c.list {
		specs[i] = p.spec
	}
	return specs
}

// Validate checks what can be checked without a configuration: that there are plugins,
// and that their specs can be used. It returns the joined errors, each an [*Error].
func (s *Set[P]) Validate() error { return s.set.validate() }

// Listen adds a listener to those of the options, until remove is called. If l is nil,
// nothing is added.
func (s *Set[P]) Listen(l Listener) (remove func()) {
	if l == nil {
		return func() {}
	}
	return s.set.listeners.add(l)
}

// Close closes all instances, the latest loaded first, as [Manager.Close] does. It
// waits for an Apply in progress, and abandons that when ctx ends. From then on Apply
// returns [ErrClosed]. If Close is called by code of an instance that is being loaded,
// reloaded or closed, it returns [ErrCycle], and the set stays open.
func (s *Set[P]) Close(ctx context.Context) error { return s.set.close(ctx) }

// An Action is what an Apply has done with an instance.
type Action uint8

// The actions.
const (
	Added    Action = iota // the instance is new
	Removed                // it is no longer in the configuration, and was closed
	Replaced               // it was closed, and another one was made
	Reloaded               // it was given other options
)

// String returns "added", "removed", "replaced" or "reloaded".
func (a Action) String() string {
	names := [...]string{"added", "removed", "replaced", "reloaded"}
	if int(a) < len(names) {
		return names[a]
	}
	return fmt.Sprint("action ", uint8(a))
}

// A Result is what an Apply has done.
type Result struct {
	// Applied reports whether the set is now what the configuration says.
	Applied bool

	// Superseded reports whether nothing was tried, since Apply was called again meanwhile.
	Superseded bool

	// Kept is the number of instances that did not change.
	Kept int

	// Changes are the changes of the others, sorted by id. Those that failed have an
	// error. If Applied is false, they were rolled back.
	Changes []Change

	// Missing are the ids of instances that the configuration in effect has and that
	// are not loaded, since this Apply or an earlier one could not start them again;
	// and, as namespace:name, of plugins of other managers. It is empty if Applied is
	// true.
	Missing []string

	// Duration is how long Apply took.
	Duration time.Duration
}

// A Change is what an Apply has done with one instance.
type Change struct {
	ID     string
	Spec   *Spec
	Action Action

	// Because is the id of the instance whose change made it necessary to replace this
	// one, if the options of this one are the same.
	Because string

	// Duration is how long it took to close, make and load, or reload the instance.
	Duration time.Duration

	// Err is why that failed, or what closing returned; nil otherwise.
	Err error
}

// String describes the change, as in "cpu/totals replaced in 1.5ms".
func (c Change) String() string {
	text := c.ID + " " + c.Action.String()
	if c.Because != "" {
		text += " because of " + c.Because
	}
	text += " in " + rounded(c.Duration).String()
	if c.Err != nil {
		text += ", failed"
	}
	return text
}

// String describes the result in one line, for a log.
func (r Result) String() string {
	if r.Superseded {
		return "superseded by a later configuration"
	}
	parts := []string{fmt.Sprintf("%d kept", r.Kept)}
	const most = 10
	for _, c := range r.Changes[:min(len(r.Changes), most)] {
		parts = append(parts, c.String())
	}
	if n := len(r.Changes) - most; n > 0 {
		parts = append(parts, fmt.Sprintf("%d more changed", n))
	}
	text := "applied in "
	if !r.Applied {
		text = "not applied, in "
	}
	text += rounded(r.Duration).String() + ": " + strings.Join(parts, "; ")
	if len(r.Missing) > 0 {
		text += "; missing: " + enumerate(len(r.Missing), func(i int) string { return r.Missing[i] })
	}
	return text
}

func rounded(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }

// IDs returns the ids of the instances with which an action was taken without an error.
func (r Result) IDs(a Action) (ids []string) {
	for _, c := range r.Changes {
		if c.Action == a && c.Err == nil {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// Failed returns the changes that have an error.
func (r Result) Failed() []Change {
	return slices.DeleteFunc(slices.Clone(r.Changes), func(c Change) bool { return c.Err == nil })
}
