// Package command runs other programs for what they print. It is for the scripts
// and tests of this repository.
package command

import (
	"fmt"
	"os/exec"
	"strings"
)

// Git returns what a git command prints in a directory, without the last newline.
func Git(dir string, args ...string) (string, error) {
	return Output(exec.Command("git", append([]string{"-C", dir}, args...)...))
}

// Output returns what cmd prints, without the last newline. The error has all that it printed.
func Output(cmd *exec.Cmd) (string, error) {
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s%s", strings.Join(cmd.Args, " "), err, stdout, stderr.String())
	}
	return strings.TrimSuffix(string(stdout), "\n"), nil
}
