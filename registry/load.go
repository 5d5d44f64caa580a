package registry

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// load returns the flight by which the plugin has been loaded, which may be
// one that was begun by someone else. The place is that in the errand's schedule.
func (c *container) load(e *errand, place int) (*flight, error) {
	for {
		if f := c.loaded(); f != nil {
			return f, nil
		}
		if err := ended(e.ctx); err != nil {
			return nil, c.wrap(PhaseResolve, err)
		}
		f, fresh, err := c.board(e)
		switch {
		case err != nil:
			return nil, err
		case f == nil:
			continue // loaded just now
		case fresh && e.schedule != nil:
			return f, e.schedule.fly(f, place)
		case fresh:
			return f, f.fly()
		}
		if err := await(e.ctx, f); err != nil {
			return nil, c.wrap(f.at(), err)
		}
		if f.closing() || f.retry {
			continue
		}
		return f, f.failure()
	}
}

// fly flies a load on behalf of a caller that has nothing else to do. If
// neither caller nor manager set an end to it, that is done on the caller's
// own goroutine; otherwise on one that can be left behind.
func (f *flight) fly() error {
	if waiting := flightOf(f.errand.Load().caller); waiting != nil {
		waiting.begins(f)
		defer waiting.ends(f)
	}
	if f.Done() == nil && f.container.m.loadTimeout == 0 {
		f.load(f.container.m.shelf(1), 0)
		return f.failure()
	}
	defer f.limit(f.container.m.loadTimeout)()
	go f.load(f.container.m.shelf(1), 0)
	select {
	case <-f.landed:
		return f.failure()
	case <-f.Done():
		return f.abandon(causeOf(f))
	}
}

// limit makes a flight one that can be abandoned, after a while if there is a
// limit to it. The caller has to cancel what it returns.
func (f *flight) limit(d time.Duration) context.CancelFunc {
	f.container.m.traffic.Lock()
	defer f.container.m.traffic.Unlock()
	f.expect()
	if d == 0 {
		return func() {}
	}
	e := *f.errand.Load()
	ctx, cancel := context.WithTimeout(e.ctx, d)
	e.ctx = ctx
	f.errand.Store(&e)
	return cancel
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
