package rules

import "strings"

// A Deprecation is what the keys of a plugin say of its being deprecated. It is if one of
// them does.
type Deprecation struct {
	Stability string // stability=
	Instead   string // deprecated=, what to use instead
	Since     string // deprecated_since=
	RemovalIn string // removal_in=
}

// String describes the deprecation, as in "deprecated since v1.4, to be removed in v2.0: use b".
// It returns "" if the plugin is not deprecated.
func (d Deprecation) String() string {
	if d.Stability != "deprecated" && d.Instead == "" && d.Since == "" && d.RemovalIn == "" {
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
