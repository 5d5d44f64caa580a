package driver

import (
	"cmp"
	"go/token"
	"io"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/analyzer"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/docs"
	"github.com/plugingen/plugingen/internal/excerpt"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/report"
	"github.com/plugingen/plugingen/internal/terminal"
)

// TextErrors writes what kept packages from being checked, as Text writes findings. JSON and SARIF
// do not include it.
func (r *Report) TextErrors(w io.Writer, style terminal.Style, excerpts bool) {
	formatter := r.formatter(style, excerpts)
	for _, f := range r.failures {
		_, _ = io.WriteString(w, formatter.FormatAt(f.at, f.message))
	}
}

// Text writes the findings as go vet does; if excerpts is true, with the lines of source that
// they are about.
func (r *Report) Text(w io.Writer, style terminal.Style, excerpts bool) {
	formatter := r.formatter(style, excerpts)
	for _, f := range r.shown() {
		d := annotate.Diagnostic{Span: annotate.Span{Pos: f.Pos, End: f.End}, Message: f.Message}
		for _, rel := range f.Related {
			d.Related = append(d.Related, annotate.Related{
				Span: annotate.Span{Pos: rel.Pos, End: rel.End}, Message: rel.Message,
			})
		}
		_, _ = io.WriteString(w, formatter.Format(d))
	}
}

func (r *Report) formatter(style terminal.Style, excerpts bool) *excerpt.Formatter {
	formatter := &excerpt.Formatter{Fset: r.Fset, Name: Relative, Style: style, Adjusted: true}
	if excerpts {
		formatter.Source = source
	}
	return formatter
}

// source returns the contents of a file, nil if it can't be read.
func source(file string) []byte {
	src, err := readfile.Source(file)
	if err != nil {
		return nil
	}
	return src
}

// shown returns the findings that are printed: of many in one file and category, the first.
func (r *Report) shown() []Finding {
	return report.Limit(r.Findings, func(f Finding) (file, category string) {
		return r.Fset.Position(f.Pos).Filename, f.Category
	}, func(first Finding, message string) Finding {
		return Finding{first.Package, analysis.Diagnostic{Pos: first.Pos, Category: first.Category, Message: message}}
	})
}

// at returns a position as it is printed.
func (r *Report) at(pos token.Pos) string {
	p := r.Fset.Position(pos)
	p.Filename = Relative(p.Filename)
	return terminal.Line(p.String())
}

// Relative returns a file's name as it is printed.
func Relative(name string) string { return terminal.Path(name) }

// JSON writes the report in the form of go vet -json, with the URL of each finding.
func (r *Report) JSON(w io.Writer) error { return r.report().JSON(w, analyzer.Analyzer.Name) }

// SARIF writes the report in the Static Analysis Results Interchange Format.
func (r *Report) SARIF(w io.Writer) error { return r.report().SARIF(w) }

// report returns the findings in the form that package report prints.
func (r *Report) report() *report.Report {
	out := &report.Report{
		Tool: report.Tool{Name: "pluginvet", URL: docs.URL, Describe: docs.Check},
		Dir:  terminal.Dir(), Source: source,
	}
	for _, f := range r.shown() {
		out.Findings = append(out.Findings, r.finding(f))
	}
	return out
}

func (r *Report) finding(f Finding) report.Finding {
	out := report.Finding{Package: f.Package, Category: f.Category, Place: r.place(f.Pos, f.End, f.Message)}
	for _, rel := range f.Related {
		out.Related = append(out.Related, r.place(rel.Pos, rel.End, rel.Message))
	}
	for _, fix := range f.SuggestedFixes {
		edits := []report.Edit{}
		for _, e := range fix.TextEdits {
			edits = append(edits, report.Edit{
				Start: r.Fset.Position(e.Pos), End: r.Fset.Position(e.End),
				New: string(e.NewText),
			})
		}
		out.Fixes = append(out.Fixes, report.Fix{Message: fix.Message, Edits: edits})
	}
	return out
}

func (r *Report) place(pos, end token.Pos, message string) report.Place {
	return report.Place{Start: r.Fset.Position(pos), End: r.Fset.Position(cmp.Or(end, pos)), Message: message}
}
