package report

import "fmt"

// most is how many findings of one category there are in one file before the others are
// only counted: whoever fixes those will find the rest.
const most = 20

// Limit returns the findings without those that only repeat what many before them say: the
// first of each category in a file, and in the place of the others one that rest makes of
// the first of them, with a message. found is in the order of files and places.
func Limit[F any](found []F, kind func(F) (file, category string), rest func(first F, message string) F) []F {
	type key struct{ file, category string }
	of := func(f F) key {
		file, category := kind(f)
		return key{file, category}
	}
	total := map[key]int{}
	for _, f := range found {
		total[of(f)]++
	}
	seen := map[key]int{}
	var kept []F
	for _, f := range found {
		k := of(f)
		seen[k]++
		switch {
		case seen[k] <= most:
			kept = append(kept, f)
		case seen[k] == most+1:
			kept = append(kept, rest(f,
				fmt.Sprintf("and %d more of this kind in this file (%s)", total[k]-most, k.category)))
		}
	}
	return kept
}
