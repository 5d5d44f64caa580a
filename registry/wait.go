package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// waits is the graph of calls that wait for others, in all managers: a call waits for
// those that its code has requested, whichever goroutine runs them. Calls that wait for
// none are not in it, as most loads are not.
//
// The parents of calls do not show all cycles: if a loads b, and at the same time b
// loads a, each on a goroutine of its own, neither call is a parent of the other.
var waits struct {
	sync.Mutex
	on map[*call][]*call
}

// startsWaiting adds to the graph that c waits for other, which has just begun, so that
// it does not wait for c.
func (c *call) startsWaiting(other *call) {
	waits.Lock()
	defer waits.Unlock()
	c.addWait(other)
}

// addWait adds to the graph that c waits for other. waits is locked.
func (c *call) addWait(other *call) {
	if waits.on == nil {
		waits.on = make(map[*call][]*call)
	}
	waits.on[c] = append(waits.on[c], other)
}

// stopsWaiting undoes startsWaiting or tryWaiting.
func (c *call) stopsWaiting(other *call) {
	waits.Lock()
	defer waits.Unlock()
	others := waits.on[c]
	if i := slices.Index(others, other); i >= 0 {
		others = slices.Delete(others, i, i+1)
	}
	if waits.on[c] = others; len(others) == 0 {
		delete(waits.on, c)
	}
}

// wait waits until a call is over, and returns nil, or until ctx ends, and returns the
// reason. If the call waits, directly or not, for the one that ctx comes from, it
// returns ErrCycle at once.
func wait(ctx context.Context, other *call, r *result) error {
	select {
	case <-r.done:
		return nil
	default:
	}
	if c := callOf(ctx); c != nil {
		if path := c.tryWaiting(other); path != nil {
			return faultf(ErrCycle, "plugins wait for each other: %s", cycle(path))
		}
		defer c.stopsWaiting(other)
	}
	select {
	case <-r.done:
		return nil
	case <-waitLimit(ctx):
		return causeOf(ctx)
	}
}

// tryWaiting adds to the graph that c waits for other, unless that would close a cycle:
// then it returns the names of the calls in it, from c to c.
func (c *call) tryWaiting(other *call) []string {
	waits.Lock()
	defer waits.Unlock()
	if path := other.pathTo(c, map[*call]bool{}); path != nil {
		return append([]string{c.name()}, path...)
	}
	c.addWait(other)
	return nil
}

// pathTo returns the names of calls of which each waits for the next, from c to other,
// or nil if there is no such path. waits is locked.
func (c *call) pathTo(other *call, seen map[*call]bool) []string {
	if c == other {
		return []string{c.name()}
	}
	if seen[c] {
		return nil
	}
	seen[c] = true
	for _, next := range waits.on[c] {
		if path := next.pathTo(other, seen); path != nil {
			return append([]string{c.name()}, path...)
		}
	}
	return nil
}

// cycle returns the text of a cycle for a message: all names, or the first and last of
// very many.
func cycle(names []string) string {
	same := func(name string) string { return name }
	return strings.Join(elided(names, 100, same), " → ")
}

// elided returns the names of a list. If there are more than most, it leaves out those
// in the middle.
func elided[T any](list []T, most int, name func(T) string) (names []string) {
	n := len(list)
	for i, item := range list {
		switch {
		case n <= most || i < most/2 || i >= n-most/2:
			names = append(names, name(item))
		case i == most/2:
			names = append(names, fmt.Sprintf("(%d more)", n-most))
		}
	}
	return names
}

// ended returns why ctx has ended, or nil if it has not.
func ended(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return causeOf(ctx)
}

// causeOf returns the error of a context that has ended, with its cause if that is
// another error.
func causeOf(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	says := cause != nil
	_ = guard(func() error { // the methods of a cause are user code
		says = says && !errors.Is(err, cause) && !errors.Is(cause, err)
		return nil
	})
	if !says {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}
