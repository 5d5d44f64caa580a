// Package readfile reads files that others wrote. It reads regular files of a limited
// size only, so that neither a pipe that nobody writes to nor an endless device named go.mod
// keeps a program from ending.
package readfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ByteOrderMark may begin a Go file, and means nothing.
const ByteOrderMark = "\ufeff"

// MaxSource is the size in bytes of the largest Go file that is read. Parsing one takes
// five times as much memory, and people neither write nor generate files of that size: the
// go command takes no module of more than 500 MiB in all.
const MaxSource = 64 << 20

// maxGoMod is the size in bytes of the largest go.mod, go.work and the like. It is what the
// go command allows for a go.mod in a module.
const maxGoMod = 16 << 20

// Source returns the contents of a Go file. It follows symbolic links.
func Source(name string) ([]byte, error) { return read(name, MaxSource) }

// GoMod returns the contents of a go.mod, a go.work, or another file by which the go command
// is configured. It follows symbolic links.
func GoMod(name string) ([]byte, error) { return read(name, maxGoMod) }

// CheckSource returns the error for a file that [Source] does not read, or nil.
func CheckSource(name string) error {
	_, err := check(name, MaxSource)
	return err
}

// IsModule reports whether a directory is the root of a module, so that the go command does not
// count it among the packages of the module around it.
func IsModule(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil && !info.IsDir()
}

// check returns the size of a file that may be read.
func check(name string, limit int64) (size int64, err error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return 0, err
	case !info.Mode().IsRegular():
		return 0, notRegular(name)
	case info.Size() > limit:
		return 0, TooLarge(name, limit)
	}
	return info.Size(), nil
}

func read(name string, limit int64) ([]byte, error) {
	size, err := check(name, limit)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data := make([]byte, 0, size+1) // one more, to see the end
	for {
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return nil, err
		case int64(len(data)) > limit:
			return nil, TooLarge(name, limit)
		case len(data) == cap(data): // it grows
			data = append(data, 0)[:len(data)]
		}
	}
}

// notRegular returns the error for a name that is not that of a regular file.
func notRegular(name string) error {
	return &fs.PathError{Op: "read", Path: name, Err: errors.New("not a regular file")}
}

// TooLarge returns the error for a file of more bytes than the limit.
func TooLarge(name string, limit int64) error {
	return &fs.PathError{
		Op: "read", Path: name,
		Err: fmt.Errorf("the file is larger than %d MiB, which is the most that is read", limit>>20),
	}
}
