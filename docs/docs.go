// Package docs has what the pages of diagnostics say, for programs to show.
package docs

import (
	"embed"
	"strings"
)

//go:embed checks.md
var checks string

//go:embed checks/*.md
var pages embed.FS

// URL is where checks.md can be read; each category has its name as the fragment.
const URL = "https://github.com/plugingen/plugingen/blob/main/docs/checks.md"

// Check returns what checks.md says of a category of messages, "" if it says nothing. It
// is markdown, in lines that say nothing about where paragraphs end.
func Check(category string) string {
	_, section, _ := strings.Cut(checks, "\n### "+category+"\n")
	section, _, _ = strings.Cut(section, "\n#")
	section, _, _ = strings.Cut(section, "\n- ") // the list of examples
	return strings.TrimSpace(section)
}

// Page returns the page of a category of messages, with an example of each, "" if there is
// none. It is markdown.
func Page(category string) string {
	page, err := pages.ReadFile("checks/" + category + ".md")
	if err != nil {
		return ""
	}
	return string(page)
}

// Categories returns the categories of messages, in the order of checks.md.
func Categories() (all []string) {
	for _, section := range strings.Split(checks, "\n### ")[1:] {
		category, _, _ := strings.Cut(section, "\n")
		all = append(all, category)
	}
	return all
}
