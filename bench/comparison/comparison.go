// Package comparison measures who does the same work by the Go benchmarks of the module in
// ../peers.
package comparison

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"golang.org/x/perf/benchfmt"

	"github.com/plugingen/plugingen/bench/lab"
	"github.com/plugingen/plugingen/bench/measure"
	"github.com/plugingen/plugingen/bench/table"
)

// Numbers are how many plugins there are.
var Numbers = []string{"10", "1000", "10000"}

// A Comparison is a benchmark with a sub-benchmark for everyone.
type Comparison struct {
	Benchmark, Title, Text string
	Who                    [][2]string // and whom each is compared with
	Targets                func(Samples) []table.Target
}

// A Sample is one line of a benchmark's output.
type Sample struct {
	seconds, allocs float64
	counted         bool // whether allocations are
}

// Seconds returns how long one operation took.
func Seconds(s Sample) float64 { return s.seconds }

// Allocs returns how many allocations it made.
func Allocs(s Sample) float64 { return s.allocs }

// Samples are those of each benchmark, by its name: "LoadAll/bare/n=10".
type Samples map[string][]Sample

// Tables runs the benchmarks in turns. More are cases that print such benchmarks, too, for
// each number of plugins.
func Tables(l *lab.Lab, list []Comparison, more func(n string) []measure.Case) ([]table.Table, error) {
	program, peers := l.Program("peers.test"), filepath.Join(l.Bench, "peers")
	if err := l.Go(peers, "test", "-c", "-o", program, "."); err != nil {
		return nil, err
	}
	var names []string
	for _, c := range list {
		names = append(names, c.Benchmark)
	}
	var cases []measure.Case
	for _, n := range Numbers { // one process for each, since Caddy's registry is the process's
		cases = append(cases, measure.Case{Name: "benchmarks", Args: []string{
			program, "-test.run=^$", "-test.benchtime=20ms",
			"-test.bench=^Benchmark(" + strings.Join(names, "|") + ")$/./^n=" + n + "$",
		}})
		cases = append(cases, more(n)...)
	}
	found := Samples{}
	for round := range l.Rounds(9, 3) {
		l.Log("%s: round %d", strings.Join(names, ", "), round+1)
		if err := found.measure(l, cases); err != nil {
			return nil, err
		}
	}
	var tables []table.Table
	for _, c := range list {
		tables = append(tables, c.table(found))
	}
	return tables, nil
}

// Versions names the versions of modules that are compared.
func Versions(l *lab.Lab, modules ...string) (string, error) {
	var all []string
	for _, module := range modules {
		version, err := l.Version(filepath.Join(l.Bench, "peers"), module)
		if err != nil {
			return "", err
		}
		all = append(all, module+" "+version)
	}
	return "In all tables of this section: " + strings.Join(all, ", ") + ".", nil
}

// measure runs each case once, and adds its Samples.
func (found Samples) measure(l *lab.Lab, cases []measure.Case) error {
	for _, c := range cases {
		_, out, err := l.Launch.Run(c)
		if err != nil {
			return err
		}
		if err := found.read(out); err != nil {
			return err
		}
	}
	return nil
}

// read adds the Samples that are in the output of benchmarks.
func (found Samples) read(out []byte) error {
	r := benchfmt.NewReader(bytes.NewReader(out), "peers")
	for r.Scan() {
		line, ok := r.Result().(*benchfmt.Result)
		if !ok {
			continue
		}
		name := string(line.Name.Full())
		if i := strings.LastIndex(name, "-"); i > strings.LastIndex(name, "=") {
			name = name[:i] // the number of processors
		}
		var s Sample
		s.seconds, _ = line.Value("sec/op")
		s.allocs, s.counted = line.Value("allocs/op")
		found[name] = append(found[name], s)
	}
	return r.Err()
}

func (c Comparison) table(found Samples) table.Table {
	t := table.Table{
		Name: "running-" + c.Benchmark, Title: c.Title, Text: []string{c.Text},
		Columns: []string{"", "plugins", "time", "allocations", "compared with", "ratio"},
		Chart:   &table.Chart{Unit: "ns"},
	}
	if c.Targets != nil {
		t.Targets = c.Targets(found)
	}
	for _, who := range c.Who {
		for _, n := range Numbers {
			name := func(who string) string { return fmt.Sprintf("%s/%s/n=%s", c.Benchmark, who, n) }
			s := found[name(who[0])]
			if len(s) == 0 {
				continue
			}
			row := []string{who[0], n, table.Time(measure.NewStat(s, Seconds)), "", who[1], ""}
			if s[0].counted {
				row[3] = fmt.Sprintf("%.0f", measure.NewStat(s, Allocs).Median)
			}
			if who[1] != "" {
				row[5] = table.Ratio(measure.Ratio(s, found[name(who[1])], Seconds))
			}
			t.Add(row...)
			if n == Numbers[len(Numbers)-1] {
				t.Chart.Series = append(t.Chart.Series,
					table.Series{
						Name: who[0] + ", " + n + " plugins",
						Y:    []float64{measure.NewStat(s, Seconds).Median * 1e9},
					})
			}
		}
	}
	return t
}
