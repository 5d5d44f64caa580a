package rulestest

import "github.com/plugingen/plugingen/internal/rules"

// A Deprecation is how a plugin's deprecation is described.
type Deprecation struct {
	Keys rules.Deprecation
	Want string // "" if the plugin is not deprecated
}

// Deprecations returns the cases for deprecation.
func Deprecations() []Deprecation {
	return []Deprecation{
		{rules.Deprecation{}, ""},
		{rules.Deprecation{Stability: "beta"}, ""},
		{rules.Deprecation{Stability: "unmaintained"}, ""},
		{rules.Deprecation{Stability: "deprecated"}, "deprecated"},
		{rules.Deprecation{Instead: "use b"}, "deprecated: use b"},
		{rules.Deprecation{Since: "v1.4"}, "deprecated since v1.4"},
		{rules.Deprecation{RemovalIn: "v2.0"}, "deprecated, to be removed in v2.0"},
		{
			rules.Deprecation{Stability: "deprecated", RemovalIn: "v2.0"},
			"deprecated, to be removed in v2.0",
		},
		{
			rules.Deprecation{Stability: "unmaintained", Since: "v1.4"},
			"deprecated since v1.4",
		},
		{
			rules.Deprecation{Since: "v1.4", RemovalIn: "v2.0"},
			"deprecated since v1.4, to be removed in v2.0",
		},
		{
			rules.Deprecation{Stability: "stable", Instead: "use b", Since: "v1.4", RemovalIn: "v2.0"},
			"deprecated since v1.4, to be removed in v2.0: use b",
		},
	}
}
