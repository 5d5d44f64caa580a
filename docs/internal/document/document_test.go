package document_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matryer/is"
	"golang.org/x/tools/txtar"

	"github.com/plugingen/plugingen/docs/internal/document"
)

// Each archive in testdata is a document, and the first lines of the errors in it.

func TestParse(t *testing.T) {
	each(t, "testdata/parse/*.txtar", func(text string) error {
		_, err := document.Parse("doc.md", text)
		return err
	})
}

func TestRun(t *testing.T) {
	if testing.Short() {
		t.Skip("runs commands")
	}
	is := is.New(t)
	repository, origin := publish(t)
	env, err := document.Env(t.Context(), origin, t.TempDir())
	is.NoErr(err)
	runner := &document.Runner{Repository: repository, Origin: origin, Env: env}
	each(t, "testdata/run/*.txtar", func(text string) error {
		doc, err := document.Parse("doc.md", text)
		if err != nil {
			return err
		}
		return runner.Run(t.Context(), doc, t.TempDir())
	})
}

// publish makes a repository, and publishes it.
func publish(t *testing.T) (repository, origin string) {
	t.Helper()
	is := is.New(t)
	repository, origin = t.TempDir(), t.TempDir()
	out, err := exec.Command("git", "init", "--quiet", repository).CombinedOutput()
	is.NoErr(err) // git init
	is.Equal(string(out), "")
	is.NoErr(os.WriteFile(filepath.Join(repository, "README.md"), []byte("# plugingen\n"), 0o666))
	is.NoErr(os.WriteFile(filepath.Join(repository, "new.txt"), nil, 0o666))
	is.NoErr(document.Publish(t.Context(), repository, origin))
	return repository, origin
}

// A Runner follows several documents at once: what one tells its commands goes to those of no
// other, as it would in an array that they share.
func TestRunSharesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("runs commands")
	}
	is := is.New(t)
	_, origin := publish(t)
	doc, err := document.Parse("doc.md", "```sh\ntrue\n```\n")
	is.NoErr(err)
	env := append(make([]string, 0, 64), "PATH="+os.Getenv("PATH"))
	runner := &document.Runner{Origin: origin, Env: env}
	is.NoErr(runner.Run(t.Context(), doc, t.TempDir()))
	is.Equal(env[:2][1], "") // nothing was appended in place
}

func each(t *testing.T, pattern string, do func(text string) error) {
	t.Helper()
	archives, err := filepath.Glob(pattern)
	is.New(t).NoErr(err)
	for _, archive := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(archive), ".txtar"), func(t *testing.T) {
			is := is.New(t)
			files, err := txtar.ParseFile(archive)
			is.NoErr(err)
			is.Equal(len(files.Files), 2) // doc.md and errors
			is.Equal(firstLines(do(string(files.Files[0].Data))), string(files.Files[1].Data))
		})
	}
}

// firstLines returns the first line of each of the errors that err joins.
func firstLines(err error) string {
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) {
		return ""
	}
	var b strings.Builder
	for _, err := range joined.Unwrap() {
		line, _, _ := strings.Cut(err.Error(), "\n")
		b.WriteString(line + "\n")
	}
	return b.String()
}

func TestCheckSpan(t *testing.T) {
	is := is.New(t)
	program := filepath.Join(t.TempDir(), "tool")
	script := `#!/bin/sh
case "$*" in
-h) echo "  -C dir" ;;
"help check") printf '  -json\n  -n\tcount\n' ;;
"help keys") ;;
*) echo unknown $*; exit 2 ;;
esac
`
	is.NoErr(os.WriteFile(program, []byte(script), 0o777))
	tool := &document.Tool{Name: "tool", Program: program}
	for span, want := range map[string]string{
		"other -x":                "",
		"tool":                    "",
		"tool ./...":              "",
		"tool -C=x ./...":         "",
		"tool check -json ./...":  "",
		"tool check -n=3":         "",
		"go tool tool check -n 3": "",
		"tool help keys":          "",
		"tool -json":              "`tool -json`: tool has no flag -json",
		"tool check -jsn":         "`tool check -jsn`: tool check has no flag -jsn",
		"go tool tool chekc":      "`go tool tool chekc`: unknown help chekc",
		"tool help kees":          "`tool help kees`: unknown help kees",
	} {
		t.Run(span, func(t *testing.T) {
			is := is.New(t)
			got := ""
			if err := tool.CheckSpan(document.Span{Text: span}); err != nil {
				got = err.Error()
			}
			is.Equal(got, want)
		})
	}
}

func TestPipelineCommands(t *testing.T) {
	is := is.New(t)
	got := document.PipelineCommands(`
on: push
jobs:
  plugins:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: go tool plugingen check ./...
      - name: vet
        run: |
          # a comment
          go build ./...

          go tool pluginvet ./...
      - name: run
plugins:
  script:
    - go test ./...
    - go vet ./...
  rules: []
hooks:
  - id: plugingen
    entry: go tool plugingen check
`)
	is.Equal(got, []string{
		"go tool plugingen check ./...", "go build ./...", "go tool pluginvet ./...", "go test ./...", "go vet ./...",
		"go tool plugingen check",
	})
}
