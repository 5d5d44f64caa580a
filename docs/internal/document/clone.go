package document

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// home is the repository that documents clone.
const home = "https://github.com/plugingen/plugingen"

// Publish makes a git repository in dir of the files in the working tree of another, changed
// and new ones included. Documents clone it as if it were the project's own.
func Publish(ctx context.Context, repository, dir string) error {
	list := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = repository
	out, err := list.Output()
	if err != nil {
		return fmt.Errorf("git ls-files: %w", err)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if err := copyFile(filepath.Join(repository, name), filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	for _, args := range [][]string{
		{"init", "--quiet"}, {"add", "--all"}, {"commit", "--quiet", "--message=the working tree"},
	} {
		cmd := exec.CommandContext(ctx, "git", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), gitEnv("")...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %w\n%s", args[0], err, out)
		}
	}
	return nil
}

// copyFile copies a file with its permissions. One that has been deleted in the working
// tree is left out.
func copyFile(from, to string) error {
	info, err := os.Stat(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	return os.WriteFile(to, text, info.Mode().Perm())
}

// Env returns the environment of a reader: this machine's go command with its caches, git
// with a name to commit by, and origin in place of the repository at GitHub.
func Env(ctx context.Context, origin string) ([]string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOCACHE", "GOMODCACHE", "GOPROXY", "GOSUMDB").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	values := strings.Split(string(out), "\n")
	env := append(gitEnv(origin),
		"PATH="+os.Getenv("PATH"), "LANG=C.UTF-8", "TZ=UTC",
		"GOENV=off", "GOTOOLCHAIN=local", "GOCACHE="+values[0], "GOMODCACHE="+values[1], "GOPROXY="+values[2],
		"GOSUMDB="+values[3],
		"GOFLAGS=-trimpath", // or nothing built in one clone would serve in another
	)
	return env, nil
}

func gitEnv(origin string) []string {
	return []string{
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_COUNT=4",
		"GIT_CONFIG_KEY_0=user.name", "GIT_CONFIG_VALUE_0=Gopher",
		"GIT_CONFIG_KEY_1=user.email", "GIT_CONFIG_VALUE_1=gopher@example.com",
		"GIT_CONFIG_KEY_2=init.defaultBranch", "GIT_CONFIG_VALUE_2=main",
		"GIT_CONFIG_KEY_3=url." + origin + ".insteadOf", "GIT_CONFIG_VALUE_3=" + home,
	}
}
