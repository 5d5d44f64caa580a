// Package terminal prepares what comes from files for people to read. Names, comments and
// lines of source are written by others: what is printed of them must not move the cursor,
// change the order in which a line is read, or hide a part of it.
package terminal

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line returns text as it is printed on a line: control characters, invisible ones, those
// that change the direction of writing, and bytes that are no UTF-8 are written as Go's
// escapes.
func Line(text string) string { return escape(text, "") }

// Lines is like Line, but keeps line breaks and tabs.
func Lines(text string) string { return escape(text, "\n\t") }

// maxMessage is about how many bytes of a message are printed.
const maxMessage = 2000

// Message returns a message as it is printed, without the middle of one that quotes something
// very long. Of line breaks it keeps those before a tab: what is quoted can't look like a
// message of its own.
func Message(text string) string {
	if len(text) > maxMessage {
		head := strings.ToValidUTF8(text[:maxMessage*2/3], "")
		tail := strings.ToValidUTF8(text[len(text)-maxMessage/3:], "")
		text = head + "..." + tail
	}
	lines := strings.Split(text, "\n\t")
	for i := range lines {
		lines[i] = Line(lines[i])
	}
	return strings.Join(lines, "\n\t")
}

// File is like Lines for the contents of a file, whose lines may end in CRLF.
func File(src []byte) []byte {
	text := string(src)
	if !strings.Contains(text, "\r\n") {
		return []byte(Lines(text))
	}
	lines := strings.Split(text, "\r\n")
	for i := range lines {
		lines[i] = Lines(lines[i])
	}
	return []byte(strings.Join(lines, "\r\n"))
}

func escape(text, keep string) string {
	if printable(text, keep) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case shown(r, size) || strings.ContainsRune(keep, r):
			b.WriteString(text[i : i+size])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == utf8.RuneError && size == 1, r < utf8.RuneSelf:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		i += size
	}
	return b.String()
}

func printable(text, keep string) bool {
	for i, r := range text {
		size := 1
		if r == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(text[i:])
		}
		if !shown(r, size) && !strings.ContainsRune(keep, r) {
			return false
		}
	}
	return true
}

// shown reports whether a character of so many bytes can be seen where it is.
func shown(r rune, size int) bool {
	switch {
	case r < utf8.RuneSelf:
		return r >= ' ' && r != 0x7f
	case r == utf8.RuneError && size == 1:
		return false
	}
	return unicode.IsGraphic(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// Chdir has led from the directory in which the program was started to another.
var started, changed string

// Chdir changes the working directory, as a flag -C says. Whoever reads what the program prints is
// still in the directory in which it was started.
func Chdir(dir string) error {
	from := Dir()
	if err := os.Chdir(dir); err != nil {
		return err
	}
	var err error
	started = from
	changed, err = os.Getwd()
	return err
}

// Dir returns the directory in which the program was started, "" if it is not known.
func Dir() string {
	dir, _ := os.Getwd()
	if dir == changed && started != "" {
		return started
	}
	return dir
}

// Path returns a file's name as the go command prints it: relative to the directory in which the
// program was started, if that is shorter and names the same file.
func Path(file string) string { return relative(Dir(), file) }

// Here returns the name of a file or directory for a command that is run where -C leads.
func Here(file string) string {
	dir, _ := os.Getwd()
	return relative(dir, file)
}

func relative(dir, file string) string {
	rel, err := filepath.Rel(dir, file)
	if err != nil || len(rel) >= len(file) || !goesUp(dir, rel) {
		return file
	}
	return rel
}

// goesUp reports whether the .. that a relative name begins with lead where the name of the
// directory suggests. They need not if a symbolic link is in it, since the system
// follows the link before it goes up.
func goesUp(dir, rel string) bool {
	up := dir
	for name := range strings.SplitSeq(filepath.ToSlash(rel), "/") {
		if name != ".." {
			break
		}
		up, dir = up+string(filepath.Separator)+"..", filepath.Dir(dir) // not joined, which follows no link
	}
	if up == dir {
		return true
	}
	a, errA := os.Stat(up)
	b, errB := os.Stat(dir)
	return errA == nil && errB == nil && os.SameFile(a, b)
}
