package gen

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/readfile"
)

// checkCycle reports a linked package that imports the host. Nothing can import
// package main.
func (t *tree) checkCycle(p *pkg, h *annotate.Host, linked []*linkable) {
	if p.Name == "main" {
		return
	}
	seen := map[string]bool{}
	for _, l := range linked {
		if l.path == p.Path {
			continue
		}
		if chain := t.importChain(l.path, p.Path, seen); chain != nil {
			p.errorf(annotate.Linking, h.Directive, "this host can't link %s, since that imports it: %s", l.path, strings.Join(chain, " imports "))
			return
		}
	}
}

// importChain returns how one package of the module imports another, nil if it
// does not. Packages that have been seen are known not to.
func (t *tree) importChain(from, to string, seen map[string]bool) []string {
	if from == to {
		return []string{to}
	}
	if seen[from] || !t.main.Owns(from) {
		return nil
	}
	seen[from] = true
	paths := t.importsOf(from)
	if p := t.packages[t.main.Folder(from)]; p != nil {
		for _, l := range p.links {
			paths = append(slices.Clip(paths), l.path)
		}
	}
	for _, path := range paths {
		if chain := t.importChain(path, to, seen); chain != nil {
			return append([]string{from}, chain...)
		}
	}
	return nil
}

// importsOf returns what a package of the module imports: its files say so but
// for those that are about to be generated anew, of which the hosts do.
func (t *tree) importsOf(path string) []string {
	if paths, ok := t.imported[path]; ok {
		return paths
	}
	dir := t.main.Folder(path)
	p := t.packages[dir]
	entries, _ := os.ReadDir(dir) // a package that can't be read imports nothing
	var paths []string
	for _, e := range entries {
		name := e.Name()
		anew := p != nil && slices.ContainsFunc(p.folder.Generated, named(name))
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".") || anew {
			continue
		}
		src, err := readfile.Source(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		if f == nil || err != nil && len(f.Imports) == 0 {
			continue
		}
		for _, imp := range f.Imports {
			if path, err := strconv.Unquote(imp.Path.Value); err == nil {
				paths = append(paths, path)
			}
		}
	}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	t.imported[path] = paths
	return paths
}
