package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// A flight is one load or one close of a plugin, from begin to end, and the
// context in which the plugin's code runs. One goroutine flies it; others
// may wait until it has landed, and anyone may abandon it.
//
// No lock is held while it flies: its own fields belong to the goroutine that
// flies it, unless they say otherwise.
type flight struct {
	container *container
	errand    *errand

	made   any   // what the factory made
	out    any   // a *P with the same in it, for the manager
	result error // so far

	phase    atomic.Uint32
	returned bool // the plugin's code has returned, rather than panicked
	closing  bool

	// Guarded by container.mu, and final once landed is closed.
	over      bool
	abandoned bool
	told      bool          // listeners know how it ended
	retry     bool          // it was cancelled: whoever waits may try again
	landed    chan struct{} // nil if nobody needs it
	err       *Error
	order     uint64 // among the loads of the manager
}

// An errand is on whose behalf flights are.
type errand struct {
	ctx      context.Context // what the plugin's code has to heed
	caller   context.Context // that of whoever asked, which may last longer
	schedule *schedule       // that the loads are a part of, if any
}

type flightKey struct{}

// A flight is a context: Deadline, Done and Err are those of its errand.
func (f *flight) Deadline() (time.Time, bool) { return f.errand.ctx.Deadline() }
func (f *flight) Done() <-chan struct{}       { return f.errand.ctx.Done() }
func (f *flight) Err() error                  { return f.errand.ctx.Err() }

// Value lets loads that the plugin's code begins know on whose behalf they are.
func (f *flight) Value(key any) any {
	if _, ok := key.(flightKey); ok {
		return f
	}
	return f.errand.ctx.Value(key)
}

// String is for those who print a context.
func (f *flight) String() string {
	return fmt.Sprintf("%v.registry(%s)", f.errand.ctx, f.container.spec.ID())
}

// flightOf returns the flight whose code ctx was given to, or nil.
func flightOf(ctx context.Context) *flight {
	f, _ := ctx.Value(flightKey{}).(*flight)
	return f
}

func (f *flight) at() Phase { return Phase(f.phase.Load()) }

// load takes the plugin from its spec to being loaded.
func (f *flight) load() {
	defer f.publish() // last, and whatever happens, so that nobody waits for ever
	defer f.undo()
	defer f.catch()
	f.result = f.climb()
	f.returned = true
}

// catch makes an error of a panic or of a runtime.Goexit.
func (f *flight) catch() {
	if !f.returned {
		f.result = caught(recover())
	}
}

func (f *flight) climb() error {
	if err := f.resolve(); err != nil {
		return err
	}
	able, err := f.init()
	if err != nil {
		return err
	}
	return f.start(able)
}

// enter begins a phase.
func (f *flight) enter(p Phase) error {
	if p != f.at() {
		f.phase.Store(uint32(p))
	}
	return f.tell(Before)
}

func (f *flight) tell(m Moment) error {
	if f.container.m.listeners.empty() {
		return nil
	}
	return f.container.m.notify(f, Event{Phase: f.at(), Moment: m, Spec: f.container.spec, Plugin: f.made})
}

func (f *flight) resolve() error {
	c := f.container
	if err := f.enter(PhaseResolve); err != nil {
		return err
	}
	if c.broken != nil {
		return c.broken
	}
	if err := c.m.filter(c.spec); err != nil {
		return err
	}
	if c.spec.ShouldLoad != nil && !c.spec.ShouldLoad(c.spec) {
		return Disabled(falseCondition)
	}
	if err := f.require(); err != nil {
		return err
	}
	return f.tell(After)
}

const falseCondition = "Load condition for plugin was false"

// init makes the plugin, and finds out what it is able to do.
func (f *flight) init() (*abilities, error) {
	if err := f.enter(PhaseInit); err != nil {
		return nil, err
	}
	c := f.container
	made, err := c.spec.New(c.spec)
	if err != nil {
		return nil, err
	}
	if err := present(made); err != nil {
		return nil, err
	}
	f.made = made
	if f.out == nil {
		f.out = c.m.boxes(1)(0)
	}
	if err := c.m.accept(made, f.out); err != nil {
		return nil, err
	}
	able := abilitiesOf(made)
	if able.otherLoad != nil && c.m.contract.load == nil {
		return nil, able.otherLoad
	}
	if able.other != nil {
		return nil, able.other
	}
	return able, f.tell(After)
}

