package language

import (
	"errors"
	"strings"
	"testing"

	"github.com/matryer/is"
)

// TestWriteHelp checks that the help has all keys, in lines that fit a terminal.
func TestWriteHelp(t *testing.T) {
	is := is.New(t)
	var b strings.Builder
	is.NoErr(WriteHelp(&b))
	directives, options, _ := strings.Cut(b.String(), "\nOPTIONS\n")
	for _, k := range keys {
		part, other, head := directives, options, k.Example()
		if k.On == OnOption {
			part, other = options, directives
		}
		if k.Kind == OptionValue {
			head = "option, " + head
		}
		is.Equal(strings.Count(part, "\n  "+head+"\n"), 1) // the key has an entry
		is.Equal(strings.Count(other, "\n  "+head+"\n"), 0)
		is.True(strings.Contains(strings.Join(strings.Fields(part), " "), strings.Join(strings.Fields(k.Doc), " ")))
	}
	for line := range strings.Lines(b.String()) {
		is.True(len(line) <= 100) // no line is too long
		is.Equal(strings.TrimRight(line, " \t\n")+"\n", line)
	}
}

// TestHelpIsWrapped checks that lines of text are as long as they can be, and no longer.
func TestHelpIsWrapped(t *testing.T) {
	is := is.New(t)
	is.Equal(wrapped("a bb ccc dddd", "  ", 9), "  a bb\n  ccc\n  dddd\n")
	is.Equal(wrapped("a bb ccc dddd", "  ", 10), "  a bb ccc\n  dddd\n")
	is.Equal(wrapped("longer than that", "  ", 4), "  longer\n  than\n  that\n")
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestWriteHelpError(t *testing.T) {
	is := is.New(t)
	is.True(WriteHelp(brokenPipe{}) != nil) // the writer's error is returned
}

// No word is for two keys, or is a key.
func TestWordsForKeys(t *testing.T) {
	for _, k := range keys {
		for _, alike := range k.alike {
			is := is.New(t)
			is.Equal(KeyMeant(alike, k.On), k.Name)
			_, known := KeyNamed(alike)
			is.True(!known)
		}
	}
}
