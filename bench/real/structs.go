package real

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	gobuild "go/build"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plugingen/plugingen/bench/lab"
	"github.com/plugingen/plugingen/bench/measure"
	"github.com/plugingen/plugingen/bench/table"
)

// A configured is a published program whose plugins have structs with options.
type configured struct {
	program  program
	tag      string   // the struct tag that names the options
	always   bool     // fields without the tag are no options
	packages []string // that are built
	samples  bool     // its sample configurations are compared
	rules    []rule
	note     string // what a reader of the table has to know

	// declare puts directives and tags on the plugins and structs of a package.
	declare func(*pkg) (int, error)
	// complete writes what the packages need together; nil if nothing.
	complete func(dir string) error
}

// A rule changes a line of a file, where plugingen can't know by itself what a field is. from is
// a regular expression.
type rule struct{ file, from, to string }

// skip is the rule that a field is no option. The test of the fields counts it as one that does
// not work.
func skip(file, field, tag string) rule {
	return rule{file, `(\n\t` + field + ` .*` + "`" + `)` + tag + `:"(\w+)`, `${1}` + tag + `:"-" skipped:"${2}" was:"`}
}

//go:embed tests/fields.go.txt
var fieldsTest string

//go:embed tests/samples.go.txt
var samplesTest string

var allConfigured = []configured{telegrafOptions, rcloneOptions, caddyOptions}

// A fields is what the test of a program's fields finds.
type fields struct {
	Plugins, Structs, Fields, Working int
	Failing                           map[string][]string
}

// A sample is what the test of the sample configurations finds for an input.
type sample struct {
	Input  string
	Files  []string
	Shown  int
	Others []struct{ Config, Telegraf, Generated string }
}

// Structs has plugingen describe, decode and document the options of published programs.
func Structs(l *lab.Lab) ([]table.Table, error) {
	t := table.Table{
		Name: "real-structs", Title: "The options of published programs",
		Columns: []string{
			"", "plugins", "structs", "fields", "work", "share", "generating: wall", "peak memory",
			"generated code", "schema", "in", "reference", "in",
		},
	}
	kinds := table.Table{
		Name: "real-kinds", Title: "Fields that are no options",
		Columns: []string{"", "type", "fields", "for example"},
	}
	tables := []*table.Table{&t, &kinds}
	for _, p := range allConfigured {
		c := &comparison{lab: l, program: p.program}
		more, err := c.options(p, &t, &kinds)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.program.name, err)
		}
		if more != nil {
			tables = append(tables, more)
		}
		if err := os.RemoveAll(c.dir); err != nil {
			return nil, err
		}
	}
	t.Add(total(t)...)
	var list []table.Table
	for _, t := range tables {
		list = append(list, *t)
	}
	return list, nil
}

// total returns the last row of the table: all fields.
func total(t table.Table) []string {
	sum := func(column int) (n int) {
		for _, row := range t.Rows {
			i, _ := strconv.Atoi(row[column])
			n += i
		}
		return n
	}
	row := []string{"all"}
	for column := 1; column < 5; column++ {
		row = append(row, strconv.Itoa(sum(column)))
	}
	row = append(row, fmt.Sprintf("%.1f %%", 100*float64(sum(4))/float64(sum(3))))
	for range len(t.Columns) - len(row) {
		row = append(row, "")
	}
	return row
}

