package document

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// varying is what differs from run to run, with what is compared in its place.
var varying = []struct {
	pattern *regexp.Regexp
	text    string
}{
	{regexp.MustCompile(`\b\d+(\.\d+)? ?(ns|µs|ms|s)\b|\(cached\)`), "<duration>"},
	{regexp.MustCompile(`\bgo1\.\d+(\.\d+)?\b`), "<go version>"},
	{regexp.MustCompile(`(?m)^go: downloading .*\n`), ""},
	{regexp.MustCompile(`(?m)[ \t]+$`), ""},
}

func normalize(text string) string {
	for _, v := range varying {
		text = v.pattern.ReplaceAllString(text, v.text)
	}
	return strings.TrimRight(text, "\n")
}

// sameOutput reports whether commands printed what a document says. In the document, ...
// stands for any number of lines where it is a line of its own, and for anything within a line.
func sameOutput(want, got string) bool {
	return matchLines(strings.Split(normalize(want), "\n"), strings.Split(normalize(got), "\n"), sameLine)
}

func sameLine(want, got string) bool {
	first, rest, elided := strings.Cut(want, "...")
	if !elided {
		return want == got
	}
	got, ok := strings.CutPrefix(got, first)
	if !ok {
		return false
	}
	for i := range len(got) + 1 {
		if sameLine(rest, got[i:]) {
			return true
		}
	}
	return false
}

// matchLines reports whether each line is the same as its counterpart.
func matchLines(want, got []string, same func(want, got string) bool) bool {
	if len(want) == 0 {
		return len(got) == 0
	}
	if isEllipsis(want[0]) {
		for i := range len(got) + 1 {
			if matchLines(want[1:], got[i:], same) {
				return true
			}
		}
		return false
	}
	return len(got) > 0 && same(want[0], got[0]) && matchLines(want[1:], got[1:], same)
}

func isEllipsis(line string) bool {
	line = strings.TrimSpace(line)
	return line == "..." || line == "// ..." || line == "# ..."
}

// excerptError returns an error unless the lines of an excerpt are in a text, one after the
// other but for those that an ellipsis stands for. White space around lines is ignored.
func excerptError(excerpt, text string) error {
	part, all := trimmed(excerpt), trimmed(text)
	for _, line := range part {
		if !isEllipsis(line) && !slices.Contains(all, line) {
			return fmt.Errorf("the file has no such line: %s", line)
		}
	}
	want := slices.Concat([]string{"..."}, part, []string{"..."})
	if !matchLines(want, all, func(want, got string) bool { return want == got }) {
		return errors.New("the file has these lines, but not one after the other; a line ... stands for others")
	}
	return nil
}

func trimmed(text string) []string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return lines
}

// patch returns a text with a unified diff applied to it. Each hunk is looked for by its
// lines, and not by the numbers after @@, which may be left out.
func patch(text, diff string) (string, error) {
	lines := strings.Split(text, "\n")
	from := 0
	for i, hunk := range hunks(diff) {
		at, err := find(lines, hunk.old, from)
		if err != nil {
			return "", fmt.Errorf("hunk %d: %w", i+1, err)
		}
		lines = slices.Replace(lines, at, at+len(hunk.old), hunk.new...)
		from = at + len(hunk.new)
	}
	return strings.Join(lines, "\n"), nil
}

type hunk struct{ old, new []string }

func hunks(diff string) []hunk {
	var all []hunk
	var h hunk
	for line := range strings.Lines(diff) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "--- "), strings.HasPrefix(line, "+++ "):
		case strings.HasPrefix(line, "@@"):
			if len(h.old)+len(h.new) > 0 {
				all = append(all, h)
			}
			h = hunk{}
		case strings.HasPrefix(line, "+"):
			h.new = append(h.new, line[1:])
		case strings.HasPrefix(line, "-"):
			h.old = append(h.old, line[1:])
		default:
			line = strings.TrimPrefix(line, " ")
			h.old, h.new = append(h.old, line), append(h.new, line)
		}
	}
	return append(all, h)
}

// find returns the index of the only place, not before from, where the lines are.
func find(lines, want []string, from int) (int, error) {
	found := -1
	for i := from; i+len(want) <= len(lines); i++ {
		if !slices.Equal(lines[i:i+len(want)], want) {
			continue
		}
		if found >= 0 {
			return 0, fmt.Errorf("the file has its lines more than once: add lines around the change")
		}
		found = i
	}
	if found < 0 || len(want) == 0 {
		return 0, fmt.Errorf("the file does not have these lines:\n%s", strings.Join(want, "\n"))
	}
	return found, nil
}
