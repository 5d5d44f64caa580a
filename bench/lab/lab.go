// Package lab sets up what measuring needs: a directory to work in, the project's
// programs, and trees.
package lab

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/plugingen/plugingen/bench/measure"
	"github.com/plugingen/plugingen/bench/tree"
)

// A Lab is where measurements are made.
type Lab struct {
	Dir     string // for whatever is thrown away afterwards
	Bench   string // the directory of this module
	Project string // the directory of plugingen's own module
	Quick   bool
	Launch  measure.Launcher
	Log     func(format string, args ...any)
}

// New makes a lab in a temporary directory, and builds the programs that every
// measurement needs. bench is the directory of this module.
func New(bench string, quick bool, log func(string, ...any)) (*Lab, error) {
	bench, err := filepath.Abs(bench)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "plugingen-bench-")
	if err != nil {
		return nil, err
	}
	if err := os.Setenv("GOWORK", "off"); err != nil { // trees are no part of a workspace
		return nil, err
	}
	l := &Lab{Dir: dir, Bench: bench, Project: filepath.Dir(bench), Quick: quick, Log: log}
	l.Launch = measure.Launcher(l.Program("launch"))
	l.closeOnInterrupt()
	return l, l.build()
}

// build builds the programs, each with the requirements of its own module.
func (l *Lab) build() error {
	bin := filepath.Join(l.Dir, "bin") + string(filepath.Separator)
	if err := l.Go(l.Bench, "build", "-o", bin, "./cmd/launch", "./cmd/floor", "./cmd/emptyvet",
		"./cmd/loadonly"); err != nil {
		return err
	}
	return l.Go(l.Project, "build", "-o", bin, "./cmd/plugingen", "./cmd/pluginvet", "./cmd/pluginvet/pluginvetstd")
}

// Close removes all that the lab made.
func (l *Lab) Close() error { return os.RemoveAll(l.Dir) }

// closeOnInterrupt leaves nothing behind when measuring is cut short.
func (l *Lab) closeOnInterrupt() {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-interrupted
		l.Close()
		os.Exit(130)
	}()
}

// Program returns the name of a program that was built or installed.
func (l *Lab) Program(name string) string { return filepath.Join(l.Dir, "bin", name) }

// Go runs the go command in a directory.
func (l *Lab) Go(dir string, args ...string) error {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOBIN="+filepath.Join(l.Dir, "bin"))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, last(out))
	}
	return nil
}

func last(out []byte) []byte { return out[max(0, len(out)-2000):] }

// Version returns the version of a module that the module in a directory requires.
func (l *Lab) Version(dir, module string) (string, error) {
	cmd := exec.Command("go", "list", "-m", "-f={{.Version}}", module)
	cmd.Dir = dir
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}

// Tree writes a tree below the lab's directory, and returns where.
func (l *Lab) Tree(name string, t tree.Tree) (string, error) {
	t.Project = l.Project
	dir := filepath.Join(l.Dir, name)
	return dir, t.Write(dir)
}

// Rounds returns the first number in a full run, and the second in a quick one.
func (l *Lab) Rounds(full, quick int) int {
	if l.Quick {
		return quick
	}
	return full
}

// Affordable returns how often to run what takes so many seconds, once at least: five times, or
// three in a quick run, or as often as five seconds allow.
func (l *Lab) Affordable(seconds float64) int {
	return max(1, int(min(float64(l.Rounds(5, 3)), 5/seconds)))
}

// LinkCache makes a GOCACHE what another is. The files of a GOCACHE are never changed, so
// they can be linked.
func LinkCache(from, to string) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if e.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		return os.Link(path, filepath.Join(to, rel))
	})
}

// Remove returns a function that removes the files below dir with a name that matches.
func Remove(dir, pattern string) func() error {
	return func() error {
		return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			if ok, err := filepath.Match(pattern, e.Name()); !ok || err != nil {
				return err
			}
			return os.Remove(path)
		})
	}
}
