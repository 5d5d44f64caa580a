package registry

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/plugingen/plugingen/registry/generated"
)

// A Spec describes one plugin: what it is called, how it is made, and what is
// known of where it comes from.
//
// plugingen writes specs for declarations that have //plugin: comments. A spec
// may also be written by hand, as a package-level variable that plugingen finds,
// or as a value passed to [Registry.Add] or [WithSpecs].
//
// A Spec is read-only once a registry or a manager has been given it. Only
// Namespace, Name and New are required; instead of New it may have NewWith.
type Spec struct {
	// Namespace groups the plugins that one kind of manager loads:
	// dot-separated words such as "my.plugins.cli".
	Namespace string

	// Name is unique within the namespace, among names and aliases: printable
	// text without quotes, commas, or spaces at its ends.
	Name string

	// New makes the plugin. It is passed the spec it is called for, so that one
	// function can make many plugins. It may return [Disabled] as its error.
	New func(*Spec) (any, error)

	// Options describes the options of the plugin; nil if it has none. [WithConfig]
	// says where their values are; without it those that are not required have their
	// defaults.
	Options *generated.Options

	// NewWith makes the plugin from its options, which are what Options.New has made:
	// a pointer to a struct, filled. If it is nil, New makes the plugin, which then
	// is such a pointer itself, and its fields are filled before it is loaded. Like
	// New it may return [Disabled].
	NewWith func(spec *Spec, options any) (any, error)

	// Reload, if not nil, gives a loaded plugin other options, in a [Set]: what New or
	// NewWith has made, and options like those that NewWith is passed; or, if New makes
	// the plugin, another one that New has made and whose fields are filled, which is
	// closed when Reload has returned. The plugin is in use meanwhile.
	//
	// If Reload returns an error the plugin must go on with the options that it had.
	// With [ErrRestart] it asks to be closed, and made anew.
	Reload func(ctx context.Context, plugin, options any) error

	// ShouldLoad, if not nil, is called each time a load begins, before New. If it
	// returns false, the plugin is disabled.
	ShouldLoad func(*Spec) bool

	// Requires names plugins that are loaded before this one, and closed after it:
	// "name" within the same namespace, or "namespace:name" in another, whose
	// manager [WithManagers] names. A name with a colon in it is looked up in the
	// plugin's own namespace first. If what is required is missing, disabled or
	// failed, so is what requires it.
	//
	// "namespace:*" requires every other plugin of a namespace, however many there
	// are. Those that are disabled are left out. There are no other patterns.
	Requires []string

	// After and Before name plugins, as Requires does, that LoadAll and its like
	// load before and after this one if they are to be loaded, too. Whether they
	// are missing, disabled or failed makes no difference. LoadNamed keeps to the
	// order of its names instead.
	//
	// Plugins that After, Before and Requires put in a cycle have no order: in LoadAll
	// and the like each of them fails with [ErrCycle].
	After, Before []string

	// Aliases are other names by which the plugin can be loaded.
	Aliases []string

	// Priority orders LoadAll: higher first, equals by name.
	Priority int

	// Stability is how mature the plugin is, "" if that is not declared.
	Stability Stability

	// Deprecated, if not empty, is what to use instead.
	Deprecated string

	// DeprecatedSince is the version in which the plugin was deprecated, and
	// RemovalIn the one that is planned to be without it. Either may be empty.
	DeprecatedSince, RemovalIn string

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

	// instance is set in the copy of the spec that an instance has whose name is not
	// the plugin's.
	instance string
}

// Stability is the maturity of a plugin. The levels are those of the
// OpenTelemetry Collector.
type Stability string

// The levels of stability, from the least to the most mature, and the two of
// plugins that are on their way out, which [MinStability] takes to be below all others.
const (
	StabilityDevelopment  Stability = "development"
	StabilityAlpha        Stability = "alpha"
	StabilityBeta         Stability = "beta"
	StabilityStable       Stability = "stable"
	StabilityDeprecated   Stability = "deprecated"
	StabilityUnmaintained Stability = "unmaintained"
)

// An Attr is a key of the user's own, with its value.
type Attr struct {
	Key, Value string
}

// ID returns the spec's namespace and name, joined by a colon.
func (s *Spec) ID() string { return s.Namespace + ":" + s.Name }

// InstanceID returns what the instance is called that the spec was passed for, to a
// factory or a listener, say. Where each plugin is there once, as in a [Manager],
// that is the plugin's name. It is "" for a nil spec.
func (s *Spec) InstanceID() string {
	switch {
	case s == nil:
		return ""
	case s.instance != "":
		return s.instance
	}
	return s.Name
}

// idOrNone returns the namespace and what the instance is called; it is safe on a nil spec.
func (s *Spec) idOrNone() string {
	if s == nil {
		return "none"
	}
	return s.Namespace + ":" + shown(s.InstanceID())
}

// Attr returns the value of the attribute key, and whether there is one.
func (s *Spec) Attr(key string) (value string, ok bool) {
	for _, a := range s.Attrs {
		if a.Key == key {
			return a.Value, true
		}
	}
	return "", false
}

// name is safe on a nil spec, which a table made by hand may hold.
func (s *Spec) name() string {
	if s == nil {
		return ""
	}
	return s.Name
}

