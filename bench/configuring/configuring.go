// Package configuring measures what options cost: filling them, following a configuration that
// changes, the schema of a program with many, and how long they take to compile and how large
// they make a program.
package configuring

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/plugingen/plugingen/bench/comparison"
	"github.com/plugingen/plugingen/bench/lab"
	"github.com/plugingen/plugingen/bench/measure"
	"github.com/plugingen/plugingen/bench/table"
)

const (
	plugins = 1_000
	options = 10 // of each plugin
)

// Tables measures.
func Tables(l *lab.Lab) ([]table.Table, error) {
	with, err := write(l, "configuring-with", true)
	if err != nil {
		return nil, err
	}
	without, err := write(l, "configuring-without", false)
	if err != nil {
		return nil, err
	}
	schemas, err := schemas(l, with)
	if err != nil {
		return nil, err
	}
	programs, err := programs(l, with, without)
	if err != nil {
		return nil, err
	}
	filled, err := comparison.Tables(l, comparisons, func(string) []measure.Case { return nil })
	if err != nil {
		return nil, err
	}
	versions, err := comparison.Versions(l, "github.com/go-viper/mapstructure/v2",
		"go.opentelemetry.io/collector/confmap", "github.com/caddyserver/caddy/v2")
	if err != nil {
		return nil, err
	}
	filled[0].Text = append(filled[0].Text, versions)
	return append(filled, schemas, programs), nil
}

var comparisons = []comparison.Comparison{
	{
		Benchmark: "Options",
		Title:     "Filling the options of all plugins",
		Text: "Ten options a plugin, from a configuration that has been parsed, each checked for names that are no " +
			"options. plugingen's descriptions check an enumeration, bounds and what is required besides. " +
			"encoding/json parses the text, too, and accepts any names. The allocations of plugingen are the struct, " +
			"its list, and one that net/netip makes.",
		Who: [][2]string{
			{"plugingen", ""},
			{"mapstructure", "plugingen"},
			{"confmap", "plugingen"},
			{"json", "plugingen"},
		},
		Targets: func(found comparison.Samples) []table.Target {
			ours, theirs := found["Options/plugingen/n=1000"], found["Options/mapstructure/n=1000"]
			ratio := measure.Ratio(ours, theirs, comparison.Seconds).Median
			return []table.Target{{What: "1,000 plugins", Limit: 0.1, Got: ratio, Unit: "× mapstructure"}}
		},
	},
	{
		Benchmark: "Reload",
		Title:     "Following a configuration of which one instance has changed",
		Text: "As many instances as plugins, with ten options each. The configuration has been parsed, but for " +
			"Caddy, which takes JSON. plugingen compares all options and replaces the one instance; Caddy " +
			"provisions and starts all apps anew, as it does for whatever has changed.",
		Who: [][2]string{{"plugingen", ""}, {"caddy", "plugingen"}},
		Targets: func(found comparison.Samples) []table.Target {
			ms := measure.NewStat(found["Reload/plugingen/n=1000"], comparison.Seconds).Median * 1e3
			return []table.Target{{What: "1,000 instances", Limit: 2, Got: ms, Unit: "ms"}}
		},
	},
}

// schemas compares plugingen schema with plugingen check.
func schemas(l *lab.Lab, dir string) (table.Table, error) {
	t := table.Table{
		Name: "schema", Title: "The schema and the reference of a program",
		Text: []string{fmt.Sprintf("Of %d plugins with %d options each, in 100 packages, whose generated files "+
			"are up to date. The commands print to a file that is up to date, too.", plugins, options)},
		Columns: []string{"", "wall time", "processor time", "beside check", "memory"},
	}
	plugingen := l.Program("plugingen")
	cases := []measure.Case{
		{Name: "plugingen check", Dir: dir, Args: []string{plugingen, "check", "./..."}},
		{Name: "plugingen schema", Dir: dir, Args: []string{plugingen, "schema", "-o", "schema.json"}},
		{Name: "plugingen docs", Dir: dir, Args: []string{plugingen, "docs", "-o", "docs.md"}},
	}
	if err := l.Launch.WarmUp(cases); err != nil {
		return t, err
	}
	costs, err := l.Launch.InTurns(l.Rounds(15, 5), cases)
	if err != nil {
		return t, err
	}
	for i, c := range cases {
		ratio := ""
		if i > 0 {
			ratio = table.Ratio(measure.Ratio(costs[i], costs[0], measure.CPU))
		}
		t.Add(c.Name, table.Time(measure.NewStat(costs[i], measure.Wall)),
			table.Time(measure.NewStat(costs[i], measure.CPU)), ratio,
			table.Bytes(measure.NewStat(costs[i], measure.Memory).Median))
	}
	t.Targets = []table.Target{{
		What: "schema", Limit: 1.5, Got: measure.Ratio(costs[1], costs[0], measure.CPU).Median, Unit: "× check",
	}}
	return t, nil
}

