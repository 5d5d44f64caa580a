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
// No lock is held while it flies.
type flight struct {
	stage atomic.Uint32 // a phase, with flags

	// Guarded by core.traffic, and final once the flight is over, as are landed and err.
	state     State // of the plugin, afterwards
	abandoned bool
	told      bool // listeners know how it ended
	retry     bool // it was cancelled: whoever waits may try again

	box       box    // the plugin, once it is loaded
	order     uint64 // among the loads of the manager
	container *container
	errand    atomic.Pointer[errand] // nil until it begins
	landed    chan struct{}          // closed when it is over; nil if nobody needs it
	err       *Error
}

// The stage of a flight is its phase, and what others have to know. A load that
// is not watched when it succeeds is over by one exchange, without a lock.
const (
	phaseMask uint32 = 3 // the phase less one, so that a load begins with PhaseInit

	watched uint32 = 1 << (iota + 1) // someone takes an interest in how it ends
	over
	loaded // successfully
)

// An errand is on whose behalf flights are.
type errand struct {
	ctx      context.Context // what the plugin's code has to heed
	caller   context.Context // that of whoever asked, which may last longer
	schedule *schedule       // that the loads are a part of, if any
}

// An attempt is what only the goroutine that flies knows of a flight.
type attempt struct {
	shelf    shelf // for the box
	place    int   // on the shelf
	made     any   // what the factory made
	box      box   // that it is in
	result   error // so far
	returned bool  // the plugin's code has returned, rather than panicked
	quiet    bool  // when it began there was nobody to ask or to tell
}

type flightKey struct{}

// A flight is a context: Deadline, Done and Err are those of its errand.
func (f *flight) Deadline() (time.Time, bool) { return f.ctx().Deadline() }
func (f *flight) Done() <-chan struct{}       { return f.ctx().Done() }
func (f *flight) Err() error                  { return f.ctx().Err() }

func (f *flight) ctx() context.Context { return f.errand.Load().ctx }

// Value lets loads that the plugin's code begins know on whose behalf they are.
func (f *flight) Value(key any) any {
	if _, ok := key.(flightKey); ok {
		return f
	}
	return f.ctx().Value(key)
}

// String is for those who print a context.
func (f *flight) String() string {
	return fmt.Sprintf("%v.registry(%s)", f.ctx(), f.container.spec.ID())
}

// flightOf returns the flight whose code ctx was given to, or nil.
func flightOf(ctx context.Context) *flight {
	f, _ := ctx.Value(flightKey{}).(*flight)
	return f
}

func (f *flight) closing() bool { return f.at() == PhaseClose }

func (f *flight) at() Phase { return Phase((f.stage.Load() + 1) & phaseMask) }

// inPhase is the stage of a flight that nobody watches.
func inPhase(p Phase) uint32 { return (uint32(p) - 1) & phaseMask }

// load takes the plugin from its spec to being loaded, and into a box on the shelf.
func (f *flight) load(s shelf, place int) {
	a := attempt{shelf: s, place: place}
	defer f.finish(&a)
	a.result = f.climb(&a)
	a.returned = true
}

// finish is deferred by load, so that it catches the panics of the plugin's code.
func (f *flight) finish(a *attempt) {
	if !a.returned {
		a.result = caught(recover())
	}
	if a.result == nil && f.arrive(a) {
		return
	}
	defer f.publish(a) // whatever happens, so that nobody waits for ever
	f.undo(a)
}

// arrive lands a flight that has succeeded and that nobody watches. That takes no lock.
func (f *flight) arrive(a *attempt) bool {
	f.box, f.order = a.box, f.container.m.order.Add(1)
	return f.stage.CompareAndSwap(inPhase(PhaseLoad), inPhase(PhaseLoad)|loaded|over)
}

// catch makes an error of a panic or of a runtime.Goexit.
func (a *attempt) catch() {
	if !a.returned {
		a.result = caught(recover())
	}
}

func (f *flight) climb(a *attempt) error {
	if a.quiet = !f.hasToAsk(); !a.quiet {
		if err := f.resolve(a); err != nil {
			return err
		}
	}
	able, err := f.init(a)
	if err != nil {
		return err
	}
	return f.start(a, able)
}

// enter begins a phase. The other flags may be set by others at the same time.
func (f *flight) enter(p Phase) {
	if at := f.at(); p != at {
		f.stage.Add(inPhase(p) - inPhase(at))
	}
}

func (f *flight) tell(a *attempt, m Moment) error {
	if a.quiet {
		return nil
	}
	return f.notify(m, a.made)
}

func (f *flight) notify(m Moment, made any) error {
	return f.container.m.notify(f, Event{Phase: f.at(), Moment: m, Spec: f.container.spec, Plugin: made})
}

// hasToAsk reports whether anything or anybody has a say in whether the plugin is loaded.
func (f *flight) hasToAsk() bool {
	c := f.container
	return c.broken != nil || c.spec.ShouldLoad != nil || len(c.spec.Requires) > 0 ||
		!c.m.listeners.empty() || c.m.filtering()
}

