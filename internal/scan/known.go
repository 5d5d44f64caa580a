package scan

import "sync"

// Known remembers the directories of trees, for a program that is told when one
// changes. A nil *Known remembers nothing.
type Known struct {
	mu      sync.Mutex
	folders map[string]known // by path
}

// A known directory is what reading it has given.
type known struct {
	folder *Dir
	below  []string
}

// Forget has a directory read again: something directly in it has changed.
func (k *Known) Forget(dir string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.folders, dir)
}

// ForgetAll has all directories read again.
func (k *Known) ForgetAll() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.folders = nil
}

func (k *Known) get(dir string) (known, bool) {
	if k == nil {
		return known{}, false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	found, ok := k.folders[dir]
	return found, ok
}

// put remembers a directory, unless it has links in it: nobody tells when what they lead
// to changes.
func (k *Known) put(dir string, folder *Dir, below []string) {
	if k == nil || folder != nil && folder.links {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.folders == nil {
		k.folders = map[string]known{}
	}
	k.folders[dir] = known{folder, below}
}
