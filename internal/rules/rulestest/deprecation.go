package rulestest

import "github.com/plugingen/plugingen/internal/rules"

// A Deprecation is how a plugin's deprecation is described.
type Deprecation struct {
	Keys rules.Deprecation
	Want string // "" if the plugin is not deprecated

	// Refused is set if directives can't have the keys: without another that deprecates the
	// plugin, versions are errors. A spec that is written by hand can have them.
	Refused bool
}

// Deprecations returns the cases for deprecation.
func Deprecations() []Deprecation {
	return []Deprecation{
		{Keys: rules.Deprecation{}, Want: ""},
		{Keys: rules.Deprecation{Stability: "beta"}, Want: ""},
		{Keys: rules.Deprecation{Stability: "unmaintained"}, Want: ""},
		{Keys: rules.Deprecation{Stability: "deprecated"}, Want: "deprecated"},
		{Keys: rules.Deprecation{Instead: "use b"}, Want: "deprecated: use b"},
		{Keys: rules.Deprecation{Since: "v1.4"}, Want: "deprecated since v1.4", Refused: true},
		{Keys: rules.Deprecation{RemovalIn: "v2.0"}, Want: "deprecated, to be removed in v2.0", Refused: true},
		{
			Keys: rules.Deprecation{Stability: "deprecated", RemovalIn: "v2.0"},
			Want: "deprecated, to be removed in v2.0",
		},
		{
			Keys: rules.Deprecation{Stability: "unmaintained", Since: "v1.4"},
			Want: "deprecated since v1.4",
		},
		{
			Keys: rules.Deprecation{Stability: "beta", Since: "v1.4"},
			Want: "deprecated since v1.4", Refused: true,
		},
		{
			Keys: rules.Deprecation{Since: "v1.4", RemovalIn: "v2.0"},
			Want: "deprecated since v1.4, to be removed in v2.0", Refused: true,
		},
		{
			Keys: rules.Deprecation{Stability: "stable", Instead: "use b", Since: "v1.4", RemovalIn: "v2.0"},
			Want: "deprecated since v1.4, to be removed in v2.0: use b",
		},
	}
}
