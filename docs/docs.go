// Package docs has what checks.md says, for programs to show.
package docs

import (
	_ "embed"
	"strings"
)

//go:embed checks.md
var checks string

// URL is where checks.md can be read; each category has its name as the fragment.
const URL = "https://github.com/plugingen/plugingen/blob/main/docs/checks.md"

// Check returns what checks.md says of a category of messages, "" if it says nothing. It
// is markdown, in lines that say nothing about where paragraphs end.
func Check(category string) string {
	_, section, _ := strings.Cut(checks, "\n### "+category+"\n")
	section, _, _ = strings.Cut(section, "\n#")
	return strings.TrimSpace(section)
}
