package driver

import (
	"cmp"
	"go/token"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// A Report is the result of checking a program.
type Report struct {
	Fset     *token.FileSet
	Errors   []string // what kept packages from being checked, with the places
	Findings []Finding
	Plugins  bool // whether the program declares, links or uses plugins

	failures []failure // the errors
	trace    trace
}

// A Finding is a diagnostic with the package it is about.
type Finding struct {
	Package string // its import path, as go vet -json has it
	analysis.Diagnostic
}

// only removes the findings that are not in the files, unless there are no files.
func (r *Report) only(files map[string]bool) {
	if len(files) > 0 {
		r.Findings = slices.DeleteFunc(r.Findings,
			func(f Finding) bool { return !files[r.Fset.Position(f.Pos).Filename] })
	}
}

// sort sorts the findings by position, and removes duplicates: a package is checked with its
// tests and without.
func (r *Report) sort() {
	at := func(f Finding) token.Position { return r.Fset.Position(f.Pos) }
	compare := func(a, b Finding) int {
		p, q := at(a), at(b)
		return cmp.Or(cmp.Compare(p.Filename, q.Filename), cmp.Compare(p.Line, q.Line),
			cmp.Compare(p.Column, q.Column), cmp.Compare(a.Message, b.Message))
	}
	slices.SortStableFunc(r.Findings, compare)
	r.Findings = slices.CompactFunc(r.Findings, func(a, b Finding) bool { return compare(a, b) == 0 })
}
