// Package importgraph finds out how packages import one another, from their source files.
package importgraph

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/rules"
)

// Chain returns the packages through which one imports another, both included, or nil if it does
// not. next returns what a package imports. The packages in seen are known not to import that
// one, and those that are found not to are added.
func Chain(from, to string, next func(path string) []string, seen map[string]bool) []string {
	if from == to {
		return []string{to}
	}
	if seen[from] {
		return nil
	}
	seen[from] = true
	for _, path := range next(from) {
		if chain := Chain(path, to, next, seen); chain != nil {
			return append([]string{from}, chain...)
		}
	}
	return nil
}

// Of returns what files import, sorted.
func Of(files []*ast.File) []string {
	var paths []string
	for _, f := range files {
		for _, imp := range f.Imports {
			if path, err := strconv.Unquote(imp.Path.Value); err == nil {
				paths = append(paths, path)
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// Read returns what the package in a directory imports, except in tests. It leaves out what it
// can't read.
func Read(dir string) []string {
	entries, _ := os.ReadDir(dir)
	fset := token.NewFileSet()
	var files []*annotate.File
	for _, e := range entries {
		name := e.Name()
		if !rules.IsGoFile(name) || rules.IsTestFile(name) {
			continue
		}
		src, err := readfile.Source(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		mode := parser.ImportsOnly | parser.ParseComments
		if f, _ := parser.ParseFile(fset, name, src, mode); f != nil && f.Name != nil {
			files = append(files, annotate.NewFile(fset, name, f))
		}
	}
	var compiled []*ast.File
	name := annotate.Read("", files).Name
	for _, f := range files {
		if f.Syntax.Name.Name == name { // not of a program beside the package, which go run builds
			compiled = append(compiled, f.Syntax)
		}
	}
	return Of(compiled)
}
