package driver

import (
	"cmp"
	"go/token"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// A Report is what there is to say of a program.
type Report struct {
	Fset     *token.FileSet
	Errors   []string // what kept packages from being checked
	Findings []Finding
	Plugins  bool // whether there is anything in the program that has to do with plugins
}

// A Finding is a diagnostic with the package it is about.
type Finding struct {
	Package string // its import path, as go vet -json has it
	analysis.Diagnostic
}

// only leaves out what is not in the files, if there are any.
func (r *Report) only(files map[string]bool) {
	if len(files) > 0 {
		r.Findings = slices.DeleteFunc(r.Findings,
			func(f Finding) bool { return !files[r.Fset.Position(f.Pos).Filename] })
	}
}

// sort puts the findings in the order of their places, and drops those that were
// found twice, since a package is checked with its tests and without.
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
