//go:build unix

package write

import (
	"errors"
	"os"
	"syscall"
)

// running reports whether there is a process with the number.
func running(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, syscall.EPERM)
}
