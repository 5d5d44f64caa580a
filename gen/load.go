package gen

import (
	"bytes"
	"errors"
	"fmt"
	"go/token"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/module"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/render"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/scan"
	"github.com/plugingen/plugingen/internal/source"
	"github.com/plugingen/plugingen/internal/write"
)

// Modules returns the directories of the modules that the patterns are about.
func Modules(dir string, patterns []string) ([]string, error) {
	w, err := open(modules.NewLoader(), dir, patterns)
	if err != nil {
		return nil, err
	}
	var dirs []string
	for _, t := range w.trees {
		dirs = append(dirs, t.main.Dir)
	}
	return dirs, nil
}

// Sources is what the plans for some patterns are made from.
type Sources struct {
	// directories; first of those that the patterns are about, then of those that
	// hosts in them may link
	Modules []string
	Files   []string // that say which modules these are; some would if they were there
}

// SourcesOf returns what plans for the patterns are made from. Modules of the module
// cache are not among it, since they never change.
func SourcesOf(dir string, patterns []string) (Sources, error) {
	w, err := open(modules.NewLoader(), dir, patterns)
	if err != nil {
		return Sources{}, err
	}
	var s Sources
	var linked []string
	for _, t := range w.trees {
		s.Modules = append(s.Modules, t.main.Dir)
		linked = append(linked, t.main.Local(ModulePath)...)
		s.Files = append(s.Files, t.main.Files()...)
	}
	for _, dir := range linked {
		if !slices.Contains(s.Modules, dir) {
			s.Modules = append(s.Modules, dir)
		}
	}
	return s, nil
}

// A target is what a pattern names in one module: a directory, or some of those below it.
type target struct {
	dir   string
	match func(dir string) bool // nil for the directory itself
}

// open finds the modules that the patterns are about, relative to the directory; without
// patterns, the one of the directory itself. In a workspace, a pattern that takes in the
// directories of several of its modules is about all of them.
func open(load *modules.Loader, dir string, patterns []string) (*workspace, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	w := &workspace{fset: token.NewFileSet(), sources: map[string][]byte{}}
	add := func(main *modules.Main, tg target) {
		t := w.tree(main.Dir)
		if t == nil {
			t = w.newTree(main)
			w.trees = append(w.trees, t)
		}
		t.targets = append(t.targets, tg)
	}
	for _, pattern := range patterns {
		pattern, err := packageOf(dir, pattern)
		if err != nil {
			return nil, err
		}
		find := findImportPath
		if isLocal(pattern) {
			find = findDir
		}
		if err := find(load, dir, pattern, add); err != nil {
			return nil, err
		}
	}
	for _, t := range w.trees {
		for _, tg := range t.targets {
			if err := inside(t.main, tg.dir); err != nil {
				return nil, err
			}
		}
	}
	return w, nil
}

// packageOf returns the directory of a pattern that is the name of a Go file, as a go:generate
// comment has it in $GOFILE, and any other pattern as it is. An import path may end like a
// file.
func packageOf(dir, pattern string) (string, error) {
	if !strings.HasSuffix(pattern, ".go") {
		return pattern, nil
	}
	file := pattern
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	switch info, err := os.Stat(file); {
	case err == nil && !info.IsDir():
		return filepath.Dir(file), nil
	case err != nil && !strings.ContainsAny(pattern, `/\\`):
		return "", fmt.Errorf("there is no file %s here", pattern)
	case err != nil && isLocal(pattern):
		return "", fmt.Errorf("there is no file %s", pattern)
	}
	return pattern, nil
}

// inside returns an error if a symbolic link leads to the directory from that of the
// module: what is there is another package, or of another module.
func inside(main *modules.Main, dir string) error {
	root, err := filepath.EvalSymlinks(main.Dir)
	if err != nil {
		return err
	}
	target, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(main.Dir, dir)
	switch {
	case err != nil || !within(root, target):
		return fmt.Errorf("%s is a symbolic link out of the module %s: run plugingen in %s", dir, main.Path, target)
	case filepath.Join(root, rel) != target:
		return fmt.Errorf("%s is a symbolic link: write %s", dir, target)
	}
	return nil
}

// isLocal reports whether a pattern is of directories rather than of import paths.
func isLocal(pattern string) bool {
	first, _, _ := strings.Cut(filepath.ToSlash(pattern), "/")
	return first == "." || first == ".." || strings.HasPrefix(pattern, "...") &&
		!strings.HasPrefix(pattern, ".../") || filepath.IsAbs(pattern)
}

