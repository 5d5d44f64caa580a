package report

import (
	"go/token"
	"io"
)

type jsonFinding struct {
	Category string `json:"category,omitempty"`
	jsonPlace
	URL     string      `json:"url,omitempty"`
	Fixes   []jsonFix   `json:"suggested_fixes,omitempty"`
	Related []jsonPlace `json:"related,omitempty"`
}

type jsonPlace struct {
	Posn    string `json:"posn"`
	End     string `json:"end"`
	Message string `json:"message"`
}

type jsonFix struct {
	Message string     `json:"message"`
	Edits   []jsonEdit `json:"edits"`
}

type jsonEdit struct {
	Filename string `json:"filename"`
	Start    int    `json:"start"`
	End      int    `json:"end"`
	New      string `json:"new"`
}

// JSON writes the report in the form of go vet -json: findings by package and by
// analyzer, which is the tool's name here. Each also has the URL of its description.
func (r *Report) JSON(w io.Writer, analyzer string) error {
	tree := map[string]map[string][]jsonFinding{}
	for _, f := range r.Findings {
		if tree[f.Package] == nil {
			tree[f.Package] = map[string][]jsonFinding{}
		}
		tree[f.Package][analyzer] = append(tree[f.Package][analyzer], r.jsonFinding(f))
	}
	return encode(w, tree)
}

func (r *Report) jsonFinding(f Finding) jsonFinding {
	j := jsonFinding{Category: f.Category, jsonPlace: newPlace(f.Place), URL: r.Tool.url(f.Category)}
	for _, fix := range f.Fixes {
		edits := []jsonEdit{}
		for _, e := range fix.Edits {
			edits = append(edits, jsonEdit{e.Start.Filename, e.Start.Offset, e.End.Offset, e.New})
		}
		j.Fixes = append(j.Fixes, jsonFix{fix.Message, edits})
	}
	for _, p := range f.Related {
		j.Related = append(j.Related, newPlace(p))
	}
	return j
}

func newPlace(p Place) jsonPlace {
	return jsonPlace{p.Start.String(), orStart(p.Start, p.End).String(), p.Message}
}

// orStart returns the end of a range, which is its start if it is not known.
func orStart(start, end token.Position) token.Position {
	if !end.IsValid() {
		return start
	}
	return end
}
