package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/reference"
	"github.com/plugingen/plugingen/internal/terminal"
	"github.com/plugingen/plugingen/internal/write"
)

// A document is where a command that documents a program writes to.
type document struct {
	file   string // -o
	dir    string // -dir
	format string // -format
	schema string // -schema
	check  bool   // -check
}

func documentFlags(c *invocation, flags *flag.FlagSet) {
	flags.StringVar(&c.document.file, "o", "", "write to `file` instead of standard output")
	flags.BoolVar(&c.document.check, "check", false,
		"write nothing: show how what -o or -dir names differs from what would be written, and\n"+
			"exit with status 1 if it does")
}

func docsFlags(c *invocation, flags *flag.FlagSet) {
	documentFlags(c, flags)
	flags.StringVar(&c.document.dir, "dir", "", "write README.md and one file for each section into `directory`")
	flags.BoolVar(&c.json, "json", false, "print JSON instead of Markdown")
}

func exampleFlags(c *invocation, flags *flag.FlagSet) {
	documentFlags(c, flags)
	flags.StringVar(&c.document.format, "format", "toml", "print in this `format`: toml or yaml")
	flags.StringVar(&c.document.schema, "schema", "",
		"begin with a comment by which editors find the schema at a `URL` or path")
}

func writeSchema(c *invocation) int {
	return c.documented(func(p *gen.Program) ([]reference.Page, error) { return c.page(reference.Schema(p), nil) })
}

func writeDocs(c *invocation) int {
	if c.document.dir != "" && (c.document.file != "" || c.json) {
		return c.fail(errors.New("-dir and -o are mutually exclusive, and so are -dir and -json"))
	}
	return c.documented(func(p *gen.Program) ([]reference.Page, error) {
		switch d := reference.Describe(p); {
		case c.json:
			return c.page(d.JSON())
		case c.document.dir != "":
			return d.Pages(), nil
		default:
			return c.page(d.Markdown(), nil)
		}
	})
}

func writeExample(c *invocation) int {
	format := reference.Format(c.document.format)
	if format != reference.TOML && format != reference.YAML {
		return c.fail(fmt.Errorf("-format %s: want toml or yaml", c.document.format))
	}
	return c.documented(func(p *gen.Program) ([]reference.Page, error) {
		return c.page(reference.Example(p, format, c.document.schema), nil)
	})
}

// page returns the only page of a document.
func (c *invocation) page(text []byte, err error) ([]reference.Page, error) {
	return []reference.Page{{Name: c.document.file, Text: text}}, err
}

// documented writes the document of the program that is meant. It writes nothing if there
// are errors in the source.
func (c *invocation) documented(pages func(*gen.Program) ([]reference.Page, error)) int {
	if c.document.check && c.document.file == "" && c.document.dir == "" {
		return c.fail(errors.New("-check needs -o or, for docs, -dir"))
	}
	plan, host, err := c.host(c.args)
	if err != nil {
		return c.fail(err)
	}
	if len(plan.Diagnostics) > 0 {
		_, _ = c.err.Write(c.text(plan))
		return sourceErrors
	}
	program, err := plan.Program(host)
	if err != nil {
		return c.fail(err)
	}
	if err := plan.MissingModules(); err != nil {
		return c.fail(err)
	}
	list, err := pages(program)
	if err != nil {
		return c.fail(err)
	}
	if c.document.file == "" && c.document.dir == "" {
		if _, err := c.out.Write(terminal.File(list[0].Text)); err != nil {
			return c.fail(err)
		}
		return done
	}
	changes, err := c.document.changes(list)
	if err != nil {
		return c.fail(err)
	}
	return c.change(changes)
}

// change writes files, or with -check shows how they differ.
func (c *invocation) change(changes []write.Change) int {
	status := done
	for _, change := range changes {
		if !c.document.check {
			if err := put(change); err != nil {
				return c.fail(err)
			}
			continue
		}
		status = sourceErrors
		if err := c.printDiff(change); err != nil {
			return c.fail(err)
		}
	}
	if c.document.check {
		c.printOutdated(len(changes), "this without -check")
	}
	return status
}

// put makes a change. What the user names is overwritten, whoever wrote it: as with the -o
// of other programs.
func put(change write.Change) error {
	if change.New == nil {
		return os.Remove(change.Path)
	}
	info, err := os.Stat(change.Path)
	switch {
	case err != nil:
		return write.Replace(change.Path, change.New)
	case !info.Mode().IsRegular(): // such as /dev/stdout
		f, err := os.OpenFile(change.Path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.Write(change.New)
		return errors.Join(err, f.Close())
	}
	return replace(change.Path, change.New)
}

// changes returns how the files differ from the pages. Pages of sections that are gone are
// removed.
func (d document) changes(pages []reference.Page) ([]write.Change, error) {
	var changes []write.Change
	for _, page := range pages {
		path := page.Name
		if d.dir != "" {
			path = filepath.Join(d.dir, page.Name)
		}
		old, err := content(path)
		if err != nil {
			return nil, err
		}
		if old == nil || !bytes.Equal(old, page.Text) {
			changes = append(changes, write.Change{Path: path, Old: old, New: page.Text})
		}
	}
	if d.dir == "" {
		return changes, nil
	}
	if !d.check {
		if err := os.MkdirAll(d.dir, 0o777); err != nil {
			return nil, err
		}
	}
	removed, err := d.orphans(pages)
	return append(changes, removed...), err
}

// content returns what is in a file, nil if it is not there or no regular file.
func content(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case info.Mode()&(fs.ModeDevice|fs.ModeNamedPipe|fs.ModeCharDevice) != 0:
		return nil, nil
	}
	return readfile.Source(path)
}

// orphans returns the removals of pages in the directory that are no longer needed.
func (d document) orphans(pages []reference.Page) ([]write.Change, error) {
	names, err := filepath.Glob(filepath.Join(d.dir, "*.md"))
	if err != nil {
		return nil, err
	}
	var changes []write.Change
	for _, path := range names {
		if slices.ContainsFunc(pages, func(p reference.Page) bool { return p.Name == filepath.Base(path) }) {
			continue
		}
		if old, err := readfile.Source(path); err == nil && bytes.HasPrefix(old, []byte(reference.PageHeader)) {
			changes = append(changes, write.Change{Path: path, Old: old})
		}
	}
	return changes, nil
}
