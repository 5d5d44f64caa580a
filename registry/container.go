package registry

import (
	"strconv"
	"sync/atomic"
)

// A State is where a plugin is in its life.
//
//	                    ┌───────────── the next load ─────────────┐
//	                    ▼                                         │
//	Resolved ──▶ Init ──▶ Loaded ──▶ Closed ──────────────────────┤
//	    │         │                                               │
//	    └─────────┴─────▶ Failed, Disabled ───────────────────────┘
//
// A cancelled load leaves a plugin Resolved: cancellation is never final.
type State uint8

// The states of a plugin.
const (
	StateResolved State = iota // its spec is known
	StateInit                  // it has been made, and is being loaded
	StateLoaded                // it has been loaded, and can be used
	StateClosed                // it has been loaded and closed
	StateDisabled              // something decided that it should not load
	StateFailed                // its last load failed
)

// String returns "resolved", "init", "loaded", "closed", "disabled" or "failed".
func (s State) String() string {
	switch s {
	case StateResolved:
		return "resolved"
	case StateInit:
		return "init"
	case StateLoaded:
		return "loaded"
	case StateClosed:
		return "closed"
	case StateDisabled:
		return "disabled"
	case StateFailed:
		return "failed"
	}
	return "state " + strconv.Itoa(int(s))
}

// A container has what a manager knows of one plugin. There are as many as
// plugins, so they are made many at once, and kept small.
type container struct {
	m      *core
	spec   *Spec
	broken *Error // why the spec cannot be used

	// latest is the load or close that is going on, or else the latest one;
	// nil while that is first.
	latest atomic.Pointer[flight]
	first  flight // most plugins are loaded once
}

// prepare sets up a container for a spec.
func (c *container) prepare(m *core, s *Spec, broken error) {
	c.m, c.spec = m, s.resolved()
	c.first.container = c
	if len(c.spec.Requires) > 0 {
		m.requiring.Store(true)
	}
	if broken == nil {
		broken = s.check(m.namespace)
	}
	if broken != nil {
		c.broken = c.wrap(PhaseResolve, broken)
	}
}

// flight returns the latest flight, which may be one that has not begun.
func (c *container) flight() *flight {
	if f := c.latest.Load(); f != nil {
		return f
	}
	return &c.first
}

// loaded returns the flight by which the plugin was loaded; nil if it is not
// loaded. It is all that a Load of a loaded plugin has to look at.
func (c *container) loaded() *flight {
	if f := c.flight(); f.stage.Load()&loaded != 0 {
		return f
	}
	return nil
}

// board returns the flight that is going on; or a new one, which the caller
// has to fly; or nil if the plugin is loaded.
func (c *container) board(e *errand) (f *flight, fresh bool, err error) {
	if f, err = c.begin(e); f != nil || err != nil {
		return f, f != nil, err
	}
	return c.boardNext(e)
}

// begin returns the first flight, which the caller has to fly; or nil if it has begun already.
func (c *container) begin(e *errand) (*flight, error) {
	f := &c.first
	if f.errand.Load() != nil || !f.errand.CompareAndSwap(nil, e) {
		return nil, nil
	}
	if c.m.closed.Load() { // looked at last: close looks for flights after it has said so
		f.refuse()
		return nil, c.wrap(PhaseResolve, ErrClosed)
	}
	return f, nil
}

// boardNext is board after the first flight has begun.
func (c *container) boardNext(e *errand) (f *flight, fresh bool, err error) {
	c.m.traffic.Lock()
	defer c.m.traffic.Unlock()
	f = c.flight()
	switch {
	case f.stage.Load()&loaded != 0:
		return nil, false, nil
	case c.m.closed.Load():
		return nil, false, c.wrap(PhaseResolve, ErrClosed)
	case f.expect():
		return f, false, nil
	case f.stage.Load()&loaded != 0: // just now
		return nil, false, nil
	}
	return c.take(e, PhaseInit), true, nil
}

// take begins another flight than the first. core.traffic is held, and no flight is going on.
func (c *container) take(e *errand, p Phase) *flight {
	f := &flight{container: c}
	f.errand.Store(e)
	f.stage.Store(inPhase(p))
	c.latest.Store(f)
	return f
}

// now returns the state, and the error of the last load.
func (c *container) now() (State, error) {
	c.m.traffic.Lock()
	defer c.m.traffic.Unlock()
	f := c.flight()
	switch stage := f.stage.Load(); {
	case stage&loaded != 0:
		return StateLoaded, nil
	case stage&over != 0:
		return f.state, f.failure()
	case f.closing():
		return StateLoaded, nil
	case f.errand.Load() != nil && f.at() == PhaseLoad:
		return StateInit, nil
	}
	return StateResolved, nil
}

// wrap makes err an error of the plugin, unless it is one already.
func (c *container) wrap(phase Phase, err error) *Error {
	if e, ok := err.(*Error); ok && e != nil && e.Spec == c.spec {
		return e
	}
	return &Error{c.m.namespace, c.spec.Name, phase, err, c.spec}
}
