package rules_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/plugingen/plugingen/internal/rules"
)

// TestGlobIsARegularExpression compares globs with the regular expressions that they
// stand for, as fnmatch.translate has them.
func TestGlobIsARegularExpression(t *testing.T) {
	for range 30_000 {
		glob := text([]string{
			"a", "b", "*", "?", "[ab]", "[!a]", "[a-c]", "[b-]", "[]]", "[!]a]", "/", ".",
			"^", `\`,
		}, 6)
		s := text([]string{"a", "b", "c", "d", "/", ".", "]", "-", ":", "é", "^", `\`}, 6)
		if got, want := rules.Glob(glob).Match(s), translate(glob).MatchString(s); got != want {
			t.Fatalf("%q matches %q: %v", glob, s, got)
		}
		if err := rules.Glob(glob).Check(); err != nil {
			t.Fatalf("%q: %v", glob, err)
		}
	}
}

func translate(glob string) *regexp.Regexp {
	var b strings.Builder
	for glob != "" {
		end := strings.IndexByte(glob, ']')
		switch {
		case glob[0] == '*':
			b.WriteString(`.*`)
		case glob[0] == '?':
			b.WriteString(`.`)
		case glob[0] == '[' && end >= 0:
			from := 1
			if strings.HasPrefix(glob, "[!") {
				from = 2
			}
			if end == from {
				end += 1 + strings.IndexByte(glob[end+1:], ']')
			}
			set := strings.ReplaceAll(glob[from:end], "]", `\]`)
			b.WriteString("[" + strings.Repeat("^", from-1) + set + "]")
			glob = glob[end+1:]
			continue
		default:
			b.WriteString(regexp.QuoteMeta(glob[:1]))
		}
		glob = glob[1:]
	}
	return regexp.MustCompile("(?s)^" + b.String() + "$")
}

func TestGlobTakesLinearTime(t *testing.T) {
	// It would not end if each asterisk tried all that the others leave.
	if rules.Glob(strings.Repeat("*a", 50) + "b").Match(strings.Repeat("a", 10_000)) {
		t.Error("matches")
	}
}

func FuzzGlob(f *testing.F) {
	f.Add("*[!a-b]?", "xyz")
	f.Add("[", "[")
	f.Fuzz(func(t *testing.T, glob, text string) {
		rules.Glob(glob).Match(text)
		if err := rules.Glob(glob).Check(); err != nil && !strings.Contains(glob, "[") {
			t.Errorf("%q: %v", glob, err)
		}
		if !strings.ContainsAny(text, "*?[") && !rules.Glob(text).Match(text) {
			t.Errorf("%q does not match itself", text)
		}
	})
}
