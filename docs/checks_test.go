package docs_test

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/docs"
)

var updateChecks = flag.Bool("update-checks", false, "write into checks/*.md what the tools print")

// TestChecks runs plugingen and pluginvet on the examples of checks/*.md: they have to print
// the messages of the page for what is shown before these, and nothing for what is shown
// after them. "go test ./docs -run TestChecks -update-checks" writes the messages.
func TestChecks(t *testing.T) {
	if testing.Short() {
		t.Skip("runs pluginvet on many programs")
	}
	if runtime.GOOS != "linux" {
		t.Skip("the pages have names that differ in case alone, and commands of Unix")
	}
	tools := buildTools(t)
	for _, page := range checkPages(t) {
		t.Run(page.category, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			t.Cleanup(func() {
				if *updateChecks {
					page.write(t)
				}
			})
			for _, s := range page.sections {
				t.Run(s.title, func(t *testing.T) {
					t.Parallel()
					got := s.messages(t, tools, page.category, s.before)
					if *updateChecks {
						mu.Lock()
						s.printed.text = got
						mu.Unlock()
					} else if got != s.printed.text {
						t.Errorf("the tools print:\n%s\nthe page has:\n%s", got, s.printed.text)
					}
					if got == "" {
						t.Error("the example is without a message")
					}
					if len(s.after) == 0 {
						return
					}
					files := maps.Clone(s.before)
					maps.Copy(files, s.after)
					s.commands = nil
					if got := s.messages(t, tools, page.category, files); got != "" {
						t.Errorf("fixed as the page shows, the example still has:\n%s", got)
					}
				})
			}
		})
	}
}

// TestIndex has checks.md list the examples of each category, so that its heading, which is
// what the URLs of diagnostics lead to, leads on.
func TestIndex(t *testing.T) {
	is := is.New(t)
	data, err := os.ReadFile("checks.md")
	is.NoErr(err)
	index := string(data)
	var categories []string
	for _, page := range checkPages(t) {
		categories = append(categories, page.category)
		before, after, found := strings.Cut(index, "\n### "+page.category+"\n")
		is.True(found) // each page has its heading
		text, rest, more := strings.Cut(after, "\n#")
		text, _, _ = strings.Cut(text, "\n\n- ")
		text = strings.TrimSpace(text) + "\n\n"
		for _, s := range page.sections {
			text += fmt.Sprintf("- [%s](checks/%s.md#%s)\n", s.title, page.category, anchor(s.title))
		}
		index = before + "\n### " + page.category + "\n\n" + text
		if more {
			index += "\n#" + rest
		}
	}
	is.Equal(slices.Sorted(slices.Values(docs.Categories())), categories)
	if *updateChecks {
		is.NoErr(os.WriteFile("checks.md", []byte(index), 0o666))
	} else {
		is.Equal(index, string(data)) // go test ./docs -run TestIndex -update-checks
	}
}

// anchor returns the fragment by which GitHub and Hugo know a heading.
func anchor(title string) string {
	keep := func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}
	return strings.Map(keep, title)
}

// A checkPage is the description of a category.
type checkPage struct {
	name, category string
	lines          []string
	sections       []*checkSection
}

// A checkSection describes a diagnostic by an example.
type checkSection struct {
	title         string
	before, after map[string]string
	commands      *block // run before the tools, nil if there are none
	printed       *block // the messages
}

// A block is a fenced block of a page.
type block struct {
	lang, attrs string
	start, end  int // its lines, without the fences
	text        string
}

// checkPages reads checks/*.md.
func checkPages(t *testing.T) []*checkPage {
	t.Helper()
	names, err := filepath.Glob("checks/*.md")
	if err != nil || len(names) == 0 {
		t.Fatal("no pages", err)
	}
	var pages []*checkPage
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		page := &checkPage{
			name: name, category: strings.TrimSuffix(filepath.Base(name), ".md"),
			lines: strings.Split(string(data), "\n"),
		}
		if title := "# " + page.category + ": "; !strings.HasPrefix(page.lines[0], title) {
			t.Errorf("%s: the title begins with %q", name, title)
		}
		page.read(t)
		pages = append(pages, page)
	}
	return pages
}

var attribute = regexp.MustCompile(`(\w+)="([^"]*)"`)

// attr returns the value of an attribute of a block, "" if it has none.
func (b *block) attr(name string) string {
	for _, m := range attribute.FindAllStringSubmatch(b.attrs, -1) {
		if m[1] == name {
			return m[2]
		}
	}
	return ""
}

