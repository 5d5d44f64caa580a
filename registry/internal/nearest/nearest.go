// Package nearest is about names in messages: which one a misspelt name was meant to be, and
// lists of those that there are. Package registry and package config share it.
package nearest

import (
	"fmt"
	"strings"
)

// Name returns the one of the names that another is a misspelling of, or "" if there is
// none. At most one edit separates the two, or two in a word of eight characters or more.
// A single character is no misspelling of another. Of several names it returns the one
// with the fewest edits, and of those the first: names are sorted. Package rules has the
// same rule for generator and checker.
func Name(name string, names []string) string {
	word, best := []rune(strings.ToLower(name)), ""
	limit := min(len(word)-1, 1)
	if len(word) >= 8 {
		limit = maxEdits
	}
	for _, candidate := range names {
		if limit < 0 {
			break
		}
		if d := distance(word, []rune(strings.ToLower(candidate)), limit); d <= limit {
			best, limit = candidate, d-1 // from here on only a nearer one counts
		}
	}
	return best
}

// maxEdits is the largest limit of distance.
const maxEdits = 2

// distance returns how many edits turn a into b: insertions, deletions, substitutions,
// and exchanges of neighbours. It returns limit+1 if they are more than limit, and
// looks only at the diagonals of the matrix that are within it.
func distance(a, b []rune, limit int) int {
	tooMany := limit + 1
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return tooMany
	}
	// Cell zero+d of row i is the distance of a[:i] and b[:i+d]. The cells at both ends
	// are never within the limit.
	const zero = maxEdits + 1
	var far [2*zero + 1]int
	for k := range far {
		far[k] = tooMany
	}
	before, last := far, far
	for d := range limit + 1 {
		last[zero+d] = d
	}
	for i := 1; i <= len(a); i++ {
		row, least := far, tooMany
		for d := max(-limit, -i); d <= min(limit, len(b)-i); d++ {
			j, k := i+d, zero+d
			edits := min(last[k+1], row[k-1]) + 1
			if j > 0 && a[i-1] == b[j-1] {
				edits = min(edits, last[k])
			} else if j > 0 {
				edits = min(edits, last[k]+1)
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				edits = min(edits, before[k]+1)
			}
			row[k] = min(edits, tooMany)
			least = min(least, row[k])
		}
		if least == tooMany {
			return tooMany
		}
		before, last = last, row
	}
	return last[zero+len(b)-len(a)]
}

// List lists names for a message: at most twenty, and how many more there are.
func List(names []string) string { return ListFunc(len(names), func(i int) string { return names[i] }) }

// ListFunc is [List] for n names, of which it calls name for the first.
func ListFunc(n int, name func(i int) string) string {
	const most = 20
	var list []string
	for i := range min(most, n) {
		list = append(list, name(i))
	}
	text := strings.Join(list, ", ")
	if n > most {
		text += fmt.Sprintf(", and %d more", n-most)
	}
	return text
}
