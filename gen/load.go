package gen

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/internal/written"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/locate"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/scan"
	"github.com/plugingen/plugingen/internal/source"
)

// A workspace is the modules that a run is about, and what was read of them. More is read when a
// later phase asks for it; what has been read does not change.
type workspace struct {
	fset    *token.FileSet
	trees   []*tree
	sources map[string][]byte       // of hosts' files with directives, by path
	missing []*modules.MissingError // modules without which generated files would lack plugins
}

// load reads the packages that the patterns name. Directories in the cache are not read again.
func load(found []*locate.Module, cache *scan.Cache, trace *scan.Trace) (*workspace, error) {
	w := newWorkspace(token.NewFileSet(), found)
	for i, t := range w.trees {
		t.scan.Cache, t.scan.Trace = cache, trace
		for _, tg := range found[i].Targets {
			if err := t.readTarget(tg); err != nil {
				return nil, err
			}
		}
	}
	return w, nil
}

// newWorkspace returns a workspace that has read nothing yet.
func newWorkspace(fset *token.FileSet, found []*locate.Module) *workspace {
	w := &workspace{fset: fset, sources: map[string][]byte{}}
	for _, l := range found {
		w.trees = append(w.trees, w.newTree(l.Main))
	}
	return w
}

// all returns the packages that were read, by module and path.
func (w *workspace) all() (all []*pkg) {
	for _, t := range w.trees {
		all = append(all, t.sorted()...)
	}
	return all
}

// requested returns the packages that the patterns name, by module and path.
func (w *workspace) requested() []*pkg {
	return slices.DeleteFunc(w.all(), func(p *pkg) bool { return !p.requested })
}

// tree returns the tree of the module in the directory, or nil if the run is not about it.
func (w *workspace) tree(dir string) *tree {
	for _, t := range w.trees {
		if t.main.Dir == dir {
			return t
		}
	}
	return nil
}

// lacks notes that the workspace is incomplete without the modules.
func (w *workspace) lacks(missing *modules.MissingError) {
	for _, m := range w.missing {
		if m.Join(missing) {
			return
		}
	}
	w.missing = append(w.missing, missing)
}

// incomplete returns an error if modules are missing without which generated files
// would lack plugins.
func (w *workspace) incomplete() error {
	var errs []error
	for _, m := range w.missing {
		errs = append(errs, m)
	}
	return errors.Join(errs...)
}

// A tree is what a run reads of one module, and of those that its packages import.
type tree struct {
	work        *workspace
	main        *modules.Main
	scan        scan.Tree
	packages    map[string]*pkg     // by directory; those that were read, nil where there is nothing
	order       []*pkg              // those that are not nil, by path
	counted     int                 // how many packages there were when that was made
	whole       bool                // all of the module has been scanned
	unannotated map[string]*pkg     // by directory; those without annotations that were read anyway
	foreign     map[string]*foreign // packages of other modules, by import path
	offline     bool                // other modules are not looked at
}

func (w *workspace) newTree(main *modules.Main) *tree {
	return &tree{
		work:        w,
		main:        main,
		scan:        scan.Tree{Root: main.Dir, Ignored: main.Ignored},
		packages:    map[string]*pkg{},
		unannotated: map[string]*pkg{},
		foreign:     map[string]*foreign{},
	}
}

// foreign is what is known of a package of another module.
type foreign struct {
	files  []*genfile.File   // those that plugingen wrote
	err    error             // why they can't be used
	none   error             // why nothing is known of the package
	source *annotate.Package // what it declares, if there is no generated file yet
	module string            // the path of its module, if there is none
}

// A pkg is a package of the tree, as its source declares it.
type pkg struct {
	*source.Package
	problems
	tree      *tree
	dir       *scan.Dir
	requested bool
	old       *written.Package // its generated files
	imports   []imported       // those of its files that may have a contract
}

// An imported package is one that a file imports.
type imported struct {
	file *annotate.File
	spec *ast.ImportSpec
	path string
}

func (i imported) span() annotate.Span {
	return annotate.Span{Pos: i.spec.Path.Pos(), End: i.spec.Path.End()}
}

// importedBy returns what files import, but for the registry, which declares nothing.
func importedBy(files []*annotate.File) (all []imported) {
	for _, f := range files {
		for _, spec := range f.Syntax.Imports {
			if path, err := strconv.Unquote(spec.Path.Value); err == nil && path != annotate.RegistryPath {
				all = append(all, imported{f, spec, path})
			}
		}
	}
	return all
}

// declares reports whether there is anything in the package for plugingen.
func (p *pkg) declares() bool {
	return len(p.Plugins)+len(p.Hosts)+len(p.Contracts)+len(p.Bases)+len(p.Shared) > 0
}

