package driver

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/plugingen/plugingen/analyzer"
)

// Text writes the report as go vet does.
func (r *Report) Text(w io.Writer) {
	for _, e := range r.Errors {
		fmt.Fprintln(w, e)
	}
	for _, f := range r.Findings {
		fmt.Fprintf(w, "%s: %s\n", r.at(f.Pos), f.Message)
		for _, rel := range f.Related {
			fmt.Fprintf(w, "\t%s: %s\n", r.at(rel.Pos), rel.Message)
		}
	}
}

// at returns a place, relative to the working directory if that is shorter.
func (r *Report) at(pos token.Pos) string {
	p := r.Fset.Position(pos)
	p.Filename = relative(p.Filename)
	return p.String()
}

func relative(name string) string {
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, name); err == nil && !strings.HasPrefix(rel, ".."+string(filepath.Separator)+"..") {
			return rel
		}
	}
	return name
}

type jsonEdit struct {
	Filename string `json:"filename"`
	Start    int    `json:"start"`
	End      int    `json:"end"`
	New      string `json:"new"`
}

type jsonFix struct {
	Message string     `json:"message"`
	Edits   []jsonEdit `json:"edits"`
}

type jsonPlace struct {
	Posn    string `json:"posn"`
	End     string `json:"end"`
	Message string `json:"message"`
}

type jsonFinding struct {
	Category string `json:"category,omitempty"`
	jsonPlace
	URL     string      `json:"url,omitempty"`
	Fixes   []jsonFix   `json:"suggested_fixes,omitempty"`
	Related []jsonPlace `json:"related,omitempty"`
}

// JSON writes the report in the form of go vet -json, with the URL of each finding.
func (r *Report) JSON(w io.Writer) error {
	tree := map[string]map[string][]jsonFinding{}
	for _, f := range r.Findings {
		j := jsonFinding{Category: f.Category, jsonPlace: r.place(f.Pos, f.End, f.Message), URL: categoryURL(f.Diagnostic)}
		for _, fix := range f.SuggestedFixes {
			edits := []jsonEdit{}
			for _, e := range fix.TextEdits {
				start, end := r.Fset.Position(e.Pos), r.Fset.Position(e.End)
				edits = append(edits, jsonEdit{start.Filename, start.Offset, end.Offset, string(e.NewText)})
			}
			j.Fixes = append(j.Fixes, jsonFix{fix.Message, edits})
		}
		for _, rel := range f.Related {
			j.Related = append(j.Related, r.place(rel.Pos, rel.End, rel.Message))
		}
		if tree[f.Package] == nil {
			tree[f.Package] = map[string][]jsonFinding{}
		}
		tree[f.Package][analyzer.Analyzer.Name] = append(tree[f.Package][analyzer.Analyzer.Name], j)
	}
	return indented(w, tree)
}

func (r *Report) place(pos, end token.Pos, message string) jsonPlace {
	return jsonPlace{r.Fset.Position(pos).String(), r.Fset.Position(cmp.Or(end, pos)).String(), message}
}

func indented(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	return e.Encode(v)
}
