// Package report writes what a tool has found for other programs to read: as JSON in
// the form of go vet -json, and as SARIF, which code hosts show beside the source.
package report

import (
	"encoding/json"
	"go/token"
	"io"
)

// A Report is what one run of a tool has found.
type Report struct {
	Tool     Tool
	Dir      string                   // SARIF names the files below it relative to it
	Source   func(file string) []byte // of the files that findings are in, nil if unknown
	Findings []Finding                // sorted
}

// A Tool is what made a report.
type Tool struct {
	Name     string                       // as people call it
	Version  string                       // "" if unknown
	URL      string                       // where its categories are described, each under its own name
	Describe func(category string) string // what is said there, as markdown; a sentence that sums it up comes first
}

// A Finding is one thing that was found.
type Finding struct {
	Package  string // the import path of the package it is about
	Category string
	Place
	Related []Place
	Fixes   []Fix
}

// A Place is a range of source with something to say of it. Its columns count bytes,
// as Go's do; they are zero, like its line, if the whole file is meant.
type Place struct {
	Start, End token.Position
	Message    string
}

// A Fix is a suggested change of the source.
type Fix struct {
	Message string
	Edits   []Edit // to be made together
}

// An Edit puts New in the place of a range of source.
type Edit struct {
	Start, End token.Position
	New        string
}

// url returns where a category is described.
func (t Tool) url(category string) string { return t.URL + "#" + category }

// encode writes v in a form that people can read, too.
func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	return e.Encode(v)
}
