// Package write changes files so that each is whole at every moment: the old one, or
// the new one.
//
// Libraries for atomic writes replace one file at a time. This package stages many and then
// commits them together, syncs each, keeps mode and owner, refuses links and files of
// others, and recognizes its temporary files when a run was killed.
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
	"time"

	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/lazyregexp"
	"github.com/plugingen/plugingen/internal/readfile"
)

// A Change is what is to become of one file.
type Change struct {
	Path string
	Old  []byte // nil if there is none
	New  []byte // nil to remove it
}

// errNotOurs says that a file is in the way that plugingen did not write.
var errNotOurs = errors.New(
	"this file was not written by plugingen, and is not overwritten: rename it, since " +
		"plugingen needs the name")

// Stage does all of the change that can fail for want of permission or space, but leaves the
// file as it is. The caller must call Commit or Discard. A new file gets the mode that any other
// would, and one that is changed keeps its mode and, if possible, its owner.
func (c Change) Stage() (*Staged, error) {
	s := &Staged{change: c}
	if bytes.Equal(c.Old, c.New) {
		return s, nil
	}
	info, err := c.guard()
	if err != nil || c.New == nil {
		return s, err
	}
	s.temp, err = stage(c.Path, c.New, info)
	return s, err
}

// Apply makes the change.
func (c Change) Apply() error {
	s, err := c.Stage()
	if err != nil {
		return err
	}
	return s.Commit()
}

// A Staged change is about to be made.
type Staged struct {
	change Change
	temp   string // a file that takes the place of the other; "" if there is none
}

// Commit makes the change. A file that another run has removed meanwhile is as good as removed.
func (s *Staged) Commit() error {
	switch {
	case s.temp != "":
		return s.commit()
	case s.change.New == nil && s.change.Old != nil:
		if err := os.Remove(s.change.Path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (s *Staged) commit() error {
	err := os.Rename(s.temp, s.change.Path)
	if err != nil {
		s.Discard()
	}
	return anonymous(s.change.Path, err)
}

// Discard leaves the file as it is.
func (s *Staged) Discard() {
	if s.temp != "" {
		os.Remove(s.temp)
		s.temp = ""
	}
}

// guard refuses to change a file that plugingen did not write, though it may have
// appeared only now. It returns what is known of the file, nil if there is none.
func (c Change) guard() (fs.FileInfo, error) {
	info, err := os.Lstat(c.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf(
			"%s is not a regular file, and plugingen writes through no link: remove it, "+
				"since plugingen needs the name", c.Path)
	}
	src, err := readfile.Source(c.Path)
	if err == nil && !genfile.HasHeader(src) && !genfile.Blank(src) {
		err = fmt.Errorf("%s: %w", c.Path, errNotOurs)
	}
	return info, err
}

// Replace writes a temporary file beside the one that it then takes the place of, if there is
// one. It keeps the mode of that, and if possible its owner.
func Replace(path string, data []byte) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		info, err = nil, nil
	}
	if err != nil {
		return err
	}
	s := &Staged{change: Change{Path: path}}
	if s.temp, err = stage(path, data, info); err != nil {
		return err
	}
	return s.commit()
}

// stage writes a temporary file beside the path, as what is there is if info is not
// nil, and returns its name.
func stage(path string, data []byte, info fs.FileInfo) (string, error) {
	name, err := writeTemp(filepath.Dir(path), data, info)
	return name, anonymous(path, err)
}

// anonymous returns an error about the path rather than about a temporary file, which nobody knows.
func anonymous(path string, err error) error {
	switch err := err.(type) {
	case *fs.PathError:
		return &fs.PathError{Op: "write", Path: path, Err: err.Err}
	case *os.LinkError:
		return &fs.PathError{Op: "write", Path: path, Err: err.Err}
	}
	return err
}

func writeTemp(dir string, data []byte, info fs.FileInfo) (name string, err error) {
	tmp, err := create(dir)
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if _, err = tmp.Write(data); err != nil {
		return "", err
	}
	if info != nil {
		keepOwner(tmp, info)
		if err = tmp.Chmod(info.Mode().Perm()); err != nil {
			return "", err
		}
	}
	if err = tmp.Sync(); err != nil {
		return "", err
	}
	return tmp.Name(), tmp.Close()
}

// tempName matches the names of temporary files: a process, and what tells its files from each
// other.
var tempName = lazyregexp.New(`^\.plugingen-([0-9]{1,10})-[0-9a-f]{16}\.tmp$`)

// IsTemp reports whether a file of the name is a temporary one of this package's.
func IsTemp(name string) bool {
	return strings.HasPrefix(name, ".plugingen-") && tempName().MatchString(name)
}

// TempName returns the name of a temporary file of a process.
func TempName(pid int, unique uint64) string {
	return fmt.Sprintf(".plugingen-%d-%016x.tmp", pid, unique)
}

func create(dir string) (*os.File, error) {
	for {
		name := TempName(os.Getpid(), rand.Uint64())
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// longest is how long no run takes: a temporary file that is older was left behind, even if there
// is a process again of the number of the one that made it.
const longest = time.Hour

// Clean removes a temporary file that a run left behind, unless the process that
// made it is still there.
func Clean(path string) error {
	match := tempName().FindStringSubmatch(filepath.Base(path))
	info, err := os.Lstat(path)
	if match == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	pid, _ := strconv.Atoi(match[1])
	if running(pid) && time.Since(info.ModTime()) < longest {
		return nil
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
