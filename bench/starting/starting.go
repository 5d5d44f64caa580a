// Package starting measures whole programs with many plugins linked into them: what they
// cost before main, from exec to exit, in memory and in size.
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
	module      string // that it needs, of others
}

var ways = []way{
	{"plugingen", "plugingen", ""},
	{"map", "map and mutex, filled in init", ""},
	{"caddy", "Caddy's module registry", "github.com/caddyserver/caddy/v2"},
	{"do", "samber/do", "github.com/samber/do/v2"},
	{"dig", "uber-go/dig", "go.uber.org/dig"},
}

// A program is one that was built.
type program struct {
	way     way
	version string // of the module that the way needs
	file    string
	size    int64
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
		found, err := started(l, n, empty, bases)
		if err != nil {
			return nil, err
		}
		tables = append(tables, found...)
	}
	return tables, nil
}

// build builds the program with n plugins.
func build(l *lab.Lab, w way, n int) (program, error) {
	t := tree.Plugins(n, w.style)
	if w.module != "" {
		t.Requirements = filepath.Join(l.Bench, "peers")
	}
	name := fmt.Sprintf("starting-%s-%d", w.style, n)
	dir, err := l.Tree(name, t)
	if err != nil {
		return program{}, err
	}
	defer os.RemoveAll(dir)
	if w.style == "plugingen" && n > 0 {
		if _, _, err := l.Launch.Run(measure.Case{
			Name: name, Dir: dir,
			Args: []string{l.Program("plugingen"), "./..."},
		}); err != nil {
			return program{}, err
		}
	}
	p := program{way: w, file: l.Program(name)}
	if err := l.Go(dir, "build", "-mod=mod", "-ldflags=-s -w", "-o", p.file, "./cmd/host"); err != nil {
		return p, err
	}
	info, err := os.Stat(p.file)
	if err != nil {
		return p, err
	}
	p.size = info.Size()
	if w.module != "" {
		p.version, err = l.Version(dir, w.module)
	}
	return p, err
}

func sizes(empty, unused program, bases map[string]program) table.Table {
	t := table.Table{
		Name: "size", Title: "What a library costs that has no plugins yet",
		Text: []string{"Size of a program (-ldflags='-s -w') that can load all plugins, of which there " +
			"are none, beside func main() {}."},
		Columns: []string{"", "version", "size", "growth"},
		Chart:   &table.Chart{Unit: "MB"},
	}
	add := func(name string, p program) {
		t.Add(name, p.version, table.Bytes(float64(p.size)), table.Bytes(float64(p.size-empty.size)))
		t.Chart.Series = append(t.Chart.Series, table.Series{Name: name, Y: []float64{float64(p.size) / 1e6}})
	}
	add("an empty program", empty)
	add("the same, with import _ \".../registry\"", unused)
	for _, w := range ways {
		add(w.name, bases[w.style])
	}
	return t
}

// A run is what a program with plugins costs, and the same program without any.
type run struct {
	program, base         program
	toMain, loaded, empty []measure.Cost // with an empty main, to where all are loaded, and the base with an empty main
}

// started compares programs with n plugins: what they take to start, and, if they are many,
// how much memory and size each plugin takes.
func started(l *lab.Lab, n int, empty program, bases map[string]program) ([]table.Table, error) {
	runs, first, err := runAll(l, n, empty, bases)
	if err != nil {
		return nil, err
	}
	times, err := times(l, n, first, runs)
	if err != nil || n < 1_000 { // the size of a memory page would hide what a plugin takes
		return []table.Table{times}, err
	}
	memory, err := memory(l, n, runs)
	return []table.Table{times, memory}, err
}

// runAll builds and runs the programs, and an empty one beside them.
func runAll(l *lab.Lab, n int, empty program, bases map[string]program) (runs []run, first []measure.Cost, err error) {
	cases := []measure.Case{{Name: "empty", Args: []string{empty.file}}}
	for _, w := range ways {
		p, err := build(l, w, n)
		if err != nil {
			return nil, nil, err
		}
		base := bases[w.style]
		runs = append(runs, run{program: p, base: base})
		cases = append(cases,
			measure.Case{Name: w.style, Args: []string{p.file}},
			measure.Case{Name: w.style, Args: []string{p.file, "load"}},
			measure.Case{Name: w.style, Args: []string{base.file}})
	}
	if err := l.Launch.WarmUp(cases); err != nil {
		return nil, nil, err
	}
	costs, err := l.Launch.InTurns(l.Rounds(31, 9), cases)
	if err != nil {
		return nil, nil, err
	}
	for i := range runs {
		runs[i].toMain, runs[i].loaded, runs[i].empty = costs[1+3*i], costs[2+3*i], costs[3+3*i]
	}
	return runs, costs[0], nil
}

