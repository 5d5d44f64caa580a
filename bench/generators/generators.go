// Package generators measures plugingen beside other generators, on the same trees with
// five marked declarations in each marked package, each in the style of the generator.
package generators

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/plugingen/plugingen/bench/lab"
	"github.com/plugingen/plugingen/bench/measure"
	"github.com/plugingen/plugingen/bench/table"
	"github.com/plugingen/plugingen/bench/tree"
)

// A generator is one of those that are compared. All but plugingen and the go command
// are installed at the version.
type generator struct {
	name    string
	install string // "path@version" for go install; "" if it is there
	writes  string // the files that it writes, removed before each run
	args    []string
	peer    bool // its trees need modules of others
}

var generators = []generator{
	{"plugingen", "", "plugins_gen.go", []string{"plugingen", "./..."}, false},
	{"controller-gen", "sigs.k8s.io/controller-tools/cmd/controller-gen@v0.23.0", "zz_generated.deepcopy.go", []string{"controller-gen", "object", "paths=./..."}, false},
	{"wire", "github.com/google/wire/cmd/wire@v0.7.0", "wire_gen.go", []string{"wire", "gen", "./..."}, true},
	{"mockery", "github.com/vektra/mockery/v3@v3.9.0", "zz_mockery.go", []string{"mockery"}, false},
	{"goverter", "github.com/jmattheis/goverter/cmd/goverter@v1.11.1", "zz_goverter.go", []string{"goverter", "gen", "./..."}, false},
	{"moq", "github.com/matryer/moq@v0.8.1", "zz_moq.go", []string{"go", "generate", "./..."}, false},
	{"stringer", "golang.org/x/tools/cmd/stringer@v0.52.0", "zz_stringer.go", []string{"go", "generate", "./..."}, false},
	{"go list", "", "", []string{"go", "list", "./..."}, false},
}

func sizes(l *lab.Lab) []int {
	if l.Quick {
		return []int{100, 500}
	}
	return []int{100, 500, 2_000}
}

// Tables measures, and returns a table for each size.
func Tables(l *lab.Lab) ([]table.Table, error) {
	missing := installAll(l)
	var tables []table.Table
	for _, n := range sizes(l) {
		l.Log("generators: %d packages", n)
		t, err := compare(l, n, missing)
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// installAll installs the peers, and returns why some could not be.
func installAll(l *lab.Lab) map[string]string {
	missing := map[string]string{}
	for _, g := range generators {
		if g.install == "" {
			continue
		}
		l.Log("generators: go install %s", g.install)
		if err := l.Go(l.Dir, "install", g.install); err != nil {
			missing[g.name] = lastLine(err)
		}
	}
	return missing
}

func compare(l *lab.Lab, n int, missing map[string]string) (table.Table, error) {
	t := table.Table{
		Name: fmt.Sprintf("generators-%d", n), Title: fmt.Sprintf("Generators, %d packages, %d of them with five declarations each", n, n/10),
		Text: []string{"Each writes what it is made for, from nothing, for the same number of declarations; the plain code around them is the same. " +
			"All packages have been compiled before, which is best for those that load types: plugingen does not care. " +
			"mockery is told which packages have interfaces; moq and stringer run once for each package that has a go:generate comment. " +
			"go list only lists, and writes nothing."},
		Columns: []string{"", "version", "files", "wall", "CPU", "peak memory", "wall ÷ plugingen", "CPU ÷ plugingen"},
		Chart:   &table.Chart{Unit: "seconds"},
	}
	var there []generator
	var cases []measure.Case
	for _, g := range generators {
		if missing[g.name] != "" {
			continue
		}
		c, err := g.prepare(l, n)
		if err != nil {
			l.Log("generators: %s: %v", g.name, err)
			missing[g.name] = lastLine(err)
			continue
		}
		there, cases = append(there, g), append(cases, c)
	}
	rounds := 5
	if l.Quick || n >= 2_000 {
		rounds = 3
	}
	costs, err := l.Launch.InTurns(rounds, cases)
	if err != nil {
		return t, err
	}
	for i, g := range there {
		_, version, _ := strings.Cut(g.install, "@")
		wall := measure.NewStat(costs[i], measure.Wall)
		t.Add(g.name, version, fmt.Sprint(written(cases[i].Dir, g.writes)), table.Time(wall), table.Time(measure.NewStat(costs[i], measure.CPU)),
			table.Bytes(measure.NewStat(costs[i], measure.Memory).Median),
			table.Ratio(measure.Ratio(costs[i], costs[0], measure.Wall)), table.Ratio(measure.Ratio(costs[i], costs[0], measure.CPU)))
		t.Chart.Series = append(t.Chart.Series, table.Series{Name: g.name, Y: []float64{wall.Median}})
		if err := os.RemoveAll(cases[i].Dir); err != nil {
			return t, err
		}
	}
	for name, why := range missing {
		t.Text = append(t.Text, fmt.Sprintf("%s is not here: %s.", name, why))
	}
	return t, nil
}

// prepare writes a tree for the generator, has it generate, and compiles the tree with
// what was generated.
func (g generator) prepare(l *lab.Lab, n int) (measure.Case, error) {
	style := g.name
	if g.writes == "" {
		style = "none"
	}
	t := tree.Standard(n, style)
	if g.peer {
		t.Requirements = filepath.Join(l.Bench, "peers")
	}
	dir, err := l.Tree(fmt.Sprintf("generators-%s-%d", strings.ReplaceAll(g.name, " ", "-"), n), t)
	if err != nil {
		return measure.Case{}, err
	}
	c := measure.Case{Name: g.name, Dir: dir, Args: g.args, Env: []string{"PATH=" + l.Program("") + string(os.PathListSeparator) + os.Getenv("PATH")}}
	if g.args[0] != "go" {
		c.Args = append([]string{l.Program(g.args[0])}, g.args[1:]...)
	}
	if _, _, err := l.Launch.Run(c); err != nil {
		return c, err
	}
	if g.writes != "" && written(dir, g.writes) < n/10 {
		return c, fmt.Errorf("it wrote %d files instead of %d", written(dir, g.writes), n/10)
	}
	if err := l.Go(dir, "build", "./..."); err != nil {
		return c, err
	}
	if g.writes != "" {
		c.Before = lab.Remove(dir, g.writes)
	}
	return c, nil
}

// written counts the files that were written.
func written(dir, name string) int {
	if name == "" {
		return 0
	}
	found, _ := filepath.Glob(filepath.Join(dir, "*", "*", name)) // the pattern is right
	return len(found)
}

// lastLine returns what programs say last: why they failed.
func lastLine(err error) string {
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	return lines[len(lines)-1]
}
