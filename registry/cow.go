package registry

import (
	"slices"
	"sync"
	"sync/atomic"
)

// A cow is a list that is copied on write. It is safe for concurrent use, and readers
// take no lock, so items that are functions can be called while others are added and
// removed.
type cow[T any] struct {
	mu    sync.Mutex
	items atomic.Pointer[[]*T]
}

// list returns the items, which the caller must not change.
func (c *cow[T]) list() []*T {
	if items := c.items.Load(); items != nil {
		return *items
	}
	return nil
}

// add appends an item. The function remove removes it again.
func (c *cow[T]) add(item T) (remove func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	items := append(slices.Clone(c.list()), &item)
	c.items.Store(&items)
	return func() { c.remove(&item) }
}

func (c *cow[T]) remove(item *T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	items := slices.DeleteFunc(slices.Clone(c.list()), func(have *T) bool { return have == item })
	c.items.Store(&items)
}
