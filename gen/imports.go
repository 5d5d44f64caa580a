package gen

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/scan"
)

// Imports answers questions about the packages of the module that a directory is in, as
// they come up when plugingen reads one of them. It reads what it is asked about from disk, and of other
// modules nothing. It is not safe for concurrent use.
func Imports(dir string) (annotate.Imports, error) {
	trees, err := open(modules.NewLoader(), dir, nil)
	if err != nil {
		return nil, err
	}
	t := trees[0]
	t.plan = &Plan{Fset: token.NewFileSet(), trees: trees, source: map[string][]byte{}}
	t.offline = true // the go command would have to be asked
	return t, nil
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
		if f.source != nil && slices.ContainsFunc(f.source.Bases, func(b *annotate.Base) bool { return b.Symbol == typeName }) {
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
	dep, _ := t.provider(path) // see generatedFiles
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
			*f = readGenerated(dep.Folder(path))
			if len(f.files) == 0 && f.err == nil {
				f.source, f.module = t.unwrittenAt(dep, path), dep.Path
			}
		}
		t.foreign[path] = f
	}
	return f
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
			t.plan.lacks(missing)
		}
		switch {
		case f.err != nil:
			p.unreadable(imp, path, f.err)
		case f.wanted[file]:
			p.unreadable(imp, path, fmt.Errorf("the module %s has no generated file there yet: run plugingen in it first", f.module))
		}
	})
}

func (p *pkg) unreadable(imp *ast.ImportSpec, path string, err error) {
	span := annotate.Span{Pos: imp.Path.Pos(), End: imp.Path.End()}
	if !slices.ContainsFunc(p.diagnostics, func(d annotate.Diagnostic) bool { return d.Span == span }) {
		p.errorf(annotate.Linking, span, "what %s declares for plugins can't be read: %v", path, err)
	}
}

// checkUnknown reports imports of which nothing is known, if the files that the package
// has tell that one of them has the contract of a namespace: without it, they would not
// come out the same. A module that is not there is otherwise taken for one without
// plugins, as most are.
func (t *tree) checkUnknown(p *pkg, namespace string) {
	t.eachImport(p, func(file *annotate.File, imp *ast.ImportSpec, path string) {
		f := t.foreign[path]
		if f == nil {
			return
		}
		if f.source != nil && slices.ContainsFunc(f.source.Contracts, func(c *annotate.Contract) bool { return c.Namespace == namespace }) {
			f.want(file)
			return
		}
		none := f.none
		if none == nil || !p.proved(namespace, path) {
			return
		}
		var missing *modules.MissingError
		if errors.As(none, &missing) {
			t.plan.lacks(missing)
			return
		}
		p.unreadable(imp, path, none)
	})
	t.checkImports(p)
}

// proved reports whether a generated file of the package has plugins of the namespace that
// satisfy a contract, or links plugins, and imports the path.
func (p *pkg) proved(namespace, path string) bool {
	return slices.ContainsFunc(p.folder.Generated, func(g scan.File) bool {
		syntax, err := parser.ParseFile(token.NewFileSet(), g.Name, g.Src, parser.ImportsOnly)
		if err != nil || !slices.ContainsFunc(syntax.Imports, func(imp *ast.ImportSpec) bool { return imp.Path.Value == strconv.Quote(path) }) {
			return false
		}
		f, err := genfile.Read(g.Name, g.Src)
		return err == nil && (len(f.Links) > 0 || slices.ContainsFunc(f.Specs, func(s genfile.Spec) bool { return s.Namespace == namespace && s.Proved }))
	})
}

// lacks notes that the plan is not complete for want of modules.
func (p *Plan) lacks(missing *modules.MissingError) {
	for _, m := range p.missing {
		if m.Join(missing) {
			return
		}
	}
	p.missing = append(p.missing, missing)
}

// provider returns the module with plugins that has a package, nil if none has.
func (t *tree) provider(path string) (*modules.Module, error) {
	if t.offline {
		return nil, nil
	}
	return t.main.Provider(path, ModulePath)
}

// readGenerated reads the generated files of a folder.
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
