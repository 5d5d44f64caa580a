package service

import (
	"os"
	"slices"
	"strings"
)

// Selection returns the names in the environment variable SERVICES, which are
// separated by commas. None means all.
func Selection() []string {
	return strings.FieldsFunc(os.Getenv("SERVICES"), func(r rune) bool { return r == ',' || r == ' ' })
}

// Selected reports whether a service is among those of the selection.
func Selected(name string) bool {
	names := Selection()
	return len(names) == 0 || slices.Contains(names, name)
}
