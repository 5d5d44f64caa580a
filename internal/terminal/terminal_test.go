package terminal_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/internal/terminal"
)

func TestLine(t *testing.T) {
	is := is.New(t)
	for text, want := range map[string]string{
		"": "",
		"größe 日本　x, \\ \"quoted\" é\u0301": "größe 日本　x, \\ \"quoted\" é\u0301",
		"a\x1b[2Jb":                    `a\x1b[2Jb`,
		"a\nb\tc\rd\x00\x7f":           `a\nb\tc\x0dd\x00\x7f`,
		"\u0085\u009b":                 `\u0085\u009b`, // C1: as ESC [
		"\u202eevil\u202c\u2066\u2069": `\u202eevil\u202c\u2066\u2069`,
		"a\u200bb\u200d\u2060\ufeff":   `a\u200bb\u200d\u2060\ufeff`,
		"\u2028\u2029":                 `\u2028\u2029`,
		"\u3164\u034f\U000e0041":       `\u3164\u034f\U000e0041`, // seen as nothing
		"\xff\xc3(\ufffd":              `\xff\xc3(` + "\ufffd",
	} {
		is.Equal(terminal.Line(text), want)
	}
}

func TestLines(t *testing.T) {
	is := is.New(t)
	is.Equal(terminal.Lines("a\n\tb\r\x1b"), "a\n\tb\\x0d\\x1b")
	is.Equal(string(terminal.File([]byte("a\r\n\tb\r\r\n\x1b"))), "a\r\n\tb\\x0d\r\n\\x1b")
}

func TestMessage(t *testing.T) {
	is := is.New(t)
	is.Equal(terminal.Message("a\n"), `a\n`)
	is.Equal(terminal.Message("a\n\thave b\tc\n\nd"), "a\n\thave b\\tc\\n\\nd")
	long := terminal.Message("unknown key \"" + strings.Repeat("世", 1<<20) + "\": write another")
	is.True(len(long) < 2100)
	is.True(utf8.ValidString(long))
	is.True(strings.HasPrefix(long, "unknown key \"世"))
	is.True(strings.HasSuffix(long, "世\": write another"))
	is.True(strings.Contains(long, "世...世"))
}

func FuzzLine(f *testing.F) {
	f.Add("a\xff\u202e\n")
	f.Fuzz(func(t *testing.T, text string) {
		line := terminal.Line(text)
		if !utf8.ValidString(line) || strings.ContainsAny(line, "\n\r\t\x1b\u202e\u200b\u009b") {
			t.Errorf("%q", line)
		}
		if terminal.Line(line) != line {
			t.Errorf("%q is not printed as it is", line)
		}
	})
}

func TestPath(t *testing.T) {
	is := is.New(t)
	dir := filepath.Join(t.TempDir(), "a", "b")
	is.NoErr(os.MkdirAll(dir, 0o777))
	t.Chdir(dir)
	is.Equal(terminal.Path(filepath.Join(dir, "p", "p.go")), filepath.Join("p", "p.go"))
	is.Equal(terminal.Path(filepath.Join(dir, "..", "..", "p", "p.go")), filepath.Join("..", "..", "p", "p.go"))
	is.Equal(terminal.Path(filepath.Join(string(filepath.Separator), "p.go")),
		filepath.Join(string(filepath.Separator), "p.go"))
	is.Equal(terminal.Path("p.go"), "p.go")
}

// Through a symbolic link, .. leads elsewhere than the name of the working directory suggests.
func TestPathThroughLink(t *testing.T) {
	is := is.New(t)
	root := t.TempDir()
	is.NoErr(os.MkdirAll(filepath.Join(root, "real", "deep", "er"), 0o777))
	is.NoErr(os.MkdirAll(filepath.Join(root, "other"), 0o777))
	link := filepath.Join(root, "link")
	if err := os.Symlink(filepath.Join(root, "real", "deep"), link); err != nil {
		t.Skip(err)
	}
	t.Chdir(link) // which sets PWD, as a shell does
	if dir, err := os.Getwd(); err != nil || dir != link {
		t.Skip("the system resolves links")
	}
	is.Equal(terminal.Path(filepath.Join(link, "er", "p.go")), filepath.Join("er", "p.go"))
	is.Equal(terminal.Path(filepath.Join(root, "other", "p.go")), filepath.Join(root, "other", "p.go"))
	is.Equal(terminal.Path(filepath.Join(root, "real", "p.go")), filepath.Join(root, "real", "p.go"))
}
