package rulestest

// An Order is the order in which plugins of the namespace app are loaded.
type Order struct {
	Plugins []Ordered
	Want    []string // all that are loaded, in order
	Cycle   []string // those that have no order, in the order of a cycle; they are not loaded
}

// An Ordered is a plugin with what decides about its place in the order.
type Ordered struct {
	Name     string
	Aliases  []string
	Priority int
	After    []string
	Before   []string
	Requires []string
}

// Orders returns the cases for the order of plugins.
func Orders() []Order {
	return []Order{
		// By name, and by priority before that.
		{Plugins: []Ordered{{Name: "b"}, {Name: "a"}, {Name: "c"}}, Want: []string{"a", "b", "c"}},
		{
			Plugins: []Ordered{{Name: "a"}, {Name: "b", Priority: 1}, {Name: "c", Priority: -1}, {Name: "d"}},
			Want:    []string{"b", "a", "d", "c"},
		},
		{
			Plugins: []Ordered{{Name: "a", Priority: -2}, {Name: "b", Priority: 10}, {Name: "c", Priority: 9}},
			Want:    []string{"b", "c", "a"},
		},
		// After, before and requires have precedence over priorities.
		{
			Plugins: []Ordered{{Name: "a", Priority: 1, After: []string{"b"}}, {Name: "b"}},
			Want:    []string{"b", "a"},
		},
		{
			Plugins: []Ordered{{Name: "a", Priority: 1}, {Name: "b", Before: []string{"a"}}},
			Want:    []string{"b", "a"},
		},
		{
			Plugins: []Ordered{
				{Name: "a", Priority: 1, Requires: []string{"b"}},
				{Name: "b", Priority: -1},
				{Name: "c"},
			},
			Want: []string{"b", "a", "c"},
		},
		{
			Plugins: []Ordered{{Name: "a", After: []string{"z"}}, {Name: "b"}, {Name: "z", Aliases: []string{"y"}}},
			Want:    []string{"z", "a", "b"},
		},
		{
			Plugins: []Ordered{{Name: "a", After: []string{"y"}}, {Name: "b"}, {Name: "z", Aliases: []string{"y"}}},
			Want:    []string{"z", "a", "b"},
		},
		{
			Plugins: []Ordered{
				{Name: "a", After: []string{"app:c"}},
				{Name: "b", Before: []string{"app:a"}},
				{Name: "c"},
			},
			Want: []string{"b", "c", "a"},
		},
		// What is not there makes no difference.
		{
			Plugins: []Ordered{{Name: "a", After: []string{"other"}}, {Name: "b", Before: []string{"x:y", "z:*"}}},
			Want:    []string{"a", "b"},
		},
		// The same said twice is no cycle.
		{
			Plugins: []Ordered{
				{Name: "a", After: []string{"b"}, Requires: []string{"b"}},
				{Name: "b", Before: []string{"a"}},
			},
			Want: []string{"b", "a"},
		},
		// Cycles.
		{
			Plugins: []Ordered{{Name: "a", After: []string{"b"}}, {Name: "b", After: []string{"a"}}, {Name: "c"}},
			Want:    []string{"c"}, Cycle: []string{"a", "b"},
		},
		{
			Plugins: []Ordered{{Name: "a", After: []string{"b"}, Before: []string{"b"}}, {Name: "b"}},
			Cycle:   []string{"a", "b"},
		},
		{
			Plugins: []Ordered{{Name: "a", Before: []string{"b"}}, {Name: "b", Before: []string{"a"}}},
			Cycle:   []string{"a", "b"},
		},
		{
			Plugins: []Ordered{{Name: "a", Before: []string{"b"}, Requires: []string{"b"}}, {Name: "b"}},
			Cycle:   []string{"a", "b"},
		},
		{
			Plugins: []Ordered{
				{Name: "a", After: []string{"b"}},
				{Name: "b", Requires: []string{"c"}},
				{Name: "c", After: []string{"a"}},
			},
			Cycle: []string{"a", "b", "c"},
		},
		// Those that only wait for a cycle have an order.
		{
			Plugins: []Ordered{
				{Name: "a", After: []string{"b"}},
				{Name: "b", After: []string{"c"}},
				{Name: "c", After: []string{"b"}},
			},
			Want: []string{"a"}, Cycle: []string{"b", "c"},
		},
	}
}
