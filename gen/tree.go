package gen

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/genfile"
	"github.com/plugingen/plugingen/gen/modules"
	"github.com/plugingen/plugingen/gen/scan"
)

// A tree is what a run reads of one module.
type tree struct {
	plan     *Plan
	main     *modules.Main
	targets  []target
	packages map[string]*pkg // by folder; those that were read
	whole    bool            // all of the module has been scanned
	foreign  map[string][]*genfile.File
}

// A target is a pattern: a folder, or all below it.
type target struct {
	pattern string
	dir     string
	match   func(importPath string) bool // nil for the folder itself
}

// A pkg is a package of the tree.
type pkg struct {
	*annotate.Package
	folder      *scan.Folder
	asked       bool
	resolved    bool
	diagnostics []annotate.Diagnostic
	contracts   map[string]*contract // by namespace; those that its files can refer to
}

// broken says whether there is a mistake in the package.
func (p *pkg) broken() bool { return len(p.diagnostics) > 0 }

func (p *pkg) report(d annotate.Diagnostic) { p.diagnostics = append(p.diagnostics, d) }

func (p *pkg) errorf(c annotate.Category, span annotate.Span, format string, args ...any) {
	p.report(annotate.Diagnostic{Span: span, Category: c, Message: fmt.Sprintf(format, args...)})
}

// open finds the modules that the patterns are about. In a workspace, a pattern
// that takes in the folders of several of its modules is about all of them.
func open(dir string, patterns []string) ([]*tree, error) {
	var trees []*tree
	add := func(main *modules.Main, tg target) {
		i := slices.IndexFunc(trees, func(t *tree) bool { return t.main.Dir == main.Dir })
		if i < 0 {
			i = len(trees)
			trees = append(trees, &tree{main: main, packages: map[string]*pkg{}, foreign: map[string][]*genfile.File{}})
		}
		trees[i].targets = append(trees[i].targets, tg)
	}
	for _, pattern := range patterns {
		tg, main, err := parsePattern(dir, pattern)
		if err != nil {
			return nil, err
		}
		add(main, tg)
		if tg.match == nil {
			continue
		}
		for _, use := range main.Workspace() {
			if use != main.Dir && within(tg.dir, use) {
				other, err := modules.Find(use)
				if err != nil {
					return nil, err
				}
				add(other, target{pattern, use, matchPattern(other.Path + "/...")})
			}
		}
	}
	return trees, nil
}

