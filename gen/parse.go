package gen

import (
	"path/filepath"

	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/scan"
	"github.com/plugingen/plugingen/internal/source"
)

// parseFolder reads a folder: its files too, or only what was generated before,
// which is all that is of interest where no file is marked.
func (t *tree) parseFolder(folder *scan.Folder, syntax bool) *pkg {
	p := &pkg{folder: withoutSources(folder)}
	var files []source.File
	if syntax {
		files = sourcesOf(folder)
	}
	p.Package = source.Read(t.plan.Fset, t.main.ImportPath(folder.Dir), files, readfile.Source)
	p.diagnostics = p.SyntaxErrors
	return p
}

// withoutSources returns a folder without the contents of hand-written files: once they are
// parsed, these are of no interest, and a large part of the memory.
func withoutSources(folder *scan.Folder) *scan.Folder {
	without := *folder
	without.Plain, without.Marked = nil, nil
	for _, f := range folder.Marked {
		without.Marked = append(without.Marked, scan.File{Name: f.Name})
	}
	return &without
}

// sourcesOf returns the files of a folder.
func sourcesOf(folder *scan.Folder) []source.File {
	var all []source.File
	add := func(files []scan.File, marked bool) {
		for _, f := range files {
			all = append(all, source.File{Name: f.Name, Path: filepath.Join(folder.Dir, f.Name), Src: f.Src, Annotated: marked})
		}
	}
	add(folder.Marked, true)
	add(folder.Plain, false)
	return all
}
