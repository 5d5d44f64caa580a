// Release makes a release of every module of this repository that others
// import: it commits their go.mod files with versions in place of replace
// directives, has the documents say that there is a release, tries the result
// as a user would, from a module proxy in the file system, and tags it. It pushes nothing.
//
//	go run ./internal/release [-n] [-checks command] v0.1.0
//
// The commit and its tags appear in the repository only if all has succeeded:
// until then the work is done in a temporary worktree.
package main

import (
	"context"
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

	"github.com/plugingen/plugingen/internal/command"
	"github.com/plugingen/plugingen/internal/modproxy"
)

func main() {
	r := release{out: os.Stdout, date: time.Now()}
	flag.BoolVar(&r.dryRun, "n", false, "do everything, but leave no commit and no tag")
	flag.StringVar(&r.checks, "checks", ".ci/run", "the `command` that must succeed before anything is tagged")
	flag.StringVar(&r.documents, "documents", "GOWORK=off go test ./docs",
		"the `command` that follows the documents of the release")
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
	version string
	dryRun  bool
	date    time.Time
	out     io.Writer

	// Command lines of the shell.
	checks, documents, apidiff string

	repo    string // the root of the repository
	head    string // the commit that is checked out
	modules []*modproxy.Module
	tmp     string // what is deleted at the end
	proxy   *modproxy.Proxy
	env     []string // in which the go command uses the proxy
}

func (r *release) run() (err error) {
	if err := r.prepare(); err != nil {
		return err
	}
	r.step(r.checks)
	if err := r.shell(r.repo, r.checks); err != nil {
		return fmt.Errorf("%s: %w", r.checks, err)
	}
	r.tmp, err = os.MkdirTemp("", "release")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(r.tmp)) }()

	r.proxy = &modproxy.Proxy{Repository: r.repo, Dir: r.tmp, Time: r.date}
	if r.env, err = r.proxy.Env(context.Background()); err != nil {
		return err
	}
	tree := filepath.Join(r.tmp, "tree")
	if _, err := command.Git(r.repo, "worktree", "add", "--detach", tree, r.head); err != nil {
		return err
	}
	defer func() {
		_, failed := command.Git(r.repo, "worktree", "remove", "--force", tree)
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
	r.step(r.documents)
	if err := r.shell(tree, r.documents); err != nil {
		return fmt.Errorf("%s: %w", r.documents, err)
	}
	return r.finish(commits)
}

// prepare reports whatever makes a release impossible and is found without
// building anything.
func (r *release) prepare() error {
	root, err := command.Git(".", "rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	r.repo = filepath.FromSlash(root)
	if r.modules, err = modproxy.Find(r.repo); err != nil {
		return err
	}
	if err := module.Check(r.modules[0].Path, r.version); err != nil {
		return err
	}
	if semver.Canonical(r.version) != r.version {
		return fmt.Errorf("version %s is not canonical: write %s", r.version, semver.Canonical(r.version))
	}
	status, err := command.Git(r.repo, "status", "--porcelain")
	if err != nil {
		return err
	}
	if status != "" {
		return fmt.Errorf("commit or remove these first:\n%s", status)
	}
	if _, err := command.Git(r.repo, "symbolic-ref", "HEAD"); err != nil {
		return fmt.Errorf("no branch is checked out: %w", err)
	}
	if r.head, err = command.Git(r.repo, "rev-parse", "HEAD"); err != nil {
		return err
	}
	if err := r.compareWithLast(); err != nil {
		return err
	}
	_, err = r.changelog(r.repo)
	return err
}

// compareWithLast checks that the version is a new one, and that it says enough
// about what has changed since the one before.
func (r *release) compareWithLast() error {
	tags, err := command.Git(r.repo, "tag", "--list")
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
		if m.Released && exists[m.Tag(r.version)] {
			return fmt.Errorf("the tag %s exists", m.Tag(r.version))
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
	if err := r.shell(r.repo, r.apidiff, "BASE="+last); err != nil {
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

// finish makes the commits and tags part of the repository, or leaves it as it was.
func (r *release) finish(commits commits) error {
	var tags []string
	for _, m := range r.modules {
		if m.Released {
			tags = append(tags, m.Tag(r.version))
		}
	}
	if r.dryRun {
		r.step("a dry run: no commit, no tag")
		diff, err := command.Git(r.repo, "show", "--format=%s", commits.release)
		fmt.Fprintf(r.out, "%s\n\nwould tag this commit as %s\n", diff, strings.Join(tags, ", "))
		return err
	}
	if err := r.publish(commits, tags); err != nil {
		return err
	}
	r.step("done; to publish it:")
	fmt.Fprintln(r.out, "git push --atomic origin HEAD", strings.Join(tags, " "))
	return nil
}

// publish tags the release and moves the branch. It deletes its tags if it
// fails: a tag may need a key, and the branch may have moved in the meantime.
func (r *release) publish(commits commits, tags []string) error {
	for i, tag := range tags {
		if _, err := command.Git(r.repo, "tag", "-a", "-m", tag, tag, commits.release); err != nil {
			return errors.Join(err, r.deleteTags(tags[:i]))
		}
	}
	if _, err := command.Git(r.repo, "merge", "--ff-only", commits.development); err != nil {
		return errors.Join(err, r.deleteTags(tags))
	}
	return nil
}

func (r *release) deleteTags(tags []string) error {
	if len(tags) == 0 {
		return nil
	}
	_, err := command.Git(r.repo, append([]string{"tag", "--delete"}, tags...)...)
	return err
}

func (r *release) step(what string) { fmt.Fprintf(r.out, "\n== %s\n", what) }

// shell runs a command line of the user's in a directory.
func (r *release) shell(dir, command string, env ...string) error {
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = r.out, r.out
	return cmd.Run()
}
