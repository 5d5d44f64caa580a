package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/plugingen/plugingen/internal/command"
)

// untilRelease are what documents say because there is no release yet, and what
// they say from the first one on. Documents use these words and lines, as a
// test here knows; for anything else there are the two comments of the last.
var untilRelease = []struct {
	pattern *regexp.Regexp
	text    string
}{
	{regexp.MustCompile(`\. There is no release yet, so begin with a clone:`), ":"},
	{regexp.MustCompile(`(?m)^git clone ` + repository + `\n`), ""},
	{regexp.MustCompile(`(?m)^go (mod|work) edit -replace=` + own + `\S*=\S*\n`), ""},
	{regexp.MustCompile(`go run -mod=mod (` + own + `\S*)`), "go run $1@latest"},
	{regexp.MustCompile(`(?s)<!-- until the first release -->\n.*?<!-- end -->\n+`), ""},
}

const own = `github\.com/plugingen/plugingen`

// tools are the lines that add tools to go.mod without asking a module proxy.
var tools = regexp.MustCompile(`(?m)^go mod edit(?: -tool=` + own + `\S*)+\n(?:go mod tidy\n)?`)

// released returns what a document says once there is a release.
func released(document string) string {
	for _, u := range untilRelease {
		document = u.pattern.ReplaceAllString(document, u.text)
	}
	return tools.ReplaceAllStringFunc(document, func(lines string) string {
		edit, _, _ := strings.Cut(lines, "\n")
		get := "go get -tool"
		for _, tool := range strings.Split(edit, " -tool=")[1:] {
			get += " " + tool + "@latest"
		}
		return get + "\n"
	})
}

// rewriteDocuments makes the documents in tree those of a project with a
// release. After the first release it changes nothing.
func (r *release) rewriteDocuments(tree string) error {
	names, err := documents(tree)
	if err != nil {
		return err
	}
	for _, name := range names {
		file := filepath.Join(tree, filepath.FromSlash(name))
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if changed := released(string(text)); changed != string(text) {
			if err := os.WriteFile(file, []byte(changed), 0o666); err != nil {
				return err
			}
		}
	}
	return nil
}

// documents returns the names of the documents in a repository.
func documents(repo string) ([]string, error) {
	names, err := command.Git(repo, "ls-files", "*.md")
	return strings.Fields(names), err
}
