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

// Sources changes files that people wrote: all of them, or none. It is an error if one is no
// longer as it was read, may not be written to, or is no regular file. Directories of new files
// are made.
func Sources(changes []Change) (err error) {
	var staged []*Staged
	var made []string // directories
	defer func() {
		if err != nil {
			for _, s := range staged {
				s.Discard()
			}
			for i := len(made) - 1; i >= 0; i-- {
				os.Remove(made[i]) // unless somebody uses it already
			}
		}
	}()
	for _, c := range changes {
		info, err := c.unchanged()
		if err != nil {
			return err
		}
		dirs, err := makeDirs(filepath.Dir(c.Path))
		made = append(made, dirs...)
		if err != nil {
			return err
		}
		s := &Staged{change: c}
		if c.New != nil {
			if s.temp, err = stage(c.Path, c.New, info); err != nil {
				return err
			}
		}
		staged = append(staged, s)
	}
	for i, s := range staged {
		if err := s.Commit(); err != nil {
			errs := []error{err}
			for _, c := range changes[:i] {
				errs = append(errs, c.revert())
			}
			return errors.Join(errs...)
		}
	}
	return nil
}

// unchanged returns what is known of the file, nil if there is none. It is an error if the file is
// no longer as it was read.
func (c Change) unchanged() (fs.FileInfo, error) {
	info, err := os.Lstat(c.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && c.Old == nil:
		return nil, nil
	case err != nil:
		return nil, err
	case c.Old == nil:
		return nil, fmt.Errorf("%s: the file is there by now: run this again", c.Path)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file, and plugingen writes through no link", c.Path)
	case info.Mode().Perm()&0o200 == 0: // the directory may be written to, and a rename asks for no more
		return nil, fmt.Errorf("%s is read-only", c.Path)
	}
	src, err := readfile.Source(c.Path)
	if err == nil && !bytes.Equal(src, c.Old) {
		err = fmt.Errorf("%s was changed by another program: run this again", c.Path)
	}
	return info, err
}

// revert undoes the change.
func (c Change) revert() error {
	if c.Old == nil {
		return os.Remove(c.Path)
	}
	return Replace(c.Path, c.Old)
}

// makeDirs makes a directory, and returns those that were not there, outermost first.
func makeDirs(dir string) (made []string, err error) {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if made, err = makeDirs(filepath.Dir(dir)); err != nil {
		return made, err
	}
	if err := os.Mkdir(dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return made, err
	}
	return append(made, dir), nil
}