// findDir adds what a pattern of directories names: ., ./a, ../a/..., an absolute path.
func findDir(load *modules.Loader, dir, pattern string, add func(*modules.Main, target)) error {
	pattern = filepath.ToSlash(pattern)
	fixed, wild := pattern, strings.Contains(pattern, "...")
	if wild {
		fixed = pattern[:strings.Index(pattern, "...")]
		fixed = fixed[:strings.LastIndex(fixed, "/")+1]
	}
	tg := target{dir: filepath.Clean(filepath.FromSlash(fixed))}
	if !filepath.IsAbs(tg.dir) {
		tg.dir = filepath.Join(dir, tg.dir)
	}
	switch info, err := os.Stat(tg.dir); {
	case err != nil:
		return fmt.Errorf("%s: there is no directory %s", pattern, tg.dir)
	case !info.IsDir():
		return fmt.Errorf("%s is a file: name the directory of its package", pattern)
	}
	main, err := load.Find(tg.dir)
	if wild {
		match := rules.Pattern(strings.TrimPrefix(pattern, fixed)).Match
		tg.match = func(d string) bool {
			rel, err := filepath.Rel(tg.dir, d)
			return err == nil && match(filepath.ToSlash(rel))
		}
		below, workErr := addMembers(load, main, tg, add)
		if workErr != nil || below > 0 && errors.Is(err, modules.ErrNoModule) {
			return workErr // the directory of a workspace need not be a module
		}
	}
	if err == nil {
		add(main, tg)
	}
	return err
}

// addMembers adds the other modules of the workspace that lie below the directory of a
// pattern, and returns how many there are.
func addMembers(load *modules.Loader, main *modules.Main, tg target, add func(*modules.Main, target)) (int, error) {
	members, err := load.Workspace(tg.dir)
	below := 0
	for _, use := range members {
		if main != nil && use == main.Dir || !within(tg.dir, use) {
			continue
		}
		other, err := load.Find(use)
		if err != nil {
			return below, err
		}
		add(other, target{use, tg.match})
		below++
	}
	return below, err
}

// findImportPath adds what a pattern of import paths names, in the module that dir
// is in or in others of its workspace.
func findImportPath(load *modules.Loader, dir, pattern string, add func(*modules.Main, target)) error {
	if err := module.CheckImportPath(strings.ReplaceAll(pattern, "...", "x")); err != nil {
		return fmt.Errorf("%w (write ./%s for a directory)", err, pattern)
	}
	main, err := load.Find(dir)
	if err != nil {
		return err
	}
	all := []*modules.Main{main}
	for _, member := range main.Workspace() {
		if member.Dir != main.Dir {
			other, err := load.Find(member.Dir)
			if err != nil {
				return err
			}
			all = append(all, other)
		}
	}
	found := false
	for _, m := range all {
		tg, ok := targetIn(m, pattern)
		if !ok {
			continue
		}
		if info, err := os.Stat(tg.dir); err != nil || !info.IsDir() {
			return fmt.Errorf("%s: there is no directory %s", pattern, tg.dir)
		}
		add(m, tg)
		found = true
	}
	if !found {
		return fmt.Errorf(
			"%s is not in the module %s: plugingen writes only into the module that you are "+
				"in (write ./%s for a directory)", pattern, main.Path, pattern)
	}
	return nil
}

// targetIn returns what a pattern of import paths names in a module, and whether the
// module is one that the pattern is about.
func targetIn(m *modules.Main, pattern string) (target, bool) {
	fixed, _, wild := strings.Cut(pattern, "...")
	if !wild {
		return target{dir: m.DirOf(pattern)}, m.Owns(pattern)
	}
	match := rules.Pattern(pattern).Match
	tg := target{m.Dir, func(dir string) bool { return match(m.ImportPath(dir)) }}
	if p := strings.TrimSuffix(fixed, "/"); p != fixed && rules.HasPathPrefix(p, m.Path) {
		tg.dir = m.DirOf(p)
	}
	return tg, rules.Pattern(pattern).MayMatchIn(m.Path)
}

// within reports whether a directory is another or lies in it.
func within(parent, dir string) bool {
	rel, err := filepath.Rel(parent, dir)
	return err == nil && filepath.IsLocal(rel)
}

// A workspace is the modules that a run is about, and what their trees share.
type workspace struct {
	fset    *token.FileSet
	trees   []*tree
	sources map[string][]byte       // of hosts' files with directives, by path
	missing []*modules.MissingError // modules without which generated files would lack plugins
}

// each yields the packages that a method returns for each module. It calls the method when it
// comes to the module, so that the caller may have more packages read.
func (w *workspace) each(packages func(*tree) []*pkg) iter.Seq2[*tree, *pkg] {
	return func(yield func(*tree, *pkg) bool) {
		for _, t := range w.trees {
			for _, p := range packages(t) {
				if !yield(t, p) {
					return
				}
			}
		}
	}
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

// A tree is what a run reads of one module.
type tree struct {
	work        *workspace
	main        *modules.Main
	scan        scan.Tree
	targets     []target
	packages    map[string]*pkg     // by directory; those that were read, nil where there is nothing
	order       []*pkg              // those that are not nil, by path
	counted     int                 // how many packages there were when that was made
	whole       bool                // all of the module has been scanned
	foreign     map[string]*foreign // packages of other modules, by import path
	imported    map[string][]string // what packages import, by import path
	unannotated map[string]*pkg     // by directory; those without annotations that were read anyway
	asking      []string            // questions to other packages that are being answered
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
		imported:    map[string][]string{},
	}
}

