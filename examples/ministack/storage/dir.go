package storage

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
)

// MakeDir makes a directory and those above it, unless they are there. Like what
// is committed, they survive a crash of the machine.
func MakeDir(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if isDir(path) {
		return nil
	}
	above := filepath.Dir(path)
	if above != path {
		if err := MakeDir(above); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o700); err != nil && !isDir(path) {
		return err
	}
	return sync(above)
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// sync waits until the names of the files in a directory are on disk.
func sync(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // it can't be asked to, and does so by itself
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
