package migrate

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/rules"
)

// This file loads the module: its packages with their types, and the files of other builds as
// syntax.

// A program is the packages of a module as they are before they are changed, in one build.
type program struct {
	fset   *token.FileSet
	dir    string // of the module
	module string // its path

	all      []*packages.Package          // of the module, and variants of them for tests
	byPath   map[string]*packages.Package // without those
	broken   []*packages.Package          // those that do not compile, or import such: not in all
	files    map[string]*file             // of the module, by name: those of other builds, too
	wanted   map[string]bool              // import paths of the packages that are migrated
	funcs    map[string]*declared[*ast.FuncDecl]
	typeDecl map[string]*declared[*ast.TypeSpec]
	vars     map[string]*declared[*ast.ValueSpec]
}

// A file is a Go file of the module.
type file struct {
	name    string
	src     []byte
	syntax  *ast.File
	lines   *token.File
	pkg     *packages.Package // nil if the file is of another build
	broken  *packages.Package // the package, if it does not compile; pkg is nil
	path    string            // the import path of its directory
	built   bool              // it is in the build at hand
	skipped string            // why it can't be changed, "" if it can
}

// A declared is a declaration at package level, in a file of this build that is no test.
type declared[T ast.Node] struct {
	node T
	decl ast.Decl
	file *file
}

// load reads the module that a directory is in. Patterns name the packages that are wanted.
func load(c Config) (*program, error) {
	mod, err := findModule(c)
	if err != nil {
		return nil, err
	}
	p := &program{
		fset: token.NewFileSet(), dir: mod.dir, module: mod.path,
		byPath: map[string]*packages.Package{}, files: map[string]*file{},
		funcs:    map[string]*declared[*ast.FuncDecl]{},
		typeDecl: map[string]*declared[*ast.TypeSpec]{}, vars: map[string]*declared[*ast.ValueSpec]{},
	}
	if p.wanted, err = wanted(c); err != nil {
		return nil, err
	}
	cfg := &packages.Config{
		Mode: packages.LoadSyntax | packages.NeedModule | packages.NeedForTest,
		Dir:  mod.dir, Env: c.Env, Fset: p.fset, Tests: true,
	}
	if p.all, err = packages.Load(cfg, "./..."); err != nil {
		return nil, err
	}
	p.setBrokenAside()
	if err := p.checkNamed(c); err != nil {
		return nil, err
	}
	for _, pkg := range p.all {
		if pkg.ForTest == "" && !isTestMain(pkg) {
			p.byPath[pkg.PkgPath] = pkg
		}
	}
	for _, pkg := range slices.Concat(p.all, p.broken) {
		if err := p.addFiles(pkg); err != nil {
			return nil, err
		}
	}
	p.index()
	return p, nil
}

// A moduleInfo is what the go command says of the module that is migrated.
type moduleInfo struct{ dir, path string }

func findModule(c Config) (m moduleInfo, err error) {
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}\n{{.Path}}")
	cmd.Dir, cmd.Env = c.Dir, c.Env
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return m, fmt.Errorf("go list -m: %s", strings.TrimSpace(stderr.String()))
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	// In a workspace there are several: that of the directory is meant.
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return m, err
	}
	for i := 0; i+1 < len(lines); i += 2 {
		if (dir == lines[i] || strings.HasPrefix(dir, lines[i]+string(filepath.Separator))) &&
			len(lines[i]) > len(m.dir) {
			m = moduleInfo{lines[i], lines[i+1]}
		}
	}
	if m.dir == "" {
		return m, errors.New("run this in the module that is to be migrated")
	}
	return m, nil
}

func (c Config) patterns() []string {
	if len(c.Patterns) == 0 {
		return []string{"."}
	}
	return c.Patterns
}

// wanted returns the import paths of the packages that are to be migrated.
func wanted(c Config) (map[string]bool, error) {
	pkgs, err := packages.Load(&packages.Config{Mode: packages.NeedName, Dir: c.Dir, Env: c.Env}, c.patterns()...)
	if err != nil {
		return nil, err
	}
	paths := map[string]bool{}
	for _, pkg := range pkgs {
		paths[pkg.PkgPath] = true
	}
	return paths, nil
}

