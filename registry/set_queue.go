package registry

import (
	"context"
	"slices"
)

// enqueue returns the number of an Apply that has just been called: later ones have higher
// numbers. It returns an error if the set can't be used, or not by this caller.
func (s *set) enqueue(ctx context.Context) (number uint64, err error) {
	if err := s.checkUsable(ctx); err != nil {
		return 0, err
	}
	if err := s.checkCaller(ctx, "Apply"); err != nil {
		return 0, err
	}
	s.queueMu.Lock()
	defer s.queueMu.Unlock()
	s.sequence++
	return s.sequence, nil
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

// newCall returns a call that stands for an Apply in the graph of waits.
func (s *set) newCall(ctx context.Context) *call {
	c := (&plugin{m: &s.core}).newCall(ctx)
	c.result = &result{done: make(chan struct{})}
	return c
}

// waitToStart waits until no other Apply or Close runs, and makes c the one that does.
// It does not if an Apply with a higher number has started or waits: then this one is
// superseded.
func (s *set) waitToStart(c *call, number uint64) (superseded bool, err error) {
	s.queueMu.Lock()
	defer s.queueMu.Unlock()
	s.waiting = append(s.waiting, number)
	defer func() {
		s.waiting = slices.DeleteFunc(s.waiting, func(n uint64) bool { return n == number })
	}()
	for {
		switch {
		case s.closed.Load() || s.closeRequested:
			return false, s.wrap("", ErrClosed)
		case s.started > number || slices.Max(s.waiting) > number:
			return true, nil
		case s.applying == nil:
			s.applying, s.started = c, number
			return false, nil
		}
		other := s.applying
		s.queueMu.Unlock()
		err := wait(c.Context, other, other.result)
		s.queueMu.Lock()
		if err != nil {
			return false, s.wrap("", err)
		}
	}
}

// finishApply makes room for the next Apply or Close, and releases those who wait for c.
func (s *set) finishApply(c *call) {
	s.queueMu.Lock()
	defer s.queueMu.Unlock()
	c.over.Store(true)
	if s.applying == c {
		s.applying = nil
	}
	close(c.result.done)
}

// close implements Set.Close.
func (s *set) close(ctx context.Context) error {
	if ctx == nil {
		return s.wrap("", nilContext())
	}
	if err := s.checkCaller(ctx, "Close"); err != nil {
		return err
	}
	if err := s.waitToClose(ctx); err != nil {
		return err
	}
	return s.core.close(ctx)
}

// waitToClose waits for the Apply in progress, until ctx ends. Others can no longer
// start. If the Apply waits for the caller, the error is ErrCycle, and the set stays
// open.
func (s *set) waitToClose(ctx context.Context) error {
	for {
		s.queueMu.Lock()
		other := s.applying
		s.closeRequested = true
		s.queueMu.Unlock()
		if other == nil {
			return nil
		}
		err := wait(ctx, other, other.result)
		if f, ok := err.(*fault); ok && f.kind == ErrCycle {
			s.queueMu.Lock()
			s.closeRequested = s.closed.Load()
			s.queueMu.Unlock()
			return s.wrap("", err)
		}
		if err != nil {
			return nil // core.close abandons what is in progress
		}
	}
}
