// Package generation measures plugingen beside the least that any generator has to do.
package generation

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/plugingen/plugingen/bench/lab"
	"github.com/plugingen/plugingen/bench/measure"
	"github.com/plugingen/plugingen/bench/table"
	"github.com/plugingen/plugingen/bench/tree"
)

// Sizes are numbers of packages.
func sizes(l *lab.Lab) []int {
	if l.Quick {
		return []int{100, 2_000}
	}
	return []int{100, 500, 2_000, 20_000}
}

// Tables measures, and returns a table for each size and one of how cost grows.
func Tables(l *lab.Lab) ([]table.Table, error) {
	var tables []table.Table
	growth := &table.Chart{Unit: "CPU seconds", XLabel: "packages"}
	for _, n := range sizes(l) {
		l.Log("generation: %d packages", n)
		g, err := newGround(l, n)
		if err != nil {
			return nil, err
		}
		rounds := l.Rounds(11, 5)
		if n > 2_000 {
			rounds = 5
		}
		if err := l.Launch.WarmUp(g.cases()); err != nil {
			return nil, err
		}
		costs, err := l.Launch.InTurns(rounds, g.cases())
		if err != nil {
			return nil, err
		}
		tables = append(tables, g.table(costs))
		growth.X = append(growth.X, float64(n))
		g.grow(growth, costs)
		if err := os.RemoveAll(g.dir); err != nil {
			return nil, err
		}
	}
	return append(tables, linear(growth)), nil
}

// A ground is a tree to run generators on.
type ground struct {
	lab      *lab.Lab
	packages int
	dir      string
	list     string // of what is written, for the floor
	files    int
	bytes    int
	empty    string // a GOCACHE
	edits    int
}

func newGround(l *lab.Lab, packages int) (*ground, error) {
	g := &ground{lab: l, packages: packages}
	var err error
	if g.dir, err = l.Tree(fmt.Sprintf("generation-%d", packages), tree.Standard(packages, "plugingen")); err != nil {
		return nil, err
	}
	g.list = filepath.Join(l.Dir, "list")
	if g.empty, err = os.MkdirTemp(l.Dir, "gocache-"); err != nil {
		return nil, err
	}
	if err := g.generate(); err != nil {
		return nil, err
	}
	return g, g.writeList()
}

// generate brings the generated files up to date.
func (g *ground) generate() error {
	_, _, err := g.lab.Launch.Run(measure.Case{
		Name: "plugingen", Dir: g.dir,
		Args: []string{g.lab.Program("plugingen"), "./..."},
	})
	return err
}

// writeList lists the generated files with their sizes.
func (g *ground) writeList() error {
	var lines strings.Builder
	err := filepath.WalkDir(g.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.Name() != "plugins_gen.go" {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		g.files++
		g.bytes += int(info.Size())
		fmt.Fprintf(&lines, "%d %q\n", info.Size(), filepath.Join(filepath.Dir(path), "floor.out"))
		return nil
	})
	if err != nil {
		return err
	}
	return os.WriteFile(g.list, []byte(lines.String()), 0o644)
}

// edit changes the doc comment of one plugin, so that one generated file is out of date.
func (g *ground) edit() error {
	name := filepath.Join(g.dir, "g000", "p00009", "plugins.go")
	src, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	g.edits++
	head, tail, ok := strings.Cut(string(src), "// Plugin0 ")
	if !ok {
		return fmt.Errorf("%s: there is no Plugin0 to edit", name)
	}
	_, tail, _ = strings.Cut(tail, "\n")
	return os.WriteFile(name, fmt.Appendf(nil, "%s// Plugin0 was edited %d times.\n%s", head, g.edits, tail), 0o644)
}

// clean leaves the tree as it is before anything is generated.
func (g *ground) clean() error {
	if err := lab.Remove(g.dir, "floor.out")(); err != nil {
		return err
	}
	return lab.Remove(g.dir, "plugins_gen.go")()
}

// The cases, in the order of the rows.
const (
	floorRead = iota
	unchanged
	emptyCache
	check
	changed
	floorPlain
	floorRenamed
	floorSynced
	fresh
)

