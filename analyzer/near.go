package analyzer

import "github.com/plugingen/plugingen/internal/rules"

// slips finds the known word that another was meant to be. Something is reported
// because of it, and not only suggested in a report, so that words of less than three
// characters, which are easily alike, are left alone.
type slips struct{ known *rules.Names }

func slipsOf(known []string) slips { return slips{rules.NewNames(known)} }

// meant returns the known word that another is a slip of, or "" if there is none.
func (s slips) meant(word string) string {
	if len(word) < 3 {
		return ""
	}
	return s.known.Nearest(word)
}