func (f *flight) start(able *abilities) (err error) {
	f.phase.Store(uint32(PhaseLoad))
	if able.shouldLoad && !f.made.(conditional).ShouldLoad() {
		return Disabled(falseCondition)
	}
	if err := f.tell(Before); err != nil {
		return err
	}
	switch load := f.container.m.contract.load; {
	case load != nil:
		err = load(f, f.out)
	case able.load:
		err = f.made.(loader).Load(f)
	}
	if err != nil {
		return err
	}
	return f.tell(After)
}

// undo leaves nothing open after a load that did not succeed: it tells the
// listeners, and closes what was made.
func (f *flight) undo() {
	if f.result == nil {
		return
	}
	c := f.container
	moment := Failed
	if d, ok := asDisabled(f.result); ok {
		moment, f.result = Skipped, d
	}
	e := c.wrap(f.at(), f.result)
	f.result = e
	var errs []error
	if f.tellOnce() {
		errs = c.m.announce(f, Event{e.Phase, moment, c.spec, f.made, e})
	}
	if err := shut(context.WithoutCancel(f), f.made); err != nil {
		errs = append(errs, fmt.Errorf("close after that: %w", err))
	}
	if len(errs) > 0 && moment == Failed {
		f.result = c.wrap(e.Phase, errors.Join(append([]error{e.Err}, errs...)...))
	}
}

// tellOnce reports whether the listeners are still to be told how it ended.
func (f *flight) tellOnce() bool {
	f.container.mu.Lock()
	defer f.container.mu.Unlock()
	if f.told {
		return false
	}
	f.told = true
	return true
}

// publish says what came of a load. A load that nobody waits for any more is
// undone, now that it has come to an end.
func (f *flight) publish() {
	c := f.container
	c.mu.Lock()
	if f.abandoned {
		c.mu.Unlock()
		if f.result == nil {
			f.closeLate()
		}
		return
	}
	defer c.mu.Unlock()
	if f.result == nil {
		c.state, c.err = StateLoaded, nil
		f.order = c.m.order.Add(1)
		c.loaded.Store(f)
	} else {
		f.settle(c.wrap(f.at(), f.result))
		f.made, f.out = nil, nil // closed; not to be kept alive by its error
	}
	f.land()
}

// settle keeps why a load did not succeed. c.mu is held.
func (f *flight) settle(e *Error) {
	c := f.container
	f.err = e
	_, disabled := e.Err.(*disabled)
	switch {
	case disabled:
		c.state, c.err = StateDisabled, e
	case f.errand.caller.Err() != nil: // cancellation is never final
		c.state, c.err, f.retry = StateResolved, nil, true
	default:
		c.state, c.err = StateFailed, e
	}
}

// expect makes sure that there is something to wait for. c.mu is held.
func (f *flight) expect() {
	if f.landed == nil {
		f.landed = make(chan struct{})
	}
}

// land ends the flight for its container, and for all who wait. c.mu is held.
func (f *flight) land() {
	f.container.flight, f.over = nil, true
	if f.landed != nil {
		close(f.landed)
	}
}

// abandon gives up a load whose code goes on. It returns the error of the
// load, or nil if the load has succeeded in the meantime.
func (f *flight) abandon(why error) error {
	c := f.container
	c.mu.Lock()
	if f.over {
		defer c.mu.Unlock()
		return f.failure()
	}
	e := c.wrap(f.at(), fmt.Errorf("abandoned: %w", why))
	tell := !f.told
	f.abandoned, f.told = true, true
	f.settle(e)
	f.land()
	ctx := f.errand.ctx
	c.mu.Unlock()
	if tell {
		c.m.announce(ctx, Event{Phase: e.Phase, Moment: Failed, Spec: c.spec, Err: e})
	}
	return e
}

// failure returns err as an error that is nil if there is none.
func (f *flight) failure() error {
	if f.err == nil {
		return nil
	}
	return f.err
}

// closeLate closes a plugin that was loaded after its load had been abandoned.
// The listeners are told; there is nobody else left.
func (f *flight) closeLate() {
	err := shut(context.WithoutCancel(f), f.made)
	e := Event{Phase: PhaseClose, Moment: After, Spec: f.container.spec, Plugin: f.made}
	if err != nil {
		e.Moment, e.Err = Failed, f.container.wrap(PhaseClose, err)
	}
	f.container.m.announce(f, e)
}

// shut closes an instance, if it can be closed.
func shut(ctx context.Context, made any) error {
	if made == nil {
		return nil
	}
	switch a := abilitiesOf(made); {
	case a.closes:
		return guard(func() error { return made.(closer).Close(ctx) })
	case a.closesIO:
		return guard(func() error { return made.(io.Closer).Close() })
	}
	return nil
}
