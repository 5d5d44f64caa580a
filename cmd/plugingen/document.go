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

// schemaCommand returns the command that prints the JSON Schema of a configuration.
func schemaCommand() *command {
	d := &document{}
	return &command{
		name: "schema", args: "[flags] [host]", flags: d.flags,
		run: func(c *invocation) int {
			return d.run(c, func(p *gen.Program) ([]reference.Page, error) { return d.page(reference.Schema(p), nil) })
		},
		short: "print the JSON Schema of a program's configuration",
		long: `Schema prints the JSON Schema (2020-12) of the configuration of a program: of all that
its host links, plugins of other modules included. Editors complete and check a
configuration by it. No package is compiled. The host is the package in the current
directory, or the only one in its module that links plugins.

To keep a committed schema up to date, let go generate write it, beside the line that
generates code:

	//go:generate go tool plugingen schema -o schema.json`,
		examples: []example{
			{"schema -o schema.json", "write a file"},
			{"schema -check -o schema.json ./cmd/server", "in CI: fails if it is out of date"},
		},
	}
}

// docsCommand returns the command that prints the reference of plugins and options.
func docsCommand() *command {
	d := &manual{}
	return &command{
		name: "docs", args: "[flags] [host]", run: d.run, flags: d.flags,
		short: "print the reference of a program's plugins and options",
		long: `Docs prints a reference of a program in Markdown: the namespaces that it links, their
plugins with where they come from and what they require, and all options. With -dir
it writes one file for each section; with -json it prints the same for a site generator.
The host is chosen as for schema.`,
		examples: []example{
			{"docs -dir docs/plugins", "a page for each section"},
			{"docs -json", "for a site generator"},
		},
	}
}

// A manual is the flags of docs.
type manual struct {
	document
	json bool // -json
}

func (m *manual) flags(c *invocation, flags *flag.FlagSet) {
	m.document.flags(c, flags)
	flags.StringVar(&m.dir, "dir", "", "write README.md and one file for each section into `directory`")
	flags.BoolVar(&m.json, "json", false, "print JSON instead of Markdown")
}

func (m *manual) run(c *invocation) int {
	if m.dir != "" && (m.file != "" || m.json) {
		return c.fail(errors.New("-dir and -o are mutually exclusive, and so are -dir and -json"))
	}
	return m.document.run(c, func(p *gen.Program) ([]reference.Page, error) {
		switch d := reference.Describe(p); {
		case m.json:
			return m.page(d.JSON())
		case m.dir != "":
			return d.Pages(), nil
		default:
			return m.page(d.Markdown(), nil)
		}
	})
}

// exampleCommand returns the command that prints a configuration.
func exampleCommand() *command {
	s := &sample{}
	return &command{
		name: "example", args: "[flags] [host]", run: s.run, flags: s.flags, complete: completeExample,
		short: "print a configuration with all options and their defaults",
		long: `Example prints a configuration that a program loads as it is: every option is in it, with
its documentation, as a comment that shows the default. The host is chosen as for schema.`,
		examples: []example{
			{"example >app.toml", "in TOML"},
			{"example -format=yaml -schema=schema.json", "in YAML, with the schema for editors"},
		},
	}
}

// completeExample offers the formats of -format.
func completeExample(l *line, kind string, _ []string) {
	if kind == "format" {
		l.offer(string(reference.TOML), "")
		l.offer(string(reference.YAML), "")
	}
}

// A sample is the flags of example.
type sample struct {
	document
	format string // -format
	schema string // -schema
}

func (s *sample) flags(c *invocation, flags *flag.FlagSet) {
	s.document.flags(c, flags)
	flags.StringVar(&s.format, "format", "toml", "print in this `format`: toml or yaml")
	flags.StringVar(&s.schema, "schema", "",
		"begin with a comment by which editors find the schema at a `URL` or path")
}

func (s *sample) run(c *invocation) int {
	format := reference.Format(s.format)
	if format != reference.TOML && format != reference.YAML {
		return c.fail(fmt.Errorf("-format %s: want toml or yaml", s.format))
	}
	return s.document.run(c, func(p *gen.Program) ([]reference.Page, error) {
		return s.page(reference.Example(p, format, s.schema), nil)
	})
}

// A document is where a command that documents a program writes to: the flags that all of them
// have, and -dir of docs.
type document struct {
	file  string // -o
	dir   string // -dir
	check bool   // -check
}

func (d *document) flags(_ *invocation, flags *flag.FlagSet) {
	flags.StringVar(&d.file, "o", "", "write to `file` instead of standard output")
	flags.BoolVar(&d.check, "check", false,
		"write nothing: show how what -o or -dir names differs from what would be written, and\n"+
			"exit with status 1 if it does")
}

// page returns the only page of a document.
func (d *document) page(text []byte, err error) ([]reference.Page, error) {
	return []reference.Page{{Name: d.file, Text: text}}, err
}

// run writes the document of the program that is meant. It writes nothing if there
// are errors in the source.
func (d *document) run(c *invocation, pages func(*gen.Program) ([]reference.Page, error)) int {
	if d.check && d.file == "" && d.dir == "" {
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
	if d.file == "" && d.dir == "" {
		if _, err := c.out.Write(terminal.File(list[0].Text)); err != nil {
			return c.fail(err)
		}
		return done
	}
	changes, err := d.changes(list)
	if err != nil {
		return c.fail(err)
	}
	return d.change(c, changes)
}

// change writes files, or with -check shows how they differ.
func (d *document) change(c *invocation, changes []write.Change) int {
	status := done
	for _, change := range changes {
		if !d.check {
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
	if d.check {
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
func (d *document) changes(pages []reference.Page) ([]write.Change, error) {
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
func (d *document) orphans(pages []reference.Page) ([]write.Change, error) {
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
