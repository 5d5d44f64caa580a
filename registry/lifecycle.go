package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/plugingen/plugingen/registry/generated"
)

// A State is where a plugin is in its life.
//
//	                    ┌──────────────────── the next load ────────────────────┐
//	                    ▼                                                       │
//	Resolved ──▶ Init ──▶ Loaded ──▶ Closing ──▶ Closed ────────────────────────┤
//	    │         │                                                             │
//	    └─────────┴─────▶ Failed, Disabled ─────────────────────────────────────┘
//
// A cancelled load leaves a plugin Resolved: cancellation is never final.
type State uint8

// The states of a plugin.
const (
	StateResolved State = iota // its spec is known
	StateInit                  // it has been made, and is being loaded
	StateLoaded                // it has been loaded, and can be used
	StateClosing               // it has been loaded, and is being closed
	StateClosed                // it has been loaded and closed
	StateDisabled              // something decided that it should not load
	StateFailed                // its last load failed
)

// String returns "resolved", "init", "loaded", "closing", "closed", "disabled" or "failed".
func (s State) String() string {
	names := [...]string{"resolved", "init", "loaded", "closing", "closed", "disabled", "failed"}
	if int(s) < len(names) {
		return names[s]
	}
	return "state " + strconv.Itoa(int(s))
}

// A plugin is a plugin of a manager, or an instance in a set. It has at most one loaded
// instance, and at most one call in progress, at a time.
type plugin struct {
	m      *core
	spec   *Spec
	broken *Error // why the spec cannot be used, or nil

	// loaded is what a Load returns without taking a lock. It is written with core.mu
	// held. While the plugin is closed, it is set until the plugins that require the
	// instance have been closed.
	loaded atomic.Pointer[instance]

	// The rest is guarded by core.mu.
	call      *call  // the load, reload or close in progress, or nil
	err       *Error // of the last call
	place     int32  // in core.active
	state     State  // after the last call
	forgotten bool   // it was removed from the catalog and the index

	child *generated.Child      // the option that the plugin is, or nil
	entry atomic.Pointer[entry] // of an instance of a Set, or nil
}

// An instance is what a factory has made, once it is loaded.
type instance struct {
	plugin *plugin
	made   any // what the factory returned
	value  any // a *P: the same, as the manager's contract

	*edges // nil if there are none; guarded by core.mu
}

// edges connect an instance with others that have to be closed before or after it.
type edges struct {
	requires   []*instance // closed after this one
	children   []*instance // its options that are plugins, closed with it
	dependents []*plugin   // loaded, or being loaded, plugins that require this one; closed before it
}

// edgesOf returns the edges of an instance, which it makes if there are none. core.mu
// is held.
func (i *instance) edgesOf() *edges {
	if i.edges == nil {
		i.edges = new(edges)
	}
	return i.edges
}

// A call is a load, a reload or a close in progress, as in singleflight: one goroutine
// runs it, and others wait for it. It is the context of the plugin's code, or the
// parent of that, so that a call that this code requests has this one as its parent.
//
// No lock is held while code of a plugin or a listener runs. A call can be abandoned:
// then its waiters return at once, and the goroutine that runs it only cleans up when
// the code returns.
type call struct {
	context.Context         // of the caller
	plugin          *plugin // without a spec if the call is the Close of a manager, or an Apply
	batch           *batch  // the batch that the load is a part of, or nil

	phase   atomic.Uint32 // a Phase, set by the code that runs the call
	over    atomic.Bool   // failed, abandoned, or done but for a load: see isOver; set with core.mu held
	applies bool          // it is part of an Apply, and so may start an instance of a Set

	// The rest is guarded by core.mu.
	announced bool         // listeners have been called because it failed
	forced    bool         // a close must not leave the plugin loaded
	requires  *[]*instance // the instances that are held for this one, or nil
	result    *result      // nil until a goroutine waits, or the load has failed
}

