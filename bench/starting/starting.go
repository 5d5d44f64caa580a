// Package starting measures whole programs with many plugins linked into them: what they
// cost before main, from exec to exit, and in size.
package starting

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/plugingen/plugingen/bench/lab"
	"github.com/plugingen/plugingen/bench/measure"
	"github.com/plugingen/plugingen/bench/table"
	"github.com/plugingen/plugingen/bench/tree"
)

// A way is how plugins get into a program.
type way struct {
	style, name string
	peer        bool // needs modules of others
}

var ways = []way{
	{"plugingen", "plugingen", false},
	{"map", "map and mutex, filled in init", false},
	{"caddy", "Caddy's module registry", true},
	{"do", "samber/do", true},
	{"dig", "uber-go/dig", true},
}

// A program is one that was built.
type program struct {
	way  way
	n    int
	file string
	size int64
}

// Tables measures.
func Tables(l *lab.Lab) ([]table.Table, error) {
	empty, err := build(l, way{style: "none"}, 0)
	if err != nil {
		return nil, err
	}
	unused, err := build(l, way{style: "unused"}, 0)
	if err != nil {
		return nil, err
	}
	bases := map[string]program{}
	for _, w := range ways {
		if bases[w.style], err = build(l, w, 0); err != nil {
			return nil, err
		}
	}
	tables := []table.Table{sizes(empty, unused, bases)}
	for _, n := range []int{10, 1_000, 10_000} {
		l.Log("starting: %d plugins", n)
		t, err := started(l, n, empty, bases)
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// build builds the program with n plugins.
func build(l *lab.Lab, w way, n int) (program, error) {
	t := tree.Plugins(n, w.style)
	if w.peer {
		t.Requirements = filepath.Join(l.Bench, "peers")
	}
	name := fmt.Sprintf("starting-%s-%d", w.style, n)
	dir, err := l.Tree(name, t)
	if err != nil {
		return program{}, err
	}
	defer os.RemoveAll(dir)
	if w.style == "plugingen" && n > 0 {
		if _, _, err := l.Launch.Run(measure.Case{Name: name, Dir: dir, Args: []string{l.Program("plugingen"), "./..."}}); err != nil {
			return program{}, err
		}
	}
	p := program{way: w, n: n, file: l.Program(name)}
	if err := l.Go(dir, "build", "-mod=mod", "-ldflags=-s -w", "-o", p.file, "./cmd/host"); err != nil {
		return p, err
	}
	info, err := os.Stat(p.file)
	if err != nil {
		return p, err
	}
	p.size = info.Size()
	return p, nil
}

func sizes(empty, unused program, bases map[string]program) table.Table {
	t := table.Table{
		Name: "size", Title: "What a library costs that has no plugins yet",
		Text:    []string{"Size of a program (-ldflags='-s -w') that can load all plugins, of which there are none, beside func main() {}."},
		Columns: []string{"", "size", "growth"},
		Chart:   &table.Chart{Unit: "MB"},
	}
	add := func(name string, p program) {
		t.Add(name, table.Bytes(float64(p.size)), table.Bytes(float64(p.size-empty.size)))
		t.Chart.Series = append(t.Chart.Series, table.Series{Name: name, Y: []float64{float64(p.size) / 1e6}})
	}
	add("an empty program", empty)
	add("the same, with import _ \".../registry\"", unused)
	for _, w := range ways {
		add(w.name, bases[w.style])
	}
	return t
}

// started compares programs with n plugins. Each is run to nothing but main, and to
// where all plugins are loaded.
func started(l *lab.Lab, n int, empty program, bases map[string]program) (table.Table, error) {
	t := table.Table{
		Name: fmt.Sprintf("starting-%d", n), Title: fmt.Sprintf("Programs with %d plugins", n),
		Text: []string{"From exec to exit: with an empty main, and with one that loads all plugins. What happens before main is what inittrace counts beyond a program with the same library and no plugins. " +
			"Memory and size for each plugin, too, are beyond that program's."},
		Columns: []string{"", "to main: CPU", "wall", "÷ empty program (CPU)", "before main", "memory for each plugin", "size for each plugin", "to all loaded: CPU", "÷ plugingen"},
		Chart:   &table.Chart{Unit: "ms of CPU, from exec to exit with an empty main"},
	}
	programs, cases := []program{empty}, []measure.Case{{Name: "empty", Args: []string{empty.file}}}
	for _, w := range ways {
		p, err := build(l, w, n)
		if err != nil {
			return t, err
		}
		programs = append(programs, p)
		cases = append(cases,
			measure.Case{Name: w.style, Args: []string{p.file}},
			measure.Case{Name: w.style, Args: []string{p.file, "load"}},
			measure.Case{Name: w.style, Args: []string{bases[w.style].file}})
	}
	if err := l.Launch.WarmUp(cases); err != nil {
		return t, err
	}
	costs, err := l.Launch.InTurns(l.Rounds(31, 9), cases)
	if err != nil {
		return t, err
	}
	t.Add("an empty program", table.Time(measure.NewStat(costs[0], measure.CPU)), table.Time(measure.NewStat(costs[0], measure.Wall)), "", "", "", "", "", "")
	for i, p := range programs[1:] {
		to, load, base := costs[1+3*i], costs[2+3*i], costs[3+3*i]
		before, err := beforeMain(l, p, bases[p.way.style])
		if err != nil {
			return t, err
		}
		memory := measure.NewStat(to, measure.Memory).Median - measure.NewStat(base, measure.Memory).Median
		t.Add(p.way.name, table.Time(measure.NewStat(to, measure.CPU)), table.Time(measure.NewStat(to, measure.Wall)),
			table.Ratio(measure.Ratio(to, costs[0], measure.CPU)), before,
			each(memory, n), each(float64(p.size-bases[p.way.style].size), n),
			table.Time(measure.NewStat(load, measure.CPU)), table.Ratio(measure.Ratio(load, costs[2], measure.CPU)))
		t.Chart.Series = append(t.Chart.Series, table.Series{Name: p.way.name, Y: []float64{measure.NewStat(to, measure.CPU).Median * 1000}})
	}
	return t, nil
}

// each is the part of a plugin, nothing if the size of a memory page would hide it.
func each(bytes float64, n int) string {
	if n < 1_000 {
		return ""
	}
	return table.Bytes(bytes / float64(n))
}

// beforeMain says what happens before main because of the plugins.
func beforeMain(l *lab.Lab, p, base program) (string, error) {
	with, err := inits(l, p)
	if err != nil {
		return "", err
	}
	without, err := inits(l, base)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%.2f ms, %d bytes in %d allocations", max(0, with.ms-without.ms), with.bytes-without.bytes, with.allocs-without.allocs), nil
}

// An initWork is what the init functions of a program do.
type initWork struct {
	ms            float64
	bytes, allocs int
}

var traced = regexp.MustCompile(`(?m)^init (\S+) @.*, ([\d.]+) ms clock, (\d+) bytes, (\d+) allocs$`)

// inits adds up what the runtime traces, but for the standard library's packages and
// other people's: those of the tree, and of what is measured. Its time is the median of several runs.
func inits(l *lab.Lab, p program) (initWork, error) {
	var runs []initWork
	for range l.Rounds(11, 5) {
		_, out, err := l.Launch.Run(measure.Case{Name: "inittrace", Env: []string{"GODEBUG=inittrace=1"}, Args: []string{p.file}})
		if err != nil {
			return initWork{}, err
		}
		w, err := trace(out)
		if err != nil {
			return initWork{}, err
		}
		runs = append(runs, w)
	}
	stat := func(of func(initWork) float64) float64 { return measure.NewStat(runs, of).Median }
	return initWork{
		ms:     stat(func(w initWork) float64 { return w.ms }),
		bytes:  int(stat(func(w initWork) float64 { return float64(w.bytes) })),
		allocs: int(stat(func(w initWork) float64 { return float64(w.allocs) })),
	}, nil
}

var errNoTrace = errors.New("the program traces no init function")

func trace(out []byte) (initWork, error) {
	var w initWork
	lines := traced.FindAllSubmatch(bytes.TrimSpace(out), -1)
	if lines == nil {
		return w, errNoTrace
	}
	for _, line := range lines {
		if !bytes.HasPrefix(line[1], []byte(tree.Module)) && !bytes.Equal(line[1], []byte("main")) {
			continue
		}
		ms, _ := strconv.ParseFloat(string(line[2]), 64) // the pattern has digits
		bytes, _ := strconv.Atoi(string(line[3]))
		allocs, _ := strconv.Atoi(string(line[4]))
		w.ms, w.bytes, w.allocs = w.ms+ms, w.bytes+bytes, w.allocs+allocs
	}
	return w, nil
}
