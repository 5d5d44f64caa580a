package watch

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fsnotify/fsnotify"
)

// A notifier tells that something has happened in the directories of files. It watches
// directories, since a watch of a file ends when the file is replaced.
type notifier struct {
	changed chan struct{} // has a value if something has happened
	watcher *fsnotify.Watcher
	dirs    map[string]bool // that are watched; false if that failed
	err     error           // there is no watcher
	told    bool            // of err
	done    chan struct{}
}

func newNotifier() *notifier {
	n := &notifier{changed: make(chan struct{}, 1), dirs: map[string]bool{}, done: make(chan struct{})}
	n.watcher, n.err = fsnotify.NewWatcher()
	if n.err != nil {
		close(n.done)
		return n
	}
	go n.forward()
	return n
}

// forward makes one value of many events.
func (n *notifier) forward() {
	defer close(n.done)
	for {
		select {
		case e, ok := <-n.watcher.Events:
			if !ok {
				return
			}
			if e.Op == fsnotify.Chmod {
				continue // virus scanners and indexers do that all the time
			}
		case _, ok := <-n.watcher.Errors: // events were lost
			if !ok {
				return
			}
		}
		n.notify()
	}
}

// notify makes an event of its own.
func (n *notifier) notify() {
	select {
	case n.changed <- struct{}{}:
	default: // there is one already
	}
}

func (n *notifier) close() {
	if n.watcher != nil {
		_ = n.watcher.Close()
	}
	<-n.done
}

// watch watches the directories of files, and no others. It returns errors about directories
// that can't be watched, each once.
func (n *notifier) watch(paths []string) (errs []error) {
	if n.err != nil {
		if !n.told {
			n.told = true
			errs = append(errs, fmt.Errorf("watch: files are looked at now and then only: %w", n.err))
		}
		return errs
	}
	wanted := map[string]bool{}
	for _, path := range paths {
		for _, dir := range directories(path) {
			wanted[dir] = true
		}
	}
	for dir := range n.dirs {
		if !wanted[dir] {
			_ = n.watcher.Remove(dir)
			delete(n.dirs, dir)
		}
	}
	for dir := range wanted {
		failed, tried := n.dirs[dir]
		// A directory that was replaced has lost its watch; adding it again does no harm.
		err := n.watcher.Add(dir)
		n.dirs[dir] = err == nil
		if err != nil && (!tried || failed) {
			errs = append(errs, fmt.Errorf("watch: %s is looked at now and then only: %w", dir, err))
		}
	}
	return errs
}

// directories returns those in which something happens if a file changes: those of the
// symbolic links on the way to it, and the one that it is in.
func directories(path string) (dirs []string) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil
	}
	for range maxLinks {
		link, target := firstLink(path)
		if link == "" {
			break
		}
		dirs = append(dirs, filepath.Dir(link))
		path = target
	}
	return append(dirs, filepath.Dir(path))
}

// maxLinks is how many symbolic links are followed, as on Linux.
const maxLinks = 40

// firstLink returns the first symbolic link in an absolute path, and the path with what the
// link leads to in its place; "" if there is none.
func firstLink(path string) (link, target string) {
	root := filepath.VolumeName(path) + string(filepath.Separator)
	rest := strings.TrimPrefix(path, root)
	for at := root; rest != ""; {
		var name string
		name, rest, _ = strings.Cut(rest, string(filepath.Separator))
		at = filepath.Join(at, name)
		target, err := os.Readlink(at)
		if err != nil {
			continue // it is no link, or not there
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(at), target)
		}
		return at, filepath.Join(target, rest)
	}
	return "", ""
}
