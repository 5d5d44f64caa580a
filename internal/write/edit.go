package write

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/plugingen/plugingen/internal/readfile"
)

// Edit changes files that people write: all of them, or none if that fails. It makes the
// directories of new ones, and follows symbolic links, as an editor does. It refuses to change a
// file whose content is no longer the old one, and one that may not be written to.
func Edit(changes []Change) (err error) {
	var undo []func()
	defer func() {
		for i := len(undo) - 1; err != nil && i >= 0; i-- {
			undo[i]()
		}
	}()
	staged := make([]*Staged, len(changes))
	for i, c := range changes {
		made, err := makeDirs(filepath.Dir(c.Path))
		undo = append(undo, made)
		if err != nil {
			return err
		}
		if staged[i], err = c.stageEdit(); err != nil {
			return err
		}
		undo = append(undo, staged[i].Discard)
	}
	for _, s := range staged {
		if err := s.Commit(); err != nil {
			return err
		}
		undo = append(undo, s.revert)
	}
	return nil
}

// stageEdit is like Stage, for a file that people write.
func (c Change) stageEdit() (*Staged, error) {
	info, err := os.Stat(c.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		info = nil
	case err != nil:
		return nil, err
	default:
		if c.Path, err = filepath.EvalSymlinks(c.Path); err != nil {
			return nil, err
		}
		if info.Mode().Perm()&0o200 == 0 { // a rename would not ask for the permission
			return nil, &fs.PathError{Op: "write", Path: c.Path, Err: errors.New("the file is read-only")}
		}
	}
	if err := c.unchanged(info); err != nil {
		return nil, err
	}
	s := &Staged{change: c}
	s.temp, err = stage(c.Path, c.New, info)
	return s, err
}

// unchanged returns an error if the file does not have the old content.
func (c Change) unchanged(info fs.FileInfo) error {
	if info != nil && c.Old != nil {
		now, err := readfile.Source(c.Path)
		if err != nil || bytes.Equal(now, c.Old) {
			return err
		}
	}
	if info != nil || c.Old != nil {
		return fmt.Errorf("%s was changed by another program: run this again", c.Path)
	}
	return nil
}

// revert undoes a change that has been made.
func (s *Staged) revert() {
	if s.change.Old == nil {
		os.Remove(s.change.Path)
		return
	}
	_ = Replace(s.change.Path, s.change.Old) // the error that led here is the one to report
}

// makeDirs makes a directory and those that it is in, and returns a function that removes
// those that it has made.
func makeDirs(dir string) (undo func(), err error) {
	var missing []string
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); !errors.Is(err, fs.ErrNotExist) || d == filepath.Dir(d) {
			break
		}
		missing = append(missing, d)
	}
	undo = func() {
		for _, d := range missing {
			os.Remove(d)
		}
	}
	return undo, os.MkdirAll(dir, 0o777)
}
