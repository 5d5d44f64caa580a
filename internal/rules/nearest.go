package rules

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Names finds, among known names, the one that a misspelt word was probably meant to be.
//
// A word is taken for a misspelling of a name if at most one edit separates them, or two
// in a word of eight characters or more. An edit is an inserted, deleted or substituted
// character, or two neighbours that changed places. Case is ignored. A single character
// is no misspelling of another.
type Names struct {
	list   []candidate // sorted by name
	known  map[string]bool
	budget int
}

type candidate struct {
	name    string
	lower   []rune
	letters uint64
}

// A Names compares words with names at most nearestBudget times, or nearestWords times the
// number of names if that is more. Then it has no more suggestions, so that the work stays linear.
const (
	nearestBudget = 20_000
	nearestWords  = 20
)

// NewNames returns a Names for the known names. It is not safe for concurrent use.
func NewNames(known []string) *Names {
	n := &Names{known: make(map[string]bool, len(known))}
	for _, k := range known {
		if !n.known[k] {
			n.known[k] = true
			lower := []rune(strings.ToLower(k))
			n.list = append(n.list, candidate{k, lower, letters(lower)})
		}
	}
	slices.SortFunc(n.list, func(a, b candidate) int { return cmp.Compare(a.name, b.name) })
	n.budget = max(nearestBudget, nearestWords*len(n.list))
	return n
}

// Nearest returns the known name that the word is a misspelling of: the one with the
// fewest edits, and of several the first in order. It returns "" if there is none, or if
// the word itself is known. Use it to complete the message of an error.
func (n *Names) Nearest(word string) string {
	if n.known[word] || n.budget < len(n.list) {
		return ""
	}
	n.budget -= len(n.list)
	lower := []rune(strings.ToLower(word))
	best, limit, set := "", editsAllowed(len(lower)), letters(lower)
	for _, c := range n.list {
		// An edit replaces at most one letter by another.
		if limit < 0 || bits.OnesCount64(c.letters^set) > 2*limit {
			continue
		}
		if d := distance(lower, c.lower, limit); d <= limit {
			best, limit = c.name, d-1 // from here on only a nearer one counts
		}
	}
	return best
}

// NearestIfMisspelt returns what Nearest does if that leaves no doubt that the word is
// misspelt: the word has three characters or more, and the name has the same digits, since
// region1 and region2 are different on purpose. Otherwise it returns "". Use it to decide
// whether a word that may be right is an error.
func (n *Names) NearestIfMisspelt(word string) string {
	near := n.Nearest(word)
	if utf8.RuneCountInString(word) < 3 || digitsOf(near) != digitsOf(word) {
		return ""
	}
	return near
}

// Nearest is [Names.Nearest] for a single word.
func Nearest(word string, known []string) string { return NewNames(known).Nearest(word) }

// NearestOrCompletion returns the known name that a word was probably meant to be: the
// nearest one, or else the only one that begins with the word. It returns "" if there is none.
func NearestOrCompletion(word string, known []string) string {
	return cmp.Or(Nearest(word, known), Completion(word, known))
}

// DidYouMean returns what a message ends with that has a suggestion, as in ` (did you mean
// "name"?)`. It returns "" if there is none.
func DidYouMean(near string) string {
	if near == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", near)
}

// Completion returns the only known name that begins with the word, or "" if there is
// none, or more than one, or the word has less than three characters.
func Completion(word string, known []string) string {
	found := ""
	for _, k := range known {
		if len(word) < 3 || !strings.HasPrefix(k, word) || k == found {
			continue
		}
		if found != "" {
			return ""
		}
		found = k
	}
	return found
}

// Alike reports whether at most limit edits, which is at most two, turn one word into
// the other.
func Alike(a, b string, limit int) bool {
	return distance([]rune(a), []rune(b), limit) <= limit
}

// editsAllowed returns how many edits make a misspelling of a word of the length.
func editsAllowed(length int) int {
	switch {
	case length < 2:
		return 0
	case length < 8:
		return 1
	}
	return maxEdits
}

func digitsOf(word string) string {
	var digits []rune
	for _, r := range word {
		if unicode.IsDigit(r) {
			digits = append(digits, r)
		}
	}
	return string(digits)
}

// letters returns a set of the word's characters, in which several can share a bit.
func letters(word []rune) (set uint64) {
	for _, r := range word {
		set |= 1 << (uint32(r) % 64)
	}
	return set
}

// maxEdits is the largest limit of distance.
const maxEdits = 2

// distance returns how many edits turn a into b (optimal string alignment), or limit+1
// if they are more than limit. It takes time linear in the length of the words, since
// it looks only at the diagonals within the limit; libraries compute the whole matrix.
func distance(a, b []rune, limit int) int {
	tooMany := limit + 1
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return tooMany
	}
	// Cell zero+d of row i is the distance of a[:i] and b[:i+d]. The cells at both ends
	// are never within the limit.
	const zero = maxEdits + 1
	type cells [2*zero + 1]int
	var far cells
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