// options adds a program to the tables, and returns another for its samples if it has some.
func (c *comparison) options(p configured, t, kinds *table.Table) (*table.Table, error) {
	if err := c.copyModule(); err != nil {
		return nil, err
	}
	if err := c.declareOptions(p); err != nil {
		return nil, err
	}
	costs, sizes, err := c.write()
	if err != nil {
		return nil, err
	}
	c.lab.Log("real: %s, building what was generated", c.name)
	if err := c.lab.Go(c.dir, append([]string{"build", "-mod=mod", "-p=1"}, p.packages...)...); err != nil {
		return nil, err
	}
	found, samples, err := c.test(p)
	if err != nil {
		return nil, err
	}
	t.Add(c.name, fmt.Sprint(found.Plugins), fmt.Sprint(found.Structs), fmt.Sprint(found.Fields),
		fmt.Sprint(found.Working), fmt.Sprintf("%.1f %%", 100*float64(found.Working)/float64(found.Fields)),
		costs[0].Wall.Round(time.Millisecond).String(), table.Bytes(measure.Memory(costs[0])), table.Bytes(sizes[0]),
		table.Bytes(sizes[1]), costs[1].Wall.Round(time.Millisecond).String(),
		table.Bytes(sizes[2]), costs[2].Wall.Round(time.Millisecond).String())
	t.Text = append(t.Text, fmt.Sprintf("%s, with %d directives and tags and %d rules. %s",
		c.module, c.directives, len(p.rules), p.note))
	for _, kind := range slices.SortedFunc(maps.Keys(found.Failing), func(a, b string) int {
		return cmp.Or(len(found.Failing[b])-len(found.Failing[a]), cmp.Compare(a, b))
	}) {
		names := found.Failing[kind]
		slices.Sort(names)
		if strings.Contains(kind, "struct {") {
			kind = "*struct{...}"
		}
		kinds.Add(c.name, "`"+kind+"`", fmt.Sprint(len(names)), short(names[0]))
	}
	if !p.samples {
		return nil, nil
	}
	return sampleTable(samples), nil
}

// short shortens the name of a field with its import path.
func short(name string) string { return name[strings.LastIndex(name, "/")+1:] }

// declareOptions puts directives, tags and rules into the module, and makes its host link all.
func (c *comparison) declareOptions(p configured) (err error) {
	if c.directives, err = rewrite(c.dir, p.declare); err != nil {
		return err
	}
	for _, r := range p.rules {
		name := filepath.Join(c.dir, r.file)
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		changed := regexp.MustCompile(r.from).ReplaceAll(src, []byte(r.to))
		if bytes.Equal(changed, src) {
			return fmt.Errorf("%s: there is no %s", r.file, r.from)
		}
		if err := os.WriteFile(name, changed, 0o644); err != nil {
			return err
		}
	}
	if p.complete != nil {
		if err := p.complete(c.dir); err != nil {
			return err
		}
	}
	host := fmt.Sprintf("package %s\n\n//plugin:link\n", filepath.Base(c.host))
	if err := os.WriteFile(filepath.Join(c.dir, c.host, "host.go"), []byte(host), 0o644); err != nil {
		return err
	}
	edit := []string{"mod", "edit"}
	for _, module := range []string{"", "/registry/config/configtoml"} {
		edit = append(edit, "-require=github.com/plugingen/plugingen"+module+"@v0.0.0",
			"-replace=github.com/plugingen/plugingen"+module+"="+c.lab.Project+module)
	}
	return c.lab.Go(c.dir, edit...)
}

// write generates the decoder, the schema and the reference, and returns what each costs and
// how large it is.
func (c *comparison) write() (costs []measure.Cost, sizes []float64, err error) {
	plugingen := c.lab.Program("plugingen")
	schema, reference := filepath.Join(c.lab.Dir, "schema.json"), filepath.Join(c.lab.Dir, "reference.md")
	for _, args := range [][]string{
		{plugingen, "./..."},
		{plugingen, "schema", "-o", schema, "./" + c.host},
		{plugingen, "docs", "-o", reference, "./" + c.host},
	} {
		cost, _, err := c.lab.Launch.Run(measure.Case{Name: strings.Join(args[1:], " "), Dir: c.dir, Args: args})
		if err != nil {
			return nil, nil, err
		}
		costs = append(costs, cost)
	}
	var generated float64
	err = filepath.WalkDir(c.dir, func(name string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasPrefix(e.Name(), "plugins_") || !strings.HasSuffix(name, "_gen.go") {
			return err
		}
		info, err := e.Info()
		generated += float64(info.Size())
		return err
	})
	sizes = append(sizes, generated)
	for _, name := range []string{schema, reference} {
		info, err := os.Stat(name)
		if err != nil {
			return nil, nil, err
		}
		sizes = append(sizes, float64(info.Size()))
	}
	return costs, sizes, err
}

