package docs_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/docs/internal/document"
)

// documents returns the texts of README.md and the guides, by their paths in the repository.
func documents(t *testing.T) map[string]string {
	t.Helper()
	is := is.New(t)
	paths, err := filepath.Glob("*.md")
	is.NoErr(err)
	docs := map[string]string{}
	for _, path := range append(paths, "../README.md", "../CONTRIBUTING.md") {
		text, err := os.ReadFile(path)
		is.NoErr(err)
		docs[filepath.ToSlash(filepath.Join("docs", path))] = string(text)
	}
	return docs
}

// allDocuments returns the documents of the whole repository, also those that are not followed.
func allDocuments(t *testing.T) map[string]string {
	t.Helper()
	docs := map[string]string{}
	root := os.DirFS("..")
	is.New(t).NoErr(fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git"):
			return fs.SkipDir
		case path.Ext(name) == ".md":
			text, err := fs.ReadFile(root, name)
			docs[name] = string(text)
			return err
		}
		return nil
	}))
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
		runner.Env, err = document.Env(t.Context(), runner.Origin, t.TempDir())
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
	for name, text := range allDocuments(t) {
		doc, _ := document.Parse(name, text) // errors are those of TestDocuments
		for _, span := range doc.Spans {
			err := makeTarget(span.Text)
			for _, tool := range tools {
				err = errors.Join(err, tool.CheckSpan(span))
			}
			if err != nil {
				t.Errorf("%s:%d: %v", name, span.Line, err)
			}
		}
	}
}

// TestPipelines has the commands of continuous integration, as documents configure it, among
// those that a document runs.
func TestPipelines(t *testing.T) {
	run := map[string]bool{}
	var docs []*document.Document
	for name, text := range documents(t) {
		doc, _ := document.Parse(name, text) // errors are those of TestDocuments
		docs = append(docs, doc)
		for _, block := range doc.Blocks {
			if block.Language == "sh" {
				for line := range strings.Lines(block.Text) {
					run[strings.TrimSpace(line)] = true
				}
			}
		}
	}
	for _, doc := range docs {
		for _, block := range doc.Blocks {
			if block.Language != "yaml" {
				continue
			}
			for _, command := range document.PipelineCommands(block.Text) {
				if !run[command] {
					t.Errorf("%s:%d: no document runs this command: %s", doc.Path, block.Line, command)
				}
			}
		}
	}
}

// makeTarget returns an error if the command runs make for what the Makefile does not have.
func makeTarget(command string) error {
	words := strings.Fields(command)
	if len(words) < 2 || words[0] != "make" {
		return nil
	}
	dir, words := "..", words[1:]
	if words[0] == "-C" && len(words) > 2 {
		dir, words = filepath.Join(dir, words[1]), words[2:]
	}
	makefile, err := os.ReadFile(filepath.Join(dir, "Makefile"))
	if err == nil && !strings.Contains(string(makefile), "\n"+words[0]+":") {
		err = fmt.Errorf("`%s`: the Makefile has no target %s", command, words[0])
	}
	return err
}

// TestFiguresAreThoseOfTheBenchmarks has what the README says that plugingen costs in the tables of the benchmarks.
func TestFiguresAreThoseOfTheBenchmarks(t *testing.T) {
	is := is.New(t)
	readme, err := os.ReadFile("../README.md")
	is.NoErr(err)
	tables, err := os.ReadFile("../bench/README.md")
	is.NoErr(err)
	_, costs, _ := strings.Cut(string(readme), "## What it costs\n")
	costs, _, _ = strings.Cut(costs, "\n## ")
	figures := regexp.MustCompile(`\*\*([^*]+)\*\*`).FindAllStringSubmatch(costs, -1)
	is.True(len(figures) > 0)
	for _, figure := range figures {
		// The tables have the range before the unit: 24.0 (16.9–30.8) ms.
		number, unit, _ := strings.Cut(regexp.QuoteMeta(figure[1]), " ")
		if !regexp.MustCompile(number + `( \([^)]*\))? ` + unit).Match(tables) {
			t.Errorf("README.md: %s is not in bench/README.md", figure[1])
		}
	}
}