// read reads the sections that have examples.
func (p *checkPage) read(t *testing.T) {
	t.Helper()
	var section *checkSection
	for i := 0; i < len(p.lines); i++ {
		if title, ok := strings.CutPrefix(p.lines[i], "## "); ok {
			section = &checkSection{title: title, before: map[string]string{}, after: map[string]string{}}
			p.sections = append(p.sections, section)
			continue
		}
		head, ok := strings.CutPrefix(p.lines[i], "```")
		if !ok {
			continue
		}
		b := &block{start: i + 1}
		b.lang, b.attrs, _ = strings.Cut(head, " ")
		for i++; i < len(p.lines) && p.lines[i] != "```"; i++ {
			b.text += p.lines[i] + "\n"
		}
		b.end = i
		switch {
		case section == nil:
			t.Fatalf("%s:%d: this block is in no section", p.name, b.start)
		case b.lang == "sh":
			section.commands = b
		case b.lang == "text" && section.printed == nil:
			section.printed = b
		case section.printed == nil:
			section.before[cmp.Or(b.attr("file"), "app.go")] = b.text
		default:
			section.after[cmp.Or(b.attr("file"), "app.go")] = b.text
		}
	}
	for _, s := range p.sections {
		if s.printed == nil {
			t.Fatalf("%s: %s has no messages", p.name, s.title)
		}
	}
}

// write writes the page with the messages that its sections have.
func (p *checkPage) write(t *testing.T) {
	for _, s := range slices.Backward(p.sections) {
		p.lines = slices.Replace(p.lines, s.printed.start, s.printed.end,
			strings.Split(strings.TrimSuffix(s.printed.text, "\n"), "\n")...)
	}
	if err := os.WriteFile(p.name, []byte(strings.Join(p.lines, "\n")), 0o666); err != nil {
		t.Error(err)
	}
}

// messages returns what plugingen reports of a program of these files or, if that is
// nothing, what pluginvet reports after plugingen and the section's commands have run.
func (s *checkSection) messages(t *testing.T, tools, category string, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir()) // as the tools print it
	if err != nil {
		t.Fatal(err)
	}
	heads := writeProgram(t, dir, files)
	tool := ""
	if s.printed != nil {
		tool = s.printed.attr("tool")
	}
	var found []finding
	if tool != "pluginvet" && tool != "vet" && s.commands == nil {
		found = findings(t, tools, dir, "plugingen", "check", "-json", "./...")
		found = slices.DeleteFunc(found, func(f finding) bool { return f.Category == "stale" })
	}
	if s.commands != nil {
		run(t, tools, dir, "plugingen", "./...")
		if out, err := run(t, tools, dir, "sh", "-e", "-c", s.commands.text); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if tool == "plugingen" {
			return s.format(t, category, dir, heads, findings(t, tools, dir, "plugingen", "-json", "./..."))
		}
	}
	if len(found) == 0 && tool != "plugingen" {
		if s.commands == nil {
			run(t, tools, dir, "plugingen", "./...")
		}
		if tool == "vet" {
			found = findings(t, tools, dir, "go", "vet", "-json", "-vettool="+filepath.Join(tools, "pluginvet"), "./...")
		} else {
			found = findings(t, tools, dir, "pluginvet", "-json", "./...")
		}
	}
	got := s.format(t, category, dir, heads, found)
	if fix := s.printed.attr("fix"); fix != "" {
		if out, err := run(t, tools, dir, "sh", "-e", "-c", fix); err != nil {
			t.Errorf("%s: %v: %s", fix, err, out)
		}
		if left := findings(t, tools, dir, "pluginvet", "-json", "./..."); len(left) > 0 {
			t.Errorf("after %s there still is: %s", fix, left[0].Message)
		}
	}
	return got
}

// format returns findings as the page has them.
func (s *checkSection) format(t *testing.T, category, dir string, heads map[string]int, found []finding) string {
	t.Helper()
	var b strings.Builder
	for _, f := range found {
		if f.Category != category && !slices.Contains(strings.Fields(s.printed.attr("also")), f.Category) {
			t.Errorf("the category of this message is %s: %s", f.Category, f.Message)
		}
		if want := "/docs/checks.md#" + f.Category; f.URL != "" && !strings.HasSuffix(f.URL, want) {
			t.Errorf("the URL of this message is %s, want ...%s: %s", f.URL, want, f.Message)
		}
		fmt.Fprintf(&b, "%s: %s\n", relative(dir, f.Posn, heads), shortened(dir, f.Message))
		for _, r := range f.Related {
			fmt.Fprintf(&b, "    %s: %s\n", relative(dir, r.Posn, heads), shortened(dir, r.Message))
		}
	}
	return b.String()
}

// shortened returns a message without the directory of the program.
func shortened(dir, message string) string {
	return strings.ReplaceAll(strings.ReplaceAll(message, dir+"/", ""), "\n\t", "\n    ")
}

// relative returns a position in the program as the page counts lines.
func relative(dir, posn string, heads map[string]int) string {
	name, rest, _ := strings.Cut(strings.TrimPrefix(posn, dir+"/"), ":")
	line, column, ok := strings.Cut(rest, ":")
	if !ok {
		return name
	}
	n, _ := strconv.Atoi(line)
	return fmt.Sprintf("%s:%d:%s", name, n-heads[name], column)
}

