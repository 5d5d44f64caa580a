package registry

import (
	"strconv"
	"sync"
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

// A container has what a manager knows of one plugin.
type container struct {
	m      *core
	spec   *Spec
	broken error // why the spec cannot be used

	// loaded is the flight by which the plugin was loaded; nil if it is not
	// loaded. It is all that a Load of a loaded plugin has to look at.
	loaded atomic.Pointer[flight]

	listed bool // in the manager's roster; guarded by core.mu

	mu     sync.Mutex
	state  State   // while no flight is going on
	flown  bool    // first has been used
	err    error   // why the plugin is disabled or failed
	flight *flight // the load or the close that is going on
	first  flight  // saves an allocation: most plugins are loaded once
}

// prepare sets up a container for a spec.
func (c *container) prepare(m *core, s *Spec, broken error) {
	c.m, c.spec = m, s.resolved()
	if broken == nil {
		broken = s.check(m.namespace)
	}
	if broken != nil {
		c.broken = broken
	}
}

// board returns the flight that is going on; or a new one, which the caller
// has to fly; or nil if the plugin is loaded.
func (c *container) board(e *errand) (f *flight, fresh bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.loaded.Load() != nil:
		return nil, false, nil
	case c.m.closed.Load():
		return nil, false, c.wrap(PhaseResolve, ErrClosed)
	case c.flight != nil:
		c.flight.expect()
		return c.flight, false, nil
	}
	return c.take(e), true, nil
}

// take begins a flight. c.mu is held, and no other flight is going on.
func (c *container) take(e *errand) *flight {
	f := &c.first
	if c.flown {
		f = new(flight)
	}
	c.flown = true
	f.container, f.errand = c, e
	c.flight = f
	return f
}

// now returns the state, and the error of the last load.
func (c *container) now() (State, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch f := c.flight; {
	case c.loaded.Load() != nil:
		return StateLoaded, nil
	case f == nil:
		return c.state, c.err
	case f.closing:
		return StateLoaded, nil
	case f.at() == PhaseLoad:
		return StateInit, nil
	}
	return StateResolved, nil
}

// wrap makes err an error of the plugin, unless it is one already.
func (c *container) wrap(phase Phase, err error) *Error {
	if e, ok := err.(*Error); ok && e.Spec == c.spec {
		return e
	}
	return &Error{c.spec.Namespace, c.spec.Name, phase, err, c.spec}
}