// test has the program find its own fields, and compare its samples.
func (c *comparison) test(p configured) (f fields, s []sample, err error) {
	c.lab.Log("real: %s, finding its fields", c.name)
	results := map[string]any{"FIELDS": &f}
	texts := map[string]string{"fields": fieldsTest}
	if p.samples {
		results["SAMPLES"], texts["samples"] = &s, samplesTest
	}
	sections, err := c.sections()
	if err != nil {
		return f, nil, err
	}
	for name, text := range texts {
		text = strings.NewReplacer("PACKAGE", filepath.Base(c.host), `"TAG"`, fmt.Sprintf("%q", p.tag),
			"ALWAYS", fmt.Sprint(p.always), "SECTIONS", sections).Replace(text)
		name = filepath.Join(c.dir, c.host, "plugingen_"+name+"_test.go")
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return f, nil, err
		}
	}
	for variable := range results {
		if err := os.Setenv(variable, filepath.Join(c.lab.Dir, variable+".json")); err != nil {
			return f, nil, err
		}
	}
	if err := c.lab.Go(c.dir, "test", "-mod=mod", "-p=1", "-vet=off", "-ldflags=-s -w", "./"+c.host); err != nil {
		return f, nil, err
	}
	for variable, into := range results {
		data, err := os.ReadFile(os.Getenv(variable))
		if err != nil {
			return f, nil, err
		}
		if err := json.Unmarshal(data, into); err != nil {
			return f, nil, err
		}
	}
	return f, s, nil
}

var linksVar = regexp.MustCompile(`(?m)^var (pluginLinks\w*) = `)

// sections returns the tables of sections that the host has in this build, as arguments.
func (c *comparison) sections() (string, error) {
	dir := filepath.Join(c.dir, c.host)
	files, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	var names []string
	for _, e := range files {
		if ok, err := gobuild.Default.MatchFile(dir, e.Name()); err != nil || !ok {
			continue
		}
		src, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return "", err
		}
		for _, m := range linksVar.FindAllSubmatch(src, -1) {
			names = append(names, string(m[1])+".Sections")
		}
	}
	return strings.Join(names, ", "), nil
}

// sampleTable has what the decoders make of the sample configurations, and where they differ.
func sampleTable(samples []sample) *table.Table {
	files, shown, inputs := 0, 0, 0
	others := map[string][]string{}
	for _, s := range samples {
		files += len(s.Files)
		shown += s.Shown
		inputs += min(1, len(s.Files))
		for _, o := range s.Others {
			why := reason(o.Config, o.Telegraf, o.Generated)
			others[why] = append(others[why], s.Input)
		}
	}
	t := &table.Table{
		Name: "real-samples", Title: "Telegraf's sample configurations, read by Telegraf and by the generated decoders",
		Text: []string{fmt.Sprintf("Of %d inputs that this build has, %d have a sample configuration that both "+
			"read to the same values in all fields, %d files. So do %d options that the samples show in "+
			"comments, each as a configuration of its own.", len(samples), inputs, files, shown)},
		Columns: []string{"the others", "configurations", "inputs"},
	}
	for _, why := range slices.SortedFunc(maps.Keys(others), func(a, b string) int {
		return cmp.Or(len(others[b])-len(others[a]), cmp.Compare(a, b))
	}) {
		list := others[why]
		slices.Sort(list)
		t.Add(why, fmt.Sprint(len(list)), strings.Join(slices.Compact(list), ", "))
	}
	return t
}

// reason names the rule by which two readings of a configuration differ.
func reason(config, telegraf, generated string) string {
	switch {
	case strings.Contains(config, "$$"):
		return "`$$` is `$` to Telegraf; in references of package config it stands for itself"
	case strings.Contains(telegraf, "could not read certificate"):
		return "Telegraf reads the certificates when it reads the configuration, and they are not there"
	}
	return "Telegraf: " + telegraf + "; generated: " + generated
}
