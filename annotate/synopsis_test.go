package annotate

import (
	"go/doc"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/matryer/is"
)

// Synopses are those of go/doc, also where they are not parsed.
func TestSynopsis(t *testing.T) {
	parts := []string{
		"A", "Plugin0", "is", "p00009_0", "copyright", "Author", "all rights", "1", "2nd", "-", "--", "a-b", "# head", "B",
		" ", " ", " ", " ", " ", "  ", "\n", "\n\n", "\t", ".", ". ", ",", ", ", ":", "[T]", "``", "''", "* ", "é", "http://a.b/c", "//x", ".\n", ".\n",
	}
	random := rand.New(rand.NewPCG(1, 2))
	sentences := 0
	for range 200_000 {
		var text strings.Builder
		for range random.IntN(8) {
			text.WriteString(parts[random.IntN(len(parts))])
		}
		text.WriteString([]string{"", "\n", ".\n", ".\n"}[random.IntN(4)])
		want := new(doc.Package).Synopsis(text.String())
		if got := synopsis(text.String()); got != want {
			t.Fatalf("%q: got %q, want %q", text.String(), got, want)
		}
		if sentence, ok := strings.CutSuffix(text.String(), ".\n"); ok && isOneSentence(sentence) {
			sentences++
		}
	}
	is.New(t).True(sentences > 1_000)
}