func isTestMain(pkg *packages.Package) bool {
	return pkg.Name == "main" && strings.HasSuffix(pkg.ID, ".test")
}

// addFiles adds the files of a package, for whatever build they are.
func (p *program) addFiles(pkg *packages.Package) error {
	if isTestMain(pkg) {
		return nil
	}
	syntax := map[string]*ast.File{}
	for i, name := range pkg.CompiledGoFiles {
		if i < len(pkg.Syntax) {
			syntax[name] = pkg.Syntax[i]
		}
	}
	for _, name := range slices.Concat(pkg.GoFiles, pkg.IgnoredFiles) {
		if filepath.Ext(name) != ".go" || p.files[name] != nil {
			continue
		}
		src, err := readfile.Source(name)
		if err != nil {
			return err
		}
		f := &file{
			name: name, src: src, path: strings.TrimSuffix(pkg.PkgPath, "_test"),
			built: slices.Contains(pkg.GoFiles, name),
		}
		broken := slices.Contains(p.broken, pkg)
		if f.syntax = syntax[name]; f.syntax != nil && !broken {
			f.pkg = pkg
		} else {
			f.syntax, err = parser.ParseFile(p.fset, name, src, parser.ParseComments)
			if err != nil && f.syntax == nil {
				continue
			}
			switch {
			case broken:
				f.broken, f.skipped = pkg, "the package does not compile"
			case f.built:
				f.skipped = "the file uses cgo"
			}
		}
		f.lines = p.fset.File(f.syntax.FileStart)
		if ast.IsGenerated(f.syntax) {
			f.skipped = "the file is generated"
		}
		if rel, err := filepath.Rel(p.dir, name); err != nil || strings.HasPrefix(rel, "..") {
			f.skipped = "the file is outside of the module"
		}
		p.files[name] = f
	}
	return nil
}

// index finds declarations by their names.
func (p *program) index() {
	for _, f := range p.files {
		if f.pkg == nil || isTest(f) {
			continue
		}
		path := f.pkg.PkgPath
		for _, d := range f.syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if fn, ok := f.pkg.TypesInfo.Defs[d.Name].(*types.Func); ok && d.Name.Name != "init" {
					p.funcs[fn.FullName()] = &declared[*ast.FuncDecl]{d, d, f}
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						p.typeDecl[path+"."+s.Name.Name] = &declared[*ast.TypeSpec]{s, d, f}
					case *ast.ValueSpec:
						for _, name := range s.Names {
							p.vars[path+"."+name.Name] = &declared[*ast.ValueSpec]{s, d, f}
						}
					}
				}
			}
		}
	}
}

func isTest(f *file) bool { return rules.IsTestFile(f.name) }

// sortedFiles returns the files by name.
func (p *program) sortedFiles() []*file {
	var files []*file
	for _, name := range slices.Sorted(maps.Keys(p.files)) {
		files = append(files, p.files[name])
	}
	return files
}

// inModule reports whether a package is of the module.
func (p *program) inModule(pkg *types.Package) bool {
	return pkg != nil && p.byPath[pkg.Path()] != nil
}

// text returns the source between two positions of a file.
func (f *file) text(fset *token.FileSet, from, to token.Pos) string {
	return string(f.src[f.offset(fset, from):f.offset(fset, to)])
}

func (f *file) offset(fset *token.FileSet, pos token.Pos) int {
	return fset.PositionFor(pos, false).Offset
}

// deps returns the import paths of the module's packages that a package is built from, itself
// included. Packages of other modules do not import those of this one.
func (p *program) deps(pkg *packages.Package) map[string]bool {
	seen, paths := map[*packages.Package]bool{}, map[string]bool{}
	var visit func(pkg *packages.Package)
	visit = func(pkg *packages.Package) {
		if seen[pkg] {
			return
		}
		seen[pkg] = true
		if p.byPath[pkg.PkgPath] != nil {
			paths[pkg.PkgPath] = true
		}
		for _, imp := range pkg.Imports {
			visit(imp)
		}
	}
	visit(pkg)
	return paths
}
