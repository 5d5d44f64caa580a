// Package running measures what registries of plugins do in a running program, by the
// Go benchmarks of the module in ../peers.
package running

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

var numbers = []string{"10", "1000", "10000"}

// A comparison is a benchmark with a sub-benchmark for everyone.
type comparison struct {
	benchmark, title, text string
	who                    [][2]string // and whom each is compared with
	targets                func(samples) []table.Target
}

var comparisons = []comparison{
	{
		"NewManager", "A new manager", "It must not cost more when there are more plugins.",
		[][2]string{{"plugingen", ""}, {"plux", "plugingen"}},
		func(found samples) []table.Target {
			few, many := found["NewManager/plugingen/n=10"], found["NewManager/plugingen/n=10000"]
			return []table.Target{{
				What: "allocations with 10,000 plugins", Limit: 1,
				Got: measure.Ratio(many, few, allocs).Median, Unit: "× those with ten",
			}}
		},
	},
	{
		"FirstLookup", "The first look at a name",
		"By a manager that has looked at nothing yet. The other Go registries have built their maps when " +
			"the program starts, and have no such state. plux reads entry points, from its cache of them, " +
			"and imports the module of every plugin.",
		[][2]string{{"plugingen", ""}, {"caddy", "plugingen"}, {"map", "plugingen"}, {"plux", "plugingen"}},
		func(found samples) []table.Target {
			s := found["FirstLookup/plugingen/n=10000"]
			return []table.Target{
				{
					What: "with 10,000 plugins, in the quietest round", Limit: 1000,
					Got: measure.NewStat(s, seconds).Min * 1e9, Unit: "ns",
				},
				{What: "with 10,000 plugins", Limit: 1, Got: measure.NewStat(s, allocs).Median, Unit: "allocations"},
			}
		},
	},
	{
		"Loaded", "Load of a plugin that is loaded", "Caddy makes a new instance each time, and has no counterpart.",
		[][2]string{
			{"plugingen", ""},
			{"map", "plugingen"},
			{"do", "plugingen"},
			{"dig", "plugingen"},
			{"plux", "plugingen"},
		},
		func(found samples) []table.Target {
			s := found["Loaded/plugingen/n=10000"]
			return []table.Target{
				{
					What: "with 10,000 plugins, in the quietest round", Limit: 20,
					Got: measure.NewStat(s, seconds).Min * 1e9, Unit: "ns",
				},
				{What: "with 10,000 plugins", Limit: 0, Got: measure.NewStat(s, allocs).Median, Unit: "allocations"},
			}
		},
	},
	{
		"LoadedParallel", "The same, on all processors",
		"Time for each call, all goroutines together. A container of dig is not for several goroutines.",
		[][2]string{{"plugingen", ""}, {"map", "plugingen"}, {"do", "plugingen"}},
		nil,
	},
	{
		"LoadAll", "Loading all plugins",
		"Bare is the same factories and loads in a loop; concurrent is on as many goroutines as there are " +
			"processors; stateful plugins have 64 bytes each, the others one. The map, do and dig were " +
			"filled before, and plux's modules imported.",
		[][2]string{
			{"bare", ""},
			{"plugingen", "bare"},
			{"bare-concurrent", ""},
			{"plugingen-concurrent", "bare-concurrent"},
			{"bare-stateful", ""},
			{"plugingen-stateful", "bare-stateful"},
			{"caddy", "bare"},
			{"map", "bare"},
			{"do", "bare"},
			{"dig", "bare"},
			{"plux", "bare"},
		},
		func(found samples) []table.Target {
			ratio := func(suffix string) float64 {
				return measure.Ratio(found["LoadAll/plugingen"+suffix+"/n=10000"],
					found["LoadAll/bare"+suffix+"/n=10000"], seconds).Median
			}
			return []table.Target{
				{What: "10,000 plugins, one after the other", Limit: 3, Got: ratio(""), Unit: "× bare"},
				{What: "10,000 plugins, concurrently", Limit: 3, Got: ratio("-concurrent"), Unit: "× bare"},
				{What: "10,000 plugins of 64 bytes", Limit: 3, Got: ratio("-stateful"), Unit: "× bare"},
			}
		},
	},
	{
		"Options", "Filling the options of all plugins",
		"Ten options a plugin, from a configuration that has been parsed, each checked for names that are no " +
			"options. plugingen's descriptions check an enumeration, bounds and what is required besides. " +
			"encoding/json parses the text, too, and accepts any names. The allocations of plugingen are the struct, " +
			"its list, and one that net/netip makes.",
		[][2]string{{"plugingen", ""}, {"mapstructure", "plugingen"}, {"confmap", "plugingen"}, {"json", "plugingen"}},
		func(found samples) []table.Target {
			ours, theirs := found["Options/plugingen/n=1000"], found["Options/mapstructure/n=1000"]
			ratio := measure.Ratio(ours, theirs, seconds).Median
			return []table.Target{{What: "1,000 plugins", Limit: 0.1, Got: ratio, Unit: "× mapstructure"}}
		},
	},
	{
		"Reload", "Following a configuration of which one instance has changed",
		"As many instances as plugins, with ten options each. The configuration has been parsed, but for Caddy, " +
			"which takes JSON. plugingen compares all options and replaces the one instance; Caddy provisions and " +
			"starts all apps anew, as it does for whatever has changed.",
		[][2]string{{"plugingen", ""}, {"caddy", "plugingen"}},
		func(found samples) []table.Target {
			ms := measure.NewStat(found["Reload/plugingen/n=1000"], seconds).Median * 1e3
			return []table.Target{{What: "1,000 instances", Limit: 2, Got: ms, Unit: "ms"}}
		},
	},
}

