package migrate

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"go/version"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/setup"
	"github.com/plugingen/plugingen/internal/terminal"
)

// This file type-checks what would be written.

// A failure is why what a plan makes of a file does not compile, or a move is not to be made.
type failure struct {
	file    string
	message string
	move    *move
}

// stubs declare what edits use of packages that the program may not import yet.
var stubs = map[string]string{
	"strconv": `package strconv

func ParseInt(s string, base int, bitSize int) (i int64, err error) { return 0, nil }
`,
	registryPath: `package registry

type Spec struct{ Name string }

func (*Spec) Attr(key string) (value string, ok bool) { return "", false }

func Forward[P any](namespace string, register func(name string, plugin P)) {}

func ForwardSpecs[P any](namespace string, register func(spec *Spec, plugin P)) {}
`,
}

// verify type-checks the packages that a plan changes, and those that import them.
func (m *migration) verify(p *plan) []failure {
	v := &verifier{
		m: m, changed: map[string][]byte{}, done: map[*packages.Package]*types.Package{},
		created: map[string][]string{},
		stubs:   map[string]*types.Package{},
	}
	for _, c := range p.changes {
		v.changed[c.Path] = c.New
		if c.Old == nil {
			dir := filepath.Dir(c.Path)
			v.created[dir] = append(v.created[dir], c.Path)
		}
	}
	for path, text := range stubs {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "stub.go", text, 0)
		if err == nil {
			v.stubs[path], err = (&types.Config{}).Check(path, fset, []*ast.File{f}, nil)
		}
		if err != nil {
			return []failure{{message: err.Error()}}
		}
	}
	for _, pkg := range m.all {
		if !isTestMain(pkg) {
			v.check(pkg)
		}
	}
	return v.failures
}

type verifier struct {
	m        *migration
	changed  map[string][]byte   // new contents by file
	created  map[string][]string // new files by directory
	stubs    map[string]*types.Package
	done     map[*packages.Package]*types.Package
	failures []failure
}

// check returns the types of a package as they will be.
func (v *verifier) check(pkg *packages.Package) *types.Package {
	if done, ok := v.done[pkg]; ok {
		return done
	}
	if !v.m.inModule(pkg.Types) && pkg.ForTest == "" || pkg.Syntax == nil {
		v.done[pkg] = pkg.Types
		return pkg.Types
	}
	again := false
	for _, imp := range pkg.Imports {
		again = v.check(imp) != imp.Types || again
	}
	files, changed := v.files(pkg)
	if !again && !changed {
		v.done[pkg] = pkg.Types
		return pkg.Types
	}
	checked, _ := v.config(pkg).Check(pkg.PkgPath, v.m.fset, files, nil)
	v.done[pkg] = checked
	return checked
}

// files returns the files of a package as they will be, and reports whether any of them changes.
func (v *verifier) files(pkg *packages.Package) (files []*ast.File, changed bool) {
	for i, name := range pkg.CompiledGoFiles {
		if i >= len(pkg.Syntax) {
			break
		}
		src, ok := v.changed[name]
		if !ok {
			files = append(files, pkg.Syntax[i])
			continue
		}
		changed = true
		f, err := parser.ParseFile(v.m.fset, name, src, parser.SkipObjectResolution)
		if err != nil {
			v.failures = append(v.failures, failure{file: name, message: err.Error()})
		}
		files = append(files, f)
	}
	for _, name := range v.createdFor(pkg) {
		f, err := parser.ParseFile(v.m.fset, name, v.changed[name], parser.SkipObjectResolution)
		if err != nil {
			v.failures = append(v.failures, failure{file: name, message: err.Error()})
			continue
		}
		if f.Name.Name == pkg.Name {
			files, changed = append(files, f), true
		}
	}
	return files, changed
}

// config returns how a package is type-checked. Errors become failures.
func (v *verifier) config(pkg *packages.Package) *types.Config {
	cfg := &types.Config{
		Importer: importer{v, pkg}, Sizes: pkg.TypesSizes, FakeImportC: true,
		Error: func(err error) {
			var e types.Error
			if errors.As(err, &e) && !e.Soft || strings.Contains(err.Error(), "imported and not used") ||
				strings.Contains(err.Error(), "declared and not used") {
				at := e.Fset.PositionFor(e.Pos, false)
				name := at.Filename
				at.Filename = terminal.Path(name)
				v.failures = append(v.failures, failure{file: name, message: fmt.Sprintf("%v: %s", at, e.Msg)})
			}
		},
	}
	if pkg.Module != nil && pkg.Module.GoVersion != "" { // one that plugingen needs, at least
		cfg.GoVersion = "go" + pkg.Module.GoVersion
		if version.Compare(cfg.GoVersion, "go"+setup.MinGo) < 0 {
			cfg.GoVersion = "go" + setup.MinGo
		}
	}
	return cfg
}

// createdFor returns the new files that may be of a package.
func (v *verifier) createdFor(pkg *packages.Package) (names []string) {
	if len(pkg.CompiledGoFiles) == 0 {
		return nil
	}
	for _, name := range v.created[filepath.Dir(pkg.CompiledGoFiles[0])] {
		if rules.IsTestFile(name) == (pkg.ForTest != "") && !bytes.HasPrefix(v.changed[name],
			[]byte("//go:build")) {
			names = append(names, name)
		}
	}
	return names
}

// An importer imports for a package what will be there.
type importer struct {
	v   *verifier
	pkg *packages.Package
}

func (i importer) Import(path string) (*types.Package, error) {
	switch path {
	case registryPath:
		if pkg := i.v.m.elsewhere(path); pkg != nil && pkg.Scope().Lookup("ForwardSpecs") != nil {
			return pkg, nil
		}
		return i.v.stubs[path], nil
	case "unsafe":
		return types.Unsafe, nil
	}
	imp := i.pkg.Imports[path]
	if imp == nil {
		imp = i.v.m.byPath[path]
	}
	if imp == nil {
		if pkg := i.v.m.elsewhere(path); pkg != nil {
			return pkg, nil
		}
		if pkg := i.v.stubs[path]; pkg != nil {
			return pkg, nil
		}
		dir := i.v.m.module + "/"
		if strings.HasPrefix(path, dir) { // a host that is new
			return types.NewPackage(path, filepath.Base(path)), nil
		}
		return nil, fmt.Errorf("%s is not among the packages that were loaded", path)
	}
	return i.v.check(imp), nil
}

// elsewhere returns a package of another module that some package imports.
func (m *migration) elsewhere(path string) *types.Package {
	for _, pkg := range m.all {
		if imp := pkg.Imports[path]; imp != nil {
			return imp.Types
		}
	}
	return nil
}

// drop gives up the registrations that the files with failures were changed for. It reports
// whether there were any.
func (m *migration) drop(p *plan, failures []failure) bool {
	dropped := false
	for _, f := range failures {
		if f.move != nil {
			m.dropped[f.move.at], dropped = f.message, true
			continue
		}
		moves := p.owners[f.file]
		if len(moves) == 0 { // those that have changed a file of the package
			for _, name := range slices.Sorted(maps.Keys(p.owners)) {
				if filepath.Dir(name) == filepath.Dir(f.file) {
					moves = append(moves, p.owners[name]...)
				}
			}
		}
		for _, mv := range moves {
			if _, ok := m.dropped[mv.at]; !ok {
				m.dropped[mv.at], dropped = "what it would become does not compile: "+f.message, true
			}
		}
	}
	return dropped
}