// A finding is one of those that a tool prints with -json.
type finding struct {
	Category, Posn, Message, URL string
	Related                      []struct{ Posn, Message string }
}

// vetComment matches the lines that go vet prints before the findings of a package.
var vetComment = regexp.MustCompile(`(?m)^# .*$`)

// findings returns what a tool reports, sorted.
func findings(t *testing.T, tools, dir, tool string, args ...string) []finding {
	t.Helper()
	out, err := run(t, tools, dir, tool, args...)
	var all []finding
	for decoder := json.NewDecoder(strings.NewReader(vetComment.ReplaceAllString(out, ""))); decoder.More(); {
		var tree map[string]map[string][]finding
		if jsonErr := decoder.Decode(&tree); jsonErr != nil {
			t.Fatalf("%s: %v: %s", tool, err, out)
		}
		for _, byTool := range tree {
			for _, found := range byTool {
				all = append(all, found...)
			}
		}
	}
	slices.SortFunc(all, func(a, b finding) int {
		return cmp.Or(comparePlaces(a.Posn, b.Posn), cmp.Compare(a.Message, b.Message))
	})
	return all
}

// comparePlaces compares positions: file:line:column.
func comparePlaces(a, b string) int {
	p, q := strings.Split(a, ":"), strings.Split(b, ":")
	if p[0] != q[0] {
		return cmp.Compare(p[0], q[0])
	}
	return slices.CompareFunc(p[1:], q[1:], func(x, y string) int {
		m, _ := strconv.Atoi(x)
		n, _ := strconv.Atoi(y)
		return cmp.Compare(m, n)
	})
}

// run runs a command in a directory and returns what it prints, or its errors.
func run(t *testing.T, tools, dir, name string, args ...string) (string, error) {
	t.Helper()
	if strings.HasPrefix(name, "plugin") {
		name = filepath.Join(tools, name)
	}
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "GOPROXY=off", "PWD="+dir,
		"PATH="+tools+string(filepath.ListSeparator)+os.Getenv("PATH"))
	var errors strings.Builder
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if len(out) == 0 {
		return errors.String(), err
	}
	return string(out), err
}

// knownImports are the packages that the examples refer to without importing them, by name.
var knownImports = map[string]string{
	"context": "context", "errors": "errors", "fmt": "fmt", "http": "net/http", "io": "io", "log": "log",
	"net": "net", "netip": "net/netip", "os": "os", "strings": "strings", "sync": "sync", "regexp": "regexp", "time": "time", "url": "net/url",
	"cmp": "cmp", "registry": "github.com/plugingen/plugingen/registry",
	"config": "github.com/plugingen/plugingen/registry/config",
}

var packageClause = regexp.MustCompile(`(?m)^package \w+`)

// writeProgram writes the files of an example. A Go file without a package clause gets one,
// and the imports that it needs, in one line. It returns how many lines each has more than
// the page.
func writeProgram(t *testing.T, dir string, files map[string]string) map[string]int {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{
		"go.sum": string(sums),
		"go.mod": "module example.com/app\n\ngo 1.26.0\n\nrequire github.com/plugingen/plugingen v0.0.0\n\n" +
			"tool github.com/plugingen/plugingen/cmd/plugingen\n\n" +
			"replace github.com/plugingen/plugingen => " + filepath.ToSlash(root) + "\n" + files["go.mod"],
	}
	heads := map[string]int{}
	for name, text := range files {
		switch {
		case name == "go.mod":
		case !strings.HasSuffix(name, ".go") || packageClause.MatchString(text):
			all[name] = text
		default:
			all[name] = head(name, text, files) + text
			heads[name] = 1
		}
	}
	for name, text := range all {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return heads
}

// head returns the line that a file of an example begins with.
func head(name, text string, files map[string]string) string {
	pkg := path.Base(path.Dir(name))
	switch {
	case path.Base(name) == "main.go":
		pkg = "main"
	case pkg == ".":
		pkg = "app"
	}
	imports := maps.Clone(knownImports)
	for other := range files {
		if dir := path.Dir(other); dir != "." && strings.HasSuffix(other, ".go") {
			imports[path.Base(dir)] = "example.com/app/" + dir
		}
	}
	line := "package " + pkg
	for _, word := range slices.Sorted(maps.Keys(imports)) {
		if word != pkg && uses(text, word) {
			line += "; import " + strconv.Quote(imports[word])
		}
	}
	return line + "\n"
}

// uses reports whether Go code refers to a package, in more than a comment or a string.
func uses(text, pkg string) bool {
	f, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+text, parser.SkipObjectResolution)
	if err != nil && f == nil {
		return false
	}
	return refersTo(f, pkg)
}

// buildTools builds plugingen and pluginvet, and returns their directory.
func buildTools(t *testing.T) string {
	t.Helper()
	dir := t.TempDir() + string(filepath.Separator)
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", dir, "./cmd/plugingen", "./cmd/pluginvet")
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}