func times(l *lab.Lab, n int, empty []measure.Cost, runs []run) (table.Table, error) {
	t := table.Table{
		Name: fmt.Sprintf("starting-%d", n), Title: fmt.Sprintf("Programs with %d plugins", n),
		Text: []string{"From exec to exit: with an empty main, and with one that loads all plugins. What " +
			"happens before main is what inittrace counts beyond a program with the same library and no plugins."},
		Columns: []string{
			"", "to main: CPU", "wall", "÷ empty program (CPU)", "before main",
			"to all loaded: CPU", "wall", "÷ plugingen (CPU)",
		},
		Chart: &table.Chart{Unit: "ms of CPU, from exec to exit with an empty main"},
	}
	t.Add("an empty program", table.Time(measure.NewStat(empty, measure.CPU)),
		table.Time(measure.NewStat(empty, measure.Wall)), "", "", "", "", "")
	for _, r := range runs {
		before, err := beforeMain(l, r.program, r.base)
		if err != nil {
			return t, err
		}
		cpu := measure.NewStat(r.toMain, measure.CPU)
		t.Add(r.program.way.name, table.Time(cpu), table.Time(measure.NewStat(r.toMain, measure.Wall)),
			table.Ratio(measure.Ratio(r.toMain, empty, measure.CPU)), before,
			table.Time(measure.NewStat(r.loaded, measure.CPU)), table.Time(measure.NewStat(r.loaded, measure.Wall)),
			table.Ratio(measure.Ratio(r.loaded, runs[0].loaded, measure.CPU)))
		t.Chart.Series = append(t.Chart.Series, table.Series{Name: r.program.way.name, Y: []float64{cpu.Median * 1000}})
	}
	return t, nil
}

func memory(l *lab.Lab, n int, runs []run) (table.Table, error) {
	t := table.Table{
		Name: fmt.Sprintf("memory-%d", n), Title: fmt.Sprintf("What each of %d plugins takes", n),
		Text: []string{"In the program's file, which has the code of the plugins, too; in memory, at the " +
			"peak of what is resident; and in the part of the heap that is in use: " +
			"each beyond a program with the same library and no plugins. Linked is at the beginning of " +
			"main. The plugins themselves are a byte or two."},
		Columns: []string{"", "size", "linked: resident", "linked: heap", "loaded: resident", "loaded: heap"},
		Chart:   &table.Chart{Unit: "bytes resident for each plugin, loaded"},
	}
	for _, r := range runs {
		row := []string{r.program.way.name, table.Bytes(float64(r.program.size-r.base.size) / float64(n))}
		without := measure.NewStat(r.empty, measure.Memory).Median
		for _, in := range []struct {
			state    string
			resident []measure.Cost
		}{{"linked", r.toMain}, {"loaded", r.loaded}} {
			resident := (measure.NewStat(in.resident, measure.Memory).Median - without) / float64(n)
			with, err := heap(l, r.program, in.state)
			if err != nil {
				return t, err
			}
			base, err := heap(l, r.base, "linked")
			if err != nil {
				return t, err
			}
			row = append(row, table.Bytes(resident), table.Bytes((with-base)/float64(n)))
			if in.state == "loaded" {
				t.Chart.Series = append(t.Chart.Series, table.Series{Name: r.program.way.name, Y: []float64{resident}})
			}
		}
		t.Add(row...)
	}
	return t, nil
}

// heap returns how many bytes of a program's heap are in use when its plugins are linked, or loaded.
func heap(l *lab.Lab, p program, state string) (float64, error) {
	_, out, err := l.Launch.Run(measure.Case{Name: "heap", Args: []string{p.file, state}})
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(string(bytes.TrimSpace(out)), 64)
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
	return fmt.Sprintf("%.2f ms, %d bytes in %d allocations", max(0, with.ms-without.ms),
		with.bytes-without.bytes, with.allocs-without.allocs), nil
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
		_, out, err := l.Launch.Run(measure.Case{
			Name: "inittrace", Env: []string{"GODEBUG=inittrace=1"},
			Args: []string{p.file},
		})
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