// A result is what waiters for a call receive.
type result struct {
	done     chan struct{} // closed when the rest is set
	instance *instance     // that was loaded
	err      *Error
	retry    bool // the call was over before it had a result: waiters try again
}

type callKey struct{}

// Value lets callOf find the call.
func (c *call) Value(key any) any {
	if key == (callKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// String describes the context, as those of package context do.
func (c *call) String() string { return fmt.Sprintf("%v.registry(%s)", c.Context, c.name()) }

// name returns the name of the call in messages about cycles of calls that wait for
// each other.
func (c *call) name() string {
	switch {
	case c.plugin.spec != nil:
	case c.at() == PhaseClose:
		return "Close of " + c.plugin.m.namespace
	default:
		return "Apply of " + c.plugin.m.namespace
	}
	return c.plugin.id()
}

// callOf returns the call that ctx comes from: ctx is the context of its code, or
// derived from that. It returns nil if there is none.
func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// parent returns the call whose code has requested this one, or nil.
func (c *call) parent() *call {
	if c.batch != nil {
		return c.batch.parent // which it has looked up once
	}
	return callOf(c.Context)
}

// SpecFrom returns the spec of the plugin that ctx belongs to: the context that its
// Load, Reload or Close, or a listener that is called for it, was passed, or one
// derived from that. It returns nil for other contexts. [Spec.InstanceID] is the name
// of the plugin in this program.
//
// A factory has no context; it can take the spec instead.
func SpecFrom(ctx context.Context) *Spec {
	for c := callOf(ctx); c != nil; c = c.parent() {
		if c.plugin.spec != nil {
			return c.plugin.spec
		}
	}
	return nil
}

// newCall returns a call that has not begun.
func (p *plugin) newCall(ctx context.Context) *call {
	return &call{Context: ctx, plugin: p}
}

// name is what the manager has the plugin by.
func (p *plugin) name() string { return p.spec.InstanceID() }

func (p *plugin) id() string { return p.m.namespace + ":" + shown(p.name()) }

// wrap makes err an error of the plugin, unless it is one already. It is not inlined,
// so that functions that may fail need less stack.
//
//go:noinline
func (p *plugin) wrap(phase Phase, err error) *Error {
	if e, ok := err.(*Error); ok && e != nil && e.Spec == p.spec {
		return e
	}
	return &Error{p.m.namespace, p.name(), phase, err, p.spec}
}

// info returns what is known of the plugin at one moment.
func (p *plugin) info() Info {
	info, children := p.infoWithoutChildren()
	for _, i := range children {
		info.Children = append(info.Children, i.plugin.info())
	}
	return info
}

// infoWithoutChildren is info without Children, whose instances it returns instead.
func (p *plugin) infoWithoutChildren() (info Info, children []*instance) {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	info.Spec = p.spec
	if p.child != nil {
		info.Option = p.child.Value.Path()
	}
	switch c, i := p.call, p.loaded.Load(); {
	case i != nil:
		info.State, info.Plugin = StateLoaded, i.made
		if i.edges != nil {
			children = i.children
		}
	case c == nil:
		if info.State = p.state; p.err != nil {
			info.Err, info.Reason = p.err, p.err.Reason()
		}
	case c.at() == PhaseClose:
		info.State = StateClosing
	case c.at() == PhaseLoad:
		info.State = StateInit
	}
	return info, children
}

// load returns the plugin's instance, after loading it if it is not loaded. If no other
// call is in progress, it runs c, a new call.
func (p *plugin) load(c *call) (*instance, error) {
	if p.m.set != nil {
		c.applies = c.isPartOfApply()
	}
	for {
		if i := p.loaded.Load(); i != nil {
			return i, nil
		}
		if err := ended(c.Context); err != nil {
			return nil, p.wrap(PhaseResolve, err)
		}
		other, r, err := p.beginLoad(c)
		switch {
		case err == errForgotten:
			p.m.remember(p)
			continue
		case err != nil:
			return nil, err
		case other == c:
			return c.run()
		case other == nil:
			continue // loaded just now
		}
		if err := wait(c.Context, other, r); err != nil {
			return nil, p.wrap(other.at(), err)
		}
		if !r.retry {
			return r.outcome()
		}
	}
}

// errForgotten is the error of beginLoad for a plugin that was removed from the registry
// after LoadAll had planned to load it. Its name no longer leads to it.
var errForgotten = errors.New("forgotten")

// outcome returns the instance or the error.
func (r *result) outcome() (*instance, error) {
	if r.err != nil { // a nil *Error in an interface would not be nil
		return nil, r.err
	}
	return r.instance, nil
}

// beginLoad makes c, a load, the call in progress, and returns it. If there is another,
// it returns that one and its result to wait for; if the plugin is loaded, nil.
func (p *plugin) beginLoad(c *call) (*call, *result, error) {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	switch {
	case p.loaded.Load() != nil:
		return nil, nil, nil
	case p.m.set != nil && p.forgotten:
		return nil, nil, p.wrap(PhaseResolve, notRunning())
	case p.call != nil:
		return p.call, p.call.pending(), nil
	case p.m.closed.Load():
		return nil, nil, p.wrap(PhaseResolve, ErrClosed)
	case p.m.set != nil && !c.applies:
		return nil, nil, p.wrap(PhaseResolve, notRunning())
	case p.forgotten:
		return nil, nil, errForgotten
	}
	p.call = c
	p.m.active.append(p)
	p.recordLoadStart()
	return c, nil, nil
}

// beginWhileLoaded makes c, a close or a reload, the call in progress, and returns it.
// If there is another, it returns that one and its result to wait for; if the plugin is
// not loaded, nil. A close in progress is forced from then on if c is.
func (p *plugin) beginWhileLoaded(c *call) (*call, *result) {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	switch {
	case p.call != nil:
		p.call.forced = p.call.forced || c.forced
		return p.call, p.call.pending()
	case p.loaded.Load() == nil:
		return nil, nil
	}
	p.call = c
	return c, nil
}

// inProgress returns the call of the plugin that is in progress, and its result to wait
// for; nil if there is none.
func (p *plugin) inProgress() (*call, *result) {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	if p.call == nil {
		return nil, nil
	}
	return p.call, p.call.pending()
}

// pending returns the result of the call for a waiter. core.mu is held.
func (c *call) pending() *result {
	if c.result == nil {
		c.result = &result{done: make(chan struct{})}
	}
	return c.result
}

// at returns the phase that the call is in.
func (c *call) at() Phase { return Phase(c.phase.Load()) }

// run runs a load: on the goroutine of the caller if nothing can end the load before
// its code has returned, or if it is part of a batch, which abandons it if necessary.
func (c *call) run() (*instance, error) {
	if c.batch != nil && c.batch.stopped.Load() != nil {
		return nil, c.refuse()
	}
	if parent := c.parent(); parent != nil {
		parent.startsWaiting(c)
		defer parent.stopsWaiting(c)
	}
	timeout := c.plugin.m.loadTimeout
	if timeout == 0 && (c.batch != nil || c.Done() == nil) {
		return c.execute(c)
	}
	return c.runApart(timeout)
}

// runApart runs a load in a goroutine of its own, and abandons it when its context has
// ended or it has taken longer than the timeout.
func (c *call) runApart(timeout time.Duration) (*instance, error) {
	ctx, r, cancel := c.limit(timeout)
	defer cancel()
	go func() { _, _ = c.execute(ctx) }()
	select {
	case <-r.done:
	case <-ctx.Done():
		c.abandon(causeOf(ctx))
	}
	<-r.done
	return r.outcome()
}

// refuse ends a call before it has done anything, since its batch was stopped.
func (c *call) refuse() error {
	p := c.plugin
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	if !c.over.Load() {
		c.over.Store(true)
		c.finish(nil, nil, true)
		p.m.active.remove(p)
	}
	return c.batch.stopped.Load()
}

// limit returns a context for the plugin's code that ends after d, or c itself if d is
// 0, and the result of the call to wait for.
func (c *call) limit(d time.Duration) (context.Context, *result, context.CancelFunc) {
	c.plugin.m.mu.Lock()
	r := c.pending()
	c.plugin.m.mu.Unlock()
	if d == 0 {
		return c, r, func() {}
	}
	ctx, cancel := context.WithTimeout(c, d)
	return ctx, r, cancel
}

// enter begins a phase, or another step of the same phase. It returns errAbandoned if
// the call has been abandoned: then of the plugin's code only its Close may be called.
func (c *call) enter(phase Phase) error {
	if c.over.Load() {
		return errAbandoned
	}
	if c.at() != phase {
		c.phase.Store(uint32(phase))
	}
	return nil
}

// isOver reports whether the call has succeeded, failed or been abandoned. A load that
// succeeds does not set over, which saves an atomic write for each plugin. core.mu is
// held.
func (c *call) isOver() bool { return c.over.Load() || c.plugin.call != c }

// isInProgress reports whether a call is not over.
func (m *core) isInProgress(c *call) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !c.isOver()
}

// errAbandoned stops a load that has been abandoned. It is never returned to a caller.
var errAbandoned = errors.New("abandoned")

// abandon ends a call whose code goes on, with an error. It reports whether the call
// was not over yet.
func (c *call) abandon(why error) bool {
	err := fmt.Errorf("abandoned: %w", why)
	e, first := c.fail(func(phase Phase) *Error { return c.plugin.wrap(phase, err) })
	if e != nil && first {
		c.plugin.m.announceFor(c, grace, Event{Phase: e.Phase, Moment: Failed, Spec: c.plugin.spec, Err: e})
	}
	return e != nil
}

// fail ends a load that did not succeed, unless it is over. It returns the error and
// whether the caller must announce it to listeners.
func (c *call) fail(why func(Phase) *Error) (e *Error, first bool) {
	p := c.plugin
	p.m.mu.Lock()
	if c.isOver() {
		p.m.mu.Unlock()
		return nil, false
	}
	c.over.Store(true)
	e, first = why(c.at()), !c.announced
	c.announced = true
	c.pending().err = e // for the goroutine that runs the load, too
	requires := c.requires
	p.m.mu.Unlock()

	if requires != nil { // before the call is over: a close of what the plugin required need not close it
		release(p, *requires)
	}
	cancelled := c.Err() != nil // without the lock: a context may be of a type whose code uses the manager

	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	p.recordLoadTime()
	if p.loaded.Load() != nil { // a reload
		c.finish(nil, e, false)
		return e, first
	}
	p.err = e
	switch e.Err.(type) {
	case *disabled:
		p.state, cancelled = StateDisabled, false
	default:
		if p.state = StateFailed; cancelled {
			p.state = StateResolved
		}
	}
	c.finish(nil, e, cancelled)
	p.m.active.remove(p)
	return e, first
}

// finish releases the plugin and all waiters of the call. core.mu is held.
func (c *call) finish(i *instance, e *Error, retry bool) {
	c.plugin.call = nil
	r := c.result
	if r == nil {
		return
	}
	r.instance, r.err, r.retry = i, e, retry
	if i != nil {
		c.result = nil // to release memory: the plugin's code may keep the call, as its context
	}
	close(r.done)
}

// hold adds user to the dependents of the plugin's instance, so that user is closed
// before that. It returns the instance, or nil if the plugin is not loaded.
func (p *plugin) hold(user *plugin) *instance {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	i := p.loaded.Load()
	if i != nil {
		e := i.edgesOf()
		e.dependents = append(e.dependents, user)
	}
	return i
}

// release undoes hold.
func release(user *plugin, held []*instance) {
	for _, i := range held {
		i.plugin.m.mu.Lock()
		for at := len(i.dependents) - 1; at >= 0; at-- {
			if i.dependents[at] == user {
				i.dependents = slices.Delete(i.dependents, at, at+1)
				break
			}
		}
		i.plugin.m.mu.Unlock()
	}
}
