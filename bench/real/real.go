// Package real takes published programs that register many plugins by hand, puts
// directives where the registrations are, and compares what comes of it. Nothing
// of them is kept.
package real

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/plugingen/plugingen/bench/lab"
	"github.com/plugingen/plugingen/bench/measure"
	"github.com/plugingen/plugingen/bench/table"
)

// Tables measures.
func Tables(l *lab.Lab) ([]table.Table, error) {
	var tables []table.Table
	for _, p := range programs[:l.Rounds(len(programs), 1)] {
		c := &comparison{lab: l, program: p}
		if err := c.buildAll(); err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		t, err := c.table()
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
		if err := os.RemoveAll(c.dir); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

// A comparison is a program built in several ways, one after the other in the same directory.
type comparison struct {
	lab *lab.Lab
	program
	dir            string
	directives     int
	generated      measure.Cost
	checkedOffline measure.Cost
	builds         []build
}

// A build is a program that was built.
type build struct {
	name, file string
	size       int64
	plugins    []string
}

func (c *comparison) buildAll() error {
	if err := c.copyModule(); err != nil {
		return err
	}
	if err := c.build("as published"); err != nil {
		return err
	}
	if err := c.convert(); err != nil {
		return err
	}
	if err := c.link(""); err != nil {
		return err
	}
	if err := c.offline(); err != nil {
		return err
	}
	if err := c.vet(); err != nil {
		return err
	}
	if err := c.build("all plugins linked"); err != nil {
		return err
	}
	if err := lab.Remove(filepath.Join(c.dir, c.host), "*.go")(); err != nil {
		return err
	}
	if err := c.link(c.ten); err != nil {
		return err
	}
	return c.build("ten plugins linked")
}

// copyModule copies the module out of the module cache, without tests, which need modules of
// their own.
func (c *comparison) copyModule() error {
	var err error
	if c.dir, err = copyModule(c.lab, c.module); err != nil {
		return err
	}
	return lab.Remove(c.dir, "*_test.go")()
}

// copyModule copies a module out of the module cache, and returns where.
func copyModule(l *lab.Lab, module string) (string, error) {
	l.Log("real: go mod download %s", module)
	cmd := exec.Command("go", "mod", "download", "-json", module)
	cmd.Dir = l.Dir
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go mod download %s: %w", module, err)
	}
	var downloaded struct{ Dir string }
	if err := json.Unmarshal(out, &downloaded); err != nil {
		return "", err
	}
	dir := filepath.Join(l.Dir, "real")
	if err := os.RemoveAll(dir); err != nil { // of a comparison that failed
		return "", err
	}
	return dir, os.CopyFS(dir, os.DirFS(downloaded.Dir))
}

// convert puts directives into the module, has it require plugingen's, and its program take
// what is linked.
func (c *comparison) convert() (err error) {
	if c.directives, err = rewrite(c.dir, c.register); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.dir, c.command, "bridge.go"), []byte(c.bridge), 0o644); err != nil {
		return err
	}
	return c.lab.Go(c.dir, "mod", "edit",
		"-require=github.com/plugingen/plugingen@v0.0.0",
		"-replace=github.com/plugingen/plugingen="+c.lab.Project)
}

// link makes a host of the package that main imports, and generates.
func (c *comparison) link(what string) error {
	host := fmt.Sprintf("package %s\n\n//plugin:link %s\n", filepath.Base(c.host), what)
	if err := os.WriteFile(filepath.Join(c.dir, c.host, "host.go"), []byte(host), 0o644); err != nil {
		return err
	}
	cost, _, err := c.lab.Launch.Run(measure.Case{
		Name: "plugingen", Dir: c.dir,
		Args: []string{c.lab.Program("plugingen"), "./..."},
	})
	if what == "" {
		c.generated = cost
	}
	return err
}

// offline has plugingen check what it has written, with an empty module cache, no network, and
// a go command that fails: what is linked is in the module, and all that it needs.
func (c *comparison) offline() error {
	bin := filepath.Join(c.lab.Dir, "no-go")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(bin, "go"), []byte(
		"#!/bin/sh\necho plugingen runs go $* >&2\nexit 1\n"), 0o755); err != nil {
		return err
	}
	cost, _, err := c.lab.Launch.Run(measure.Case{
		Name: "plugingen check", Dir: c.dir, Args: []string{c.lab.Program("plugingen"), "check", "./..."},
		Env: []string{"GOMODCACHE=" + filepath.Join(c.lab.Dir, "no-modules"), "GOPROXY=off", "PATH=" + bin},
	})
	c.checkedOffline = cost
	return err
}

