package analyzer

import (
	"slices"
	"strings"
	"unicode"
)

// nearMiss returns the known word that another is a slip of, "" if there is none
// or the word is known. Words that differ in digits are meant to be different, and
// so are short ones.
func nearMiss(word string, known []string) string {
	if slices.Contains(known, word) {
		return ""
	}
	best, found := max(min(2, len(word)/4), min(1, len(word)/3))+1, ""
	for _, k := range known {
		if digits(k) != digits(word) {
			continue
		}
		if d := distance(word, k); d < best || d == best && found != "" && k < found {
			best, found = d, k
		}
	}
	return found
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// distance is the number of insertions, deletions and substitutions that turn a
// into b.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	last := make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		row := []int{i + 1}
		for j := range t {
			cost := 1
			if s[i] == t[j] {
				cost = 0
			}
			row = append(row, min(last[j+1]+1, row[j]+1, last[j]+cost))
		}
		last = row
	}
	return last[len(t)]
}
