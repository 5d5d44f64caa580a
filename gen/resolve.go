package gen

import (
	"errors"
	"fmt"
	"go/token"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/builds"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/locate"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/internal/source"
)

// A resolver completes packages with what they refer to in others, which may be in another
// module that the run is about.
type resolver struct {
	work   *workspace
	done   map[*pkg]*resolved
	wanted map[wanted]bool // declarations of other modules that are needed, but not generated yet
}

// wanted is a package of another module, and the file that refers to it.
type wanted struct {
	file *annotate.File
	path string
}

func newResolver(w *workspace) *resolver {
	return &resolver{work: w, done: map[*pkg]*resolved{}, wanted: map[wanted]bool{}}
}

// A resolved package is one whose plugins have their names and namespaces. What it means by
// contracts and options is looked up when it is needed.
type resolved struct {
	*pkg
	run         *resolver
	identifiers []string         // of the plugins' specs
	contracts   contracts        // by namespace; those of the module that its files can refer to
	foreign     contracts        // the same of other modules
	options     *options.Package // see declaredOptions
}

// resolve resolves a package, once.
func (r *resolver) resolve(p *pkg) *resolved {
	if q := r.done[p]; q != nil {
		return q
	}
	q := &resolved{pkg: p, run: r}
	r.done[p] = q
	p.Resolve(names{r, p.tree})
	p.diagnostics = append(p.diagnostics, p.Diagnostics...)
	q.identifiers = make([]string, len(p.Plugins))
	for i, x := range p.Plugins {
		q.identifiers[i] = genfile.Identifier(x.Namespace, x.Name)
	}
	q.checkDir()
	q.checkLostNames()
	q.checkImports()
	return q
}

