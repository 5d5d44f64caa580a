package document

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/plugingen/plugingen/internal/modproxy"
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
		if err := git(dir, args...); err != nil {
			return err
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

// version is that of the modules of the repository in the proxy that readers use. It is later
// than any that a go.mod file of the repository requires.
const version = "v0.999.0"

// Env returns the environment of a reader: this machine's go command with its build cache, git
// with a name to commit by, origin in place of the repository at GitHub, and the modules of
// origin in place of those that are published. The go command's files go below dir.
func Env(ctx context.Context, origin, dir string) ([]string, error) {
	proxy, err := release(origin, dir)
	if err != nil {
		return nil, err
	}
	env, err := proxy.Env(ctx)
	if err != nil {
		return nil, err
	}
	out, err := exec.CommandContext(ctx, "go", "env", "GOCACHE").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	env = append(env, gitEnv(origin)...)
	return append(env,
		"PATH="+os.Getenv("PATH"), "LANG=C.UTF-8", "TZ=UTC",
		"GOTOOLCHAIN=local", "GOCACHE="+strings.TrimSpace(string(out)), "GOWORK=",
		"GOFLAGS=-modcacherw -trimpath", // or nothing built in one clone would serve in another
	), nil
}

// release returns a module proxy with the modules of origin, as a release has them: they
// require each other.
func release(origin, dir string) (*modproxy.Proxy, error) {
	clone := filepath.Join(dir, "released")
	proxy := &modproxy.Proxy{Repository: clone, Dir: dir, Time: time.Now()}
	modules, err := modproxy.Find(origin)
	if err != nil {
		return nil, err
	}
	if err := git("", "clone", "--quiet", origin, clone); err != nil {
		return nil, err
	}
	for _, m := range modules {
		if err := modproxy.SetVersion(filepath.Join(clone, m.Dir, "go.mod"), modules, version, false); err != nil {
			return nil, err
		}
	}
	if err := git(clone, "commit", "--quiet", "--all", "--allow-empty", "--message=a release"); err != nil {
		return nil, err
	}
	for _, m := range modules {
		if !m.Released {
			continue
		}
		if err := proxy.Add(m, version, "HEAD"); err != nil {
			return nil, err
		}
	}
	return proxy, nil
}

// git runs git as a reader of documents does.
func git(dir string, args ...string) error {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), gitEnv("")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("git %s: %w\n%s", args[0], err, out)
	}
	return nil
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
