package rules

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/matryer/is"
)

// matrix computes the distance as its definition has it.
func matrix(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		for j := range d[i] {
			if i == 0 || j == 0 {
				d[i][j] = i + j
				continue
			}
			d[i][j] = min(d[i-1][j], d[i][j-1]) + 1
			if a[i-1] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-1][j-1])
			} else {
				d[i][j] = min(d[i][j], d[i-1][j-1]+1)
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func word(letters string, n int) string {
	var b strings.Builder
	for range rand.IntN(n + 1) {
		b.WriteByte(letters[rand.IntN(len(letters))])
	}
	return b.String()
}

func TestDistance(t *testing.T) {
	for range 30_000 {
		a, b := word("abc", 7), word("abc", 7)
		for limit := range maxEdits + 1 {
			got := distance([]rune(a), []rune(b), limit)
			if got != min(matrix(a, b), limit+1) || got != distance([]rune(b), []rune(a), limit) {
				t.Fatalf("%q and %q within %d: %d, want %d", a, b, limit, got, matrix(a, b))
			}
		}
	}
}

func TestNearestIsTheFewestEdits(t *testing.T) {
	for range 20_000 {
		var known []string
		for range rand.IntN(6) {
			known = append(known, word("abX1", 9))
		}
		asked := word("abX1", 9)
		nearest, fewest := "", editsAllowed(len(asked))
		for _, k := range slices.Sorted(slices.Values(known)) {
			d := matrix(strings.ToLower(asked), strings.ToLower(k))
			if d <= fewest {
				nearest, fewest = k, d-1
			}
		}
		if slices.Contains(known, asked) {
			nearest = ""
		}
		names := NewNames(known)
		if got := names.Nearest(asked); got != nearest {
			t.Fatalf("nearest to %q of %q: %q, want %q", asked, known, got, nearest)
		}
		if len(asked) < 3 || strings.Count(nearest, "1") != strings.Count(asked, "1") {
			nearest = ""
		}
		if got := names.NearestIfMisspelt(asked); got != nearest {
			t.Fatalf("nearest to %q of %q, if that is misspelt: %q, want %q", asked, known, got, nearest)
		}
	}
}

func TestCompletion(t *testing.T) {
	is := is.New(t)
	is.Equal(Completion("pri", []string{"name", "priority", "priority"}), "priority")
	is.Equal(Completion("na", []string{"name"}), "")
	is.Equal(Completion("nam", []string{"name", "namespace"}), "")
	is.Equal(Completion("foo", []string{"name"}), "")
}

func TestNearestOrCompletion(t *testing.T) {
	is := is.New(t)
	known := []string{"name", "namespace", "priority", "requires", "should_load"}
	for word, want := range map[string]string{
		"nmae": "name", "namspace": "namespace", "Name": "name", "prio": "priority", "pri": "priority",
		"foo": "", "ne": "", "na": "", "": "", "require": "requires", "shouldload": "should_load",
	} {
		is.Equal(NearestOrCompletion(word, known), want) // word
	}
}

// Thousands of misspellings among thousands of names do not take the product of the two.
func TestNearestHasABudget(t *testing.T) {
	is := is.New(t)
	known := make([]string, 10_000)
	for i := range known {
		known[i] = fmt.Sprintf("plugin%c%c%c%c", 'a'+i%10, 'a'+i/10%10, 'a'+i/100%10, 'a'+i/1000)
	}
	names := NewNames(known)
	is.Equal(names.Nearest("pluginabcdef"), "pluginabcd")
	for range 5_000 {
		names.Nearest("pluginabcdefg")
	}
	is.True(names.budget < len(known)) // used up
	is.Equal(names.Nearest("pluginabcdef"), "")
}
