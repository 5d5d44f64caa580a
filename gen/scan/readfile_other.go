//go:build !unix

package scan

import (
	"bytes"
	"io"
	"os"
)

// readFile appends a file's bytes to buf.
func readFile(buf *bytes.Buffer, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(buf, f)
	return err
}
