package driver

import (
	"cmp"
	"go/token"
	"io"
	"net/url"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/analyzer"
)

type sarifText struct {
	Text string `json:"text"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine,omitempty"`
	EndColumn   int `json:"endColumn,omitempty"`
}

type sarifLocation struct {
	Physical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region sarifRegion `json:"region"`
	} `json:"physicalLocation"`
	Message *sarifText `json:"message,omitempty"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
	Related   []sarifLocation `json:"relatedLocations,omitempty"`
}

type sarifRule struct {
	ID      string `json:"id"`
	HelpURI string `json:"helpUri"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	Results []sarifResult `json:"results"`
}

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

// SARIF writes the report in the Static Analysis Results Interchange Format,
// version 2.1.0, with the categories as rules. Places are relative to the working
// directory.
func (r *Report) SARIF(w io.Writer) error {
	run := sarifRun{Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "pluginvet", InformationURI: analyzer.Analyzer.URL, Rules: []sarifRule{}}
	for _, f := range r.Findings {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{f.Category, categoryURL(f.Diagnostic)})
		result := sarifResult{
			RuleID: f.Category, Level: "error", Message: sarifText{f.Message},
			Locations: []sarifLocation{r.location(f.Pos, f.End, "")},
		}
		for _, rel := range f.Related {
			result.Related = append(result.Related, r.location(rel.Pos, rel.End, rel.Message))
		}
		run.Results = append(run.Results, result)
	}
	slices.SortFunc(run.Tool.Driver.Rules, func(a, b sarifRule) int { return cmp.Compare(a.ID, b.ID) })
	run.Tool.Driver.Rules = slices.Compact(run.Tool.Driver.Rules)
	return indented(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func (r *Report) location(pos, end token.Pos, message string) sarifLocation {
	from, to := r.Fset.Position(pos), r.Fset.Position(cmp.Or(end, pos))
	var l sarifLocation
	l.Physical.Artifact.URI = (&url.URL{Path: filepath.ToSlash(relative(from.Filename))}).String()
	l.Physical.Region = sarifRegion{from.Line, from.Column, to.Line, to.Column}
	if message != "" {
		l.Message = &sarifText{message}
	}
	return l
}

// categoryURL returns where the diagnostic's category is described.
func categoryURL(d analysis.Diagnostic) string { return analyzer.Analyzer.URL + "#" + d.Category }
