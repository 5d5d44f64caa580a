package commands

import (
	"io"
	"strings"
	"text/tabwriter"

	"github.com/plugingen/plugingen/registry"
	"github.com/spf13/cobra"
)

// table prints rows below a heading, in columns.
func table(cmd *cobra.Command, heading []string, rows func(row func(cells ...string))) error {
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	row := func(cells ...string) { _, _ = io.WriteString(w, strings.Join(cells, "\t")+"\n") }
	row(heading...)
	rows(row)
	return w.Flush() // it reports what went wrong before, too
}

// module returns the module that a plugin came from, and its version.
func module(spec *registry.Spec) string {
	origin := spec.Origin()
	return strings.TrimSpace(origin.Module + " " + origin.Version)
}
