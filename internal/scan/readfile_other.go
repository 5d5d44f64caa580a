//go:build !unix

package scan

import (
	"bytes"

	"github.com/plugingen/plugingen/internal/readfile"
)

// readFile appends the bytes of a regular file to buf.
func readFile(buf *bytes.Buffer, name string) error {
	src, err := readfile.Source(name)
	buf.Write(src)
	return err
}
