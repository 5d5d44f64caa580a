package document

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// patience is how long the commands of one block may take.
const patience = 5 * time.Minute

// A Runner does what documents say.
type Runner struct {
	Repository string   // the directory that {from=...} is relative to
	Origin     string   // the git repository that stands for https://github.com/plugingen/plugingen
	Env        []string // of commands
}

// Run follows the document in dir, which must be empty. The error joins an *Error for
// everything that is not as the document says. What follows a block that can't be carried
// out is not tried, since it would fail because of that.
func (r *Runner) Run(ctx context.Context, doc *Document, dir string) error {
	dir, err := filepath.EvalSymlinks(dir) // as pwd prints it
	if err != nil {
		return err
	}
	w := &walk{Runner: r, doc: doc, home: dir, root: filepath.Join(dir, "work")}
	if err := w.prepare(ctx); err != nil {
		return fmt.Errorf("%s: %w", doc.Path, err)
	}
	for _, block := range doc.Blocks {
		if err := w.do(ctx, block); err != nil {
			w.fail(block, "%s", err)
			return errors.Join(w.errs...)
		}
		w.lookAgain()
	}
	for _, l := range w.later {
		w.fail(l.block, "%s", l.err)
	}
	return errors.Join(w.errs...)
}

// A walk is one way through a document.
type walk struct {
	*Runner
	doc    *Document
	home   string
	root   string  // where the document begins
	dir    string  // where the commands before have ended
	output string  // what the last commands printed
	later  []later // excerpts of files that the document writes afterwards
	errs   []error
}

// A later is an excerpt that has not been found in its file yet, and why.
type later struct {
	block *Block
	err   error
}

// lookAgain looks for the excerpts that have not been found. What is wrong with a file says more
// than that there is none, as in another directory.
func (w *walk) lookAgain() {
	var still []later
	for _, l := range w.later {
		err := w.excerpt(l.block, w.file(l.block))
		if errors.Is(err, os.ErrNotExist) && l.err != nil {
			err = l.err
		}
		if err != nil {
			still = append(still, later{l.block, err})
		}
	}
	w.later = still
}

// fail reports what is wrong with a block, with files named as in the document.
func (w *walk) fail(block *Block, format string, args ...any) {
	msg := strings.NewReplacer(w.root+"/", "", w.Repository+"/", "").Replace(fmt.Sprintf(format, args...))
	w.errs = append(w.errs, &Error{Path: w.doc.Path, Line: block.Line, Msg: msg})
}

// prepare makes the directory in which the document begins, with a clone of the repository
// in it unless the document makes one itself.
func (w *walk) prepare(ctx context.Context) error {
	w.dir = w.root
	if err := os.MkdirAll(w.root, 0o777); err != nil {
		return err
	}
	for _, block := range w.doc.Blocks {
		if block.Language == "sh" && strings.Contains(block.Text, "git clone ") {
			return nil
		}
	}
	clone := exec.CommandContext(ctx, "git", "clone", "--quiet", w.Origin, filepath.Join(w.root, "plugingen"))
	if out, err := clone.CombinedOutput(); err != nil {
		return fmt.Errorf("git clone: %w\n%s", err, out)
	}
	return nil
}

// do carries out a block. The error is for what keeps the blocks after it from being
// carried out; the others are collected.
func (w *walk) do(ctx context.Context, block *Block) error {
	file := w.file(block)
	switch {
	case block.Has("from"):
		if err := w.excerpt(block, filepath.Join(w.Repository, block.Attrs["from"])); err != nil {
			w.fail(block, "%s", err)
		}
	case block.Has("in"):
		if _, err := os.Stat(w.file(block)); err != nil {
			w.later = append(w.later, later{block: block})
		} else if err := w.excerpt(block, w.file(block)); err != nil {
			w.fail(block, "%s", err)
		}
	case block.Has("file") && block.Language == "diff":
		return change(file, block.Text)
	case block.Has("file"):
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return err
		}
		return os.WriteFile(file, []byte(block.Text), 0o666)
	case block.Language == "sh":
		return w.commands(ctx, block)
	case block.isOutput() && !sameOutput(block.Text, w.output):
		w.fail(block, "the commands print something else:\n%s", difference(block.Text, w.output))
	}
	return nil
}

// file returns the path of the file that the block is or is in.
func (w *walk) file(block *Block) string {
	return filepath.Join(w.dir, cmp.Or(block.Attrs["file"], block.Attrs["in"]))
}

func (w *walk) excerpt(block *Block, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return excerptError(block.Text, string(text))
}

func change(file, diff string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	changed, err := patch(string(text), diff)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(changed), 0o666)
}

// state is what commands leave to those of the next block: their directory, and the
// variables that they have exported.
const state = `trap '{ export -p; echo "cd \"$(pwd)\""; } >"$DOCUMENT_STATE"' EXIT
`

// commands runs a block of commands, and keeps what they print.
func (w *walk) commands(ctx context.Context, block *Block) error {
	stateFile := filepath.Join(w.home, "state")
	script := "set -e\n"
	if _, err := os.Stat(stateFile); err == nil {
		script += `. "$DOCUMENT_STATE"` + "\n"
	}
	script += state
	reached := filepath.Join(w.home, "reached")
	first, last := lastCommand(block.Text)
	script += first + `: >"$DOCUMENT_REACHED"` + "\n" + last

	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", script)
	cmd.Dir = w.root
	cmd.Env = slices.Concat(w.Env, []string{ // others follow documents with the same w.Env meanwhile
		"HOME=" + w.home, "DOCUMENT_STATE=" + stateFile, "DOCUMENT_REACHED=" + reached,
	})
	cmd.WaitDelay = time.Second // for the output of processes that the commands leave behind
	endTogether(cmd)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	w.output = strings.ReplaceAll(out.String(), w.root, "/home/gopher")

	_, notReached := os.Stat(reached)
	os.Remove(reached)
	stateErr := w.readState(stateFile)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("the commands have not ended after %v:\n%s", patience, w.output)
	case stateErr != nil:
		return fmt.Errorf("%w\n%s", errors.Join(stateErr, err), w.output)
	case err != nil && (!block.Has("fails") || notReached != nil):
		return fmt.Errorf("a command fails: %w\n%s", err, w.output)
	case err == nil && block.Has("fails"):
		return fmt.Errorf("the last command should fail, and does not:\n%s", w.output)
	}
	return nil
}

// lastCommand splits commands before the last one, which may have lines that go on after
// a backslash.
func lastCommand(text string) (first, last string) {
	lines := strings.SplitAfter(strings.TrimRight(text, "\n"), "\n")
	i := len(lines) - 1
	for i > 0 && strings.HasSuffix(lines[i-1], "\\\n") {
		i--
	}
	return strings.Join(lines[:i], ""), strings.Join(lines[i:], "")
}

// readState takes over the directory in which commands have ended.
func (w *walk) readState(file string) error {
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return errors.New("the commands do not parse, or end by exec")
	}
	if err != nil {
		return err
	}
	const before, after = "cd \"", "\"\n"
	at := strings.LastIndex(string(text), before)
	if at < 0 || !strings.HasSuffix(string(text), after) {
		return fmt.Errorf("%s is not complete, as if the disk were full", filepath.Base(file))
	}
	w.dir = string(text[at+len(before) : len(text)-len(after)])
	return nil
}

// difference shows what a document says, and what its commands printed.
func difference(want, got string) string {
	return "document:\n" + quote(want) + "printed:\n" + quote(got)
}

func quote(text string) string {
	return "\t" + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n\t") + "\n"
}
