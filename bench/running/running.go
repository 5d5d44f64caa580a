// Package running measures what registries of plugins do in a running program.
package running

import (
	"github.com/plugingen/plugingen/bench/comparison"
	"github.com/plugingen/plugingen/bench/lab"
	"github.com/plugingen/plugingen/bench/measure"
	"github.com/plugingen/plugingen/bench/table"
)

var comparisons = []comparison.Comparison{
	{
		Benchmark: "NewManager",
		Title:     "A new manager",
		Text:      "It must not cost more when there are more plugins.",
		Who:       [][2]string{{"plugingen", ""}, {"plux", "plugingen"}},
		Targets: func(found comparison.Samples) []table.Target {
			few, many := found["NewManager/plugingen/n=10"], found["NewManager/plugingen/n=10000"]
			return []table.Target{{
				What: "allocations with 10,000 plugins", Limit: 1,
				Got: measure.Ratio(many, few, comparison.Allocs).Median, Unit: "× those with ten",
			}}
		},
	},
	{
		Benchmark: "FirstLookup",
		Title:     "The first look at a name",
		Text: "By a manager that has looked at nothing yet. The other Go registries have built their maps when " +
			"the program starts, and have no such state. plux reads entry points, from its cache of them, " +
			"and imports the module of every plugin.",
		Who: [][2]string{{"plugingen", ""}, {"caddy", "plugingen"}, {"map", "plugingen"}, {"plux", "plugingen"}},
		Targets: func(found comparison.Samples) []table.Target {
			s := found["FirstLookup/plugingen/n=10000"]
			return []table.Target{
				{
					What: "with 10,000 plugins, in the quietest round", Limit: 1000,
					Got: measure.NewStat(s, comparison.Seconds).Min * 1e9, Unit: "ns",
				},
				allocations(s, 1),
			}
		},
	},
	{
		Benchmark: "Loaded",
		Title:     "Load of a plugin that is loaded",
		Text:      "Caddy makes a new instance each time, and has no counterpart.",
		Who: [][2]string{
			{"plugingen", ""},
			{"map", "plugingen"},
			{"do", "plugingen"},
			{"dig", "plugingen"},
			{"plux", "plugingen"},
		},
		Targets: func(found comparison.Samples) []table.Target {
			s := found["Loaded/plugingen/n=10000"]
			return []table.Target{
				{
					What: "with 10,000 plugins, in the quietest round", Limit: 20,
					Got: measure.NewStat(s, comparison.Seconds).Min * 1e9, Unit: "ns",
				},
				allocations(s, 0),
			}
		},
	},
	{
		Benchmark: "LoadedParallel",
		Title:     "The same, on all processors",
		Text:      "Time for each call, all goroutines together. A container of dig is not for several goroutines.",
		Who:       [][2]string{{"plugingen", ""}, {"map", "plugingen"}, {"do", "plugingen"}},
	},
	{
		Benchmark: "LoadAll",
		Title:     "Loading all plugins",
		Text: "Bare is the same factories and loads in a loop; concurrent is on as many goroutines as there are " +
			"processors; stateful plugins have 64 bytes each, the others one. The map, do and dig were " +
			"filled before, and plux's modules imported.",
		Who: [][2]string{
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
		Targets: func(found comparison.Samples) []table.Target {
			ratio := func(suffix string) float64 {
				return measure.Ratio(found["LoadAll/plugingen"+suffix+"/n=10000"],
					found["LoadAll/bare"+suffix+"/n=10000"], comparison.Seconds).Median
			}
			return []table.Target{
				{What: "10,000 plugins, one after the other", Limit: 3, Got: ratio(""), Unit: "× bare"},
				{What: "10,000 plugins, concurrently", Limit: 3, Got: ratio("-concurrent"), Unit: "× bare"},
				{What: "10,000 plugins of 64 bytes", Limit: 3, Got: ratio("-stateful"), Unit: "× bare"},
			}
		},
	},
}

// allocations returns the target for those of an operation with 10,000 plugins.
func allocations(s []comparison.Sample, limit float64) table.Target {
	got := measure.NewStat(s, comparison.Allocs).Median
	return table.Target{What: "with 10,000 plugins", Limit: limit, Got: got, Unit: "allocations"}
}

// Tables measures.
func Tables(l *lab.Lab) ([]table.Table, error) {
	versions, err := comparison.Versions(l, "github.com/caddyserver/caddy/v2", "github.com/samber/do/v2",
		"go.uber.org/dig")
	if err != nil {
		return nil, err
	}
	plux, err := findPlux(l)
	if err != nil {
		l.Log("running: plux: %v", err)
	}
	tables, err := comparison.Tables(l, comparisons, func(n string) []measure.Case {
		if plux == nil {
			return nil
		}
		return []measure.Case{plux.measuring(l, n)}
	})
	if err == nil {
		tables[0].Text = append(tables[0].Text, versions+" "+plux.String())
	}
	return tables, err
}