func (f *flight) resolve(a *attempt) error {
	c := f.container
	f.enter(PhaseResolve)
	if err := f.tell(a, Before); err != nil {
		return err
	}
	if c.broken != nil {
		return c.broken.Err
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
	return f.tell(a, After)
}

const falseCondition = "Load condition for plugin was false"

// init makes the plugin, and finds out what it is able to do.
func (f *flight) init(a *attempt) (able *abilities, err error) {
	c := f.container
	f.enter(PhaseInit)
	if err := f.tell(a, Before); err != nil {
		return nil, err
	}
	made, err := c.spec.New(c.spec)
	if err != nil {
		return nil, err
	}
	if made == nil {
		return nil, faultf(ErrContract, "the factory returned nil")
	}
	able = c.m.abilitiesOf(made)
	if err := able.absent(made); err != nil {
		return nil, err
	}
	a.made = made
	if a.box, err = a.shelf.put(a.place, made); err != nil {
		return nil, err
	}
	if err := able.wrong; err != nil {
		return nil, err
	}
	if err := able.wrongLoad; err != nil && c.m.contract.load == nil {
		return nil, err
	}
	return able, f.tell(a, After)
}

func (f *flight) start(a *attempt, able *abilities) (err error) {
	f.enter(PhaseLoad)
	if able.shouldLoad && !a.made.(conditional).ShouldLoad() {
		return Disabled(falseCondition)
	}
	if err := f.tell(a, Before); err != nil {
		return err
	}
	if load := f.container.m.contract.load; load != nil {
		err = load(f, a.box)
	} else if plugin, ok := a.made.(loader); ok {
		err = plugin.Load(f)
	}
	if err != nil {
		return err
	}
	return f.tell(a, After)
}

// undo leaves nothing open after a load that did not succeed: it tells the
// listeners, and closes what was made.
func (f *flight) undo(a *attempt) {
	if a.result == nil {
		return
	}
	c := f.container
	moment := Failed
	if d := asDisabled(a.result); d != nil {
		moment, a.result = Skipped, d
	}
	e := c.wrap(f.at(), a.result)
	a.result = e
	var errs []error
	if f.tellOnce() {
		errs = c.m.announce(f, Event{e.Phase, moment, c.spec, a.made, e})
	}
	if err := shut(context.WithoutCancel(f), a.made); err != nil { // maybe there is nobody left to return it to
		failed := &Error{c.m.namespace, c.spec.Name, PhaseClose, err, c.spec}
		c.m.announce(f, Event{PhaseClose, Failed, c.spec, a.made, failed})
		errs = append(errs, fmt.Errorf("close after that: %w", err))
	}
	if a.box != nil {
		a.box.clear()
	}
	switch cause := e.Err.(type) {
	case *disabled:
		if len(errs) > 0 {
			a.result = c.wrap(e.Phase, &disabled{cause.reason, errors.Join(errs...)})
		}
	default:
		if len(errs) > 0 {
			a.result = c.wrap(e.Phase, errors.Join(append([]error{cause}, errs...)...))
		}
	}
}

// tellOnce reports whether the listeners are still to be told how it ended.
func (f *flight) tellOnce() bool {
	f.container.m.traffic.Lock()
	defer f.container.m.traffic.Unlock()
	if f.told {
		return false
	}
	f.told = true
	return true
}

// publish says what came of a load. A load that nobody waits for any more is
// undone, now that it has come to an end.
func (f *flight) publish(a *attempt) {
	c := f.container
	c.m.traffic.Lock()
	if f.abandoned {
		c.m.traffic.Unlock()
		if a.result == nil {
			f.closeLate(a.made)
			f.box = nil
			a.box.clear()
		}
		return
	}
	defer c.m.traffic.Unlock()
	if a.result == nil {
		f.land(loaded)
		return
	}
	f.settle(c.wrap(f.at(), a.result))
	f.land(0)
}

// refuse ends a flight that has not done anything.
func (f *flight) refuse() {
	f.container.m.traffic.Lock()
	defer f.container.m.traffic.Unlock()
	if f.stage.Load()&over == 0 {
		f.state, f.retry = StateResolved, true
		f.land(0)
	}
}

// settle keeps why a load did not succeed. core.traffic is held.
func (f *flight) settle(e *Error) {
	_, disabled := e.Err.(*disabled)
	f.err = e
	switch {
	case disabled:
		f.state = StateDisabled
	case f.errand.Load().caller.Err() != nil: // cancellation is never final
		f.state, f.retry = StateResolved, true
	default:
		f.state = StateFailed
	}
}

// expect makes sure that there is something to wait for. It returns false if
// there is not, since the flight is over. core.traffic is held.
func (f *flight) expect() bool {
	if f.errand.Load() == nil || f.stage.Or(watched)&over != 0 {
		return false
	}
	if f.landed == nil {
		f.landed = make(chan struct{})
	}
	return true
}

// land ends the flight for its container, and for all who wait. core.traffic is held.
func (f *flight) land(how uint32) {
	f.stage.Or(over | how)
	if f.landed != nil {
		close(f.landed)
	}
}

// abandon gives up a load whose code goes on. It returns the error of the
// load, or nil if the load has succeeded in the meantime.
func (f *flight) abandon(why error) error {
	c := f.container
	c.m.traffic.Lock()
	if f.stage.Or(watched)&over != 0 {
		defer c.m.traffic.Unlock()
		return f.failure()
	}
	e := c.wrap(f.at(), fmt.Errorf("abandoned: %w", why))
	tell := !f.told
	f.abandoned, f.told = true, true
	f.settle(e)
	f.land(0)
	ctx := f.ctx()
	c.m.traffic.Unlock()
	if tell {
		c.m.announceFor(grace, ctx, Event{Phase: e.Phase, Moment: Failed, Spec: c.spec, Err: e})
	}
	return e
}

// failure returns err as an error that is nil if there is none. The flight is over.
func (f *flight) failure() error {
	if f.err == nil {
		return nil
	}
	return f.err
}

// closeLate closes a plugin that was loaded after its load had been abandoned.
// The listeners are told; there is nobody else left.
func (f *flight) closeLate(made any) {
	err := shut(context.WithoutCancel(f), made)
	e := Event{Phase: PhaseClose, Moment: After, Spec: f.container.spec, Plugin: made}
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
