package docs_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/matryer/is"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fences  = regexp.MustCompile("(?ms)^```.*?^```$")
	spans   = regexp.MustCompile("`[^`\n]*`")
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// TestLinks follows the links of documents to files of the repository, and to their headings as
// GitHub names them.
func TestLinks(t *testing.T) {
	is := is.New(t)
	names, err := filepath.Glob("*.md")
	is.NoErr(err)
	more, err := filepath.Glob("checks/*.md")
	is.NoErr(err)
	headings := map[string]map[string]bool{}
	for _, name := range append(append(names, more...), "../README.md") {
		for _, m := range link.FindAllStringSubmatch(spans.ReplaceAllString(prose(t, name), ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			file, fragment, _ := strings.Cut(m[1], "#")
			target := name
			if file != "" {
				target = path.Join(path.Dir(name), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s: there is no such file", name, m[1])
				continue
			}
			if fragment != "" && headings[target] == nil {
				headings[target] = anchors(t, target)
			}
			if fragment != "" && !headings[target][fragment] {
				t.Errorf("%s: %s: there is no such heading", name, m[1])
			}
		}
	}
}

// prose returns a document without its blocks.
func prose(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	is.New(t).NoErr(err)
	return fences.ReplaceAllString(string(data), "")
}

// anchors returns the fragments of a document's headings.
func anchors(t *testing.T, name string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(prose(t, name), -1) {
		found[anchor(m[1])] = true
	}
	return found
}
