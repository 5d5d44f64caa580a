// Package write changes files so that each is whole at every moment: the old one, or
// the new one.
package write

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/gen/genfile"
	"github.com/plugingen/plugingen/gen/scan"
)

// A Change is what is to become of one file.
type Change struct {
	Path string
	Old  []byte // nil if there is none
	New  []byte // nil to remove it
}

// ErrNotOurs says that a file is in the way that plugingen did not write.
var ErrNotOurs = errors.New("this file was not written by plugingen, and is not overwritten: rename it, since plugingen needs the name")

// Apply carries out the change. An unchanged file is not touched.
func (c Change) Apply() error {
	if bytes.Equal(c.Old, c.New) {
		return nil
	}
	if err := c.guard(); err != nil {
		return err
	}
	if c.New == nil {
		return os.Remove(c.Path)
	}
	return Replace(c.Path, c.New, 0o644)
}

// guard refuses to change a file that plugingen did not write, though it may have
// appeared only now.
func (c Change) guard() error {
	info, err := os.Lstat(c.Path)
	if errors.Is(err, fs.ErrNotExist) && c.New != nil {
		return nil
	}
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: %w", c.Path, ErrNotOurs)
	}
	src, err := os.ReadFile(c.Path)
	if err == nil && !genfile.Ours(src) {
		err = fmt.Errorf("%s: %w", c.Path, ErrNotOurs)
	}
	return err
}

// Replace writes a temporary file beside the one that it then takes the place of.
func Replace(path string, data []byte, mode fs.FileMode) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), fmt.Sprintf("%s%d-*", scan.TempPrefix, os.Getpid()))
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
	if err = tmp.Chmod(mode); err != nil {
		return err
	}
	if err = tmp.Sync(); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
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
