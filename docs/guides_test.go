package docs_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/docs/internal/document"
)

// notYet are the documents of an earlier form, which are being rewritten.
var notYet = []string{"README.md", "docs/options.md"}

// documents returns the texts of README.md and the guides, by their paths in the repository.
func documents(t *testing.T) map[string]string {
	t.Helper()
	is := is.New(t)
	paths, err := filepath.Glob("*.md")
	is.NoErr(err)
	docs := map[string]string{}
	for _, path := range append(paths, "../README.md") {
		text, err := os.ReadFile(path)
		is.NoErr(err)
		if name := filepath.ToSlash(filepath.Join("docs", path)); !slices.Contains(notYet, name) {
			docs[name] = string(text)
		}
	}
	return docs
}

// report reports each of the errors that err joins.
func report(t *testing.T, err error) {
	t.Helper()
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		for _, err := range joined.Unwrap() {
			t.Error(err)
		}
	} else if err != nil {
		t.Error(err)
	}
}

// TestDocuments follows each document from its beginning to its end, as a reader would.
// With -short it only reads them.
func TestDocuments(t *testing.T) {
	is := is.New(t)
	repository, err := filepath.Abs("..")
	is.NoErr(err)
	runner := &document.Runner{Repository: repository, Origin: t.TempDir()}
	if !testing.Short() {
		is.NoErr(document.Publish(t.Context(), repository, runner.Origin))
		runner.Env, err = document.Env(t.Context(), runner.Origin)
		is.NoErr(err)
	}
	for name, text := range documents(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			doc, err := document.Parse(name, text)
			report(t, err)
			if err == nil && !testing.Short() {
				report(t, runner.Run(t.Context(), doc, t.TempDir()))
			}
		})
	}
}

// TestCommands has every command that documents name in a sentence, with its flags.
func TestCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the commands")
	}
	is := is.New(t)
	dir := t.TempDir()
	var tools []*document.Tool
	for _, name := range []string{"plugingen", "pluginvet"} {
		program := filepath.Join(dir, name)
		out, err := exec.Command("go", "build", "-o", program, "../cmd/"+name).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		tools = append(tools, &document.Tool{Name: name, Program: program})
	}
	makefile, err := os.ReadFile("../Makefile")
	is.NoErr(err)
	for name, text := range documents(t) {
		doc, _ := document.Parse(name, text) // errors are those of TestDocuments
		for _, span := range doc.Spans {
			for _, tool := range tools {
				if err := tool.CheckSpan(span); err != nil {
					t.Errorf("%s:%d: %v", name, span.Line, err)
				}
			}
			if target, ok := strings.CutPrefix(span.Text, "make "); ok &&
				!regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(target)+`:`).Match(makefile) {
				t.Errorf("%s:%d: the Makefile has no target %s", name, span.Line, target)
			}
		}
	}
}
