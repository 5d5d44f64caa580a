package scan

import "sync"

// Known remembers the directories of trees, for a program that notices when one
// changes. A nil *Known remembers nothing.
type Known struct {
	mu      sync.Mutex
	scanned map[string]known // by path
}

// A known directory is what reading it has given.
type known struct {
	dir   *Dir
	below []string
}

// Forget has a directory read again: something directly in it has changed.
func (k *Known) Forget(dir string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.scanned, dir)
}

// ForgetAll has all directories read again.
func (k *Known) ForgetAll() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.scanned = nil
}

func (k *Known) get(dir string) (known, bool) {
	if k == nil {
		return known{}, false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	found, ok := k.scanned[dir]
	return found, ok
}

// put remembers a directory, unless it has links in it: a change of what they lead to
// would not be noticed.
func (k *Known) put(path string, dir *Dir, below []string) {
	if k == nil || dir != nil && dir.links {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.scanned == nil {
		k.scanned = map[string]known{}
	}
	k.scanned[path] = known{dir, below}
}
