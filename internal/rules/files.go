package rules

import "strings"

// IsGoFile reports whether the go command compiles files of the name in some build. It ignores
// those that begin with _ or a dot.
func IsGoFile(name string) bool {
	return strings.HasSuffix(name, ".go") && !hasIgnoredPrefix(name)
}

// IsTestFile reports whether Go files of the name are compiled in tests only.
func IsTestFile(name string) bool { return strings.HasSuffix(name, "_test.go") }

// IsIgnoredDir reports whether the go command leaves out every directory of the name, when it
// finds the packages below another one.
func IsIgnoredDir(name string) bool {
	return hasIgnoredPrefix(name) || name == "testdata" || name == "vendor"
}

func hasIgnoredPrefix(name string) bool {
	return strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".")
}
