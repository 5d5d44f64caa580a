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

	"github.com/plugingen/plugingen/internal/locate"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/scan"
	"github.com/plugingen/plugingen/internal/write"
)

// Changes come in bursts: an editor takes several steps to save a file, and git
// changes many files at once. A burst is over when nothing has come for as long as
// quiet, and is interrupted after longest.
const (
	quiet   = 20 * time.Millisecond
	longest = 500 * time.Millisecond
)

// A watcher watches the directories of modules. It watches directories rather than files,
// since many editors save by renaming a new file to the old name.
type watcher struct {
	*fsnotify.Watcher
	roots    []string
	files    []string          // that say which the roots are
	dirs     map[string]bool   // of the roots
	cache    *scan.Cache       // of directories in which nothing has changed
	expected map[string][]byte // files that plugingen writes, nil for those it removes
}

func newWatcher() (*watcher, error) {
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watching files: %w", err)
	}
	return &watcher{
		Watcher: notify, dirs: map[string]bool{}, cache: &scan.Cache{},
		expected: map[string][]byte{},
	}, nil
}

// watch watches what plans are made from, rather than what it watched before.
func (w *watcher) watch(sources locate.Sources) error {
	if slices.Equal(w.roots, sources.Modules) && slices.Equal(w.files, sources.Files) {
		return nil
	}
	w.roots, w.files = sources.Modules, sources.Files
	for dir := range w.dirs {
		if w.isOutside(dir) {
			w.forget(dir)
		}
	}
	return w.watchAll()
}

func (w *watcher) watchAll() error {
	for _, file := range w.files {
		_ = w.Add(filepath.Dir(file)) // who may not read the directory can't have the file either
	}
	for _, root := range w.roots {
		if err := w.watchTree(root); err != nil {
			return err
		}
	}
	return nil
}

// isOutside reports whether a file or directory is of none of the modules.
func (w *watcher) isOutside(name string) bool {
	return !slices.ContainsFunc(w.roots, func(root string) bool {
		return name == root || strings.HasPrefix(name, root+string(filepath.Separator))
	})
}

// watchTree watches a directory and those in it that can have packages of its module.
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
		case !slices.Contains(w.roots, name) && (rules.IsIgnoredDir(d.Name()) || readfile.IsModule(name)):
			return fs.SkipDir
		}
		return w.watchDir(name)
	})
}

func (w *watcher) watchDir(name string) error {
	err := w.Add(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fs.SkipDir
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("watching %s: the system allows no more watches; on Linux, raise the limit with "+
			"'sysctl fs.inotify.max_user_watches=524288'", name)
	case err != nil:
		return fmt.Errorf("watching %s: %w", name, err)
	}
	w.dirs[name] = true
	w.cache.Forget(name) // it may have been read before anybody watched it
	return nil
}

// expect notes what plugingen is about to write, so that it isn't taken for a
// change that somebody made.
func (w *watcher) expect(changes []write.Change) {
	for _, change := range changes {
		w.expected[change.Path] = change.New
		w.cache.Forget(filepath.Dir(change.Path))
	}
}

// wait returns nil when something relevant has changed and no more changes follow.
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
			w.cache.ForgetAll() // some events are lost
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

// matters reports whether an event can change what is to be generated. It also updates
// what is watched and what is known.
func (w *watcher) matters(event fsnotify.Event) (bool, error) {
	name := event.Name
	if event.Op == fsnotify.Chmod {
		return false, nil
	}
	w.cache.Forget(filepath.Dir(name))
	switch outside := w.isOutside(name); {
	case slices.Contains(w.files, name), filepath.Base(name) == "go.mod" && !outside:
		w.cache.ForgetAll() // it says which directories are ignored
		return true, nil
	case outside:
		return false, nil
	}
	if event.Has(fsnotify.Remove|fsnotify.Rename) && w.dirs[name] {
		w.forget(name)
		return true, nil
	}
	if info, err := os.Lstat(name); err == nil && info.IsDir() {
		if !event.Has(fsnotify.Create) || rules.IsIgnoredDir(filepath.Base(name)) {
			return false, nil
		}
		return true, w.watchTree(name)
	}
	return rules.IsGoFile(filepath.Base(name)) && !w.isExpected(name), nil
}

// forget stops watching a directory that is gone, and those that were in it.
func (w *watcher) forget(name string) {
	for dir := range w.dirs {
		if dir == name || strings.HasPrefix(dir, name+string(filepath.Separator)) {
			_ = w.Remove(dir) // the system may have done so already
			delete(w.dirs, dir)
			w.cache.Forget(dir)
		}
	}
}

// isExpected reports whether a file is as plugingen wrote it.
func (w *watcher) isExpected(name string) bool {
	content, ok := w.expected[name]
	if !ok {
		return false
	}
	src, err := readfile.Source(name)
	if content == nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	return err == nil && bytes.Equal(src, content)
}