// checkDir reports a package whose directory keeps the go command from building it.
func (p *resolved) checkDir() {
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
func (p *resolved) checkLostNames() {
	for _, d := range p.LostNames(p.old.Types) {
		p.report(d)
	}
}

// checkImports reports imports of packages whose generated files can't be used: what they
// say may be needed.
func (p *resolved) checkImports() {
	for _, imp := range p.imports {
		f := p.tree.foreign[imp.path]
		if f == nil {
			continue
		}
		var missing *modules.MissingError
		if errors.As(f.none, &missing) && missing.Plugins {
			p.run.work.lacks(missing)
		}
		switch {
		case f.err != nil:
			p.unreadable(imp, f.err)
		case p.run.wanted[wanted{imp.file, imp.path}]:
			p.unreadable(imp, fmt.Errorf(
				"the module %s has no generated file there yet: run plugingen in it first", f.module))
		}
	}
}

func (p *pkg) unreadable(imp imported, err error) {
	if !p.reportedAt(imp.span()) {
		p.errorf(annotate.Linking, imp.span(), "what %s declares for plugins can't be read: %v", imp.path, err)
	}
}

// Imports answers questions about the packages of the module that a directory is
// in, as they come up when plugingen reads one of them. It reads what it is asked
// about from disk, and of other modules nothing. It does not run the go command. It is not
// safe for concurrent use.
func Imports(dir string) (annotate.Imports, error) {
	load := modules.NewLoader()
	load.NoCommand = true
	found, err := locate.Find(load, dir, nil)
	if err != nil {
		return nil, err
	}
	r := newResolver(newWorkspace(token.NewFileSet(), found))
	t := r.work.trees[0]
	t.offline = true // the go command would have to be asked
	return names{r, t}, nil
}

// Packages returns a function that reads packages of the module that a directory is in, as
// [Imports] does. It returns nil for others, and for what can't be read. Files are parsed
// into fset.
func Packages(dir string, fset *token.FileSet) (func(importPath string) *source.Package, error) {
	load := modules.NewLoader()
	load.NoCommand = true
	found, err := locate.Find(load, dir, nil)
	if err != nil {
		return nil, err
	}
	t := newWorkspace(fset, found).trees[0]
	t.offline = true
	return func(importPath string) *source.Package {
		if p := t.syntaxAt(importPath); p != nil && p.Path == importPath {
			return p.Package
		}
		return nil
	}, nil
}

// names answers what a package of a tree needs to know of others.
type names struct {
	run  *resolver
	tree *tree
}

// of answers what a package of another tree needs to know.
func (n names) of(t *tree) names { return names{n.run, t} }

// Namespace implements [annotate.Imports]. Packages of the module are read; of
// other modules', only what their generated files say.
func (n names) Namespace(from *annotate.File, path, typeName string) (namespace string, ok bool) {
	p, in := n.tree.source(path)
	if p == nil {
		f := n.tree.generatedFiles(path)
		for _, g := range f.files {
			for _, b := range g.Bases {
				if b.Symbol == typeName {
					return b.Namespace, true
				}
			}
		}
		if f.source != nil && slices.ContainsFunc(f.source.Bases,
			func(b *annotate.Base) bool { return b.Symbol == typeName }) {
			n.run.wanted[wanted{from, path}] = true
		}
		return "", false
	}
	return p.About(typeName).NamespaceOf(from, typeName, n.of(in))
}

// Address implements [annotate.Imports]. Of other modules only contracts are known.
func (n names) Address(from *annotate.File, path, typeName string) (address, ok bool) {
	p, in := n.tree.source(path)
	if p == nil {
		for _, f := range n.tree.generatedFiles(path).files {
			for _, c := range f.Contracts {
				if c.Symbol == typeName {
					return c.Pointer, true
				}
			}
		}
		return false, false
	}
	return p.About(typeName).AddressOf(from, typeName, n.of(in))
}

// Constant implements [annotate.Imports]. Constants of other modules are unknown.
func (n names) Constant(from *annotate.File, path, name string) (value string, ok bool) {
	p, in := n.tree.source(path)
	if p == nil {
		return "", false
	}
	return p.About(name).ConstantNamed(from, name, n.of(in))
}

// contractFor returns the contract of a namespace that generated code for a build may name, or
// nil if there is none; see [rules.NamesContract].
func (p *resolved) contractFor(namespace string, build builds.Constraint) *contract {
	if p.contracts == nil {
		p.contracts = p.contractsInModule()
	}
	if p.contracts[namespace] != nil {
		return p.contracts.of(namespace, build)
	}
	if p.foreign == nil {
		p.foreign = p.foreignContracts()
	}
	if _, known := p.foreign[namespace]; !known {
		p.checkUnknown(namespace)
		p.foreign[namespace] = nil // so that this is not looked up for each plugin
	}
	return p.foreign.of(namespace, build)
}

// contractsInModule returns the contracts of the module that the package can name. They come
// before those of other modules: nobody else can take a module's namespaces.
func (p *resolved) contractsInModule() contracts {
	found := contracts{}
	for _, c := range contractsOf(p.pkg) {
		found.add(c, builds.Constraint{})
	}
	for _, imp := range p.imports {
		if q := p.tree.at(imp.path); q != nil {
			q.dependency = q.dependency || len(q.SyntaxErrors) > 0
			found.addImported(imp.file, contractsOf(q))
		}
	}
	return found
}

func (p *resolved) foreignContracts() contracts {
	found := contracts{}
	for _, imp := range p.imports {
		if p.tree.at(imp.path) == nil {
			found.addImported(imp.file, p.tree.contractsAt(imp.path))
		}
	}
	p.checkImports()
	return found
}

// checkUnknown reports imports of which nothing is known, if the files that the package
// has tell that one of them has the contract of a namespace: without it, they would not
// come out the same. A module that is not there is otherwise taken for one without
// plugins, as most are.
func (p *resolved) checkUnknown(namespace string) {
	for _, imp := range p.imports {
		p.checkUnknownImport(imp, namespace)
	}
	p.checkImports()
}

// checkUnknownImport is checkUnknown for one import.
func (p *resolved) checkUnknownImport(imp imported, namespace string) {
	if q := p.tree.declaring(imp.path); q != nil {
		if p.old.Asserts(namespace, imp.path) {
			p.blockForContract(imp, namespace, p.run.resolve(q))
		}
		return
	}
	f := p.tree.foreign[imp.path]
	if f == nil {
		return
	}
	if f.source != nil && slices.ContainsFunc(f.source.Contracts,
		func(c *annotate.Contract) bool { return c.Namespace == namespace }) {
		p.run.wanted[wanted{imp.file, imp.path}] = true
		return
	}
	if f.none == nil || !p.old.Asserts(namespace, imp.path) {
		return
	}
	var missing *modules.MissingError
	if errors.As(f.none, &missing) {
		p.run.work.lacks(missing)
		return
	}
	p.unreadable(imp, f.none)
}

// declaring returns the package with an import path that is read for its contracts, or nil.
func (t *tree) declaring(path string) *pkg {
	if p := t.at(path); p != nil {
		return p
	}
	p, _ := t.neighbour(path)
	return p
}

// blockForContract keeps a package from being written without the assertions that it has, if
// there are errors in the package q, which may declare the contract that was found before.
func (p *resolved) blockForContract(imp imported, namespace string, q *resolved) {
	if !q.broken() {
		q.reportUnparsed()
	}
	if !q.broken() || q == p {
		return
	}
	kept := func(b block) bool { return b.by == q.pkg && b.why != "" } // for another contract of it
	if !slices.ContainsFunc(p.blocked, kept) {
		p.block(block{imp.span(), q.pkg, fmt.Sprintf("the generated files of this package are kept, since there are "+
			"errors in %s, which may declare the contract of %s", q.Path, namespace)})
	}
}

// declaredOptions returns the options that the package declares, and reports what is wrong with
// them when it is called first.
func (p *resolved) declaredOptions() *options.Package {
	if p.options != nil {
		return p.options
	}
	p.options = &options.Package{}
	if p.Damaged() {
		return p.options
	}
	i := &optionImports{pkg: p.pkg}
	p.options = options.Read(p.Package, i, func(namespace string, from *annotate.File) string {
		if c := p.contractFor(namespace, from.Constraint); c != nil {
			return c.Naming
		}
		return ""
	})
	p.diagnostics = append(p.diagnostics, p.options.Diagnostics...)
	if p.options.Incomplete && !p.broken() {
		i.report()
	}
	return p.options
}

// optionImports answers what the options of a package need to know of others.
type optionImports struct {
	pkg *pkg
	// packages of which something is not known, in the order in which they came up, and why
	unknown []unknownPackage
}

type unknownPackage struct {
	path string
	err  error
}

// Package implements [options.Imports]. Packages of other modules are never read, even those
// that are generated in the same run: what is generated must not depend on what else is.
func (i *optionImports) Package(path string) *source.Package {
	p := i.pkg.tree.syntaxAt(path)
	if p == nil {
		return nil
	}
	if len(p.SyntaxErrors) > 0 {
		p.dependency = true
		i.unknown = append(i.unknown, unknownPackage{path, errors.New("there are errors in it")})
	}
	return p.Package
}

// Foreign implements [options.Imports].
func (i *optionImports) Foreign(path, name string) (f options.Foreign, known bool) {
	if p, _ := i.pkg.tree.neighbour(path); p != nil {
		f.Package = p.Name
		f.Options = slices.ContainsFunc(p.Shared, func(o *annotate.OptionStruct) bool { return o.Symbol == name })
		for _, c := range p.Contracts {
			if c.Symbol == name {
				f.Namespace, f.Pointer = c.Namespace, c.Pointer
			}
		}
		return f, true
	}
	written := i.pkg.tree.generatedFiles(path)
	for _, file := range written.files {
		f.Package = file.Package
		if d := describedIn(file, name); d != nil {
			f.Options, f.Struct = true, d
		}
		for _, c := range file.Contracts {
			if c.Symbol == name {
				f.Namespace, f.Pointer = c.Namespace, c.Pointer
			}
		}
	}
	var missing *modules.MissingError
	switch {
	case errors.As(written.none, &missing) && missing.Plugins:
		i.pkg.tree.work.lacks(missing)
	case written.err != nil:
		i.unknown = append(i.unknown, unknownPackage{path, written.err})
	case written.none != nil: // whether the module has plugins is not known either
		i.unknown = append(i.unknown, unknownPackage{path, written.none})
	case written.source != nil && slices.ContainsFunc(written.source.Shared,
		func(o *annotate.OptionStruct) bool { return o.Symbol == name }):
		i.unknown = append(i.unknown, unknownPackage{path, fmt.Errorf(
			"the module %s has no generated file there yet: run plugingen in it first", written.module)})
		return f, false
	}
	return f, written.err == nil && written.none == nil
}

// report reports why the options of the package are incomplete.
func (i *optionImports) report() {
	for _, u := range i.unknown {
		span := i.pkg.first()
		for _, imp := range i.pkg.imports {
			if imp.path == u.path {
				span = imp.span()
			}
		}
		if !i.pkg.reportedAt(span) {
			i.pkg.errorf(annotate.Linking, span, "what %s declares for options can't be read: %v", u.path, u.err)
		}
	}
}

// describedIn returns the shared struct of a name that a generated file describes, or nil.
func describedIn(f *genfile.File, name string) *options.Struct {
	i := slices.IndexFunc(f.Structs, func(s *options.Struct) bool { return s.Shared && s.Name == name })
	if i < 0 {
		return nil
	}
	return f.Structs[i]
}

// sectionStructs returns the structs of the package that have sections of the configuration,
// those that other packages can name or all.
func (p *resolved) sectionStructs(all bool) []*options.Struct {
	var found []*options.Struct
	for _, s := range p.declaredOptions().Shared {
		if s.Section != "" && (all || token.IsExported(s.Name)) {
			found = append(found, s)
		}
	}
	return found
}
