// Package site has the tests of the site: it is built, its links lead somewhere, and the
// configurations in the documents parse.
package site

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/matryer/is"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/net/html"

	"github.com/plugingen/plugingen/docs/internal/document"
)

// repository is where links to files of the repository lead.
const repository = "https://github.com/plugingen/plugingen/blob/main/"

// TestLinksOfTheSite builds the site, and follows every link that does not leave the project: what the
// templates make of links, to headings as Hugo names them. TestLinks of package docs does so for
// the documents as they are read on GitHub.
func TestLinksOfTheSite(t *testing.T) {
	is := is.New(t)
	dir := t.TempDir()
	out, err := exec.Command("go", "tool", "hugo", "--quiet", "--panicOnWarning", "--destination", dir).CombinedOutput()
	if err != nil {
		t.Fatalf("hugo: %v\n%s", err, out)
	}
	pages := map[string]*page{}
	is.NoErr(fs.WalkDir(os.DirFS(dir), ".", func(name string, _ fs.DirEntry, err error) error {
		if err == nil && path.Ext(name) == ".html" {
			pages[name], err = read(filepath.Join(dir, name))
		}
		return err
	}))
	is.True(len(pages) > 3)
	for name, p := range pages {
		for _, msg := range p.problems {
			t.Errorf("%s: %s", name, msg)
		}
		for _, link := range p.links {
			if err := check(link, name, dir, pages); err != nil {
				t.Errorf("%s: %s: %v", name, link, err)
			}
		}
	}
}

// A page is what other pages and people need of one.
type page struct {
	ids      map[string]bool
	links    []string
	problems []string
}

func read(file string) (*page, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	root, err := html.Parse(f)
	if err != nil {
		return nil, err
	}
	p := &page{ids: map[string]bool{}}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			p.add(n)
		}
	}
	return p, nil
}

func (p *page) add(n *html.Node) {
	attrs := map[string]string{}
	for _, a := range n.Attr {
		attrs[a.Key] = a.Val
	}
	if id := attrs["id"]; id != "" {
		if p.ids[id] {
			p.problem("the id %s is there twice", id)
		}
		p.ids[id] = true
	}
	if n.Data == "img" && attrs["alt"] == "" {
		p.problem("the picture %s has no text for those who do not see it", attrs["src"])
	}
	for _, key := range []string{"href", "src"} {
		link, ok := attrs[key]
		if !ok {
			continue
		}
		if n.Data != "a" && strings.Contains(link, "//") {
			p.problem("%s is loaded from elsewhere", link)
		}
		p.links = append(p.links, link)
	}
}

func (p *page) problem(format string, args ...any) {
	p.problems = append(p.problems, fmt.Sprintf(format, args...))
}

// check returns an error if a link leads to a page, a heading or a file that is not there.
func check(link, from, dir string, pages map[string]*page) error {
	if file, ok := strings.CutPrefix(link, repository); ok {
		file, _, _ = strings.Cut(file, "#")
		_, err := os.Stat(filepath.Join("..", "..", filepath.FromSlash(file)))
		return err
	}
	u, err := url.Parse(link)
	if err != nil || u.IsAbs() {
		return err
	}
	name := from
	if u.Path != "" {
		name = path.Join(path.Dir(from), u.Path)
	}
	if to := pages[name]; to == nil {
		_, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
		return err
	} else if u.Fragment != "" && !to.ids[u.Fragment] {
		return fmt.Errorf("%s has no heading of that name", name)
	}
	return nil
}

// TestEveryGuideIsListed has every guide in the list, from which the site takes their order.
func TestEveryGuideIsListed(t *testing.T) {
	is := is.New(t)
	list, err := os.ReadFile("../README.md")
	is.NoErr(err)
	for _, path := range documents(t) {
		if name := filepath.Base(path); name != "README.md" && !strings.Contains(string(list), "]("+name+")") {
			t.Errorf("docs/README.md does not list %s", name)
		}
	}
}

// TestConfigurations parses the configurations that documents show.
func TestConfigurations(t *testing.T) {
	parse := map[string]func(data []byte, v any) error{
		"json": json.Unmarshal,
		"toml": toml.Unmarshal,
		"yaml": func(data []byte, v any) error { return yaml.Unmarshal(data, v) },
	}
	for _, path := range documents(t) {
		text, err := os.ReadFile(path)
		is.New(t).NoErr(err)
		doc, err := document.Parse(path, string(text))
		is.New(t).NoErr(err)
		for _, block := range doc.Blocks {
			if parse := parse[block.Language]; parse != nil && block.Attrs["file"] != "" {
				if err := parse([]byte(block.Text), new(any)); err != nil {
					t.Errorf("%s:%d: %v", path, block.Line, err)
				}
			}
		}
	}
}

func documents(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("../*.md")
	is.New(t).NoErr(err)
	return append(paths, "../../README.md")
}
