package main

import (
	"bytes"
	"flag"
	"go/token"
	"io"
	"path/filepath"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/docs"
	"github.com/plugingen/plugingen/gen"
	"github.com/plugingen/plugingen/internal/excerpt"
	"github.com/plugingen/plugingen/internal/invoke"
	"github.com/plugingen/plugingen/internal/report"
	"github.com/plugingen/plugingen/internal/terminal"
	"github.com/plugingen/plugingen/internal/write"
)

// stale is the category of a generated file that is out of date, as pluginvet
// calls it.
const stale = "stale"

func reportFlags(c *invocation, flags *flag.FlagSet) {
	flags.BoolVar(&c.json, "json", false, "print diagnostics as JSON, in the form of go vet -json")
	flags.BoolVar(&c.sarif, "sarif", false, "print diagnostics as SARIF 2.1.0")
}

// report prints what is wrong with the source and, for other programs to read,
// which files are out of date. It returns the exit status that this makes.
func (c *invocation) report(plan *gen.Plan, outdated []write.Change) int {
	var err error
	switch {
	case c.json:
		err = newReport(plan, outdated).JSON(c.out, "plugingen")
	case c.sarif:
		err = newReport(plan, outdated).SARIF(c.out)
	default:
		_, err = c.err.Write(c.text(plan))
	}
	switch {
	case err != nil:
		return c.fail(err)
	case len(plan.Diagnostics)+len(outdated) > 0:
		return sourceErrors
	}
	return done
}

// text returns the diagnostics as text for people.
func (c *invocation) text(plan *gen.Plan) []byte {
	var b bytes.Buffer
	formatter := c.formatter(plan)
	for _, d := range shown(plan) {
		b.WriteString(formatter.Format(d))
	}
	return b.Bytes()
}

func (c *invocation) formatter(plan *gen.Plan) excerpt.Formatter {
	return excerpt.Formatter{Fset: plan.Fset, Name: terminal.Path, Source: plan.Source, Style: c.style(c.err)}
}

// note prints the plan's notes, which do not prevent writing, unless the output is for
// programs.
func (c *invocation) note(plan *gen.Plan) {
	if c.json || c.sarif || c.quiet {
		return
	}
	formatter := c.formatter(plan)
	for _, d := range plan.Notes {
		_, _ = io.WriteString(c.err, formatter.FormatNote(d))
	}
}

// shown returns the diagnostics that are printed: of many of one kind, only the first.
func shown(plan *gen.Plan) []annotate.Diagnostic {
	return report.Limit(plan.Diagnostics, func(d annotate.Diagnostic) (file, category string) {
		return plan.Fset.PositionFor(d.Pos, false).Filename, string(d.Category)
	}, func(first annotate.Diagnostic, message string) annotate.Diagnostic {
		return annotate.Diagnostic{
			Span:     annotate.Span{Pos: first.Pos, End: first.Pos},
			Category: first.Category, Message: message,
		}
	})
}

func newReport(plan *gen.Plan, outdated []write.Change) *report.Report {
	r := &report.Report{
		Tool:   report.Tool{Name: "plugingen", Version: moduleVersion(), URL: docs.URL, Describe: docs.Check},
		Dir:    terminal.Dir(),
		Source: plan.Source,
	}
	for _, d := range shown(plan) {
		r.Findings = append(r.Findings, finding(plan, d))
	}
	for _, change := range outdated {
		r.Findings = append(r.Findings, report.Finding{
			Package: plan.ImportPath(change.Path), Category: stale,
			Place: report.Place{Start: token.Position{Filename: change.Path}, Message: whatIsStale(change)},
		})
	}
	return r
}

func whatIsStale(change write.Change) string {
	run := invoke.Plugingen(filepath.Dir(change.Path)) + " ./..."
	switch {
	case change.Old == nil:
		return "this file is missing: run " + run
	case change.New == nil:
		return "this file is no longer needed: run " + run + ", which removes it"
	}
	return "this file is out of date: run " + run
}

func finding(plan *gen.Plan, d annotate.Diagnostic) report.Finding {
	place := func(s annotate.Span, message string) report.Place {
		return report.Place{
			Start: plan.Fset.PositionFor(s.Pos, false),
			End:   plan.Fset.PositionFor(s.End, false), Message: message,
		}
	}
	edit := func(s annotate.Span, text string) report.Edit {
		p := place(s, "")
		return report.Edit{Start: p.Start, End: p.End, New: text}
	}
	f := report.Finding{Category: string(d.Category), Place: place(d.Span, d.Message)}
	f.Package = plan.ImportPath(f.Start.Filename)
	for _, r := range d.Related {
		f.Related = append(f.Related, place(r.Span, r.Message))
	}
	if d.Fix != nil {
		fix := report.Fix{Message: d.Fix.Message, Edits: []report.Edit{edit(d.Fix.Span, d.Fix.New)}}
		for _, e := range d.Fix.Also {
			fix.Edits = append(fix.Edits, edit(e.Span, e.New))
		}
		f.Fixes = append(f.Fixes, fix)
	}
	return f
}
