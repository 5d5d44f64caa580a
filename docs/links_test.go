package docs_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	linked  = regexp.MustCompile(`(?m)^\[[^\]]+\]: (\S+)$`)
	fences  = regexp.MustCompile("(?ms)^```.*?^```$")
	spans   = regexp.MustCompile("`[^`\n]*`")
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// links returns where a document's links lead.
func links(text string) (all []string) {
	text = spans.ReplaceAllString(fences.ReplaceAllString(text, ""), "")
	for _, pattern := range []*regexp.Regexp{link, linked} {
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			all = append(all, m[1])
		}
	}
	return all
}

// TestLinks follows the links of every document to files of the repository, and to their headings
// as GitHub names them. The test of the site does so for its pages, where Hugo names headings.
func TestLinks(t *testing.T) {
	docs := allDocuments(t)
	headings := map[string]map[string]bool{}
	for name, text := range docs {
		for _, to := range links(text) {
			if strings.Contains(to, "://") {
				continue
			}
			file, fragment, _ := strings.Cut(to, "#")
			target := name
			if file != "" {
				target = path.Join(path.Dir(name), file)
			}
			if _, err := os.Stat(filepath.Join("..", target)); err != nil {
				t.Errorf("%s: %s: there is no such file", name, to)
				continue
			}
			if fragment != "" && headings[target] == nil {
				headings[target] = anchors(docs[target])
			}
			if fragment != "" && !headings[target][fragment] {
				t.Errorf("%s: %s: there is no such heading", name, to)
			}
		}
	}
}

// anchors returns the fragments of a document's headings.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fences.ReplaceAllString(text, ""), -1) {
		found[anchor(m[1])] = true
	}
	return found
}

var external = flag.Bool("external", false, "follow the links to other sites")

// TestExternalLinks asks other sites for the pages that documents link. What is about this
// project's own repository can't be there before it is published.
func TestExternalLinks(t *testing.T) {
	if !*external {
		t.Skip("run it as make links")
	}
	from := map[string]string{}
	for name, text := range allDocuments(t) {
		for _, to := range links(text) {
			if strings.Contains(to, "://") && !strings.Contains(to, "github.com/plugingen/") {
				to, _, _ = strings.Cut(to, "#")
				from[to] = name
			}
		}
	}
	var all sync.WaitGroup
	for to, name := range from {
		all.Go(func() {
			if err := get(t.Context(), to); err != nil {
				t.Errorf("%s: %s: %v", name, to, err)
			}
		})
	}
	all.Wait()
}

func get(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", resp.Status)
	}
	return nil
}
