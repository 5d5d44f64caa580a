package analyzer

import (
	"slices"
	"strings"
	"unicode"

	"github.com/plugingen/plugingen/annotate"
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
		if d := annotate.Distance(word, k); d < best || d == best && found != "" && k < found {
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
