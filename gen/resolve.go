package gen

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/source"
)

// resolve completes the packages of all modules. The modules may refer to each other, and are all
// read before.
func (w *workspace) resolve() {
	for _, t := range w.trees {
		t.resolveAll()
	}
}

// resolveAll completes the packages that were read with what those say that they
// import, which may be in a module that is read in the same run.
func (t *tree) resolveAll() {
	for _, p := range slices.Collect(maps.Values(t.packages)) { // more may be read meanwhile
		if p != nil && !p.resolved {
			p.resolved = true
			t.resolve(p)
		}
	}
}

func (t *tree) resolve(p *pkg) {
	p.Resolve(t)
	p.diagnostics = append(p.diagnostics, p.Diagnostics...)
	t.checkDir(p)
	checkLostNames(p)
	t.checkImports(p)
}

// checkDir reports a package whose directory keeps the go command from building it.
func (t *tree) checkDir(p *pkg) {
	if !p.declares() {
		return
	}
	if err := checkImportPath(p.Path); err != nil {
		p.errorf(annotate.Linking, p.first(), "no program can import this package, and no host links its plugins: %v; "+
			"rename the directory, or have the go command ignore it by an ignore directive in go.mod", err)
	}
}

// checkImportPath returns why no program can have the package of an import path: the go
// command refuses those with characters that some system or shell can't have in a name.
func checkImportPath(path string) error {
	if _, err := code.ParseImportPath(path); err != nil {
		return err
	}
	last := path[strings.LastIndex(path, "/")+1:]
	if c := last[0]; c == '-' || c == '+' || c == '~' { // of those that an import path may have
		return fmt.Errorf("invalid directory name %q", last)
	}
	return nil
}

// checkLostNames reports structs that were plugins when the package's files were generated.
func checkLostNames(p *pkg) {
	for _, d := range p.LostNames(p.generatedTypes) {
		p.report(d)
	}
}

// generatedTypes returns the plugin types in the package's generated files.
func (p *pkg) generatedTypes() (types []annotate.Generated) {
	for _, g := range p.dir.Generated {
		for _, s := range specsIn(g.Src) {
			if s.Kind == annotate.Type {
				types = append(types, annotate.Generated{
					File: g.Name, Symbol: s.Symbol,
					Namespace: s.Namespace, Name: s.Name,
				})
			}
		}
	}
	return types
}

// checkImports reports imports of packages whose generated files can't be used: what they
// say may be needed.
func (t *tree) checkImports(p *pkg) {
	t.eachImport(p, func(file *annotate.File, imp *ast.ImportSpec, path string) {
		f := t.foreign[path]
		if f == nil {
			return
		}
		var missing *modules.MissingError
		if errors.As(f.none, &missing) && missing.Plugins {
			t.work.lacks(missing)
		}
		switch {
		case f.err != nil:
			p.unreadable(imp, path, f.err)
		case f.wanted[file]:
			p.unreadable(imp, path, fmt.Errorf(
				"the module %s has no generated file there yet: run plugingen in it first", f.module))
		}
	})
}

func (p *pkg) unreadable(imp *ast.ImportSpec, path string, err error) {
	span := annotate.Span{Pos: imp.Path.Pos(), End: imp.Path.End()}
	if !p.reportedAt(span) {
		p.errorf(annotate.Linking, span, "what %s declares for plugins can't be read: %v", path, err)
	}
}

// Imports answers questions about the packages of the module that a directory is
// in, as they come up when plugingen reads one of them. It reads what it is asked
// about from disk, and of other modules nothing. It does not run the go command. It is not
// safe for concurrent use.
func Imports(dir string) (annotate.Imports, error) {
	load := modules.NewLoader()
	load.NoCommand = true
	w, err := open(load, dir, nil)
	if err != nil {
		return nil, err
	}
	t := w.trees[0]
	t.offline = true // the go command would have to be asked
	return t, nil
}

// Packages returns a function that reads packages of the module that a directory is in, as
// [Imports] does. It returns nil for others, and for what can't be read. Files are parsed
// into fset.
func Packages(dir string, fset *token.FileSet) (func(importPath string) *source.Package, error) {
	load := modules.NewLoader()
	load.NoCommand = true
	w, err := open(load, dir, nil)
	if err != nil {
		return nil, err
	}
	w.fset = fset
	t := w.trees[0]
	t.offline = true
	return func(importPath string) *source.Package {
		if p := t.syntaxAt(importPath); p != nil && p.Path == importPath {
			return p.Package
		}
		return nil
	}, nil
}

// Namespace implements [annotate.Imports]. Packages of the module are read; of
// other modules', only what their generated files say.
func (t *tree) Namespace(from *annotate.File, path, typeName string) (namespace string, ok bool) {
	p, in := t.source(path)
	if p == nil {
		f := t.generatedFiles(path)
		for _, g := range f.files {
			for _, b := range g.Bases {
				if b.Symbol == typeName {
					return b.Namespace, true
				}
			}
		}
		if f.source != nil && slices.ContainsFunc(f.source.Bases,
			func(b *annotate.Base) bool { return b.Symbol == typeName }) {
			f.want(from)
		}
		return "", false
	}
	in.ask("type "+path+"."+typeName, func() { namespace, ok = p.About(typeName).NamespaceOf(from, typeName, in) })
	return namespace, ok
}

// Address implements [annotate.Imports]. Of other modules only contracts are known.
func (t *tree) Address(from *annotate.File, path, typeName string) (address, ok bool) {
	p, in := t.source(path)
	if p == nil {
		for _, f := range t.generatedFiles(path).files {
			for _, c := range f.Contracts {
				if c.Symbol == typeName {
					return c.Pointer, true
				}
			}
		}
		return false, false
	}
	in.ask("address "+path+"."+typeName, func() { address, ok = p.About(typeName).AddressOf(from, typeName, in) })
	return address, ok
}

// Constant implements [annotate.Imports]. Constants of other modules are unknown.
func (t *tree) Constant(from *annotate.File, path, name string) (value string, ok bool) {
	if p, in := t.source(path); p != nil {
		in.ask("constant "+path+"."+name, func() { value, ok = p.About(name).ConstantNamed(from, name, in) })
	}
	return value, ok
}

// ask answers a question, unless it is being answered already: declarations that
// don't compile may refer to each other in a cycle.
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

// foreign is what is known of a package of another module.
type foreign struct {
	files  []*genfile.File         // those that plugingen wrote
	err    error                   // why they can't be used
	none   error                   // why nothing is known of the package
	source *annotate.Package       // what it declares, if there is no generated file yet
	module string                  // the path of its module, if there is none
	wanted map[*annotate.File]bool // by whom such a declaration is needed
}

func (f *foreign) want(file *annotate.File) {
	if f.wanted == nil {
		f.wanted = map[*annotate.File]bool{}
	}
	f.wanted[file] = true
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
			*f = readGenerated(dep.DirOf(path))
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
	return t.main.Provider(path, ModulePath)
}

// readGenerated reads the generated files of a directory.
func readGenerated(dir string) foreign {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return foreign{err: err}
	}
	var files []*genfile.File
	for _, e := range entries {
		if !genfile.IsName(e.Name()) || !e.Type().IsRegular() {
			continue
		}
		file := filepath.Join(dir, e.Name())
		src, err := readfile.Source(file)
		if err != nil {
			return foreign{err: err}
		}
		if !genfile.Ours(src) {
			continue
		}
		f, err := genfile.Read(file, src)
		if err != nil {
			return foreign{err: err}
		}
		files = append(files, f)
	}
	return foreign{files: files}
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
