package scan

import "sync"

// A Cache remembers the directories of trees, for a program that notices when one
// changes. A nil *Cache remembers nothing. It is safe for concurrent use.
type Cache struct {
	mu      sync.Mutex
	scanned map[string]cached // by path
}

// A cached directory is what reading it has given.
type cached struct {
	dir   *Dir
	below []string
}

// Forget has a directory read again: something directly in it has changed.
func (c *Cache) Forget(dir string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.scanned, dir)
}

// ForgetAll has all directories read again.
func (c *Cache) ForgetAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.scanned = nil
}

func (c *Cache) get(dir string) (cached, bool) {
	if c == nil {
		return cached{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.scanned[dir]
	return found, ok
}

// put remembers a directory, unless it has links in it: a change of what they lead to
// would not be noticed.
func (c *Cache) put(path string, dir *Dir, below []string) {
	if c == nil || dir != nil && dir.links {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.scanned == nil {
		c.scanned = map[string]cached{}
	}
	c.scanned[path] = cached{dir, below}
}
