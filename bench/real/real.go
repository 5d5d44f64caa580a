// Package real takes a published program that registers many plugins by hand, puts
// directives where the registrations are, and compares what comes of it. Nothing
// of it is kept.
package real

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/bench/lab"
	"github.com/plugingen/plugingen/bench/measure"
	"github.com/plugingen/plugingen/bench/table"
)

const caddy = "github.com/caddyserver/caddy/v2@v2.11.9"

// main is the program as it is shipped, and what gives Caddy's own registry the plugins
// that the host in the folder modules links. That is where Caddy's internal packages can be imported.
const main = `package main

import (
	"strings"

	"github.com/caddyserver/caddy/v2"
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	_ "github.com/caddyserver/caddy/v2/modules/%s"
	"github.com/plugingen/plugingen/registry"
)

func main() {
	for _, namespace := range registry.Default.Namespaces() {
		if !strings.HasPrefix(namespace, "caddy") {
			continue
		}
		specs, _ := registry.Default.Find(namespace)
		for _, spec := range specs {
			module, err := spec.New(spec)
			if err != nil {
				panic(err)
			}
			caddy.RegisterModule(module.(caddy.Module))
		}
	}
	caddycmd.Main()
}
`

// Ten modules that serve files.
const ten = "namespaces=caddy:http,caddy:tls,caddy.http.handlers:file_server,caddy.http.handlers:headers,caddy.http.handlers:static_response," +
	"caddy.http.handlers:subroute,caddy.http.matchers:path,caddy.http.matchers:host,caddy.caddy.logging.encoders:json,caddy.caddy.logging.writers:stderr"

// Tables measures.
func Tables(l *lab.Lab) ([]table.Table, error) {
	before, err := copyModule(l, "caddy-before")
	if err != nil {
		return nil, err
	}
	after, err := copyModule(l, "caddy-after")
	if err != nil {
		return nil, err
	}
	ids, err := rewrite(after)
	if err != nil {
		return nil, err
	}
	if err := convert(l, after); err != nil {
		return nil, err
	}
	c := &comparison{lab: l, ids: ids}
	if err := c.check(after); err != nil {
		return nil, err
	}
	for _, p := range []struct{ name, dir, host string }{
		{"as published", before, ""},
		{"all plugins linked", after, "standard"},
		{"ten plugins linked", after, "ten"},
	} {
		l.Log("real: Caddy, %s", p.name)
		if err := c.build(p.name, p.dir, p.host); err != nil {
			return nil, fmt.Errorf("Caddy, %s: %w", p.name, err)
		}
	}
	t, err := c.table()
	return []table.Table{t}, err
}

// copyModule copies the module out of the module cache.
func copyModule(l *lab.Lab, name string) (string, error) {
	cmd := exec.Command("go", "mod", "download", "-json", caddy)
	cmd.Dir = l.Dir
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go mod download %s: %w", caddy, err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		return "", err
	}
	dir := filepath.Join(l.Dir, name)
	return dir, os.CopyFS(dir, os.DirFS(module.Dir))
}

// convert makes the module require plugingen's, and writes two hosts: one that links all
// plugins beside whatever else modules/standard imports, and one that links ten.
func convert(l *lab.Lab, dir string) error {
	if err := l.Go(dir, "mod", "edit", "-require=github.com/plugingen/plugingen@v0.0.0", "-replace=github.com/plugingen/plugingen="+l.Project); err != nil {
		return err
	}
	for host, link := range map[string]string{"standard": "", "ten": " " + ten} {
		at := filepath.Join(dir, "modules", host)
		if err := os.MkdirAll(at, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(at, "host.go"), fmt.Appendf(nil, "package %s\n\n//plugin:link%s\n", host, link), 0o644); err != nil {
			return err
		}
	}
	return nil
}

type comparison struct {
	lab      *lab.Lab
	ids      []string
	programs []program
	generate measure.Cost
}

type program struct {
	name, file string
	size       int64
	modules    []string
}

func (c *comparison) build(name, dir, host string) error {
	dir = filepath.Join(dir, "cmd", "caddy")
	if host != "" {
		if err := os.WriteFile(filepath.Join(dir, "main.go"), fmt.Appendf(nil, main, host), 0o644); err != nil {
			return err
		}
	}
	p := program{name: name, file: c.lab.Program("caddy-" + strings.ReplaceAll(name, " ", "-"))}
	if err := c.lab.Go(dir, "build", "-mod=mod", "-ldflags=-s -w", "-o", p.file, "."); err != nil {
		return err
	}
	info, err := os.Stat(p.file)
	if err != nil {
		return err
	}
	p.size = info.Size()
	out, err := exec.Command(p.file, "list-modules", "--skip-standard=false").Output()
	if err != nil {
		return err
	}
	for line := range bytes.Lines(out) {
		if id := string(bytes.TrimSpace(line)); id != "" && !strings.Contains(id, " ") {
			p.modules = append(p.modules, id)
		}
	}
	slices.Sort(p.modules)
	c.programs = append(c.programs, p)
	return nil
}

// check generates, and vets.
func (c *comparison) check(root string) error {
	cost, _, err := c.lab.Launch.Run(measure.Case{Name: "plugingen", Dir: root, Args: []string{c.lab.Program("plugingen"), "./..."}})
	if err != nil {
		return err
	}
	c.generate = cost
	return c.lab.Go(root, "vet", "-mod=mod", "-vettool="+c.lab.Program("pluginvet"), "./...")
}

func (c *comparison) table() (table.Table, error) {
	t := table.Table{Name: "real-caddy", Title: "Caddy, with directives where its registrations are",
		Columns: []string{"", "modules", "size", "caddy version: CPU", "÷ as published"}, Chart: &table.Chart{Unit: "MB"}}
	var cases []measure.Case
	for _, p := range c.programs {
		cases = append(cases, measure.Case{Name: p.name, Args: []string{p.file, "version"}})
	}
	if err := c.lab.Launch.WarmUp(cases); err != nil {
		return t, err
	}
	costs, err := c.lab.Launch.InTurns(c.lab.Rounds(21, 7), cases)
	if err != nil {
		return t, err
	}
	for i, p := range c.programs {
		t.Add(p.name, fmt.Sprint(len(p.modules)), table.Bytes(float64(p.size)), table.Time(measure.NewStat(costs[i], measure.CPU)), table.Ratio(measure.Ratio(costs[i], costs[0], measure.CPU)))
		t.Chart.Series = append(t.Chart.Series, table.Series{Name: p.name, Y: []float64{float64(p.size) / 1e6}})
	}
	t.Text = append(t.Text, fmt.Sprintf("%s. A script put %d directives where modules were registered; plugingen wrote the files in %v, and pluginvet finds nothing to say. %s "+
		"The programs list their modules themselves; ten is a server of files, without what package modules/standard imports.",
		caddy, len(c.ids), c.generate.Wall.Round(1e6), c.same()))
	return t, nil
}

// same says whether the program with all plugins has the modules that the published one has.
func (c *comparison) same() string {
	was, is := c.programs[0].modules, c.programs[1].modules
	if slices.Equal(was, is) {
		return "The program with all of them has exactly the modules of the one that is published."
	}
	return fmt.Sprintf("The program with all of them lacks %s of the published one, and has %s besides: packages that the published program does not import, and that are in the module.",
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
