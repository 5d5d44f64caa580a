// Package importname infers the names of imported packages, by the usual conventions: an import
// without a name has that of the package's clause, which is not read.
package importname

import (
	"go/ast"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Of returns the paths of a file's imports by name. A path is "" if the name may be that of several
// imports. An import as _ has the name that it would have without: directives can refer to it
// though Go code can't.
func Of(syntax *ast.File) map[string]string {
	blank, inferred, named := map[string]string{}, map[string]string{}, map[string]string{}
	for _, imp := range syntax.Imports {
		path, err := strconv.Unquote(imp.Path.Value)
		switch {
		case err != nil:
		case imp.Name == nil:
			addNames(inferred, path)
		case imp.Name.Name == "_":
			addNames(blank, path)
		case named[imp.Name.Name] == "":
			named[imp.Name.Name] = path
		}
	}
	maps.Copy(blank, inferred)
	maps.Copy(blank, named)
	return blank
}

// addNames adds a path under the names that its package may have.
func addNames(paths map[string]string, path string) {
	for _, name := range packageNames(path) {
		if _, ambiguous := paths[name]; ambiguous {
			paths[name] = ""
		} else {
			paths[name] = path
		}
	}
}

// packageNames returns the names that the package with an import path may have: the last
// element that is not a major version, with and without what identifiers can't contain.
func packageNames(path string) []string {
	elems := strings.Split(path, "/")
	last := elems[len(elems)-1]
	names := []string{last}
	if majorVersion(last) && len(elems) > 1 {
		last = elems[len(elems)-2]
		names = append(names, last)
	}
	if base, version, ok := strings.Cut(last, ".v"); ok && majorVersion("v"+version) {
		last = base
	}
	plain := strings.TrimSuffix(strings.TrimPrefix(last, "go-"), "-go")
	plain = strings.TrimSuffix(plain, ".go")
	for _, n := range []string{last, plain, strings.ReplaceAll(plain, "-", ""), strings.ReplaceAll(plain, "-", "_")} {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// majorVersion reports whether a word is a major version, as in a/b/v2.
func majorVersion(word string) bool {
	digits, ok := strings.CutPrefix(word, "v")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}