// first returns the place of what the package declares first, to point at.
func (p *pkg) first() annotate.Span {
	switch {
	case len(p.Plugins) > 0:
		return p.Plugins[0].Directive
	case len(p.Hosts) > 0:
		return p.Hosts[0].Directive
	case len(p.Contracts) > 0:
		return p.Contracts[0].Directive
	case len(p.Shared) > 0:
		return p.Shared[0].Directive
	case len(p.Files) > 0:
		id := p.Files[0].Syntax.Name
		return annotate.Span{Pos: id.Pos(), End: id.End()}
	}
	return annotate.Span{}
}

// problems are what is wrong with a package. Each phase adds what it finds: the later ones leave
// out what errors make unknown, and the package's files are not written.
type problems struct {
	diagnostics []annotate.Diagnostic
	blocked     []block // why it is not written, though the errors are elsewhere
	dependency  bool    // a package that is written lacks something because of an error in this one
}

// broken reports whether there is an error in the package, or in one that it needs.
func (p *problems) broken() bool { return p.errorCount() > 0 }

func (p *problems) errorCount() int { return len(p.diagnostics) + len(p.blocked) }

func (p *problems) report(d annotate.Diagnostic) { p.diagnostics = append(p.diagnostics, d) }

func (p *problems) errorf(c annotate.Category, span annotate.Span, format string, args ...any) {
	p.report(annotate.Diagnostic{Span: span, Category: c, Message: fmt.Sprintf(format, args...)})
}

// reportedAt reports whether there is an error at a place.
func (p *problems) reportedAt(span annotate.Span) bool {
	return slices.ContainsFunc(p.diagnostics, func(d annotate.Diagnostic) bool { return d.Span == span })
}

// A block is why a package is not written though the errors are elsewhere.
type block struct {
	span annotate.Span
	by   *pkg   // nil if the reason is no error in a package
	why  string // "" if a host names by, which is not written: see hostBlocks
}

// block notes why a package is not written because of another one.
func (p *problems) block(b block) {
	b.by.dependency = true
	p.blocked = append(p.blocked, b)
}

// blocks describes what keeps a package from being written though the errors are elsewhere.
func (p *problems) blocks() (all []annotate.Diagnostic) {
	hosts, seen := map[annotate.Span][]*pkg{}, map[block]bool{}
	for _, b := range p.blocked {
		switch {
		case seen[b]:
		case b.why == "":
			hosts[b.span] = append(hosts[b.span], b.by)
		default:
			all = append(all, annotate.Diagnostic{Span: b.span, Category: annotate.Linking, Message: b.why})
		}
		seen[b] = true
	}
	for span, named := range hosts {
		all = append(all, hostBlocks(span, named)...)
	}
	return all
}

// hostBlocks describes that a host is not written since packages that it names are not. Those of
// one place are one reason.
func hostBlocks(span annotate.Span, named []*pkg) (all []annotate.Diagnostic) {
	var invalid, blocked []string
	for _, q := range named {
		if len(q.diagnostics) > 0 {
			invalid = append(invalid, q.Path)
		} else {
			blocked = append(blocked, q.Path)
		}
	}
	add := func(reason string, paths []string) {
		if len(paths) > 0 {
			all = append(all, annotate.Diagnostic{
				Span: span, Category: annotate.Linking,
				Message: "this host is not written" + reason + strings.Join(paths, ", "),
			})
		}
	}
	add(", since there are errors in ", invalid)
	add(" without ", blocked)
	return all
}

// reportUnparsed reports what keeps files without annotations from being parsed, once.
func (p *pkg) reportUnparsed() {
	for _, d := range p.UnannotatedErrors() {
		if !p.reportedAt(d.Span) {
			p.report(d)
		}
	}
}

func (t *tree) readTarget(tg locate.Target) error {
	var read []*pkg
	if tg.Match == nil {
		found, err := t.scan.One(tg.Dir)
		if err != nil {
			return err
		}
		read = []*pkg{t.add(t.parse(found))}
	} else {
		found, all, err := t.readBelow(tg.Dir, tg.Match)
		if err != nil {
			return err
		}
		read = found
		t.whole = t.whole || tg.Dir == t.main.Dir && all
	}
	for _, p := range read {
		p.requested = true
	}
	return nil
}

// readWhole reads the rest of the module.
func (t *tree) readWhole() error {
	if t.whole {
		return nil
	}
	if _, _, err := t.readBelow(t.main.Dir, anyDir); err != nil {
		return err
	}
	t.whole = true
	return nil
}

func anyDir(string) bool { return true }