// A sample is one line of a benchmark's output.
type sample struct {
	seconds, allocs float64
	counted         bool // whether allocations are
}

func seconds(s sample) float64 { return s.seconds }
func allocs(s sample) float64  { return s.allocs }

// samples are those of each benchmark, by its name: "LoadAll/bare/n=10".
type samples map[string][]sample

// Tables measures.
func Tables(l *lab.Lab) ([]table.Table, error) {
	program, peers := l.Program("peers.test"), filepath.Join(l.Bench, "peers")
	if err := l.Go(peers, "test", "-c", "-o", program, "."); err != nil {
		return nil, err
	}
	versions, err := versions(l, peers)
	if err != nil {
		return nil, err
	}
	plux, err := findPlux(l)
	if err != nil {
		l.Log("running: plux: %v", err)
	}
	var cases []measure.Case
	for _, n := range numbers { // one process for each, since Caddy's registry is the process's
		cases = append(cases, measure.Case{Name: "benchmarks", Args: []string{
			program,
			"-test.run=^$", "-test.benchtime=20ms", "-test.bench=././^n=" + n + "$",
		}})
		if plux != nil {
			cases = append(cases, plux.measuring(l, n))
		}
	}
	found := samples{}
	for round := range l.Rounds(9, 3) {
		l.Log("running: round %d", round+1)
		if err := found.measure(l, cases); err != nil {
			return nil, err
		}
	}
	var tables []table.Table
	for _, c := range comparisons {
		tables = append(tables, c.table(found))
	}
	tables[0].Text = append(tables[0].Text, versions+" "+plux.String())
	return tables, nil
}

// versions names the versions of those that are compared.
func versions(l *lab.Lab, dir string) (string, error) {
	var all []string
	for _, module := range []string{
		"github.com/caddyserver/caddy/v2", "github.com/samber/do/v2", "go.uber.org/dig",
		"github.com/go-viper/mapstructure/v2", "go.opentelemetry.io/collector/confmap",
	} {
		version, err := l.Version(dir, module)
		if err != nil {
			return "", err
		}
		all = append(all, module+" "+version)
	}
	return "In all tables of this section: " + strings.Join(all, ", ") + ".", nil
}

// measure runs each case once, and adds its samples.
func (found samples) measure(l *lab.Lab, cases []measure.Case) error {
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

// read adds the samples that are in the output of benchmarks.
func (found samples) read(out []byte) error {
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
		var s sample
		s.seconds, _ = line.Value("sec/op")
		s.allocs, s.counted = line.Value("allocs/op")
		found[name] = append(found[name], s)
	}
	return r.Err()
}

func (c comparison) table(found samples) table.Table {
	t := table.Table{
		Name: "running-" + c.benchmark, Title: c.title, Text: []string{c.text},
		Columns: []string{"", "plugins", "time", "allocations", "compared with", "ratio"},
		Chart:   &table.Chart{Unit: "ns"},
	}
	if c.targets != nil {
		t.Targets = c.targets(found)
	}
	for _, who := range c.who {
		for _, n := range numbers {
			name := func(who string) string { return fmt.Sprintf("%s/%s/n=%s", c.benchmark, who, n) }
			s := found[name(who[0])]
			if len(s) == 0 {
				continue
			}
			row := []string{who[0], n, table.Time(measure.NewStat(s, seconds)), "", who[1], ""}
			if s[0].counted {
				row[3] = fmt.Sprintf("%.0f", measure.NewStat(s, allocs).Median)
			}
			if who[1] != "" {
				row[5] = table.Ratio(measure.Ratio(s, found[name(who[1])], seconds))
			}
			t.Add(row...)
			if n == numbers[len(numbers)-1] {
				t.Chart.Series = append(t.Chart.Series,
					table.Series{
						Name: who[0] + ", " + n + " plugins",
						Y:    []float64{measure.NewStat(s, seconds).Median * 1e9},
					})
			}
		}
	}
	return t
}
