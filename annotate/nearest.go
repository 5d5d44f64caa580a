package annotate

import "strings"

// Nearest returns the known word that is fewest edits from word, if they are few
// enough for a slip of the finger: one in three characters, and one at least. Failing
// that, it returns the only known word that begins with word.
func Nearest(word string, known []string) string {
	best, found := max(len(word)/3, 1)+1, ""
	for _, k := range known {
		if d := Distance(strings.ToLower(word), strings.ToLower(k)); d < best {
			best, found = d, k
		}
	}
	if found == "" && len(word) > 2 {
		return onlyPrefixed(word, known)
	}
	return found
}

func onlyPrefixed(word string, known []string) string {
	found := ""
	for _, k := range known {
		if strings.HasPrefix(k, word) {
			if found != "" {
				return ""
			}
			found = k
		}
	}
	return found
}

// Distance is the number of insertions, deletions, substitutions and
// transpositions of neighbours that turn a into b (optimal string alignment).
func Distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	var before []int
	last := make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		row := make([]int, len(t)+1)
		row[0] = i + 1
		for j := range t {
			cost := 1
			if s[i] == t[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(t)]
}
