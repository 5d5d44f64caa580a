package rules

import "strings"

// A Pattern is a package pattern of the go command's, as "go help packages" describes
// them: "..." stands for any text. There are two exceptions. A final "/..." also stands
// for no text, so that net/... matches net. And "..." never matches an element "vendor"
// that other elements follow, so that a/... does not match a/vendor/b. The names that
// are reserved there, such as "all", have no special meaning here.
type Pattern string

const wildcard = "..."

// IsLiteral reports whether the pattern names one package.
func (p Pattern) IsLiteral() bool { return !strings.Contains(string(p), wildcard) }

// Match reports whether the pattern matches an import path.
func (p Pattern) Match(importPath string) bool {
	pattern, path := hideVendor(string(p)), hideVendor(importPath)
	below, ok := strings.CutSuffix(string(p), "/"+wildcard)
	return matchWildcards(pattern, path) || ok && matchWildcards(hideVendor(below), path)
}

// MayMatchIn reports whether the pattern can match packages of a module.
func (p Pattern) MayMatchIn(modulePath string) bool {
	fixed, _, wild := strings.Cut(string(p), wildcard)
	if !wild {
		return HasPathPrefix(fixed, modulePath)
	}
	return strings.HasPrefix(modulePath+"/", fixed) || strings.HasPrefix(fixed, modulePath+"/")
}

// hidden stands for an element "vendor" that other elements follow. No import path
// contains it, and no wildcard matches it.
const hidden = "\x00"

func hideVendor(path string) string {
	if !strings.Contains(path, "vendor/") {
		return path
	}
	elems := strings.Split(path, "/")
	for i, elem := range elems[:len(elems)-1] {
		if elem == "vendor" {
			elems[i] = hidden
		}
	}
	return strings.Join(elems, "/")
}

// matchWildcards matches each fixed part of the pattern where it first occurs. A later
// occurrence would leave more text to the wildcard before it and could not help.
func matchWildcards(pattern, path string) bool {
	fixed, pattern, wild := strings.Cut(pattern, wildcard)
	path, ok := strings.CutPrefix(path, fixed)
	if !ok || !wild {
		return ok && path == ""
	}
	for {
		fixed, pattern, wild = strings.Cut(pattern, wildcard)
		if !wild {
			skipped, ok := strings.CutSuffix(path, fixed)
			return ok && !strings.Contains(skipped, hidden)
		}
		skipped, rest, ok := strings.Cut(path, fixed)
		if !ok || strings.Contains(skipped, hidden) {
			return false
		}
		path = rest
	}
}
