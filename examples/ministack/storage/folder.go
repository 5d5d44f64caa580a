package storage

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
)

// MakeFolder makes a folder and those above it, unless they are there. Like what
// is committed, they survive a crash of the machine.
func MakeFolder(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if isFolder(path) {
		return nil
	}
	above := filepath.Dir(path)
	if above != path {
		if err := MakeFolder(above); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o700); err != nil && !isFolder(path) {
		return err
	}
	return sync(above)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// sync waits until the names of the files in a folder are on disk.
func sync(folder string) error {
	if runtime.GOOS == "windows" {
		return nil // it can't be asked to, and does so by itself
	}
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
