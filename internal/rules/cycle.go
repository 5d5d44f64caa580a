package rules

import "slices"

// Cycles returns cycles among nodes that point to others: each as the nodes on it, in
// order, the last of which points to the first. It follows the nodes in the order
// given, depth first, and finds a cycle each time that it gets back to a node that it
// came through. So there is none if there are no cycles, and otherwise at least one
// from each set of nodes that can all reach each other, up to maxCycles in all.
func Cycles[T comparable](nodes []T, next func(T) []T) [][]T {
	w := walk[T]{next: next, depth: make(map[T]int, len(nodes))}
	for _, n := range nodes {
		w.visit(n)
	}
	return w.cycles
}

type walk[T comparable] struct {
	next   func(T) []T
	path   []T       // from a root to where the walk is
	depth  map[T]int // in path, counted from 1; left if the walk is done with the node
	cycles [][]T
}

const left = -1

// maxCycles keeps the output small where everything requires everything.
const maxCycles = 100

func (w *walk[T]) visit(n T) {
	switch depth := w.depth[n]; depth {
	case 0:
	case left:
		return
	default:
		if len(w.cycles) < maxCycles {
			w.cycles = append(w.cycles, slices.Clone(w.path[depth-1:]))
		}
		return
	}
	w.path = append(w.path, n)
	w.depth[n] = len(w.path)
	for _, to := range w.next(n) {
		w.visit(to)
	}
	w.path = w.path[:len(w.path)-1]
	w.depth[n] = left
}
