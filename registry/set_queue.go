package registry

import (
	"context"
	"slices"
)

// arrive returns the number of an Apply, unless it cannot be.
func (s *set) arrive(ctx context.Context) (number uint64, err error) {
	if err := s.checkUsable(ctx); err != nil {
		return 0, err
	}
	if err := s.checkCaller(ctx, "Apply"); err != nil {
		return 0, err
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	s.arrivals++
	return s.arrivals, nil
}

// checkCaller returns an error if the caller is code of an instance that is being loaded,
// reloaded or closed, or of a plugin that is an option of one.
func (s *set) checkCaller(ctx context.Context, method string) error {
	for c := callOf(ctx); c != nil; c = c.parent() {
		m := c.plugin.m
		if c.plugin.spec == nil || !m.isInProgress(c) {
			continue
		}
		for m.owner != nil {
			m = m.owner
		}
		if m == &s.core {
			return s.wrap("", faultf(ErrCycle, "%s of the set is called by its own plugin %s, "+
				"which it would wait for: call it when the plugin is loaded, or from elsewhere",
				method, c.plugin.id()))
		}
	}
	return nil
}

// newCall returns the call that stands for an Apply.
func (s *set) newCall(ctx context.Context) *call {
	c := (&plugin{m: &s.core}).newCall(ctx)
	c.result = &result{done: make(chan struct{})}
	return c
}

// takeTurn waits until no other Apply or Close runs. It reports whether another one with a
// higher number has come before, or waits.
func (s *set) takeTurn(c *call, number uint64) (overtaken bool, err error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.waiting = append(s.waiting, number)
	defer func() {
		s.waiting = slices.DeleteFunc(s.waiting, func(n uint64) bool { return n == number })
	}()
	for {
		switch {
		case s.closed.Load() || s.ending:
			return false, s.wrap("", ErrClosed)
		case s.last > number || slices.Max(s.waiting) > number:
			return true, nil
		case s.applying == nil:
			s.applying, s.last = c, number
			return false, nil
		}
		other := s.applying
		s.turn.Unlock()
		err := wait(c.Context, other, other.result)
		s.turn.Lock()
		if err != nil {
			return false, s.wrap("", err)
		}
	}
}

func (s *set) endTurn(c *call) {
	s.turn.Lock()
	defer s.turn.Unlock()
	c.over.Store(true)
	if s.applying == c {
		s.applying = nil
	}
	close(c.result.done)
}

// close closes the set, after the Apply that is going on, or beside it if ctx ends.
func (s *set) close(ctx context.Context) error {
	if ctx == nil {
		return s.wrap("", nilContext())
	}
	if err := s.checkCaller(ctx, "Close"); err != nil {
		return err
	}
	if err := s.takeLastTurn(ctx); err != nil {
		return err
	}
	return s.core.close(ctx)
}

// takeLastTurn waits for the Apply that is going on. Those that wait have no turn any more,
// unless a cycle of calls that wait for each other keeps the set from being closed.
func (s *set) takeLastTurn(ctx context.Context) error {
	for {
		s.turn.Lock()
		other := s.applying
		s.ending = true
		s.turn.Unlock()
		if other == nil {
			return nil
		}
		err := wait(ctx, other, other.result)
		if f, ok := err.(*fault); ok && f.kind == ErrCycle {
			s.turn.Lock()
			s.ending = s.closed.Load()
			s.turn.Unlock()
			return s.wrap("", err)
		}
		if err != nil {
			return nil // closing abandons what is going on
		}
	}
}
