package driver

import (
	"cmp"
	"fmt"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/plugingen/plugingen/analyzer"
	"github.com/plugingen/plugingen/docs"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/report"
)

// TextErrors writes what kept packages from being checked, which is not among what JSON
// and SARIF write.
func (r *Report) TextErrors(w io.Writer) {
	for _, e := range r.Errors {
		fmt.Fprintln(w, e)
	}
}

// Text writes the findings as go vet does.
func (r *Report) Text(w io.Writer) {
	for _, f := range r.Findings {
		fmt.Fprintf(w, "%s: %s\n", r.at(f.Pos), f.Message)
		for _, rel := range f.Related {
			fmt.Fprintf(w, "\t%s: %s\n", r.at(rel.Pos), rel.Message)
		}
	}
}

// at returns a place as it is printed.
func (r *Report) at(pos token.Pos) string {
	p := r.Fset.Position(pos)
	p.Filename = Relative(p.Filename)
	return p.String()
}

// Relative returns a file's name as it is printed: from the working directory, if
// that is near.
func Relative(name string) string {
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, name); err == nil && !strings.HasPrefix(rel, ".."+string(filepath.Separator)+"..") {
			return rel
		}
	}
	return name
}

// JSON writes the report in the form of go vet -json, with the URL of each finding.
func (r *Report) JSON(w io.Writer) error { return r.report().JSON(w, analyzer.Analyzer.Name) }

// SARIF writes the report in the Static Analysis Results Interchange Format.
func (r *Report) SARIF(w io.Writer) error { return r.report().SARIF(w) }

// report returns what other programs are to read.
func (r *Report) report() *report.Report {
	dir, _ := os.Getwd() // without it, files have their whole names
	out := &report.Report{
		Tool: report.Tool{Name: "pluginvet", URL: docs.URL, Describe: docs.Check},
		Dir:  dir,
		Source: func(file string) []byte {
			src, _ := readfile.Source(file)
			return src
		},
	}
	for _, f := range r.Findings {
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
			edits = append(edits, report.Edit{Start: r.Fset.Position(e.Pos), End: r.Fset.Position(e.End), New: string(e.NewText)})
		}
		out.Fixes = append(out.Fixes, report.Fix{Message: fix.Message, Edits: edits})
	}
	return out
}

func (r *Report) place(pos, end token.Pos, message string) report.Place {
	return report.Place{Start: r.Fset.Position(pos), End: r.Fset.Position(cmp.Or(end, pos)), Message: message}
}
