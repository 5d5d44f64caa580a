// Package generators measures plugingen beside other generators, on the same trees with
// five declarations in each annotated package, in the style of each generator.
package generators

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/plugingen/plugingen/bench/lab"
	"github.com/plugingen/plugingen/bench/measure"
	"github.com/plugingen/plugingen/bench/table"
)

// A state is what is compiled when a generator runs.
type state struct{ name, title, text string }

// The states, in the order in which a tree is in them.
var states = []state{
	{
		"cold", "the tree was never compiled",
		"The standard library and the modules of others are compiled, nothing of the tree is: as after git " +
			"clone, or after a change of what all packages import.",
	},
	{
		"warm", "the tree is compiled",
		"All that the generator has compiled before is in the cache: the best case for those that load types.",
	},
}

// Tables measures, and returns two tables for each size.
func Tables(l *lab.Lab) ([]table.Table, error) {
	c := &contest{lab: l, cache: filepath.Join(l.Dir, "prepared"), generators: generators()}
	for _, g := range c.generators {
		g.missing = g.prepare(l, c.cache)
		g.took = map[string]curve{}
	}
	sizes := []int{100, 2_000, 20_000}
	if l.Quick {
		sizes = []int{100, 500}
	}
	var tables []table.Table
	for _, n := range sizes {
		found, err := c.compare(n)
		if err != nil {
			return nil, err
		}
		tables = append(tables, found...)
	}
	return tables, nil
}

// A contest is the comparison of generators.
type contest struct {
	lab        *lab.Lab
	cache      string // a GOCACHE in which all is compiled that no tree has
	generators []*generator
}

// An entrant is a generator with a tree of its own.
type entrant struct {
	*generator
	run   measure.Case
	cache string // its GOCACHE
}

// compare compares the generators on trees of a size.
func (c *contest) compare(packages int) ([]table.Table, error) {
	entrants, absent, err := c.enter(packages)
	defer func() {
		for _, e := range entrants {
			os.RemoveAll(e.run.Dir)
			os.RemoveAll(e.cache)
		}
	}()
	if err != nil {
		return nil, err
	}
	var tables []table.Table
	for _, s := range states {
		c.lab.Log("generators: %d packages, %s", packages, s.name)
		costs, err := c.run(s, packages, entrants)
		if err != nil {
			return nil, err
		}
		t := s.table(packages, entrants, costs)
		t.Text = append(t.Text, absent...)
		tables = append(tables, t)
	}
	return tables, nil
}

// enter writes trees for the generators that take part at a size, and says why others do
// not. In a full run, a minute is too long for one, and of the largest tree 20 seconds:
// some then take many times as long as foretold.
func (c *contest) enter(packages int) (entrants []entrant, absent []string, err error) {
	limit := float64(c.lab.Rounds(60, 20))
	if packages > 2_000 {
		limit = 20
	}
	for i, g := range c.generators {
		if g.missing != nil {
			absent = append(absent, fmt.Sprintf("%s is not here: %s.", g.name, lastLine(g.missing)))
			continue
		}
		if seconds := g.took["cold"].at(packages); seconds > limit {
			absent = append(absent, fmt.Sprintf("%s is left out: going by how it has grown so far, one run "+
				"in a tree that was never compiled would take %.0f seconds.", g.name, seconds))
			continue
		}
		e := entrant{generator: g, cache: filepath.Join(c.lab.Dir, fmt.Sprintf("generators-cache-%d", i))}
		if e.run, err = g.caseOf(c.lab, packages, e.cache); err != nil {
			return entrants, absent, err
		}
		entrants = append(entrants, e)
	}
	return entrants, absent, nil
}

// run runs all in a state, each as often as can be afforded.
func (c *contest) run(s state, packages int, entrants []entrant) ([][]measure.Cost, error) {
	var cases []measure.Case
	for _, e := range entrants {
		run := e.run
		run.Runs = c.lab.Affordable(e.took[s.name].at(packages))
		run.Before = func() error { return e.clean(run.Dir) }
		if s.name == "cold" {
			run.Before = func() error { return errors.Join(e.clean(run.Dir), lab.LinkCache(c.cache, e.cache)) }
		}
		cases = append(cases, run)
	}
	costs, err := c.lab.Launch.InTurns(c.lab.Affordable(0), cases)
	if err != nil {
		return nil, err
	}
	for i, e := range entrants {
		if err := e.wrote(e.run.Dir, packages); err != nil {
			return nil, err
		}
		wall := measure.NewStat(costs[i], measure.Wall).Median
		e.took[s.name] = append(e.took[s.name], point{float64(packages), wall})
	}
	return costs, nil
}

func (s state) table(packages int, entrants []entrant, costs [][]measure.Cost) table.Table {
	t := table.Table{
		Name: fmt.Sprintf("generators-%s-%d", s.name, packages),
		Title: fmt.Sprintf("Generators, %d packages, %d of them with five declarations each; %s", packages,
			packages/10, s.title),
		Text:    []string{s.text},
		Columns: []string{"", "version", "runs", "wall", "CPU", "peak memory", "wall ÷ plugingen", "CPU ÷ plugingen"},
		Chart:   &table.Chart{Unit: "seconds"},
	}
	for i, g := range entrants {
		wall := measure.NewStat(costs[i], measure.Wall)
		t.Add(g.name, g.version, fmt.Sprint(len(costs[i])), table.Time(wall),
			table.Time(measure.NewStat(costs[i], measure.CPU)),
			table.Bytes(measure.NewStat(costs[i], measure.Memory).Median),
			table.Ratio(measure.Ratio(costs[i], costs[0], measure.Wall)),
			table.Ratio(measure.Ratio(costs[i], costs[0], measure.CPU)))
		t.Chart.Series = append(t.Chart.Series, table.Series{Name: g.name, Y: []float64{wall.Median}})
	}
	return t
}
