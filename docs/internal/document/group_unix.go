//go:build unix

package document

import (
	"os/exec"
	"syscall"
)

// endTogether has the processes that a command starts end with it when its context does.
func endTogether(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
