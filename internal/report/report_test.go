package report_test

import (
	"bytes"
	"encoding/json"
	"go/token"
	"os"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/matryer/is"

	"github.com/plugingen/plugingen/internal/report"
)

// The line begins with a byte order mark, and has characters of several bytes.
const source = "\ufeffvar größe = `plugin:\"nmae=x\"`\n"

var example = report.Report{
	Tool:   report.Tool{Name: "plugingen", Version: "v1.2.3", URL: "https://example.com/checks", Describe: describe},
	Dir:    "/src",
	Source: func(string) []byte { return []byte(source) },
	Findings: []report.Finding{
		{
			Package: "example.com/a", Category: "unknownkey",
			Place: report.Place{
				Start: at("/src/a b/x.go", "nmae"), End: at("/src/a b/x.go", "=x"),
				Message: `unknown key "nmae" (did you mean "name"?)`,
			},
			Related: []report.Place{{
				Start: at("/elsewhere/y.go", "var"), End: at("/elsewhere/y.go", " gr"),
				Message: "it is here",
			}},
			Fixes: []report.Fix{{Message: "write name", Edits: []report.Edit{
				{Start: at("/src/a b/x.go", "nmae"), End: at("/src/a b/x.go", "=x"), New: "name"},
				{Start: at("/src/a b/x.go", "=x"), End: at("/src/a b/x.go", "\"`"), New: "=y"},
			}}},
		},
		{
			Package: "example.com/a", Category: "stale",
			Place: report.Place{
				Start:   token.Position{Filename: "/src/plugins_gen.go"},
				Message: "this file is out of date",
			},
		},
		{Category: "linking", Place: report.Place{Message: "this is nowhere"}},
	},
}

func describe(category string) string {
	return "An error in\nthe " + category + ". Fix it."
}

// at returns the place of a part of the source.
func at(file, part string) token.Position {
	i := strings.Index(source, part)
	return token.Position{Filename: file, Offset: i, Line: 1, Column: i + 1}
}

func TestSARIFIsValid(t *testing.T) {
	for name, r := range map[string]report.Report{"findings": example, "none": {Tool: example.Tool}} {
		t.Run(name, func(t *testing.T) {
			is := is.New(t)
			var b bytes.Buffer
			is.NoErr(r.SARIF(&b))
			var doc any
			is.NoErr(json.Unmarshal(b.Bytes(), &doc))
			is.NoErr(sarifSchema(t).Validate(doc))
		})
	}
}

func TestSARIFSchemaIsApplied(t *testing.T) {
	is := is.New(t)
	var doc any
	is.NoErr(json.Unmarshal([]byte(`{"version": "2.1.0", "runs": [{"tool": {"driver": {}}, "results": []}]}`), &doc))
	is.True(sarifSchema(t).Validate(doc) != nil) // a driver has a name
}

// sarifSchema is the official schema, as the package @microsoft/jest-sarif
// has it (MIT licence). It is written in draft 4, of which it uses only what draft 7
// has, too, but for the name of its id.
func sarifSchema(t *testing.T) *jsonschema.Resolved {
	is := is.New(t)
	data, err := os.ReadFile("testdata/sarif-2.1.0-rtm.5.json")
	is.NoErr(err)
	data = bytes.Replace(data, []byte("draft-04"), []byte("draft-07"), 1)
	data = bytes.Replace(data, []byte(`"id": "https:`), []byte(`"$id": "https:`), 1)
	var schema jsonschema.Schema
	is.NoErr(json.Unmarshal(data, &schema))
	resolved, err := schema.Resolve(nil)
	is.NoErr(err)
	return resolved
}

func TestSARIF(t *testing.T) {
	is := is.New(t)
	var b bytes.Buffer
	is.NoErr(example.SARIF(&b))
	type location struct {
		Physical struct {
			Artifact struct{ URI, URIBaseID string } `json:"artifactLocation"`
			Region   *struct{ StartColumn, EndColumn int }
		} `json:"physicalLocation"`
	}
	var log struct {
		Runs []struct {
			Tool struct {
				Driver struct {
					Rules []struct {
						ID, HelpURI      string
						ShortDescription struct{ Text string }
						FullDescription  struct{ Text string }
					}
				}
			}
			OriginalURIBaseIDs map[string]struct{ URI string }
			Results            []struct {
				RuleID           string
				Locations        []location
				RelatedLocations []location
				Fixes            []struct {
					ArtifactChanges []struct {
						Replacements []struct{ InsertedContent struct{ Text string } }
					}
				}
			}
		}
	}
	is.NoErr(json.Unmarshal(b.Bytes(), &log))
	run := log.Runs[0]
	is.Equal(len(run.Tool.Driver.Rules), 3)
	rule := run.Tool.Driver.Rules[0]
	is.Equal(rule.HelpURI, "https://example.com/checks#linking")
	is.Equal(rule.ShortDescription.Text, "An error in the linking.")
	is.Equal(rule.FullDescription.Text, describe("linking"))

	key := run.Results[0]
	is.Equal(key.RuleID, "unknownkey")
	is.Equal(key.Locations[0].Physical.Artifact.URI, "a%20b/x.go")
	is.Equal(key.Locations[0].Physical.Artifact.URIBaseID, "%SRCROOT%")
	is.Equal(run.OriginalURIBaseIDs["%SRCROOT%"].URI, "file:///src/")
	is.Equal(key.Locations[0].Physical.Region.StartColumn, 22) // in characters
	is.Equal(key.Locations[0].Physical.Region.EndColumn, 26)
	is.Equal(key.RelatedLocations[0].Physical.Artifact.URI, "file:///elsewhere/y.go")
	is.Equal(key.RelatedLocations[0].Physical.Artifact.URIBaseID, "")
	is.Equal(len(key.Fixes[0].ArtifactChanges), 1)
	is.Equal(key.Fixes[0].ArtifactChanges[0].Replacements[1].InsertedContent.Text, "=y")

	is.Equal(run.Results[1].Locations[0].Physical.Artifact.URI, "plugins_gen.go")
	is.Equal(run.Results[1].Locations[0].Physical.Region, nil) // the whole file
	is.Equal(len(run.Results[2].Locations), 0)
}

func TestJSON(t *testing.T) {
	is := is.New(t)
	var b bytes.Buffer
	is.NoErr(example.JSON(&b, "plugingen"))
	var tree map[string]map[string][]struct {
		Category, Posn, End, Message, URL string
		SuggestedFixes                    []struct {
			Edits []struct {
				Filename   string
				Start, End int
				New        string
			}
		} `json:"suggested_fixes"`
	}
	is.NoErr(json.Unmarshal(b.Bytes(), &tree))
	found := tree["example.com/a"]["plugingen"]
	is.Equal(len(found), 2)
	is.Equal(found[0].Posn, "/src/a b/x.go:1:27") // in bytes, as go vet's
	is.Equal(found[0].End, "/src/a b/x.go:1:31")
	is.Equal(found[0].SuggestedFixes[0].Edits[0].New, "name")
	is.Equal(source[found[0].SuggestedFixes[0].Edits[0].Start:found[0].SuggestedFixes[0].Edits[0].End], "nmae")
	is.Equal(found[1].Posn, "/src/plugins_gen.go")
}
