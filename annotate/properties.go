package annotate

import "iter"

// Properties are what the keys of a plugin say that plugingen copies as it is: into the
// registry.Spec of a generated file, from there into the hosts of other modules, and into
// the JSON of a list.
type Properties struct {
	Requires        []string `json:"requires,omitempty"`
	After           []string `json:"after,omitempty"`
	Before          []string `json:"before,omitempty"`
	Aliases         []string `json:"aliases,omitempty"`
	Priority        int      `json:"priority,omitempty"`
	Stability       string   `json:"stability,omitempty"`
	Deprecated      string   `json:"deprecated,omitempty"`
	DeprecatedSince string   `json:"deprecated_since,omitempty"`
	RemovalIn       string   `json:"removal_in,omitempty"`
	Doc             string   `json:"doc,omitempty"`
	Attrs           []Attr   `json:"-"`
}

// All returns the properties, in the order in which generated files have them.
func (p *Properties) All() iter.Seq[Property] {
	return func(yield func(Property) bool) {
		_ = yield(Property{"requires", "Requires", &p.Requires}) &&
			yield(Property{"after", "After", &p.After}) &&
			yield(Property{"before", "Before", &p.Before}) &&
			yield(Property{"aliases", "Aliases", &p.Aliases}) &&
			yield(Property{"priority", "Priority", &p.Priority}) &&
			yield(Property{"stability", "Stability", &p.Stability}) &&
			yield(Property{"deprecated", "Deprecated", &p.Deprecated}) &&
			yield(Property{"deprecated_since", "DeprecatedSince", &p.DeprecatedSince}) &&
			yield(Property{"removal_in", "RemovalIn", &p.RemovalIn}) &&
			yield(Property{"doc", "Doc", &p.Doc}) &&
			yield(Property{"x_...", "Attrs", &p.Attrs})
	}
}

// A Property is one of the [Properties] of a plugin.
type Property struct {
	Key   string // of the language
	Field string // of registry.Spec, and of Properties
	Value any    // a pointer to the value: a *string, *int, *[]string or *[]Attr
}

// An Attr is a key of the user's own, which begins with x_, and its value.
type Attr struct{ Key, Value string }
