package report

import (
	"bytes"
	"cmp"
	"go/token"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// What follows is the part of SARIF that is needed. A library for all of it would
// bring more modules than plugingen has.

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	ColumnKind string                   `json:"columnKind"`
	Roots      map[string]sarifArtifact `json:"originalUriBaseIds"`
	Results    []sarifResult            `json:"results"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version,omitempty"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID      string    `json:"id"`
	Short   sarifText `json:"shortDescription"`
	Full    sarifText `json:"fullDescription"`
	HelpURI string    `json:"helpUri"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
	Related   []sarifLocation `json:"relatedLocations,omitempty"`
	Fixes     []sarifFix      `json:"fixes,omitempty"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifLocation struct {
	Physical sarifPhysical `json:"physicalLocation"`
	Message  *sarifText    `json:"message,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI  string `json:"uri"`
	Base string `json:"uriBaseId,omitempty"` // what the URI is relative to
}

// sourceRoot is what SARIF calls the directory that files are named relative to.
const sourceRoot = "%SRCROOT%"

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn"`
}

type sarifFix struct {
	Description sarifText     `json:"description"`
	Changes     []sarifChange `json:"artifactChanges"`
}

type sarifChange struct {
	Artifact     sarifArtifact      `json:"artifactLocation"`
	Replacements []sarifReplacement `json:"replacements"`
}

type sarifReplacement struct {
	Deleted  *sarifRegion `json:"deletedRegion"`
	Inserted sarifText    `json:"insertedContent"`
}

// SARIF writes the report in the Static Analysis Results Interchange Format,
// version 2.1.0. The categories are its rules.
func (r *Report) SARIF(w io.Writer) error {
	run := sarifRun{
		ColumnKind: "unicodeCodePoints",
		Roots:      map[string]sarifArtifact{sourceRoot: {URI: fileURI(r.Dir) + "/"}},
		Results:    []sarifResult{},
	}
	run.Tool.Driver = sarifDriver{r.Tool.Name, r.Tool.Version, r.Tool.URL, r.rules()}
	for _, f := range r.Findings {
		run.Results = append(run.Results, r.result(f))
	}
	return encode(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

// rules returns the categories that there are findings of.
func (r *Report) rules() []sarifRule {
	rules := []sarifRule{}
	for _, f := range r.Findings {
		rules = append(rules, r.Tool.rule(f.Category))
	}
	slices.SortFunc(rules, func(a, b sarifRule) int { return cmp.Compare(a.ID, b.ID) })
	return slices.Compact(rules)
}

func (t Tool) rule(category string) sarifRule {
	full := t.Describe(category)
	short, _, _ := strings.Cut(strings.ReplaceAll(full, "\n", " "), ". ")
	return sarifRule{category, sarifText{strings.TrimSuffix(short, ".") + "."}, sarifText{full}, t.url(category)}
}

func (r *Report) result(f Finding) sarifResult {
	main := Place{Start: f.Start, End: f.End} // what there is to say of it is the result's message
	result := sarifResult{
		RuleID: f.Category, Level: "error", Message: sarifText{f.Message},
		Locations: r.locations(main),
	}
	for _, p := range f.Related {
		result.Related = append(result.Related, r.locations(p)...)
	}
	for _, fix := range f.Fixes {
		result.Fixes = append(result.Fixes, r.fix(fix))
	}
	return result
}

// locations returns the location of a place, none if it is in no file.
func (r *Report) locations(p Place) []sarifLocation {
	if p.Start.Filename == "" {
		return []sarifLocation{}
	}
	l := sarifLocation{Physical: sarifPhysical{r.artifact(p.Start.Filename), r.region(p.Start, p.End)}}
	if p.Message != "" {
		l.Message = &sarifText{p.Message}
	}
	return []sarifLocation{l}
}

func (r *Report) fix(fix Fix) sarifFix {
	s := sarifFix{Description: sarifText{fix.Message}, Changes: []sarifChange{}}
	for _, e := range fix.Edits {
		file := r.artifact(e.Start.Filename)
		i := slices.IndexFunc(s.Changes, func(c sarifChange) bool { return c.Artifact == file })
		if i < 0 {
			i = len(s.Changes)
			s.Changes = append(s.Changes, sarifChange{Artifact: file})
		}
		s.Changes[i].Replacements = append(s.Changes[i].Replacements,
			sarifReplacement{r.region(e.Start, e.End), sarifText{e.New}})
	}
	return s
}

// artifact names a file: relative to the report's directory, so that the report means
// the same on another machine, or whole if it is elsewhere.
func (r *Report) artifact(file string) sarifArtifact {
	rel, err := filepath.Rel(r.Dir, file)
	if err == nil && filepath.IsLocal(rel) {
		return sarifArtifact{(&url.URL{Path: filepath.ToSlash(rel)}).String(), sourceRoot}
	}
	return sarifArtifact{URI: fileURI(file)}
}

func fileURI(name string) string {
	return (&url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(filepath.ToSlash(name), "/")}).String()
}

// region returns a range of source, nil if the whole file is meant.
func (r *Report) region(start, end token.Position) *sarifRegion {
	if !start.IsValid() {
		return nil
	}
	end = orStart(start, end)
	return &sarifRegion{start.Line, r.column(start), end.Line, r.column(end)}
}

// column returns the column of a place in characters, as SARIF counts, where Go
// counts bytes.
func (r *Report) column(p token.Position) int {
	var src []byte
	if r.Source != nil {
		src = r.Source(p.Filename)
	}
	start := p.Offset - (p.Column - 1)
	if start < 0 || p.Offset > len(src) {
		return p.Column
	}
	before := src[start:p.Offset]
	if start == 0 {
		before = bytes.TrimPrefix(before, []byte("\ufeff")) // a byte order mark is no character
	}
	return utf8.RuneCount(before) + 1
}