// parsePattern returns what a pattern names, and the module that it is in.
func parsePattern(dir, pattern string) (target, *modules.Main, error) {
	fixed, rest, wild := strings.Cut(pattern, "...")
	if wild {
		if i := strings.LastIndexAny(fixed, `/\`); i >= 0 {
			fixed = fixed[:i]
		}
	}
	local := pattern == "..." || pattern == "." || pattern == ".." || strings.HasPrefix(pattern, "./") || strings.HasPrefix(pattern, "../") || filepath.IsAbs(pattern)
	folder := dir
	switch {
	case filepath.IsAbs(pattern):
		folder = filepath.Clean(fixed)
	case local:
		folder = filepath.Join(dir, filepath.FromSlash(fixed))
	}
	main, err := modules.Find(folder)
	if err != nil {
		return target{}, nil, err
	}
	if !local {
		if !modules.Has(main.Path, fixed) {
			return target{}, nil, fmt.Errorf("%s is not in the module %s: plugingen writes only into the module that you are in (write ./%s for a folder)", pattern, main.Path, pattern)
		}
		folder = main.Folder(fixed)
	}
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return target{}, nil, fmt.Errorf("%s: there is no folder %s", pattern, folder)
	}
	tg := target{pattern: pattern, dir: folder}
	if wild {
		prefix := main.ImportPath(folder) + "/"
		if last := strings.LastIndexAny(pattern[:strings.Index(pattern, "...")], `/\`); last >= 0 {
			rest = pattern[last+1:]
		} else {
			rest = pattern
		}
		tg.match = matchPattern(prefix + rest)
	}
	return tg, main, nil
}

// within says whether a folder is another or lies in it.
func within(parent, dir string) bool {
	rel, err := filepath.Rel(parent, dir)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
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
	folders, err := t.scan(t.main.Dir)
	if err != nil {
		return err
	}
	t.whole = true
	if _, err = t.parse(folders); err != nil {
		return err
	}
	return t.resolveAll()
}

func (t *tree) readTarget(tg target) error {
	var folders []*scan.Folder
	if tg.match == nil {
		folder, err := scan.One(tg.dir)
		if err != nil {
			return err
		}
		folders = append(folders, folder)
	} else {
		all, err := t.scan(tg.dir)
		if err != nil {
			return err
		}
		for _, f := range all {
			if tg.match(t.main.ImportPath(f.Dir)) {
				folders = append(folders, f)
			}
		}
		t.whole = t.whole || tg.dir == t.main.Dir && len(all) == len(folders)
	}
	read, err := t.parse(folders)
	for _, p := range read {
		p.asked = true
	}
	return err
}

func (t *tree) scan(dir string) ([]*scan.Folder, error) {
	prefix := ""
	if rel, err := filepath.Rel(t.main.Dir, dir); err == nil && rel != "." {
		prefix = filepath.ToSlash(rel) + "/"
	}
	return scan.Tree(dir, func(rel string) bool { return t.main.Ignored(prefix + rel) })
}

// asked returns the packages that the patterns name, sorted by path.
func (t *tree) asked() []*pkg {
	var asked []*pkg
	for _, p := range t.packages {
		if p != nil && p.asked {
			asked = append(asked, p)
		}
	}
	slices.SortFunc(asked, func(a, b *pkg) int { return strings.Compare(a.Path, b.Path) })
	return asked
}

// parse reads the folders, those that were not read before, and returns their packages.
func (t *tree) parse(folders []*scan.Folder) ([]*pkg, error) {
	result := make([]*pkg, len(folders))
	errs := make([]error, len(folders))
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i, f := range folders {
		if p := t.packages[f.Dir]; p != nil {
			result[i] = p
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			result[i], errs[i] = t.parseFolder(f, len(f.Marked) > 0)
			<-slots
		})
	}
	wg.Wait()
	for i, p := range result {
		if errs[i] != nil {
			return nil, errs[i]
		}
		if t.packages[folders[i].Dir] == nil {
			t.packages[folders[i].Dir] = p
			for _, f := range folders[i].Marked {
				t.plan.source[filepath.Join(folders[i].Dir, f.Name)] = f.Src
			}
		}
	}
	return result, nil
}

// parseFolder reads a folder: its files too, or only what was generated before,
// which is all that is of interest where no file is marked.
func (t *tree) parseFolder(folder *scan.Folder, syntax bool) (*pkg, error) {
	p := &pkg{folder: folder}
	var files []*annotate.File
	if syntax {
		for _, f := range folder.Marked {
			syntax, err := t.parseFile(folder.Dir, f)
			if err != nil {
				p.diagnostics = append(p.diagnostics, syntaxErrors(t.plan.Fset, syntax, err)...)
				continue
			}
			files = append(files, annotate.NewFile(t.plan.Fset, f.Name, syntax))
		}
		for _, name := range folder.Plain {
			src, err := os.ReadFile(filepath.Join(folder.Dir, name))
			if err != nil {
				return nil, err
			}
			// A mistake in a file without annotations is for the compiler to report.
			syntax, err := t.parseFile(folder.Dir, scan.File{Name: name, Src: src})
			if err == nil {
				files = append(files, annotate.NewFile(t.plan.Fset, name, syntax))
			}
		}
		slices.SortFunc(files, func(a, b *annotate.File) int { return strings.Compare(a.Name, b.Name) })
	}
	p.Package = annotate.Read(t.main.ImportPath(folder.Dir), files)
	return p, nil
}

func (t *tree) parseFile(dir string, f scan.File) (*ast.File, error) {
	return parser.ParseFile(t.plan.Fset, filepath.Join(dir, f.Name), f.Src, parser.ParseComments|parser.SkipObjectResolution)
}

// syntaxErrors returns diagnostics for what the parser says of a file.
func syntaxErrors(fset *token.FileSet, syntax *ast.File, err error) []annotate.Diagnostic {
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		list = scanner.ErrorList{{Msg: err.Error()}}
	}
	var diags []annotate.Diagnostic
	for _, e := range list {
		pos := syntax.FileStart
		if file := fset.File(pos); file != nil {
			pos = file.Pos(min(e.Pos.Offset, file.Size()))
		}
		diags = append(diags, annotate.Diagnostic{Span: annotate.Span{Pos: pos, End: pos}, Category: annotate.Syntax, Message: e.Msg})
	}
	return diags
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
	if p.Name == "main" && len(p.Hosts) == 0 {
		for _, x := range p.Plugins {
			p.errorf(annotate.Linking, x.Directive, "package main can't be imported, so only a host in it could link %s: "+
				"move it to a package of its own, or write //plugin:link in this one", x.ID())
		}
	}
}

// at returns the package of the module with the import path, nil if there is
// nothing in it.
func (t *tree) at(importPath string) *pkg {
	dir := t.main.Folder(importPath)
	if p, ok := t.packages[dir]; ok || t.whole {
		return p
	}
	folder, err := scan.One(dir)
	if err != nil {
		t.packages[dir] = nil // an import that leads nowhere is for the compiler to report
		return nil
	}
	read, err := t.parse([]*scan.Folder{folder})
	if err != nil {
		return nil
	}
	return read[0] // its own plugins are not asked for, and so it is not resolved
}
