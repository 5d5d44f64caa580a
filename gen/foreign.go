package gen

import (
	"path/filepath"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/scan"
)

// source returns a package whose source is read, since it is of the module or of
// another that is generated in the same run, and the tree that it is in.
func (t *tree) source(path string) (*pkg, *tree) {
	if p := t.syntaxAt(path); p != nil {
		return p, t
	}
	return t.neighbour(path)
}

// neighbour returns the package with the import path if its files are generated in
// the same run, in another module of the workspace: what they will say is
// not on disk yet.
func (t *tree) neighbour(path string) (*pkg, *tree) {
	if len(t.work.trees) == 1 {
		return nil, nil
	}
	dep, _ := t.provider(path) // see generatedFiles
	if dep == nil {
		return nil, nil
	}
	other := t.work.tree(dep.Dir)
	if other == nil {
		return nil, nil
	}
	if p := other.packages[dep.DirOf(path)]; p != nil && p.requested {
		return p, other
	}
	return nil, nil
}

// generatedFiles returns the generated files of a package of another module, none
// if it is of no module that has plugins.
func (t *tree) generatedFiles(path string) *foreign {
	f, ok := t.foreign[path]
	if !ok {
		f = &foreign{}
		dep, err := t.provider(path)
		switch {
		case err != nil:
			f.none = err
		case dep != nil:
			f = readGenerated(dep, path)
			if len(f.files) == 0 && f.err == nil {
				f.source, f.module = t.unwrittenAt(dep, path), dep.Path
			}
		}
		t.foreign[path] = f
	}
	return f
}

// provider returns the module with plugins that has a package, nil if none has.
func (t *tree) provider(path string) (*modules.Module, error) {
	if t.offline {
		return nil, nil
	}
	return t.main.Provider(path)
}

// readGenerated reads the generated files of a package of another module.
func readGenerated(dep *modules.Module, path string) *foreign {
	written, err := scan.Tree{Root: dep.Dir}.WrittenIn(dep.DirOf(path))
	if err != nil {
		return &foreign{err: err}
	}
	found := &foreign{}
	for _, w := range written {
		f, err := genfile.Read(filepath.Join(dep.DirOf(path), w.Name), w.Src)
		if err != nil {
			return &foreign{err: err}
		}
		found.files = append(found.files, f)
	}
	return found
}

// unwrittenAt returns what a package of another module declares that has no generated file,
// nil if it declares nothing.
func (t *tree) unwrittenAt(dep *modules.Module, path string) *annotate.Package {
	other := t.work.newTree(&modules.Main{Module: *dep})
	other.offline = true
	found, err := other.scan.One(dep.DirOf(path))
	if err != nil || len(found.Annotated) == 0 {
		return nil
	}
	p := other.add(other.parse(found))
	p.Resolve(nil)
	return p.Package.Package
}
