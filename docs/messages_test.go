package docs_test

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// reporting are the directories whose code makes diagnostics.
var reporting = []string{
	"../annotate", "../gen", "../internal/options", "../internal/rules", "../internal/source", "../analyzer",
}

// TestEveryMessage finds the texts in code that makes diagnostics, and looks for each in the
// messages of checks/*.md: each has an example there, or is in testdata/nomessages.txt, which
// lists texts of other kinds, with the reason for each group.
func TestEveryMessage(t *testing.T) {
	var printed strings.Builder
	for _, page := range checkPages(t) {
		for _, s := range page.sections {
			printed.WriteString(s.printed.text)
		}
	}
	others := listed(t, "testdata/nomessages.txt")
	found := map[string]bool{}
	for at, text := range texts(t) {
		found[text] = true
		if !slices.Contains(others, text) && !pattern(text).MatchString(printed.String()) {
			t.Errorf("%s: no example on a page of checks has %q:\nadd one to checks/<category>.md, with an empty "+
				"text block, and run go test ./docs -run 'TestChecks|TestIndex' -update-checks;\nif it is no "+
				"diagnostic, add it to testdata/nomessages.txt", at, text)
		}
	}
	for _, text := range others {
		switch {
		case !found[text]:
			t.Errorf("testdata/nomessages.txt: nothing has the text %q", text)
		case pattern(text).MatchString(printed.String()):
			t.Errorf("testdata/nomessages.txt: an example has the text %q", text)
		}
	}
}

// listed returns the lines of a file that are quoted.
func listed(t *testing.T, name string) (texts []string) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if text, err := strconv.Unquote(strings.TrimSpace(line)); err == nil {
			texts = append(texts, text)
		}
	}
	return texts
}

var verb = regexp.MustCompile(`%[+#]?(\[\d\])?[a-z]`)

// pattern returns a regular expression for what a text prints: verbs stand for anything.
func pattern(text string) *regexp.Regexp {
	var b strings.Builder
	for i, part := range verb.Split(text, -1) {
		if i > 0 {
			b.WriteString(`(.|\n)*?`)
		}
		b.WriteString(strings.ReplaceAll(regexp.QuoteMeta(strings.ReplaceAll(part, "%%", "%")), "\n\t", "\n    "))
	}
	return regexp.MustCompile(b.String())
}

// texts returns the constant texts of several words in code that makes diagnostics, by position.
func texts(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	fset := token.NewFileSet()
	for _, dir := range reporting {
		err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && slices.Contains([]string{"testdata", "rulestest", "integration"}, d.Name()):
				return fs.SkipDir
			case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
				return nil
			}
			f, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if e, ok := n.(ast.Expr); ok {
					if text, ok := constantText(e); ok {
						if len(strings.Fields(verb.ReplaceAllString(text, ""))) > 2 {
							all[fset.Position(e.Pos()).String()] = text
						}
						return false
					}
				}
				_, tag := n.(*ast.Field)
				return !tag
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// constantText returns the value of a literal, or of literals that are joined.
func constantText(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			return constant.StringVal(constant.MakeFromLiteral(e.Value, e.Kind, 0)), true
		}
	case *ast.BinaryExpr:
		x, ok1 := constantText(e.X)
		y, ok2 := constantText(e.Y)
		return x + y, ok1 && ok2
	}
	return "", false
}

// refersTo reports whether a file has a selector of a package's name.
func refersTo(f *ast.File, pkg string) bool {
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && id.Name == pkg {
				found = true
			}
		}
		return !found
	})
	return found
}
