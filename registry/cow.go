package registry

import (
	"slices"
	"sync"
	"sync/atomic"
)

// A cow is a list that is copied on write: readers take no lock and may call
// what they find in it while others add and remove.
type cow[T any] struct {
	mu    sync.Mutex
	items atomic.Pointer[[]*T]
}

func (c *cow[T]) list() []*T {
	if items := c.items.Load(); items != nil {
		return *items
	}
	return nil
}

// add appends an item. The function it returns takes the item out again, once.
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