// readBelow reads the directories below dir that match, and returns their packages by path,
// and whether all directories did.
func (t *tree) readBelow(dir string, match func(dir string) bool) (read []*pkg, all bool, err error) {
	var mu sync.Mutex
	all = true
	err = t.scan.Each(dir, func(d *scan.Dir) {
		var p *pkg
		if match(d.Path) {
			p = t.parse(d)
		}
		mu.Lock()
		defer mu.Unlock()
		if p == nil {
			all = false
		} else {
			read = append(read, p)
		}
	})
	slices.SortFunc(read, func(a, b *pkg) int { return strings.Compare(a.dir.Path, b.dir.Path) })
	for _, p := range read {
		t.add(p)
	}
	return read, all, err
}

// parse reads what is in a directory, if it was not read before. It may be called concurrently.
func (t *tree) parse(dir *scan.Dir) *pkg {
	if p := t.packages[dir.Path]; p != nil {
		return p
	}
	return t.parseDir(dir, len(dir.Annotated)+len(dir.Generated) > 0)
}

// add adds a package that was parsed, and returns it.
func (t *tree) add(p *pkg) *pkg {
	t.packages[p.dir.Path] = p
	for _, f := range p.dir.Annotated {
		if f.Src != nil {
			t.work.sources[filepath.Join(p.dir.Path, f.Name)] = f.Src
		}
	}
	return p
}

// parseDir reads a directory: its files too, or only what was generated before,
// which is enough where no file is annotated.
func (t *tree) parseDir(dir *scan.Dir, syntax bool) *pkg {
	p := &pkg{tree: t}
	var files []source.File
	if syntax {
		files = sourcesOf(dir)
	}
	p.Package = source.Read(t.work.fset, t.main.ImportPath(dir.Path), files, readfile.Source)
	p.dir = withoutSources(dir, len(p.Hosts) > 0)
	p.imports, p.old = importedBy(p.Files), written.In(dir)
	p.diagnostics = p.SyntaxErrors
	return p
}

// withoutSources returns a directory without the contents of hand-written files, which are
// most of the memory. Those of a host are kept for diagnostics to show; others are read again.
func withoutSources(dir *scan.Dir, host bool) *scan.Dir {
	without := *dir
	without.Unannotated, without.Annotated = nil, nil
	for _, f := range dir.Annotated {
		if host {
			f.Src = bytes.Clone(f.Src)
		} else {
			f.Src = nil
		}
		without.Annotated = append(without.Annotated, f)
	}
	return &without
}

// sourcesOf returns the files of a directory.
func sourcesOf(dir *scan.Dir) []source.File {
	var all []source.File
	add := func(files []scan.File, annotated bool) {
		for _, f := range files {
			all = append(all, source.File{
				Name: f.Name, Path: filepath.Join(dir.Path, f.Name),
				Src: f.Src, Annotated: annotated,
			})
		}
	}
	add(dir.Annotated, true)
	add(dir.Unannotated, false)
	return all
}

// at returns the package of the module with the import path, nil if the path is of
// another module or there is nothing in the package for plugingen.
func (t *tree) at(importPath string) *pkg {
	dir := t.main.DirOf(importPath)
	if dir == "" {
		return nil
	}
	if p, ok := t.packages[dir]; ok {
		return p
	}
	if t.whole || !t.main.Owns(importPath) {
		return nil
	}
	found, err := t.scan.One(dir)
	if err != nil {
		t.packages[dir] = nil // an import that leads nowhere is for the compiler to report
		return nil
	}
	return t.add(t.parse(found))
}

// syntaxAt is like at, but reads a package though there is no annotation in it.
func (t *tree) syntaxAt(importPath string) *pkg {
	if p := t.at(importPath); p != nil && len(p.dir.Annotated) > 0 {
		return p
	}
	dir := t.main.DirOf(importPath)
	if p, ok := t.unannotated[dir]; ok {
		return p
	}
	t.unannotated[dir] = nil
	if !t.main.Owns(importPath) {
		return nil
	}
	found, err := t.scan.One(dir)
	if err != nil {
		return nil
	}
	t.unannotated[dir] = t.parseDir(found, true)
	return t.unannotated[dir]
}

// sorted returns the packages that were read, sorted by path. The caller must not change the list.
func (t *tree) sorted() []*pkg {
	if len(t.packages) == t.counted {
		return t.order
	}
	t.order, t.counted = nil, len(t.packages)
	for _, p := range t.packages {
		if p != nil {
			t.order = append(t.order, p)
		}
	}
	slices.SortFunc(t.order, func(a, b *pkg) int { return strings.Compare(a.Path, b.Path) })
	return t.order
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