// names returns the name and the aliases.
func (s *Spec) names() []string { return append([]string{s.Name}, s.aliases()...) }

// aliases returns the aliases of the spec, or of the variable that it stands for.
func (s *Spec) aliases() []string {
	switch {
	case s == nil:
		return nil
	case s.Var != nil:
		return s.Var.Aliases
	}
	return s.Aliases
}

// priority returns the priority of the spec, or of the variable that it stands for.
func (s *Spec) priority() int {
	if s.Var != nil {
		return s.Var.Priority
	}
	return s.Priority
}

// byPriority orders plugins to be loaded or forwarded, by a stable sort of those that are sorted by
// name: the highest priority comes first.
func byPriority(a, b *Spec) int { return cmp.Compare(b.priority(), a.priority()) }

// describe names the spec's declaration, for a message about several.
func (s *Spec) describe() string {
	if where := s.where(); where != "" {
		return "the one declared " + where
	}
	return s.ID()
}

// deprecation describes the deprecation of the plugin, or returns "" if it is not
// deprecated.
func (s *Spec) deprecation() string {
	if s.Deprecated == "" && s.DeprecatedSince == "" && s.RemovalIn == "" && s.Stability != StabilityDeprecated {
		return ""
	}
	text := "deprecated"
	if s.DeprecatedSince != "" {
		text += " since " + s.DeprecatedSince
	}
	if s.RemovalIn != "" {
		text += ", to be removed in " + s.RemovalIn
	}
	if s.Deprecated != "" {
		text += ": " + s.Deprecated
	}
	return text
}

// check returns why a spec cannot be used, or nil. The namespace is one that is
// known to be valid, or "".
func (s *Spec) check(namespace string) error {
	switch {
	case s == nil:
		return faultf(ErrInvalid, "the spec is nil")
	case s.Name == "":
		return checkName(s.Name)
	case s.Namespace == "":
		return faultf(ErrInvalid, "the spec has no namespace: Namespace is empty")
	case s.Namespace != namespace && !validNamespace(s.Namespace):
		return faultf(ErrInvalid, "the namespace %q is not made of dot-separated words of letters, digits, _ and -",
			s.Namespace)
	case s.Var != nil:
		return s.checkVar()
	case namespace != "" && s.Namespace != namespace:
		return faultf(ErrInvalid, "the spec is of namespace %q and was found in %q", s.Namespace, namespace)
	}
	if fault := s.factoryFault(); fault != "" {
		return faultf(ErrInvalid, "the spec %s", fault)
	}
	return nil
}

// checkByHand is check for a spec that plugingen has not seen, and whose names
// may be anything therefore.
func (s *Spec) checkByHand(namespace string) error {
	if err := s.check(namespace); err != nil {
		return err
	}
	for _, alias := range s.aliases() {
		if err := checkName(alias); err != nil {
			return err
		}
	}
	return checkName(s.Name)
}

// checkVar checks that the variable is the plugin that the table says it is.
func (s *Spec) checkVar() error {
	switch v := s.Var; {
	case v.Namespace != s.Namespace || v.Name != s.Name:
		return faultf(ErrInvalid, "the variable %s is the spec of %s now, not of %s: run plugingen again",
			s.symbol(), v.ID(), s.ID())
	case v.Var != nil:
		return faultf(ErrInvalid, "the variable %s has Var set, which is for generated code", s.symbol())
	}
	if fault := s.Var.factoryFault(); fault != "" {
		return faultf(ErrInvalid, "the variable %s %s", s.symbol(), fault)
	}
	return nil
}

// factoryFault returns why a spec can't make plugins, as the end of a sentence, or "".
func (s *Spec) factoryFault() string {
	switch o := s.Options; {
	case s.New == nil && s.NewWith == nil:
		return "has no factory: New is nil"
	case o == nil && s.NewWith != nil:
		return "has NewWith, a factory that takes options, but Options is nil"
	case o != nil && (o.Fill == nil || o.New == nil):
		return "has Options without Fill or New"
	}
	return ""
}

// resolved returns the spec with what its variable says, if it has one.
func (s *Spec) resolved() *Spec {
	if s == nil || s.Var == nil {
		return s
	}
	v := *s.Var
	v.Namespace, v.Name, v.Package, v.Symbol = s.Namespace, s.Name, s.Package, s.Symbol
	if v.At == nil {
		v.At = s.At
	}
	return &v
}

func validNamespace(namespace string) bool {
	word := false // within a word
	for _, r := range namespace {
		switch {
		case 'a' <= r && r <= 'z' || r == '_' || r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r):
			word = true
		case r == '.' && word:
			word = false
		default:
			return false
		}
	}
	return word
}

func checkName(name string) error {
	if name == "" {
		return faultf(ErrInvalid, "the name is empty")
	}
	for _, r := range name {
		if r == utf8.RuneError || r == '"' || r == '\'' || r == '`' || r == ',' || !unicode.IsPrint(r) {
			return faultf(ErrInvalid,
				"the name %q has %q in it; a name is printable text without quotes and commas", name, r)
		}
	}
	if strings.TrimSpace(name) != name {
		return faultf(ErrInvalid, "the name %q has a space at an end", name)
	}
	return nil
}

func quote(name string) string { return strconv.Quote(name) }
