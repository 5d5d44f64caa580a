package registry

// A Spec describes one plugin: what it is called, how it is made, and what is
// known of where it comes from.
//
// plugingen writes specs for declarations marked with //plugin: comments. A spec
// may also be written by hand, as a package-level variable that plugingen finds,
// or as a value passed to [Registry.Add] or [WithSpecs].
//
// A Spec is read-only once a registry or a manager has been given it. Only
// Namespace, Name and New are required.
type Spec struct {
	// Namespace groups the plugins that one kind of manager loads:
	// dot-separated words such as "my.plugins.cli".
	Namespace string

	// Name is unique within the namespace, among names and aliases.
	Name string

	// New makes the plugin. It is passed the spec it is called for, so that one
	// function can make many plugins. It may return [Disabled] as its error.
	New func(*Spec) (any, error)

	// ShouldLoad, if not nil, is asked each time a load begins, before New is
	// called. Saying no disables the plugin.
	ShouldLoad func(*Spec) bool

	// Requires names plugins that are loaded before this one: "name" within
	// the same namespace, "namespace:name" in another.
	Requires []string

	// Aliases are other names by which the plugin can be loaded.
	Aliases []string

	// Priority orders LoadAll: higher first, equals by name.
	Priority int

	// Deprecated, if not empty, says what to use instead.
	Deprecated string

	// Doc is a sentence for people.
	Doc string

	// Attrs are the declaration's own keys, those that begin with "x_".
	Attrs []Attr

	// Package and Symbol are the import path and the identifier of the
	// declaration that the spec was made from.
	Package string
	Symbol  string

	// At is a function declared with the plugin, such as the function that is
	// the plugin, or a method of its type. Errors look up file and line from it.
	At any

	// Var, if not nil, is the package-level variable this spec was made from:
	// a spec built by hand. Everything but Namespace, Name, Package and Symbol is
	// then taken from the variable when the plugin is resolved.
	Var *Spec
}

// An Attr is a key of the user's own, with its value.
type Attr struct {
	Key, Value string
}

// ID returns the spec's namespace and name, joined by a colon.
func (s *Spec) ID() string { return s.Namespace + ":" + s.Name }

// Attr returns the value of the attribute key, and whether there is one.
func (s *Spec) Attr(key string) (value string, ok bool) {
	for _, a := range s.Attrs {
		if a.Key == key {
			return a.Value, true
		}
	}
	return "", false
}
