package gen

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/genfile"
	"github.com/plugingen/plugingen/gen/modules"
	"github.com/plugingen/plugingen/gen/render"
	"github.com/plugingen/plugingen/gen/scan"
)

// Namespace implements [annotate.Imports]. Packages of the module are read; of
// other modules', only what their generated files say.
func (t *tree) Namespace(path, typeName string) (string, bool) {
	if p := t.syntaxAt(path); p != nil {
		return p.NamespaceOf(typeName, t)
	}
	if other, p := t.neighbour(path); p != nil {
		return p.NamespaceOf(typeName, other)
	}
	for _, f := range t.generatedFiles(path) {
		for _, b := range f.Bases {
			if b.Symbol == typeName {
				return b.Namespace, true
			}
		}
	}
	return "", false
}

// Constant implements [annotate.Imports]. Constants of other modules are unknown.
func (t *tree) Constant(path, name string) (string, bool) {
	if p := t.syntaxAt(path); p != nil {
		return p.ConstantNamed(name, t)
	}
	return "", false
}

// syntaxAt returns the package of the module with the import path, read though
// there may be no annotation in it. It returns nil if the path is not of the module.
func (t *tree) syntaxAt(path string) *pkg {
	if !modules.Has(t.main.Path, path) {
		return nil
	}
	if p := t.at(path); p != nil && len(p.folder.Marked) > 0 {
		return p
	}
	folder, err := scan.One(t.main.Folder(path))
	if err != nil {
		return nil
	}
	p, err := t.parseFolder(folder, true)
	if err != nil {
		return nil
	}
	return p
}

// neighbour returns the package with the import path if its files are generated in
// the same run, in another module of the workspace: what they will say is
// not on disk yet.
func (t *tree) neighbour(path string) (*tree, *pkg) {
	if len(t.plan.trees) == 1 {
		return nil, nil
	}
	dep, err := t.main.Provider(path, ModulePath)
	if err != nil || dep == nil {
		return nil, nil
	}
	other := t.plan.tree(dep.Dir)
	if other == nil {
		return nil, nil
	}
	if p := other.packages[dep.Folder(path)]; p != nil && p.asked {
		return other, p
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

// generatedFiles returns the generated files of a package of another module, none
// if the module has none or can't be found.
func (t *tree) generatedFiles(path string) []*genfile.File {
	if files, ok := t.foreign[path]; ok {
		return files
	}
	var files []*genfile.File
	if dep, err := t.main.Provider(path, ModulePath); err == nil && dep != nil {
		files, _ = readGenerated(dep.Folder(path))
	}
	t.foreign[path] = files
	return files
}

// readGenerated reads the generated files of a folder.
func readGenerated(dir string) ([]*genfile.File, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []*genfile.File
	for _, e := range entries {
		if !genfile.IsName(e.Name()) || e.IsDir() {
			continue
		}
		src, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		if !genfile.Ours(src) {
			continue
		}
		f, err := genfile.Read(filepath.Join(dir, e.Name()), src)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// A contract is the contract of a namespace, as a package can refer to it.
type contract struct {
	render.Ref
	build annotate.Constraint
}

// contractFor returns the contract of a plugin's namespace, if the plugin's package
// declares it or imports the package that does, in a file that every build with
// the plugin compiles. Otherwise it returns nil: to import it for the proof alone could
// make a cycle.
func (t *tree) contractFor(p *pkg, x *annotate.Plugin) *render.Ref {
	if p.contracts == nil {
		p.contracts = t.contractsIn(p)
	}
	c := p.contracts[x.Namespace]
	if c == nil || c.build.String() != "" && c.build.String() != x.File.Constraint.String() {
		return nil
	}
	return &c.Ref
}

func (t *tree) contractsIn(p *pkg) map[string]*contract {
	found := map[string]*contract{}
	for _, c := range p.Contracts {
		found[c.Namespace] = &contract{render.Ref{Name: c.Symbol}, c.File.Constraint}
	}
	for _, f := range p.Files {
		for _, imp := range f.Syntax.Imports {
			path, err := strconv.Unquote(imp.Path.Value)
			if err != nil || path == annotate.RegistryPath {
				continue
			}
			for ns, c := range t.contractsOf(path) {
				if found[ns] == nil || found[ns].build.String() != "" {
					c.build = c.build.And(f.Constraint)
					found[ns] = &c
				}
			}
		}
	}
	return found
}

// contractsOf returns the exported contracts that a package declares.
func (t *tree) contractsOf(path string) map[string]contract {
	found := map[string]contract{}
	var p *pkg
	if modules.Has(t.main.Path, path) {
		p = t.at(path)
	}
	if p == nil {
		_, p = t.neighbour(path)
	}
	if p != nil {
		for _, c := range p.Contracts {
			if exported(c.Symbol) {
				found[c.Namespace] = contract{render.Ref{Path: path, Package: p.Name, Name: c.Symbol}, c.File.Constraint}
			}
		}
		return found
	}
	for _, f := range t.generatedFiles(path) {
		build, _ := annotate.ParseConstraint(f.Constraint)
		for _, c := range f.Contracts {
			if exported(c.Symbol) {
				found[c.Namespace] = contract{render.Ref{Path: path, Package: f.Package, Name: c.Symbol}, build}
			}
		}
	}
	return found
}

// imports returns the import paths of a package's files, sorted.
func (p *pkg) imports() []string {
	var paths []string
	for _, f := range p.Files {
		for _, imp := range f.Syntax.Imports {
			if path, err := strconv.Unquote(imp.Path.Value); err == nil {
				paths = append(paths, path)
			}
		}
	}
	slices.SortFunc(paths, cmp.Compare[string])
	return slices.Compact(paths)
}
