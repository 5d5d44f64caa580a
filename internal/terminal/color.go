package terminal

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
)

// A Color is when text is in colours: the value of a flag -color. The zero Color is Auto.
type Color string

// The values of the flag.
const (
	Auto   Color = "auto"
	Always Color = "always"
	Never  Color = "never"
)

// ColorUsage describes the flag.
const ColorUsage = "`when` to print in colours: auto, always or never. Auto is on a terminal, unless\n" +
	"NO_COLOR is set"

// Colors returns the values of the flag.
func Colors() []Color { return []Color{Auto, Always, Never} }

// String returns the value as it is written.
func (c *Color) String() string { return string(*c) }

// Set sets the value, or returns an error that names those there are.
func (c *Color) Set(value string) error {
	for _, known := range Colors() {
		if value == string(known) {
			*c = known
			return nil
		}
	}
	return fmt.Errorf("want %s, %s or %s", Auto, Always, Never)
}

// For returns the style of what is written to w. Unless the flag decides, NO_COLOR does if it
// is not empty (https://no-color.org), then CLICOLOR_FORCE if it is neither empty nor 0, and
// then whether w is a terminal.
func (c Color) For(w io.Writer) Style {
	switch c {
	case Always:
		return Style{true}
	case Never:
		return Style{}
	}
	force := os.Getenv("CLICOLOR_FORCE")
	switch {
	case os.Getenv("NO_COLOR") != "":
		return Style{}
	case force != "" && force != "0":
		return Style{true}
	}
	return Style{Is(w)}
}

// People reports whether people are likely to read what is written to w, rather than programs.
func (c Color) People(w io.Writer) bool { return c == Always || Is(w) }

// Is reports whether w is a terminal, or another character device, that follows escape
// sequences. It makes a Windows console follow them, if it can.
func Is(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && followsEscapes(f)
}

// A Style makes parts of a text stand out. The zero Style leaves them as they are. The
// text must be one that [Line] or a function like it has prepared: these would escape what a
// Style adds.
type Style struct{ on bool }

// Sequences that select how a terminal shows what follows.
const (
	bold     = "\x1b[1m"
	red      = "\x1b[31m"
	green    = "\x1b[32m"
	cyan     = "\x1b[36m"
	boldRed  = "\x1b[1;31m"
	boldCyan = "\x1b[1;36m"
	usual    = "\x1b[0m"
)

func (s Style) paint(how, text string) string {
	if !s.on || text == "" {
		return text
	}
	return how + text + usual
}

// Place returns the place of a diagnostic.
func (s Style) Place(text string) string { return s.paint(bold, text) }

// Error returns what says that something is an error, or where it is.
func (s Style) Error(text string) string { return s.paint(boldRed, text) }

// Note returns what says that something is no error, or where it is.
func (s Style) Note(text string) string { return s.paint(boldCyan, text) }

// Diff returns a unified diff.
func (s Style) Diff(diff []byte) []byte {
	if !s.on {
		return diff
	}
	var b bytes.Buffer
	header := true // the lines above the first hunk
	for line := range bytes.Lines(diff) {
		text := strings.TrimRight(string(line), "\r\n")
		header = header && text != "" && !strings.HasPrefix(text, "@")
		b.WriteString(s.lineOfDiff(text, header))
		b.Write(line[len(text):])
	}
	return b.Bytes()
}

func (s Style) lineOfDiff(text string, header bool) string {
	switch {
	case header:
		return s.paint(bold, text)
	case strings.HasPrefix(text, "@"):
		return s.paint(cyan, text)
	case strings.HasPrefix(text, "+"):
		return s.paint(green, text)
	case strings.HasPrefix(text, "-"):
		return s.paint(red, text)
	}
	return text
}
