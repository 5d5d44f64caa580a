//go:build !unix

package document

import "os/exec"

// endTogether does nothing: when its context ends, only the command itself is killed.
func endTogether(*exec.Cmd) {}
