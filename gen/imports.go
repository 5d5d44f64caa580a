package gen

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/genfile"
	"github.com/plugingen/plugingen/gen/modules"
)

// Namespace implements [annotate.Imports]. Packages of the module are read; of
// other modules', only what their generated files say.
func (t *tree) Namespace(from *annotate.File, path, typeName string) (namespace string, ok bool) {
	p, in := t.source(path)
	if p == nil {
		for _, f := range t.generatedFiles(path) {
			for _, b := range f.Bases {
				if b.Symbol == typeName {
					return b.Namespace, true
				}
			}
		}
		return "", false
	}
	in.ask("type "+path+"."+typeName, func() { namespace, ok = p.About(typeName).NamespaceOf(from, typeName, in) })
	return namespace, ok
}

// Constant implements [annotate.Imports]. Constants of other modules are unknown.
func (t *tree) Constant(from *annotate.File, path, name string) (value string, ok bool) {
	if p, in := t.source(path); p != nil {
		in.ask("constant "+path+"."+name, func() { value, ok = p.About(name).ConstantNamed(from, name, in) })
	}
	return value, ok
}

// ask answers a question, unless it is being answered already: declarations that
// don't compile may refer to each other in a circle.
func (t *tree) ask(question string, answer func()) {
	if slices.Contains(t.asking, question) {
		return
	}
	t.asking = append(t.asking, question)
	answer()
	t.asking = t.asking[:len(t.asking)-1]
}

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
	if len(t.plan.trees) == 1 {
		return nil, nil
	}
	dep := t.provider(path)
	if dep == nil {
		return nil, nil
	}
	other := t.plan.tree(dep.Dir)
	if other == nil {
		return nil, nil
	}
	if p := other.packages[dep.Folder(path)]; p != nil && p.asked {
		return p, other
	}
	return nil, nil
}

// tree returns the tree of the module in the folder, nil if the run is not about it.
func (p *Plan) tree(dir string) *tree {
	for _, t := range p.trees {
		if t.main.Dir == dir {
			return t
		}
	}
	return nil
}

// foreign is the generated files of a package of another module.
type foreign []*genfile.File

// generatedFiles returns the generated files of a package of another module, none
// if it is of no module that has plugins.
func (t *tree) generatedFiles(path string) foreign {
	files, ok := t.foreign[path]
	if ok {
		return files
	}
	if dep := t.provider(path); dep != nil {
		var err error
		if files, err = readGenerated(dep.Folder(path)); err != nil {
			t.fail(err)
		}
	}
	t.foreign[path] = files
	return files
}

// provider returns the module with plugins that has a package, nil if none has. A module
// that can't be had is taken for one that has none: what imports it does not compile,
// which is for the compiler to report.
func (t *tree) provider(path string) *modules.Module {
	if t.offline {
		return nil
	}
	dep, err := t.main.Provider(path, ModulePath)
	if err != nil {
		t.offline = true // to ask again for each import would take its time
	}
	return dep
}

// readGenerated reads the generated files of a folder.
func readGenerated(dir string) (foreign, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files foreign
	for _, e := range entries {
		if !genfile.IsName(e.Name()) || !e.Type().IsRegular() {
			continue
		}
		file := filepath.Join(dir, e.Name())
		src, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if !genfile.Ours(src) {
			continue
		}
		f, err := genfile.Read(file, src)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}
