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

// A Spec describes one plugin: its name, how it is made, and where it comes from.
//
// plugingen writes specs for declarations that have //plugin: comments. A spec
// may also be written by hand, as a package-level variable that plugingen finds,
// or as a value passed to [Registry.Add] or [WithSpecs].
//
// Do not change a Spec after it was passed to a registry or a manager; then it is safe
// for concurrent use. Namespace, Name, and New or NewWith are required.
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

	// Options describes the options of the plugin; it is nil if there are none. Their
	// values come from the configuration, see [WithConfig]. Without one they have their
	// defaults, and if one is required the plugin fails.
	Options *generated.Options

	// NewWith makes the plugin from its options: a pointer to a struct that Options.New
	// has made and that was filled. Like New it may return [Disabled]. If there are
	// Options and NewWith is nil, the plugin that New makes is such a pointer itself,
	// and filled before it is loaded.
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
	// "name" within the same namespace, or "namespace:name" in another, whose manager
	// [WithManagers] names. A name with a colon in it is looked up in the plugin's own
	// namespace first. If a required plugin is missing, disabled or failed, this one
	// fails.
	//
	// "namespace:*" requires every other plugin of a namespace, but for disabled ones.
	// There may be none. There are no other patterns.
	Requires []string

	// After names plugins that LoadAll and its like load before this one, and Before
	// those that they load after it. The names are like those of Requires, but the
	// plugins may be missing, disabled or failed. LoadNamed keeps to the order of its
	// names instead.
	//
	// Plugins on a cycle of After, Before and Requires have no order: in LoadAll and
	// its like each of them fails with [ErrCycle].
	After, Before []string

	// Aliases are other names by which the plugin can be loaded.
	Aliases []string

	// Priority decides about the order of LoadAll where Requires, After and Before do
	// not: higher ones come first. Plugins of the same priority are sorted by name.
	Priority int

	// Stability is how mature the plugin is, "" if that is not declared.
	Stability Stability

	// Deprecated, if not empty, is what to use instead.
	Deprecated string

	// DeprecatedSince is the version in which the plugin was deprecated, and RemovalIn
	// the one in which it is to be removed. Either may be empty.
	DeprecatedSince, RemovalIn string

	// Doc is a sentence for people.
	Doc string

	// Attrs are the declaration's own keys, those that begin with "x_".
	Attrs []Attr

	// Package and Symbol are the import path and the identifier of the
	// declaration that the spec was made from.
	Package string
	Symbol  string

	// At is a function declared with the plugin, such as the function that is the
	// plugin, or a method of its type. Errors and [Spec.Origin] have its file and line.
	At any

	// Var is for generated code: a package-level variable with a spec that was written
	// by hand, or nil. If it is set, everything but Namespace, Name, Package and Symbol
	// is taken from the variable when the plugin is resolved.
	Var *Spec

	// instance is the name of an instance in a [Set], if that is not Name. Each such
	// instance has a copy of the spec.
	instance string
}

// Stability is the maturity of a plugin. The levels are those of the
// OpenTelemetry Collector.
type Stability string

// The levels of stability, from the least to the most mature; then the two of plugins
// that will be removed or that nobody maintains. [MinStability] takes these for the
// least.
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

// InstanceID returns the id of the instance in a [Set] for which a factory or a
// listener was passed the spec. In a [Manager] it is the name of the plugin. It is ""
// for a nil spec.
func (s *Spec) InstanceID() string {
	switch {
	case s == nil:
		return ""
	case s.instance != "":
		return s.instance
	}
	return s.Name
}

// idOrNone returns the namespace and the id of the instance, or "none" for a nil spec.
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

// name returns the name, or "" for a nil spec, which a table made by hand may have.
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

// byPriority orders plugins to be loaded or forwarded, by a stable sort of those that
// are sorted by name: the highest priority comes first.
func byPriority(a, b *Spec) int { return cmp.Compare(b.priority(), a.priority()) }

// describe returns the place of the spec's declaration, or its id, for a message about
// several specs.
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

// check returns why a spec cannot be used in a namespace, or nil. The namespace is
// valid, or "" for any.
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

// checkByHand is check for a spec that was written by hand, whose name and aliases may
// be invalid.
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

// checkVar checks that the variable has the namespace and name that it had when the
// code was generated.
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

// factoryFault returns why a spec cannot make plugins, as the end of a sentence, or "".
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

// resolved returns the spec; if it has a Var, a copy with the fields of that.
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