// vet has pluginvet check.
func (c *comparison) vet() error {
	c.lab.Log("real: %s, pluginvet", c.name)
	_, _, err := c.lab.Launch.Run(measure.Case{
		Name: "pluginvet", Dir: c.dir, Env: []string{"GOFLAGS=-mod=mod -tags=" + c.tags},
		Args: append([]string{c.lab.Program("pluginvet")}, c.checked...),
	})
	return err
}

// build builds the program, and has it list its plugins.
func (c *comparison) build(name string) error {
	c.lab.Log("real: %s, %s", c.name, name)
	b := build{name: name, file: c.lab.Program(strings.ReplaceAll(name, " ", "-"))}
	if err := c.lab.Go(c.dir, "build", "-mod=mod", "-tags="+c.tags, "-ldflags=-s -w", "-o", b.file,
		"./"+c.command); err != nil {
		return err
	}
	info, err := os.Stat(b.file)
	if err != nil {
		return err
	}
	b.size = info.Size()
	out, err := exec.Command(b.file, c.list...).Output()
	if err != nil {
		return err
	}
	listed := c.listed
	if listed == nil {
		listed = lines
	}
	if b.plugins, err = listed(out); err != nil {
		return err
	}
	slices.Sort(b.plugins)
	c.builds = append(c.builds, b)
	return nil
}

// lines returns the lines that are one word.
func lines(out []byte) (ids []string, err error) {
	for line := range bytes.Lines(out) {
		if id := string(bytes.TrimSpace(line)); id != "" && !strings.Contains(id, " ") {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (c *comparison) table() (table.Table, error) {
	name := c.command
	if name == "." { // the program is called what the module is
		name, _, _ = strings.Cut(c.module, "@")
	}
	name = path.Base(name)
	t := table.Table{
		Name: "real-" + name, Title: c.name + ", with directives where the registrations are", Text: c.text(),
		Columns: []string{"", "plugins", "size", strings.Join(append([]string{name}, c.start...),
			" ") + ": CPU", "wall", "CPU ÷ as published"}, Chart: &table.Chart{Unit: "MB"},
	}
	var cases []measure.Case
	for _, b := range c.builds {
		cases = append(cases, measure.Case{Name: b.name, Args: append([]string{b.file}, c.start...)})
	}
	if err := c.lab.Launch.WarmUp(cases); err != nil {
		return t, err
	}
	costs, err := c.lab.Launch.InTurns(c.lab.Rounds(21, 7), cases)
	if err != nil {
		return t, err
	}
	for i, b := range c.builds {
		t.Add(b.name, fmt.Sprint(len(b.plugins)), table.Bytes(float64(b.size)),
			table.Time(measure.NewStat(costs[i], measure.CPU)),
			table.Time(measure.NewStat(costs[i], measure.Wall)), table.Ratio(measure.Ratio(costs[i],
				costs[0], measure.CPU)))
		t.Chart.Series = append(t.Chart.Series, table.Series{Name: b.name, Y: []float64{float64(b.size) / 1e6}})
	}
	return t, nil
}

func (c *comparison) text() []string {
	return []string{fmt.Sprintf(
		"%s. A script put %d directives where plugins were registered; plugingen wrote the "+
			"files in %v and %s, and pluginvet has nothing to say. "+
			"With an empty module cache, no network and no go command, plugingen check finds all "+
			"as it should be, in %v and %s. %s %s",
		c.module, c.directives, c.generated.Wall.Round(time.Millisecond), table.Bytes(measure.Memory(c.generated)),
		c.checkedOffline.Wall.Round(time.Millisecond), table.Bytes(measure.Memory(c.checkedOffline)), c.same(), c.note)}
}

// same reports whether the program with all plugins has those that the published one has.
func (c *comparison) same() string {
	was, is := c.builds[0].plugins, c.builds[1].plugins
	if slices.Equal(was, is) {
		return "The program with all of them lists exactly the plugins of the one that is published."
	}
	return fmt.Sprintf(
		"The program with all of them lacks %s of the published one, and has %s besides: "+
			"what is in the module, and the published program does not import.",
		without(was, is), without(is, was))
}

// without lists those of a that are not in b.
func without(a, b []string) string {
	rest := slices.DeleteFunc(slices.Clone(a), func(id string) bool { return slices.Contains(b, id) })
	if len(rest) == 0 {
		return "none"
	}
	return strings.Join(rest, ", ")
}
