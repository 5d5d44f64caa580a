package registry

import (
	"context"
	"errors"
	"fmt"
)

// load returns the flight by which the plugin has been loaded, which may be
// one that was begun by someone else. fly flies a flight that is not.
func (c *container) load(ctx context.Context, s *schedule, fly func(*flight) error) (*flight, error) {
	for {
		if f := c.loaded.Load(); f != nil {
			return f, nil
		}
		if err := ended(ctx); err != nil {
			return nil, c.wrap(PhaseResolve, err)
		}
		f, fresh, err := c.board(ctx, s)
		switch {
		case err != nil:
			return nil, err
		case f == nil:
			continue // loaded just now
		case fresh:
			if err := fly(f); err != nil {
				return nil, err
			}
			return f, nil
		}
		if err := await(ctx, f); err != nil {
			return nil, c.wrap(f.at(), err)
		}
		if f.closing || f.retry {
			continue
		}
		if f.err != nil {
			return nil, f.err
		}
		return f, nil
	}
}

// fly flies a load on behalf of a caller that has nothing else to do. If
// neither caller nor manager set an end to it, that is done on the caller's
// own goroutine; otherwise on one that can be left behind.
func (f *flight) fly() error {
	m := f.container.m
	if waiting := flightOf(f.caller); waiting != nil {
		waiting.begins(f)
		defer waiting.ends(f)
	}
	if m.loadTimeout > 0 {
		ctx, cancel := context.WithTimeout(f.caller, m.loadTimeout)
		defer cancel()
		f.Context = ctx
	}
	if f.Done() == nil {
		f.load()
		return f.failure()
	}
	f.container.mu.Lock()
	f.expect()
	f.container.mu.Unlock()
	go f.load()
	select {
	case <-f.landed:
		return f.failure()
	case <-f.Done():
		return f.abandon(causeOf(f))
	}
}

// ended returns why ctx has ended, if it has.
func ended(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return causeOf(ctx)
}

// causeOf returns the error of a context that has ended, and its cause if
// that says more.
func causeOf(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause == nil || errors.Is(err, cause) || errors.Is(cause, err) {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}
