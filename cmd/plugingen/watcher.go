package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/plugingen/plugingen/gen/scan"
	"github.com/plugingen/plugingen/gen/write"
)

// Changes come in bursts: an editor takes several steps to save a file, and git
// changes many files at once. A burst is over when nothing has come for as long as
// quiet, and is interrupted after longest.
const (
	quiet   = 20 * time.Millisecond
	longest = 500 * time.Millisecond
)

// A watcher watches the folders of modules. It watches folders rather than files,
// since many editors save by renaming a new file to the old name.
type watcher struct {
	*fsnotify.Watcher
	roots    []string
	folders  map[string]bool
	known    *scan.Known       // folders in which nothing has changed
	expected map[string][]byte // files that plugingen writes, nil for those it removes
}

func newWatcher(roots []string) (*watcher, error) {
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watching files: %w", err)
	}
	w := &watcher{notify, roots, map[string]bool{}, &scan.Known{}, map[string][]byte{}}
	if err := w.watchAll(); err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

func (w *watcher) watchAll() error {
	for _, root := range w.roots {
		if err := w.watchTree(root); err != nil {
			return err
		}
	}
	return nil
}

// watchTree watches a folder and those in it that can have packages of its module.
// Each is watched before it is read, so that nothing new in it is missed.
func (w *watcher) watchTree(root string) error {
	return filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // gone again
		case err != nil:
			return err
		case !d.IsDir():
			return nil
		case !slices.Contains(w.roots, name) && (scan.Skip(d.Name()) || isModule(name)):
			return fs.SkipDir
		}
		return w.watchFolder(name)
	})
}

func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func (w *watcher) watchFolder(name string) error {
	err := w.Add(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fs.SkipDir
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("watching %s: the system lets nobody watch more folders; on Linux, raise the limit with 'sysctl fs.inotify.max_user_watches=524288'", name)
	case err != nil:
		return fmt.Errorf("watching %s: %w", name, err)
	}
	w.folders[name] = true
	w.known.Forget(name) // it may have been read before anybody watched it
	return nil
}

// expect notes what plugingen is about to write, so that it isn't taken for a
// change that somebody made.
func (w *watcher) expect(changes []write.Change) {
	for _, change := range changes {
		w.expected[change.Path] = change.New
		w.known.Forget(filepath.Dir(change.Path))
	}
}

// wait returns nil once something has changed that can matter, and no more changes
// are coming.
func (w *watcher) wait(ctx context.Context) error {
	var over, atLast <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-over:
			return nil
		case <-atLast:
			return nil
		case err := <-w.Errors:
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				return err
			}
			w.known.ForgetAll() // some events are lost
			if err := w.watchAll(); err != nil {
				return err
			}
		case event := <-w.Events:
			matters, err := w.matters(event)
			if err != nil {
				return err
			}
			if !matters {
				continue
			}
		}
		over = time.After(quiet)
		if atLast == nil {
			atLast = time.After(longest)
		}
	}
}

// matters says whether an event can change what is to be generated. It also keeps
// up to date what is watched and what is known.
func (w *watcher) matters(event fsnotify.Event) (bool, error) {
	name := event.Name
	if event.Op == fsnotify.Chmod {
		return false, nil
	}
	w.known.Forget(filepath.Dir(name))
	if base := filepath.Base(name); base == "go.mod" || base == "go.work" {
		w.known.ForgetAll() // it says which folders are ignored
		return true, nil
	}
	if event.Has(fsnotify.Remove|fsnotify.Rename) && w.folders[name] {
		w.forget(name)
		return true, nil
	}
	if info, err := os.Lstat(name); err == nil && info.IsDir() {
		if !event.Has(fsnotify.Create) || scan.Skip(filepath.Base(name)) {
			return false, nil
		}
		return true, w.watchTree(name)
	}
	return isSource(filepath.Base(name)) && !w.isExpected(name), nil
}

// forget stops watching a folder that is gone, and those that were in it.
func (w *watcher) forget(name string) {
	for folder := range w.folders {
		if folder == name || strings.HasPrefix(folder, name+string(filepath.Separator)) {
			_ = w.Remove(folder) // the system may have done so already
			delete(w.folders, folder)
			w.known.Forget(folder)
		}
	}
}

// isSource says whether plugingen reads files of the name.
func isSource(name string) bool {
	return strings.HasSuffix(name, ".go") && name[0] != '.' && name[0] != '_'
}

// isExpected says whether a file is as plugingen left it.
func (w *watcher) isExpected(name string) bool {
	content, ok := w.expected[name]
	if !ok {
		return false
	}
	src, err := os.ReadFile(name)
	if content == nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	return err == nil && bytes.Equal(src, content)
}
