// Package write changes files so that each is whole at every moment: the old one, or
// the new one.
package write

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/gen/genfile"
	"github.com/plugingen/plugingen/gen/scan"
	"github.com/plugingen/plugingen/internal/readfile"
)

// A Change is what is to become of one file.
type Change struct {
	Path string
	Old  []byte // nil if there is none
	New  []byte // nil to remove it
}

// errNotOurs says that a file is in the way that plugingen did not write.
var errNotOurs = errors.New("this file was not written by plugingen, and is not overwritten: rename it, since plugingen needs the name")

// Apply carries out the change. An unchanged file is not touched, and a new one gets
// the mode that any other would.
func (c Change) Apply() error {
	if bytes.Equal(c.Old, c.New) {
		return nil
	}
	mode, err := c.guard()
	if err != nil {
		return err
	}
	if c.New != nil {
		return Replace(c.Path, c.New, mode)
	}
	if err := os.Remove(c.Path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil // another run was faster
}

// guard refuses to change a file that plugingen did not write, though it may have
// appeared only now. It returns the mode of the file, 0 if there is none.
func (c Change) guard() (fs.FileMode, error) {
	info, err := os.Lstat(c.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, fmt.Errorf("%s: %w", c.Path, errNotOurs)
	}
	src, err := readfile.Source(c.Path)
	if err == nil && !genfile.Ours(src) && !genfile.Blank(src) {
		err = fmt.Errorf("%s: %w", c.Path, errNotOurs)
	}
	return info.Mode().Perm(), err
}

// Replace writes a temporary file beside the one that it then takes the place of. It
// gets the mode, or if that is 0 the one that the user's mask gives to new files.
func Replace(path string, data []byte, mode fs.FileMode) error {
	err := replace(path, data, mode)
	// Nobody knows the temporary file.
	switch err := err.(type) {
	case *fs.PathError:
		return &fs.PathError{Op: "write", Path: path, Err: err.Err}
	case *os.LinkError:
		return &fs.PathError{Op: "write", Path: path, Err: err.Err}
	}
	return err
}

func replace(path string, data []byte, mode fs.FileMode) (err error) {
	tmp, err := create(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if _, err = tmp.Write(data); err != nil {
		return err
	}
	if mode != 0 {
		if err = tmp.Chmod(mode); err != nil {
			return err
		}
	}
	if err = tmp.Sync(); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// create makes a temporary file whose name tells whose it is.
func create(dir string) (*os.File, error) {
	for {
		name := fmt.Sprintf("%s%d-%d", scan.TempPrefix, os.Getpid(), rand.Uint64())
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// Clean removes a temporary file that a run left behind, unless the process that
// made it is still there.
func Clean(path string) error {
	pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), scan.TempPrefix), "-")
	if n, err := strconv.Atoi(pid); err == nil && running(n) {
		return nil
	}
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
