package terminal_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/matryer/is"

	"github.com/plugingen/plugingen/internal/terminal"
)

func TestColor(t *testing.T) {
	for _, test := range []struct {
		flag           terminal.Color
		noColor, force string
		want           bool
	}{
		{"", "", "", false}, // since it is no terminal
		{terminal.Auto, "", "", false},
		{terminal.Always, "1", "", true},
		{terminal.Never, "", "1", false},
		{terminal.Auto, "", "1", true},
		{terminal.Auto, "", "0", false},
		{terminal.Auto, "0", "1", false},
	} {
		is := is.New(t)
		t.Setenv("NO_COLOR", test.noColor)
		t.Setenv("CLICOLOR_FORCE", test.force)
		text := test.flag.For(&bytes.Buffer{}).Place("p.go:1:1")
		is.Equal(strings.Contains(text, "\x1b"), test.want)
		is.True(strings.Contains(text, "p.go:1:1"))
	}
}

func TestDiff(t *testing.T) {
	is := is.New(t)
	const diff = "diff a b\n--- a\n+++ b\n@@ -1,2 +1,2 @@\n same\n--- gone\r\n+new"
	is.Equal(string(terminal.Style{}.Diff([]byte(diff))), diff)
	is.Equal(string(terminal.Always.For(nil).Diff([]byte(diff))),
		"\x1b[1mdiff a b\x1b[0m\n\x1b[1m--- a\x1b[0m\n\x1b[1m+++ b\x1b[0m\n\x1b[36m@@ -1,2 +1,2 @@\x1b[0m\n"+
			" same\n\x1b[31m--- gone\x1b[0m\r\n\x1b[32m+new\x1b[0m")
}

func TestPipeIsNoTerminal(t *testing.T) {
	is := is.New(t)
	r, w, err := os.Pipe()
	is.NoErr(err)
	defer r.Close()
	defer w.Close()
	is.True(!terminal.Is(w))
	is.True(!terminal.Is(&bytes.Buffer{}))
}
