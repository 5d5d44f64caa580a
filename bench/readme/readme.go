// Package readme replaces parts of a Markdown file that a program writes and nobody edits.
package readme

import (
	"bytes"
	"fmt"
	"os"
)

// Replace replaces what is between <!-- begin name --> and <!-- end name -->.
func Replace(file, name string, content []byte) error {
	src, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	begin, end := fmt.Sprintf("<!-- begin %s -->\n", name), fmt.Sprintf("<!-- end %s -->", name)
	head, rest, found := bytes.Cut(src, []byte(begin))
	_, tail, ended := bytes.Cut(rest, []byte(end))
	if !found || !ended {
		return fmt.Errorf("%s has no place for %s: write %s and %s into it", file, name, begin[:len(begin)-1], end)
	}
	return os.WriteFile(file, fmt.Appendf(nil, "%s%s%s%s%s", head, begin, content, end, tail), 0o644)
}
