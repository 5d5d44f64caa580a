package gen

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/render"
	"github.com/plugingen/plugingen/internal/scan"
	"github.com/plugingen/plugingen/internal/source"
	"github.com/plugingen/plugingen/internal/write"
)

// A tree is what a run reads of one module.
type tree struct {
	plan     *Plan
	main     *modules.Main
	scan     scan.Tree
	targets  []target
	packages map[string]*pkg     // by folder; those that were read, nil where there is nothing
	order    []*pkg              // those that are not nil, by path
	counted  int                 // how many packages there were when that was made
	whole    bool                // all of the module has been scanned
	foreign  map[string]*foreign // packages of other modules, by import path
	imported map[string][]string // what packages import, by import path
	plain    map[string]*pkg     // by folder; those without annotations that were read anyway
	asking   []string            // questions to other packages that are being answered
	offline  bool                // other modules are not looked at
}

// A pkg is a package of the tree.
type pkg struct {
	*source.Package
	folder      *scan.Folder
	asked       bool
	along       bool // not asked for, but written with a host that links it, or with what it links
	needed      bool // by one that is written, which lacks something for a mistake in it
	resolved    bool
	diagnostics []annotate.Diagnostic
	held        []annotate.Diagnostic // why it is not written, though the mistakes are elsewhere
	contracts   map[string]*contract  // by namespace; those of the module that its files can refer to

	foreignContracts map[string]*contract // the same of other modules
	links            []*linkable          // what it links, if it is a host

	described, linked bool
	outputs           map[string]*render.File // by constraint
	files             map[string][]byte       // what the files are to hold, by name
	changes           []write.Change
}

// planned reports whether the package's files are written.
func (p *pkg) planned() bool { return p.asked || p.along }

// hold keeps the package from being written since another one is not.
func (p *pkg) hold(span annotate.Span, q *pkg) {
	q.needed = true
	reason := "this host is not written, since there are mistakes in "
	if len(q.diagnostics) == 0 {
		reason = "this host is not written without "
	}
	i := slices.IndexFunc(p.held, func(d annotate.Diagnostic) bool { return d.Span == span && strings.HasPrefix(d.Message, reason) })
	if i < 0 {
		p.held = append(p.held, annotate.Diagnostic{Span: span, Category: annotate.Linking, Message: reason + q.Path})
		return
	}
	p.held[i].Message += ", " + q.Path
}

// declares says whether there is anything in the package for plugingen.
func (p *pkg) declares() bool { return len(p.Plugins)+len(p.Hosts)+len(p.Contracts)+len(p.Bases) > 0 }

// broken says whether there is a mistake in the package, or in one that it links.
func (p *pkg) broken() bool { return p.mistakes() > 0 }

func (p *pkg) mistakes() int { return len(p.diagnostics) + len(p.held) }

func (p *pkg) report(d annotate.Diagnostic) { p.diagnostics = append(p.diagnostics, d) }

func (p *pkg) errorf(c annotate.Category, span annotate.Span, format string, args ...any) {
	p.report(annotate.Diagnostic{Span: span, Category: c, Message: fmt.Sprintf(format, args...)})
}

func newTree(main *modules.Main) *tree {
	return &tree{
		main:     main,
		scan:     scan.Tree{Root: main.Dir, Ignored: main.Ignored},
		packages: map[string]*pkg{},
		plain:    map[string]*pkg{},
		foreign:  map[string]*foreign{},
		imported: map[string][]string{},
	}
}

// read reads what was asked for.
func (t *tree) read() error {
	for _, tg := range t.targets {
		if err := t.readTarget(tg); err != nil {
			return err
		}
	}
	return nil
}

// readWhole scans the rest of the module.
func (t *tree) readWhole() error {
	if t.whole {
		return nil
	}
	folders, err := t.scan.All(t.main.Dir)
	if err != nil {
		return err
	}
	t.whole = true
	t.parse(folders)
	return t.resolveAll()
}

func (t *tree) readTarget(tg target) error {
	var folders []*scan.Folder
	if tg.match == nil {
		folder, err := t.scan.One(tg.dir)
		if err != nil {
			return err
		}
		folders = append(folders, folder)
	} else {
		all, err := t.scan.All(tg.dir)
		if err != nil {
			return err
		}
		for _, f := range all {
			if tg.match(f.Dir) {
				folders = append(folders, f)
			}
		}
		t.whole = t.whole || tg.dir == t.main.Dir && len(all) == len(folders)
	}
	for _, p := range t.parse(folders) {
		p.asked = true
	}
	return nil
}

// asked returns the packages that the patterns name, sorted by path.
func (t *tree) asked() []*pkg {
	return slices.DeleteFunc(slices.Clone(t.sorted()), func(p *pkg) bool { return !p.asked })
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

// parse reads the folders, those that were not read before, and returns their packages.
func (t *tree) parse(folders []*scan.Folder) []*pkg {
	result := make([]*pkg, len(folders))
	parallel(len(folders), func(i int) error {
		if result[i] = t.packages[folders[i].Dir]; result[i] == nil {
			result[i] = t.parseFolder(folders[i], len(folders[i].Marked)+len(folders[i].Generated) > 0)
		}
		return nil
	})
	for i, f := range folders {
		t.packages[f.Dir] = result[i]
		if len(result[i].Hosts) == 0 {
			continue // read again if a diagnostic is to show it
		}
		for _, m := range f.Marked {
			t.plan.source[filepath.Join(f.Dir, m.Name)] = m.Src
		}
	}
	return result
}

// resolveAll completes the packages that were read with what those say that they
// import, which may be in a module that is read in the same run.
func (t *tree) resolveAll() error {
	for _, p := range slices.Collect(maps.Values(t.packages)) { // more may be read meanwhile
		if p != nil && !p.resolved {
			p.resolved = true
			t.resolve(p)
		}
	}
	return nil
}

func (t *tree) resolve(p *pkg) {
	p.Resolve(t)
	p.diagnostics = append(p.diagnostics, p.Diagnostics...)
	t.checkDir(p)
	checkLostNames(p)
	t.checkImports(p)
}

// at returns the package of the module with the import path, nil if the path is of
// another module or there is nothing in the package for plugingen.
func (t *tree) at(importPath string) *pkg {
	dir := t.main.Folder(importPath)
	if p, ok := t.packages[dir]; ok {
		return p
	}
	if t.whole || !t.main.Owns(importPath) {
		return nil
	}
	folder, err := t.scan.One(dir)
	if err != nil {
		t.packages[dir] = nil // an import that leads nowhere is for the compiler to report
		return nil
	}
	return t.parse([]*scan.Folder{folder})[0] // its own plugins are not asked for, and so it is not resolved
}

// syntaxAt is like at, but reads a package though there is no annotation in it.
func (t *tree) syntaxAt(importPath string) *pkg {
	if p := t.at(importPath); p != nil && len(p.folder.Marked) > 0 {
		return p
	}
	dir := t.main.Folder(importPath)
	if p, ok := t.plain[dir]; ok {
		return p
	}
	t.plain[dir] = nil
	if !t.main.Owns(importPath) {
		return nil
	}
	folder, err := t.scan.One(dir)
	if err != nil {
		return nil
	}
	t.plain[dir] = t.parseFolder(folder, true)
	return t.plain[dir]
}
