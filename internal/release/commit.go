package main

import (
	"os"
	"os/exec"
	"path/filepath"

	"github.com/plugingen/plugingen/internal/command"
	"github.com/plugingen/plugingen/internal/modproxy"
)

// commits are the two commits of a release.
type commits struct {
	release     string // what is tagged
	development string // its child, in which the modules replace each other again
}

// commit makes the commits in tree, and fills the module proxy with the modules
// of the first.
//
// All modules are tagged at one commit. That works because the zip file of a
// module has no file of another: the go.sum file of a nested module can have
// the hash of the root's zip file, and both be in the same commit.
func (r *release) commit(tree string) (commits, error) {
	var c commits
	if err := r.writeChangelog(tree); err != nil {
		return c, err
	}
	if err := r.rewriteDocuments(tree); err != nil {
		return c, err
	}
	for _, m := range r.modules {
		file := filepath.Join(tree, m.Dir, "go.mod")
		if err := modproxy.SetVersion(file, r.modules, r.version, !m.Released); err != nil {
			return c, err
		}
	}
	if err := commitAll(tree, "Release "+r.version); err != nil {
		return c, err
	}
	for _, m := range r.modules {
		if !m.Released {
			continue
		}
		if m.Dir != "." {
			if err := r.sum(tree, m); err != nil {
				return c, err
			}
		}
		commit, err := command.Git(tree, "rev-parse", "HEAD")
		if err != nil {
			return c, err
		}
		if err := r.proxy.Add(m, r.version, commit); err != nil {
			return c, err
		}
	}
	var err error
	if c.release, err = command.Git(tree, "rev-parse", "HEAD"); err != nil {
		return c, err
	}
	if err := r.develop(tree); err != nil {
		return c, err
	}
	c.development, err = command.Git(tree, "rev-parse", "HEAD")
	return c, err
}

func (r *release) writeChangelog(tree string) error {
	changelog, err := r.changelog(tree)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(tree, changelogFile), []byte(changelog), 0o666)
}

const changelogFile = "CHANGELOG.md"

// changelog returns the changelog in tree as it is after the release.
func (r *release) changelog(tree string) (string, error) {
	data, err := os.ReadFile(filepath.Join(tree, changelogFile))
	if err != nil {
		return "", err
	}
	return cutChangelog(string(data), r.version, r.date)
}

// sum adds to the go.sum file of a module the hashes of the modules that it
// does not replace any more, which are in the proxy, and builds it with them.
func (r *release) sum(tree string, m *modproxy.Module) error {
	dir := filepath.Join(tree, m.Dir)
	if _, err := r.goCommand(dir, "mod", "tidy"); err != nil {
		return err
	}
	if _, err := r.goCommand(dir, "vet", "./..."); err != nil {
		return err
	}
	status, err := command.Git(tree, "status", "--porcelain")
	if err != nil || status == "" {
		return err
	}
	if _, err := command.Git(tree, "add", "--all"); err != nil {
		return err
	}
	_, err = command.Git(tree, "commit", "--amend", "--no-edit", "--quiet")
	return err
}

// develop commits the files of the commit before the release, but with the
// version of the release: a module that requires a version of main finds the
// others, and the replace directives count here only.
func (r *release) develop(tree string) error {
	for _, m := range r.modules {
		if !m.Released {
			continue
		}
		dir := filepath.Join(tree, m.Dir)
		if _, err := command.Git(dir, "checkout", "HEAD~", "--", "go.mod", "go.sum"); err != nil {
			return err
		}
		if err := modproxy.SetVersion(filepath.Join(dir, "go.mod"), r.modules, r.version, true); err != nil {
			return err
		}
	}
	for _, m := range r.modules {
		if _, err := r.goCommand(filepath.Join(tree, m.Dir), "list", "-mod=readonly", "./..."); err != nil {
			return err
		}
	}
	return commitAll(tree, "Back to development after "+r.version)
}

func commitAll(tree, message string) error {
	if _, err := command.Git(tree, "add", "--all"); err != nil {
		return err
	}
	_, err := command.Git(tree, "commit", "--quiet", "--message", message)
	return err
}

// goCommand runs the go command in dir, with the modules of the proxy.
func (r *release) goCommand(dir string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), r.env...)
	return command.Output(cmd)
}
