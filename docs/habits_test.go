package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/matryer/is"
	"golang.org/x/mod/semver"

	"github.com/plugingen/plugingen/docs/internal/document"
)

var goTest = regexp.MustCompile(`^go test \./(\S+) -run '?(\w+(?:\\?\|\w+)*)[^ ]*'?(?: -([\w-]+))?$`)

// TestContributing has the tests and the files that CONTRIBUTING.md names. TestCommands has its
// other commands.
func TestContributing(t *testing.T) {
	is := is.New(t)
	text, err := os.ReadFile("../CONTRIBUTING.md")
	is.NoErr(err)
	doc, err := document.Parse("CONTRIBUTING.md", string(text))
	is.NoErr(err)
	n := 0
	for _, span := range doc.Spans {
		if m := goTest.FindStringSubmatch(span.Text); m != nil {
			n++
			tests := strings.FieldsFunc(m[2], func(r rune) bool { return r == '|' || r == '\\' })
			checkGoTest(t, span, m[1], tests, m[3])
		} else if strings.HasPrefix(span.Text, "go test ") {
			t.Errorf("CONTRIBUTING.md:%d: `%s` is not understood", span.Line, span.Text)
		}
		checkFile(t, span)
	}
	is.True(n > 3)
}

// checkGoTest reports tests that a package does not have, and a flag that they do not have.
func checkGoTest(t *testing.T, span document.Span, dir string, tests []string, flag string) {
	t.Helper()
	var sources strings.Builder
	files, err := filepath.Glob(filepath.Join("..", dir, "*_test.go"))
	is.New(t).NoErr(err)
	for _, file := range files {
		src, err := os.ReadFile(file)
		is.New(t).NoErr(err)
		sources.Write(src)
	}
	for _, name := range tests {
		if !strings.Contains(sources.String(), "\nfunc "+name+"(") {
			t.Errorf("CONTRIBUTING.md:%d: %s has no %s", span.Line, dir, name)
		}
	}
	if flag != "" && !testing.Short() {
		out, err := exec.Command("go", "test", "../"+dir, "-run=^$", "-"+flag).CombinedOutput()
		if err != nil {
			t.Errorf("CONTRIBUTING.md:%d: %s: %v\n%s", span.Line, span.Text, err, out)
		}
	}
}

var filePath = regexp.MustCompile(`^[\w.*-]+(/[\w.*-]+)+/?$`)

// checkFile reports a file or directory that is not in the repository. A word in capitals stands
// for any name.
func checkFile(t *testing.T, span document.Span) {
	t.Helper()
	pattern := regexp.MustCompile(`\b[A-Z]{3,}\b`).ReplaceAllString(span.Text, "*")
	if !filePath.MatchString(span.Text) || strings.Contains(span.Text, "GOWORK") {
		return
	}
	found, err := filepath.Glob(filepath.Join("..", strings.ReplaceAll(pattern, "**", "*/*")))
	is.New(t).NoErr(err)
	if len(found) == 0 {
		t.Errorf("CONTRIBUTING.md:%d: there is no %s", span.Line, span.Text)
	}
}

var (
	release   = regexp.MustCompile(`^## \[(\d[^\]]*)\] - \d{4}-\d{2}-\d{2}$`)
	changes   = regexp.MustCompile(`^### (Added|Changed|Deprecated|Removed|Fixed|Security)$`)
	reference = regexp.MustCompile(`^\[([^\]]+)\]: https://github\.com/plugingen/plugingen/\S+$`)
)

// TestChangelog has CHANGELOG.md in the form that it names, which the release relies on.
func TestChangelog(t *testing.T) {
	is := is.New(t)
	text, err := os.ReadFile("../CHANGELOG.md")
	is.NoErr(err)
	var sections, references []string
	for i, line := range strings.Split(string(text), "\n") {
		m := release.FindStringSubmatch(line)
		switch {
		case i == 0:
			is.Equal(line, "# Changelog")
		case line == "## [Unreleased]":
			is.Equal(len(sections), 0) // it comes first, and once
			sections = append(sections, "Unreleased")
		case m != nil:
			if n := len(sections); n == 0 || n > 1 && semver.Compare("v"+sections[n-1], "v"+m[1]) <= 0 {
				t.Errorf("CHANGELOG.md:%d: newer versions come first", i+1)
			}
			sections = append(sections, m[1])
		case strings.HasPrefix(line, "#") && !changes.MatchString(line):
			t.Errorf("CHANGELOG.md:%d: this is no heading of a version or a kind of change: %s", i+1, line)
		case strings.HasPrefix(line, "[") && strings.Contains(line, "]: "):
			m := reference.FindStringSubmatch(line)
			is.True(m != nil) // a link to this repository
			references = append(references, m[1])
		}
	}
	is.Equal(references, sections) // each version has a link at the end
}

// TestChecksThatRun has the commands of the workflows, and of the script that they run.
func TestChecksThatRun(t *testing.T) {
	is := is.New(t)
	workflows, err := filepath.Glob("../.github/workflows/*.yml")
	is.NoErr(err)
	script := false
	for _, name := range workflows {
		text, err := os.ReadFile(name)
		is.NoErr(err)
		for _, command := range document.PipelineCommands(string(text)) {
			script = script || command == ".ci/run"
			checkRuns(t, name, command)
		}
	}
	is.True(script) // a workflow runs .ci/run
	text, err := os.ReadFile("../.ci/run")
	is.NoErr(err)
	is.NoErr(exec.Command("sh", "-n", "../.ci/run").Run())
	targets := 0
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "make ") {
			targets++
			checkRuns(t, ".ci/run", strings.TrimSpace(line))
		}
	}
	is.Equal(targets, 4) // test, check, integration, docs
}

// checkRuns reports a command that is neither a target of the Makefile nor a script that can be run.
func checkRuns(t *testing.T, name, command string) {
	t.Helper()
	words := strings.Fields(command)
	switch info, err := os.Stat(filepath.Join("..", words[0])); {
	case words[0] == "make":
		if err := makeTarget(command); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	case words[0] == "choco":
	case err != nil || info.Mode()&0o111 == 0 && os.PathSeparator == '/':
		t.Errorf("%s: %s can't be run", name, command)
	}
}
