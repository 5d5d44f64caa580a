// Release makes a release of every module of this repository that others
// import: it commits their go.mod files with versions in place of replace
// directives, tries the result as a user would, from a module proxy in the file
// system, and tags it. It pushes nothing.
//
//	go run ./internal/release [-n] [-checks command] v0.1.0
//
// The commit and its tags appear in the repository only if all has succeeded:
// until then the work is done in a temporary worktree.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

func main() {
	r := release{out: os.Stdout, date: time.Now()}
	flag.BoolVar(&r.dryRun, "n", false, "do everything, but leave no commit and no tag")
	flag.StringVar(&r.checks, "checks", ".ci/run", "the `command` that must succeed before anything is tagged")
	flag.StringVar(&r.apidiff, "apidiff", "make apidiff", "the `command` that compares the API with the tag $BASE")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: go run ./internal/release [-n] version")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	r.version = flag.Arg(0)
	if err := r.run(); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// A release is one run of the command in the repository of the working
// directory.
type release struct {
	version         string
	dryRun          bool
	checks, apidiff string
	date            time.Time
	out             io.Writer

	repo    string // the root of the repository
	modules []*mod
	tmp     string // what is deleted at the end
	env     []string
}

func (r *release) run() (err error) {
	if err := r.prepare(); err != nil {
		return err
	}
	r.step(r.checks)
	if err := r.shell(r.checks); err != nil {
		return fmt.Errorf("%s: %w", r.checks, err)
	}
	r.tmp, err = os.MkdirTemp("", "release")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(r.tmp)) }()

	if r.env, err = r.goEnv(); err != nil {
		return err
	}
	tree := filepath.Join(r.tmp, "tree")
	if _, err := git(r.repo, "worktree", "add", "--detach", tree, "HEAD"); err != nil {
		return err
	}
	defer func() {
		_, failed := git(r.repo, "worktree", "remove", "--force", tree)
		err = errors.Join(err, failed)
	}()

	r.step("commit")
	commits, err := r.commit(tree)
	if err != nil {
		return err
	}
	r.step("quick start, from a module proxy")
	if err := r.quickStart(); err != nil {
		return err
	}
	return r.finish(commits)
}

// prepare reports whatever makes a release impossible and is found without
// building anything.
func (r *release) prepare() error {
	root, err := git(".", "rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	r.repo = filepath.FromSlash(root)
	if r.modules, err = findModules(r.repo); err != nil {
		return err
	}
	if err := module.Check(r.modules[0].path, r.version); err != nil {
		return err
	}
	if semver.Canonical(r.version) != r.version {
		return fmt.Errorf("version %s is not canonical: write %s", r.version, semver.Canonical(r.version))
	}
	if status, err := git(r.repo, "status", "--porcelain"); err != nil || status != "" {
		return errors.Join(err, fmt.Errorf("commit or remove these first:\n%s", status))
	}
	if _, err := git(r.repo, "symbolic-ref", "HEAD"); err != nil {
		return fmt.Errorf("no branch is checked out: %w", err)
	}
	return r.compareWithLast()
}

// compareWithLast checks that the version is a new one, and that it says enough
// about what has changed since the one before.
func (r *release) compareWithLast() error {
	tags, err := git(r.repo, "tag", "--list")
	if err != nil {
		return err
	}
	exists := map[string]bool{}
	last := ""
	for tag := range strings.FieldsSeq(tags) {
		exists[tag] = true
		if semver.IsValid(tag) && (last == "" || semver.Compare(tag, last) > 0) {
			last = tag
		}
	}
	for _, m := range r.modules {
		if m.released && exists[m.tag(r.version)] {
			return fmt.Errorf("the tag %s exists", m.tag(r.version))
		}
	}
	if last == "" {
		return nil
	}
	if semver.Compare(r.version, last) <= 0 {
		return fmt.Errorf("version %s is not later than %s, the last release", r.version, last)
	}
	if mayBreak(last, r.version) {
		return nil
	}
	r.step(r.apidiff + " BASE=" + last)
	if err := r.shell(r.apidiff, "BASE="+last); err != nil {
		return fmt.Errorf("version %s promises compatibility with %s: %s: %w", r.version, last, r.apidiff, err)
	}
	return nil
}

// mayBreak reports whether version may be incompatible with last: it has
// another major version, or another minor version of v0.
func mayBreak(last, version string) bool {
	if semver.Major(last) != semver.Major(version) {
		return true
	}
	return semver.Major(version) == "v0" && semver.MajorMinor(last) != semver.MajorMinor(version)
}

// finish makes the commits and tags part of the repository.
func (r *release) finish(commits commits) error {
	var tags []string
	for _, m := range r.modules {
		if m.released {
			tags = append(tags, m.tag(r.version))
		}
	}
	if r.dryRun {
		r.step("a dry run: no commit, no tag")
		diff, err := git(r.repo, "show", "--format=%s", commits.release)
		fmt.Fprintf(r.out, "%s\n\nwould tag this commit as %s\n", diff, strings.Join(tags, ", "))
		return err
	}
	for _, tag := range tags {
		if _, err := git(r.repo, "tag", "-a", "-m", tag, tag, commits.release); err != nil {
			return err
		}
	}
	if _, err := git(r.repo, "merge", "--ff-only", commits.development); err != nil {
		return err
	}
	r.step("done; to publish it:")
	fmt.Fprintln(r.out, "git push --atomic origin HEAD", strings.Join(tags, " "))
	return nil
}

func (r *release) step(what string) { fmt.Fprintf(r.out, "\n== %s\n", what) }

// shell runs a command line of the user's in the repository.
func (r *release) shell(command string, env ...string) error {
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = r.repo
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = r.out, r.out
	return cmd.Run()
}

// git returns what a git command prints, without the last newline.
func git(dir string, args ...string) (string, error) {
	return output(exec.Command("git", append([]string{"-C", dir}, args...)...))
}

// output returns what cmd prints, or an error with the end of what it prints.
func output(cmd *exec.Cmd) (string, error) {
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s%s", strings.Join(cmd.Args, " "), err, stdout, stderr.String())
	}
	return strings.TrimSuffix(string(stdout), "\n"), nil
}
