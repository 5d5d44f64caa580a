package registry

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// graph has who waits for whom, in all managers. A flight waits for those that
// its code has begun, and for those that others fly. Flights that wait for none
// are not in it, so most loads have nothing to do here.
//
// Context alone would not do: when a loads b, and at the same time b loads a, each on a
// goroutine of its own, neither finds itself among those who asked for it.
var graph struct {
	sync.Mutex
	waits map[*flight][]*flight
}

// wait notes that f waits for g. graph is held.
func (f *flight) wait(g *flight) {
	if graph.waits == nil {
		graph.waits = make(map[*flight][]*flight)
	}
	graph.waits[f] = append(graph.waits[f], g)
}

// begins notes that f's code waits for a flight that it has begun.
func (f *flight) begins(g *flight) {
	graph.Lock()
	defer graph.Unlock()
	f.wait(g)
}

// ends takes back what begins has noted.
func (f *flight) ends(g *flight) {
	graph.Lock()
	defer graph.Unlock()
	waits := graph.waits[f]
	if i := slices.Index(waits, g); i >= 0 {
		waits = slices.Delete(waits, i, i+1)
	}
	if graph.waits[f] = waits; len(waits) == 0 {
		delete(graph.waits, f)
	}
}

// await waits until g has landed or ctx has ended. If g waits, directly or not, for the
// flight on whose behalf this is, the error is ErrCycle instead.
func await(ctx context.Context, g *flight) error {
	if f := flightOf(ctx); f != nil {
		if path := f.tryWait(g); path != nil {
			return faultf(ErrCycle, "plugins wait for each other: %s", circle(path))
		}
		defer f.ends(g)
	}
	select {
	case <-g.landed:
		return nil
	case <-ctx.Done():
		return causeOf(ctx)
	}
}

// circle names the plugins of a cycle for a message, but not thousands of them.
func circle(names []string) string {
	same := func(name string) string { return name }
	return strings.Join(elided(names, 100, same), " → ")
}

// elided returns the names of a list, without the middle if there are many.
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

// tryWait notes that f waits for g, unless that would close a circle, which it
// returns: from f to f.
func (f *flight) tryWait(g *flight) []string {
	graph.Lock()
	defer graph.Unlock()
	if path := g.pathTo(f, map[*flight]bool{}); path != nil {
		return append([]string{f.container.spec.ID()}, path...)
	}
	f.wait(g)
	return nil
}

// pathTo returns the way from f to g through what waits for what. graph is held.
func (f *flight) pathTo(g *flight, seen map[*flight]bool) []string {
	id := f.container.spec.ID()
	if f == g {
		return []string{id}
	}
	if seen[f] {
		return nil
	}
	seen[f] = true
	for _, next := range graph.waits[f] {
		if path := next.pathTo(g, seen); path != nil {
			return append([]string{id}, path...)
		}
	}
	return nil
}
