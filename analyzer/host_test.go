package analyzer

import (
	"testing"

	"github.com/matryer/is"
)

func TestMatches(t *testing.T) {
	is := is.New(t)
	for _, yes := range [][2]string{
		{"a/b", "a/b"}, {"a/...", "a"}, {"a/...", "a/b/c"}, {"...", "a"}, {"a...", "ab/c"}, {"a/.../c", "a/b/b/c"}, {"a/...c/...", "a/bc"},
	} {
		is.True(matches(yes[0], yes[1])) // should match
	}
	for _, no := range [][2]string{{"a/b", "a"}, {"a", "a/b"}, {"a/...", "ab"}, {"a/.../c", "a/c"}, {"a/...c", "a/b"}} {
		is.True(!matches(no[0], no[1])) // should not match
	}
}
