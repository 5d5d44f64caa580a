package rules

import "strings"

// HasPathPrefix reports whether a path is prefix, or lies below it.
func HasPathPrefix(path, prefix string) bool {
	rest, ok := strings.CutPrefix(path, prefix)
	return ok && (rest == "" || rest[0] == '/')
}

// CanImport reports whether a package may import another of a module, by the rule for
// internal directories ("go help packages"): code in or below a directory named
// "internal" is importable only in the directory tree rooted at the parent of
// "internal". As the go command does, it compares import paths, and of several such
// elements the last one decides.
func CanImport(importer, imported string) bool {
	parent := InternalTo(imported)
	return parent == "" || HasPathPrefix(importer, parent)
}

// InternalTo returns the path below which a package may be imported, or "" if it may
// be imported everywhere.
func InternalTo(importPath string) string {
	i := strings.LastIndex(importPath+"/", "/internal/")
	return importPath[:max(i, 0)]
}