func (g *ground) cases() []measure.Case {
	run := func(name string, before func() error, args ...string) measure.Case {
		args[0] = g.lab.Program(args[0])
		return measure.Case{Name: name, Before: before, Dir: g.dir, Args: args}
	}
	cases := []measure.Case{
		floorRead:  run("floor: walk, read, parse annotated files", g.generate, "floor", "."),
		unchanged:  run("plugingen, nothing to write", g.generate, "plugingen", "./..."),
		emptyCache: run("the same, GOCACHE is empty", g.generate, "plugingen", "./..."),
		check:      run("plugingen check", g.generate, "plugingen", "check", "./..."),
		changed:    run("plugingen, one file changed", g.edit, "plugingen", "./..."),
		floorPlain: run("floor: the same, and write in place", g.clean, "floor", "-write", g.list, "."),
		floorRenamed: run("floor: the same, and write and rename", g.clean, "floor", "-write", g.list,
			"-how=renamed", "."),
		floorSynced: run(
			"floor: the same, and write, fsync and rename",
			g.clean, "floor", "-write", g.list, "-how=synced", "."),
		fresh: run("plugingen, everything to write", g.clean, "plugingen", "./..."),
	}
	cases[emptyCache].Env = []string{"GOCACHE=" + g.empty}
	return cases
}

func (g *ground) table(costs [][]measure.Cost) table.Table {
	t := table.Table{
		Name:  fmt.Sprintf("generation-%d", g.packages),
		Title: fmt.Sprintf("Generation, %d packages, %d of them with five plugins each", g.packages, g.packages/10),
		Text: []string{fmt.Sprintf(
			"%d files are written, %s in all. Each is compared with the floor above it that "+
				"does the same: fresh runs with the one that writes as plugingen does (a new "+
				"file, fsync, rename).", g.files, table.Bytes(float64(g.bytes)))},
		Columns: []string{"", "wall", "CPU", "peak memory", "wall ÷ floor", "CPU ÷ floor"},
		Chart:   &table.Chart{Unit: "ms"},
	}
	for i, c := range g.cases() {
		floor := floorRead
		if i >= floorPlain {
			floor = floorSynced
		}
		row := []string{
			c.Name, table.Time(measure.NewStat(costs[i], measure.Wall)),
			table.Time(measure.NewStat(costs[i], measure.CPU)),
			table.Bytes(measure.NewStat(costs[i], measure.Memory).Median), "", "",
		}
		if !strings.HasPrefix(c.Name, "floor") {
			row[4] = table.Ratio(measure.Ratio(costs[i], costs[floor], measure.Wall))
			row[5] = table.Ratio(measure.Ratio(costs[i], costs[floor], measure.CPU))
		}
		t.Add(row...)
		t.Chart.Series = append(t.Chart.Series, table.Series{
			Name: c.Name,
			Y:    []float64{measure.NewStat(costs[i], measure.Wall).Median * 1000},
		})
	}
	if g.packages == 2_000 {
		t.Targets = targets(costs)
	}
	return t
}

// targets are what was promised for 2,000 packages.
func targets(costs [][]measure.Cost) []table.Target {
	ratio := func(i, floor int, what func(measure.Cost) float64) float64 {
		return measure.Ratio(costs[i], costs[floor], what).Median
	}
	return []table.Target{
		{What: "everything to write, wall", Limit: 2, Got: ratio(fresh, floorSynced, measure.Wall), Unit: "× floor"},
		{What: "everything to write, CPU", Limit: 2, Got: ratio(fresh, floorSynced, measure.CPU), Unit: "× floor"},
		{What: "nothing to write, wall", Limit: 1.5, Got: ratio(unchanged, floorRead, measure.Wall), Unit: "× floor"},
		{What: "nothing to write, CPU", Limit: 1.5, Got: ratio(unchanged, floorRead, measure.CPU), Unit: "× floor"},
		{What: "peak memory", Limit: 40, Got: measure.NewStat(costs[fresh], measure.Memory).Median / 1e6, Unit: "MB"},
	}
}

// grow adds a size to the curves.
func (g *ground) grow(c *table.Chart, costs [][]measure.Cost) {
	shown := []int{fresh, floorSynced, unchanged, floorRead}
	if c.Series == nil {
		for _, i := range shown {
			c.Series = append(c.Series, table.Series{Name: g.cases()[i].Name})
		}
	}
	for k, i := range shown {
		c.Series[k].Y = append(c.Series[k].Y, measure.NewStat(costs[i], measure.CPU).Median)
	}
}

// linear is the table of how cost grows: per package, it should stay the same.
func linear(c *table.Chart) table.Table {
	t := table.Table{
		Name:    "generation-growth",
		Title:   "How the cost of generation grows",
		Text:    []string{"Processor time for each package of the tree."},
		Columns: []string{"packages"},
		Chart:   c,
	}
	for _, n := range c.X {
		t.Columns = append(t.Columns, fmt.Sprintf("%.0f", n))
	}
	for _, s := range c.Series {
		row := []string{s.Name}
		for i, y := range s.Y {
			v := y / c.X[i]
			row = append(row, table.Time(measure.Stat{Median: v, Min: v, Max: v}))
		}
		t.Add(row...)
	}
	return t
}
