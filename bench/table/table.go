// Package table shows what was measured: as text, as Markdown, and as a chart.
package table

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// A Table is one comparison.
type Table struct {
	Name    string // of the chart's file
	Title   string
	Text    []string // paragraphs below the title
	Columns []string
	Rows    [][]string
	Targets []Target
	Chart   *Chart // nil if there is nothing to draw
}

// A Target is what something may cost at most.
type Target struct {
	What       string
	Limit, Got float64
	Unit       string
}

// String returns the target and whether it is met.
func (t Target) String() string {
	verdict := "met"
	if t.Got > t.Limit {
		verdict = "missed"
	}
	return fmt.Sprintf("%s: at most %v %s, measured %s %s: %s", t.What, t.Limit, t.Unit, digits(t.Got), t.Unit, verdict)
}

// A Chart is what is drawn of a table: bars, or curves if there are several Xs.
type Chart struct {
	Unit   string // of Y
	XLabel string
	X      []float64
	Series []Series
}

// A Series is a bar, or a curve with a value for each X.
type Series struct {
	Name string
	Y    []float64
}

// Add adds a row.
func (t *Table) Add(cells ...string) { t.Rows = append(t.Rows, cells) }

// WriteText writes the table for a terminal.
func (t *Table) WriteText(w io.Writer) error {
	fmt.Fprintf(w, "\n%s\n\n", strings.Join(append([]string{t.Title}, t.Text...), "\n"))
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, row := range append([][]string{t.Columns}, t.Rows...) {
		fmt.Fprintln(tw, strings.Join(row, "\t"))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, target := range t.Targets {
		fmt.Fprintf(w, "%v\n", target)
	}
	return nil
}

// WriteMarkdown writes the table with its text, and the chart whose file is in dir.
func (t *Table) WriteMarkdown(w io.Writer, dir string) error {
	fmt.Fprintf(w, "### %s\n\n", t.Title)
	for _, p := range t.Text {
		fmt.Fprintf(w, "%s\n\n", p)
	}
	fmt.Fprintf(w, "| %s |\n|%s\n", strings.Join(t.Columns, " | "), strings.Repeat(" --- |", len(t.Columns)))
	for _, row := range t.Rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | "))
	}
	if len(t.Targets) > 0 {
		fmt.Fprintln(w)
	}
	for _, target := range t.Targets {
		fmt.Fprintf(w, "- %v\n", target)
	}
	if t.Chart != nil {
		fmt.Fprintf(w, "\n![%s](%s/%s.svg)\n", t.Title, dir, t.Name)
	}
	_, err := fmt.Fprintln(w)
	return err
}
