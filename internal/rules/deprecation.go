package rules

import "strings"

// A Deprecation has the keys by which a plugin is deprecated.
type Deprecation struct {
	Stability string // stability=
	Instead   string // deprecated=, what to use instead
	Since     string // deprecated_since=
	RemovalIn string // removal_in=
}

// Stabilities are the values of stability=, those of registry.Stability: what a plugin goes
// through until it is stable, in order, and those of plugins that are on their way out.
var Stabilities = []string{"development", "alpha", "beta", "stable", "deprecated", "unmaintained"}

// Is reports whether the plugin is deprecated: by Stability, or since one of the other keys
// is set.
func (d Deprecation) Is() bool {
	return d.Stability == "deprecated" || d.Instead != "" || d.Since != "" || d.RemovalIn != ""
}

// TakesVersions reports whether the plugin can have the keys Since and RemovalIn. They are
// errors on a plugin that is not deprecated by another key, or unmaintained.
func (d Deprecation) TakesVersions() bool {
	d.Since, d.RemovalIn = "", ""
	return d.Is() || d.Stability == "unmaintained"
}

// String describes the deprecation, as in "deprecated since v1.4, to be removed in v2.0: use b".
// It returns "" if the plugin is not deprecated.
func (d Deprecation) String() string {
	if !d.Is() {
		return ""
	}
	var b strings.Builder
	b.WriteString("deprecated")
	if d.Since != "" {
		b.WriteString(" since " + d.Since)
	}
	if d.RemovalIn != "" {
		b.WriteString(", to be removed in " + d.RemovalIn)
	}
	if d.Instead != "" {
		b.WriteString(": " + d.Instead)
	}
	return b.String()
}