// A pkg is a package of the tree.
type pkg struct {
	*source.Package
	dir         *scan.Dir
	requested   bool
	along       bool // not requested, but written with a host that links it, or with what it links
	dependency  bool // a package that is written lacks something because of an error in this one
	resolved    bool
	generated   []*genfile.File // see generatedFiles
	diagnostics []annotate.Diagnostic
	blocked     []annotate.Diagnostic // why it is not written, though the errors are elsewhere
	contracts   map[string]*contract  // by namespace; those of the module that its files can refer to

	foreignContracts map[string]*contract // the same of other modules
	links            []*linkable          // what it links, if it is a host

	options   *options.Package // nil before optionsOf
	providers []*pkg           // of the module, that describe structs with options which this one refers to

	described, linked bool
	outputs           map[string]*render.File // by constraint
	files             map[string][]byte       // what the files are to hold, by name
	changes           []write.Change
}

// planned reports whether the package's files are written.
func (p *pkg) planned() bool { return p.requested || p.along }

// declares reports whether there is anything in the package for plugingen.
func (p *pkg) declares() bool {
	return len(p.Plugins)+len(p.Hosts)+len(p.Contracts)+len(p.Bases)+len(p.Shared) > 0
}

// broken reports whether there is an error in the package, or in one that it links.
func (p *pkg) broken() bool { return p.errorCount() > 0 }

func (p *pkg) errorCount() int { return len(p.diagnostics) + len(p.blocked) }

func (p *pkg) report(d annotate.Diagnostic) { p.diagnostics = append(p.diagnostics, d) }

func (p *pkg) errorf(c annotate.Category, span annotate.Span, format string, args ...any) {
	p.report(annotate.Diagnostic{Span: span, Category: c, Message: fmt.Sprintf(format, args...)})
}

// reportedAt reports whether there is an error at a place.
func (p *pkg) reportedAt(span annotate.Span) bool {
	return slices.ContainsFunc(p.diagnostics, func(d annotate.Diagnostic) bool { return d.Span == span })
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

// read reads the packages that the patterns name. Directories in known need not be read again.
func (w *workspace) read(known *scan.Known) error {
	for _, t := range w.trees {
		t.scan.Known = known
		for _, tg := range t.targets {
			if err := t.readTarget(tg); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *tree) readTarget(tg target) error {
	var read []*pkg
	if tg.match == nil {
		found, err := t.scan.One(tg.dir)
		if err != nil {
			return err
		}
		read = []*pkg{t.add(t.parse(found))}
	} else {
		found, all, err := t.readBelow(tg.dir, tg.match)
		if err != nil {
			return err
		}
		read = found
		t.whole = t.whole || tg.dir == t.main.Dir && all
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
	t.resolveAll()
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
// which is all that is of interest where no file is annotated.
func (t *tree) parseDir(dir *scan.Dir, syntax bool) *pkg {
	p := &pkg{}
	var files []source.File
	if syntax {
		files = sourcesOf(dir)
	}
	p.Package = source.Read(t.work.fset, t.main.ImportPath(dir.Path), files, readfile.Source)
	p.dir = withoutSources(dir, len(p.Hosts) > 0)
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
	add := func(files []scan.File, marked bool) {
		for _, f := range files {
			all = append(all, source.File{
				Name: f.Name, Path: filepath.Join(dir.Path, f.Name),
				Src: f.Src, Annotated: marked,
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
	return t.add(t.parse(found)) // its own plugins are not requested, and so it is not resolved
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

// requested returns the packages that the patterns name, sorted by path.
func (t *tree) requested() []*pkg {
	return slices.DeleteFunc(slices.Clone(t.sorted()), func(p *pkg) bool { return !p.requested })
}

// planned returns the packages whose files are written, sorted by path.
func (t *tree) planned() []*pkg {
	return slices.DeleteFunc(slices.Clone(t.sorted()), func(p *pkg) bool { return !p.planned() })
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

// parallel calls do for each of n numbers, on all processors, and returns all errors,
// in order. It is not an errgroup, which returns whichever error comes first, and
// starts a goroutine for each call.
func parallel(n int, do func(i int) error) error {
	return parallelN(runtime.GOMAXPROCS(0), n, do)
}

func parallelN(workers, n int, do func(i int) error) error {
	errs := make([]error, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(workers, n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				errs[i] = do(i)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
