// Package vetting measures pluginvet beside analyzers that do nothing.
package vetting

import (
	"fmt"
	"path/filepath"

	"github.com/plugingen/plugingen/bench/lab"
	"github.com/plugingen/plugingen/bench/measure"
	"github.com/plugingen/plugingen/bench/table"
	"github.com/plugingen/plugingen/bench/tree"
)

// Tables measures.
func Tables(l *lab.Lab) ([]table.Table, error) {
	n := l.Rounds(500, 100)
	v := &ground{lab: l, packages: n}
	var err error
	if v.dir, err = l.Tree("vetting", tree.Standard(n, "plugingen")); err != nil {
		return nil, err
	}
	if _, _, err := l.Launch.Run(measure.Case{
		Name: "plugingen", Dir: v.dir,
		Args: []string{l.Program("plugingen"), "./..."},
	}); err != nil {
		return nil, err
	}
	if err := v.compile(); err != nil {
		return nil, err
	}
	var tables []table.Table
	for _, measure := range []func() (table.Table, error){v.cold, v.warm, v.program} {
		t, err := measure()
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// A ground is a tree to check.
type ground struct {
	lab      *lab.Lab
	packages int
	dir      string
	compiled string // a GOCACHE in which the tree is compiled, and nothing checked
}

// compile fills a GOCACHE.
func (v *ground) compile() error {
	v.compiled = filepath.Join(v.lab.Dir, "compiled")
	v.lab.Log("vetting: compiling %d packages", v.packages)
	_, _, err := v.lab.Launch.Run(measure.Case{
		Name: "go list", Dir: v.dir, Env: []string{"GOCACHE=" + v.compiled},
		Args: []string{"go", "list", "-test", "-deps", "-export", "./..."},
	})
	return err
}

// The go command's ways of checking. Those who are compared come after whom they are
// compared with.
var ways = []struct {
	name string
	args []string
	with int
}{
	{"go vet", nil, -1},
	{"an empty analyzer", []string{"emptyvet", "-empty"}, -1},
	{"an empty analyzer that has facts", []string{"emptyvet", "-emptyfacts"}, -1},
	{"pluginvet", []string{"pluginvet"}, 2},
	{"pluginvetstd", []string{"pluginvetstd"}, 0},
}

// cases are the ways, each with a GOCACHE of its own.
func (v *ground) cases(before func(cache string) error) []measure.Case {
	var cases []measure.Case
	for i, w := range ways {
		cache := filepath.Join(v.lab.Dir, fmt.Sprintf("vetcache-%d", i))
		c := measure.Case{
			Name: w.name, Dir: v.dir, Env: []string{"GOCACHE=" + cache}, Args: []string{"go", "vet"},
			Before: func() error { return before(cache) },
		}
		if len(w.args) > 0 {
			c.Args = append(c.Args, "-vettool="+v.lab.Program(w.args[0]))
			c.Args = append(c.Args, w.args[1:]...)
		}
		c.Args = append(c.Args, "./...")
		cases = append(cases, c)
	}
	return cases
}

func (v *ground) cold() (table.Table, error) {
	v.lab.Log("vetting: cold")
	return v.ways("vetting-cold", "go vet -vettool, cold", "All packages are compiled, none is checked.",
		v.lab.Rounds(5, 3), v.cases(v.fresh))
}

func (v *ground) warm() (table.Table, error) {
	v.lab.Log("vetting: warm")
	cases := v.cases(func(string) error { return nil }) // with what was cached when they were cold
	return v.ways("vetting-warm", "go vet -vettool, warm",
		"All packages have been checked before, and nothing has changed: the go command answers from its cache.",
		v.lab.Rounds(11, 3), cases)
}

func (v *ground) ways(name, title, text string, rounds int, cases []measure.Case) (table.Table, error) {
	t := table.Table{
		Name: name, Title: fmt.Sprintf("%s, %d packages", title, v.packages), Text: []string{text},
		Columns: []string{"", "wall", "CPU", "compared with", "wall", "CPU"},
		Chart:   &table.Chart{Unit: "seconds of CPU"},
	}
	costs, err := v.lab.Launch.InTurns(rounds, cases)
	if err != nil {
		return t, err
	}
	for i, w := range ways {
		if w.name == "pluginvet" {
			t.Targets = targets(costs[i], costs[w.with], 1.1, "× an analyzer that does nothing")
		}
		cpu := measure.NewStat(costs[i], measure.CPU)
		row := []string{w.name, table.Time(measure.NewStat(costs[i], measure.Wall)), table.Time(cpu), "", "", ""}
		if w.with >= 0 {
			row[3] = ways[w.with].name
			row[4], row[5] = table.Ratio(measure.Ratio(costs[i], costs[w.with], measure.Wall)),
				table.Ratio(measure.Ratio(costs[i], costs[w.with], measure.CPU))
		}
		t.Add(row...)
		t.Chart.Series = append(t.Chart.Series, table.Series{Name: w.name, Y: []float64{cpu.Median}})
	}
	return t, nil
}

// fresh makes the cache one in which everything is compiled and nothing checked.
func (v *ground) fresh(cache string) error { return lab.LinkCache(v.compiled, cache) }

// program compares pluginvet by itself with loading the same packages.
func (v *ground) program() (table.Table, error) {
	v.lab.Log("vetting: the whole program")
	t := table.Table{
		Name: "vetting-program", Title: fmt.Sprintf("pluginvet by itself, %d packages", v.packages),
		Text: []string{"Beside a program that loads the same packages in the same way, and checks " +
			"nothing. All packages are compiled."},
		Columns: []string{"", "wall", "CPU", "peak memory", "wall ÷ loading", "CPU ÷ loading"},
		Chart:   &table.Chart{Unit: "seconds of CPU"},
	}
	cases := []measure.Case{
		{
			Name: "loading alone", Dir: v.dir, Env: []string{"GOCACHE=" + v.compiled},
			Args: []string{v.lab.Program("loadonly"), "./..."},
		},
		{
			Name: "pluginvet", Dir: v.dir, Env: []string{"GOCACHE=" + v.compiled},
			Args: []string{v.lab.Program("pluginvet"), "./..."},
		},
	}
	if err := v.lab.Launch.WarmUp(cases); err != nil {
		return t, err
	}
	costs, err := v.lab.Launch.InTurns(v.lab.Rounds(11, 5), cases)
	if err != nil {
		return t, err
	}
	for i, c := range cases {
		cpu := measure.NewStat(costs[i], measure.CPU)
		row := []string{
			c.Name, table.Time(measure.NewStat(costs[i], measure.Wall)), table.Time(cpu),
			table.Bytes(measure.NewStat(costs[i], measure.Memory).Median), "", "",
		}
		if i > 0 {
			row[4], row[5] = table.Ratio(measure.Ratio(costs[i], costs[0], measure.Wall)),
				table.Ratio(measure.Ratio(costs[i], costs[0], measure.CPU))
		}
		t.Add(row...)
		t.Chart.Series = append(t.Chart.Series, table.Series{Name: c.Name, Y: []float64{cpu.Median}})
	}
	t.Targets = targets(costs[1], costs[0], 1.3, "× loading")
	return t, nil
}

func targets(costs, to []measure.Cost, limit float64, unit string) []table.Target {
	return []table.Target{
		{What: "wall", Limit: limit, Got: measure.Ratio(costs, to, measure.Wall).Median, Unit: unit},
		{What: "CPU", Limit: limit, Got: measure.Ratio(costs, to, measure.CPU).Median, Unit: unit},
	}
}
