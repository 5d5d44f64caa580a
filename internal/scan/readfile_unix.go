//go:build unix

package scan

import (
	"bytes"
	"io/fs"
	"syscall"

	"github.com/plugingen/plugingen/internal/readfile"
)

// pageSize is what file systems read in multiples of. Less than was asked for comes at the end of
// a regular file. Those of a network that give less in between do so at the end of a page: there,
// another read has to tell.
const pageSize = 4096

// readFile appends the bytes of a regular file to buf. It does without an os.File, which would be
// offered to the poller and watched over by the garbage collector, for each of very
// many files. It does not wait where a pipe has taken the file's place meanwhile.
func readFile(buf *bytes.Buffer, name string) error {
	fd, err := retry(func() (int, error) {
		return syscall.Open(name, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	})
	if err != nil {
		return &fs.PathError{Op: "open", Path: name, Err: err}
	}
	defer syscall.Close(fd)
	for from := buf.Len(); ; {
		buf.Grow(bytes.MinRead)
		free := buf.AvailableBuffer()
		free = free[:cap(free)]
		n, err := retry(func() (int, error) { return syscall.Read(fd, free) })
		if err != nil {
			return &fs.PathError{Op: "read", Path: name, Err: err}
		}
		buf.Write(free[:n])
		if buf.Len()-from > readfile.MaxSource {
			return readfile.TooLarge(name, readfile.MaxSource)
		}
		if n < len(free) && (n == 0 || n%pageSize != 0) {
			return nil
		}
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