// programs compares a program whose plugins have options with one whose have none.
func programs(l *lab.Lab, with, without string) (table.Table, error) {
	t := table.Table{
		Name: "options", Title: "What an option costs",
		Text: []string{fmt.Sprintf("Building the packages of %d plugins, whose structs have %d fields each, with "+
			"an empty build cache but for what they import; and the size of the program (-ldflags='-s -w'). "+
			"The options of the first are fields with a default and a comment.", plugins, options)},
		Columns: []string{"", "compile, processor time", "size"},
	}
	var compile [2]measure.Stat
	var size [2]int64
	for i, dir := range []string{with, without} {
		cache := filepath.Join(l.Dir, "configuring-cache")
		var samples []measure.Cost
		for range l.Rounds(3, 1) {
			if err := warm(l, dir, cache); err != nil {
				return t, err
			}
			cost, _, err := l.Launch.Run(measure.Case{
				Name: dir, Dir: dir, Env: []string{"GOCACHE=" + cache},
				Args: []string{"go", "build", "-mod=mod", "-ldflags=-s -w", "-o", filepath.Join(dir, "app"), "."},
			})
			if err != nil {
				return t, err
			}
			samples = append(samples, cost)
		}
		compile[i] = measure.NewStat(samples, measure.CPU)
		info, err := os.Stat(filepath.Join(dir, "app"))
		if err != nil {
			return t, err
		}
		size[i] = info.Size()
	}
	const n = plugins * options
	t.Add("with options", table.Time(compile[0]), table.Bytes(float64(size[0])))
	t.Add("without", table.Time(compile[1]), table.Bytes(float64(size[1])))
	each := measure.Stat{Median: (compile[0].Median - compile[1].Median) / n}
	each.Min, each.Max = each.Median, each.Median
	t.Add("an option", table.Time(each), table.Bytes(float64(size[0]-size[1])/n))
	return t, nil
}

// warm makes a cache that has what the packages import, and nothing of them.
func warm(l *lab.Lab, dir, cache string) error {
	if err := os.RemoveAll(cache); err != nil {
		return err
	}
	_, _, err := l.Launch.Run(measure.Case{
		Name: "warm", Dir: dir, Env: []string{"GOCACHE=" + cache},
		Args: []string{
			"go", "build", "-mod=mod", "github.com/plugingen/plugingen/registry",
			"github.com/plugingen/plugingen/registry/config", "time",
		},
	})
	return err
}

// write writes a program, and generates its files.
func write(l *lab.Lab, name string, tagged bool) (string, error) {
	dir := filepath.Join(l.Dir, name)
	files := map[string][]byte{
		"go.mod": fmt.Appendf(nil, "module example.com/big\n\ngo 1.26.0\n\n"+
			"require github.com/plugingen/plugingen v0.0.0\n\n"+
			"replace github.com/plugingen/plugingen => %s\n", l.Project),
		"main.go": []byte(host), "api/api.go": []byte(api),
	}
	for p := range 100 {
		var b bytes.Buffer
		fmt.Fprintf(&b, "package p%d\n\nimport \"time\"\n", p)
		for i := range plugins / 100 {
			plugin(&b, p*plugins/100+i, tagged)
		}
		files[fmt.Sprintf("p%d/p.go", p)] = b.Bytes()
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return "", err
		}
	}
	if err := l.Go(dir, "mod", "tidy"); err != nil {
		return "", err
	}
	_, _, err := l.Launch.Run(measure.Case{Name: name, Dir: dir, Args: []string{l.Program("plugingen"), "./..."}})
	return dir, err
}

const (
	api = `package api

// A Service is a service.
//
//plugin:namespace=big.services
type Service interface{ Serve() }
`
	host = `package main

import (
	"example.com/big/api"
	"github.com/plugingen/plugingen/registry"
)

//plugin:link

func main() { println(len(registry.NewManager[api.Service]("big.services").Names())) }
`
)

// plugin writes a plugin with fields, which are options if they are tagged.
func plugin(b *bytes.Buffer, n int, tagged bool) {
	fields := []struct{ typ, value string }{
		{"string", "x"}, {"int", "3"}, {"bool", "true"}, {"time.Duration", "5s"}, {"float64", "1.5"},
	}
	fmt.Fprintf(b, "\n// S%d is a service.\n//\n//plugin:namespace=big.services name=s%d\ntype S%d struct {\n", n, n, n)
	for i := range options {
		f := fields[i%len(fields)]
		tag := ""
		if tagged {
			tag = " `plugin:\"option default=" + f.value + "\"`"
		}
		fmt.Fprintf(b, "\t// Field%d is a field.\n\tField%[1]d %s%s\n", i, f.typ, tag)
	}
	b.WriteString("}\n\nfunc (*S" + strconv.Itoa(n) + ") Serve() {}\n")
}
