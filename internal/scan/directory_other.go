//go:build !linux

package scan

import (
	"bytes"
	"os"

	"github.com/plugingen/plugingen/internal/readfile"
)

// A directory is one that is being read.
type directory struct{ path string }

// open returns what is in a directory, by name. The caller must close it, if there is no
// error.
func (d *directory) open(path string) ([]entry, error) {
	d.path = path
	list, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	entries := make([]entry, len(list))
	for i, e := range list {
		entries[i] = entry{name: e.Name(), mode: e.Type()}
	}
	return entries, nil
}

func (d *directory) close() {}

// readFile appends the bytes of a regular file in the directory to buf.
func (d *directory) readFile(buf *bytes.Buffer, name string) error {
	src, err := readfile.Source(within(d.path, name))
	buf.Write(src)
	return err
}
