package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matryer/is"
)

func TestJSON(t *testing.T) {
	is := is.New(t)
	dir := writeTree(t, small)
	status, stdout, stderr := runIn(t, dir, "check", "-json", "./...")
	is.Equal(status, sourceErrors)
	is.Equal(stderr, "")
	var report map[string]map[string][]struct {
		Category, Posn, Message string
		SuggestedFixes          []struct{ Edits []struct{ New string } } `json:"suggested_fixes"`
	}
	is.NoErr(json.Unmarshal([]byte(stdout), &report))

	wrong := report["example.com/small/wrong"]["plugingen"]
	is.Equal(len(wrong), 1)
	is.Equal(wrong[0].Category, "unknownkey")
	is.Equal(wrong[0].Posn, filepath.Join(dir, "wrong", "wrong.go")+":3:10")
	is.Equal(wrong[0].SuggestedFixes[0].Edits[0].New, "namespace")

	missing := report["example.com/small"]["plugingen"]
	is.Equal(len(missing), 1)
	is.Equal(missing[0].Category, "stale")
	is.Equal(missing[0].Message, "this file is missing: run go run github.com/plugingen/plugingen/cmd/plugingen@v1.0.0 ./...")
}

// The message says what is to become of the file.
func TestStaleInJSON(t *testing.T) {
	is := is.New(t)
	dir := writeTree(t, small)
	status, _, _ := runIn(t, dir, "generate")
	is.Equal(status, done)
	for src, want := range map[string]string{
		"package small\n\n//plugin:namespace=my.plugins\nfunc Large() {}\n": "this file is out of date: run ",
		"package small\n": "this file is no longer needed: run ",
	} {
		writeFile(t, src, dir, "small.go")
		status, stdout, _ := runIn(t, dir, "check", "-json")
		is.Equal(status, sourceErrors)
		is.Equal(strings.Count(stdout, `"category": "stale"`), 1)
		is.True(strings.Contains(stdout, want))
	}
}

func TestSARIF(t *testing.T) {
	is := is.New(t)
	status, stdout, stderr := runIn(t, writeTree(t, small), "-sarif", "./...")
	is.Equal(status, sourceErrors)
	is.Equal(stderr, "")
	var log struct {
		Runs []struct {
			Results []struct {
				RuleID    string
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine, StartColumn, EndColumn int }
					}
				}
			}
		}
	}
	is.NoErr(json.Unmarshal([]byte(stdout), &log))
	results := log.Runs[0].Results
	is.Equal(len(results), 1) // what was out of date has been written
	is.Equal(results[0].RuleID, "unknownkey")
	place := results[0].Locations[0].PhysicalLocation
	is.Equal(place.ArtifactLocation.URI, "wrong/wrong.go")
	is.Equal(place.Region.StartLine, 3)
	is.Equal(place.Region.StartColumn, 10)
	is.Equal(place.Region.EndColumn, 18)
}

func TestNothingToReport(t *testing.T) {
	is := is.New(t)
	dir := writeTree(t, small)
	status, stdout, _ := runIn(t, dir, "-json")
	is.Equal(status, done)
	is.Equal(stdout, "{}\n")
	status, stdout, _ = runIn(t, dir, "check", "-json")
	is.Equal(status, done)
	is.Equal(stdout, "{}\n")
}
