//go:build unix

package scan

import (
	"bytes"
	"io/fs"
	"syscall"
)

// readFile appends a file's bytes to buf. It does without an os.File, which would be
// offered to the poller and watched over by the garbage collector, for each of very
// many files.
func readFile(buf *bytes.Buffer, name string) error {
	fd, err := retry(func() (int, error) { return syscall.Open(name, syscall.O_RDONLY|syscall.O_CLOEXEC, 0) })
	if err != nil {
		return &fs.PathError{Op: "open", Path: name, Err: err}
	}
	defer syscall.Close(fd)
	for {
		buf.Grow(bytes.MinRead)
		free := buf.AvailableBuffer()
		free = free[:cap(free)]
		n, err := retry(func() (int, error) { return syscall.Read(fd, free) })
		if err != nil {
			return &fs.PathError{Op: "read", Path: name, Err: err}
		}
		if n == 0 {
			return nil
		}
		buf.Write(free[:n])
	}
}

// retry calls a function again that a signal has interrupted.
func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != syscall.EINTR {
			return n, err
		}
	}
}
