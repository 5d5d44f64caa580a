package driver

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/packages"

	"github.com/plugingen/plugingen/analyzer"
	"github.com/plugingen/plugingen/gen/genfile"
)

// mode has packages that match a pattern loaded from source, and those that they
// import from what the compiler wrote of them.
const mode = packages.LoadSyntax | packages.NeedModule | packages.NeedForTest

// A Report is what there is to say of a program.
type Report struct {
	Fset     *token.FileSet
	Errors   []string // what kept packages from being checked
	Findings []Finding
	Plugins  bool // whether there is anything in the program that has to do with plugins
}

// A Finding is a diagnostic with the package it is about.
type Finding struct {
	Package string // its import path, as go vet -json has it
	analysis.Diagnostic
}

// Check checks the packages that match the patterns as one program: what two
// packages declare is compared even if nobody imports both. In a workspace, ./... takes in
// the modules below the folder.
func Check(dir string, tests bool, patterns ...string) (*Report, error) {
	fset := token.NewFileSet()
	patterns = widen(dir, patterns)
	roots, err := packages.Load(&packages.Config{Mode: mode, Dir: dir, Fset: fset, Tests: tests}, patterns...)
	if err != nil {
		return nil, said(err)
	}
	if len(roots) == 0 {
		return nil, noPackages(dir, patterns)
	}
	p := &program{
		fset: fset, report: &Report{Fset: fset},
		roots: map[*packages.Package]bool{}, facts: map[string]*analyzer.Facts{}, types: map[string]*types.Package{},
		owner: map[string]string{},
	}
	for _, pkg := range roots {
		p.root(pkg)
	}
	packages.Visit(roots, nil, p.check)
	p.whole(roots, slices.ContainsFunc(patterns, func(s string) bool { return strings.HasSuffix(s, "...") }))
	packages.Visit(roots, nil, p.errors)
	p.report.sort()
	return p.report, nil
}

// said returns what the go command has said, without what it is wrapped in.
func said(err error) error {
	if _, text, ok := strings.Cut(err.Error(), ": stderr: "); ok {
		return errors.New(strings.TrimSpace(text))
	}
	return err
}

// noPackages says why there is nothing to check. The go command may have kept it to
// itself.
func noPackages(dir string, patterns []string) error {
	list := exec.Command("go", append([]string{"list", "--"}, patterns...)...)
	list.Dir = dir
	var stderr strings.Builder
	list.Stderr = &stderr
	if err := list.Run(); err != nil && stderr.Len() > 0 {
		return errors.New(strings.TrimSpace(stderr.String()))
	}
	return fmt.Errorf("%s matched no packages", strings.Join(patterns, " "))
}

// A program is a program being checked.
type program struct {
	fset   *token.FileSet
	report *Report
	roots  map[*packages.Package]bool
	facts  map[string]*analyzer.Facts // by the package's ID
	types  map[string]*types.Package  // of the packages that are not roots
	owner  map[string]string          // the path of the package that a file belongs to
}

func (p *program) root(pkg *packages.Package) {
	p.roots[pkg] = true
	for _, f := range slices.Concat(pkg.GoFiles, pkg.CompiledGoFiles, pkg.IgnoredFiles) {
		p.owner[f] = pkg.PkgPath
	}
	if pkg.Types != nil {
		p.collect(pkg.Types)
	}
}

func (p *program) collect(pkg *types.Package) {
	for _, imp := range pkg.Imports() {
		if p.types[imp.Path()] == nil {
			p.types[imp.Path()] = imp
			p.collect(imp)
		}
	}
}

// check checks one package. Those it imports have been checked before.
func (p *program) check(pkg *packages.Package) {
	if p.roots[pkg] {
		p.checkRoot(pkg)
		return
	}
	if pkg.Module != nil {
		p.readDependency(pkg)
	}
}

func (p *program) checkRoot(pkg *packages.Package) {
	if pkg.Types == nil || pkg.TypesInfo == nil || len(pkg.Syntax) == 0 || strings.HasSuffix(pkg.ID, ".test") {
		return
	}
	var found []analysis.Diagnostic
	pass := p.pass(pkg, pkg.Types, pkg.Syntax, pkg.TypesInfo, func(d analysis.Diagnostic) { found = append(found, d) })
	pass.TypeErrors = pkg.TypeErrors
	p.run(pkg, pass)
	if slices.ContainsFunc(pkg.Errors, func(e packages.Error) bool { return e.Kind == packages.ParseError }) {
		// What is behind the syntax error is not known.
		f := p.facts[pkg.ID]
		f.Forget()
		f.Dynamic, f.Unread = true, true
		return
	}
	p.add(found)
}

// readDependency finds out what a package declares that is not to be checked itself.
func (p *program) readDependency(pkg *packages.Package) {
	var files []*ast.File
	for _, name := range pkg.GoFiles {
		src, err := os.ReadFile(name)
		if err != nil || !bytes.Contains(src, []byte("plugin")) {
			continue
		}
		if f, err := parser.ParseFile(p.fset, name, src, parser.ParseComments|parser.SkipObjectResolution); err == nil {
			files = append(files, f)
		}
	}
	typed := p.types[pkg.PkgPath]
	if typed == nil {
		typed = types.NewPackage(pkg.PkgPath, pkg.Name)
	}
	var imports []*types.Package
	for _, path := range slices.Sorted(maps.Keys(pkg.Imports)) {
		imp := pkg.Imports[path]
		if p.facts[imp.ID] == nil {
			continue
		}
		t := p.types[imp.PkgPath]
		if t == nil {
			t = types.NewPackage(imp.PkgPath, imp.Name)
		}
		imports = append(imports, t)
	}
	if len(files)+len(imports) == 0 {
		return
	}
	for _, t := range typed.Imports() {
		if !slices.Contains(imports, t) {
			imports = append(imports, t)
		}
	}
	typed.SetImports(imports)
	p.run(pkg, p.pass(pkg, typed, files, &types.Info{}, func(analysis.Diagnostic) {}))
	if f := p.facts[pkg.ID]; f != nil {
		f.Forget()
	}
}

// pass returns what the analyzer is told of a package.
func (p *program) pass(pkg *packages.Package, typed *types.Package, files []*ast.File, info *types.Info, report func(analysis.Diagnostic)) *analysis.Pass {
	ids := map[string]string{}
	for _, imp := range pkg.Imports {
		ids[imp.PkgPath] = imp.ID
	}
	module := &analysis.Module{}
	if m := pkg.Module; m != nil {
		module = &analysis.Module{Path: m.Path, Version: m.Version, GoVersion: m.GoVersion}
	}
	return &analysis.Pass{
		Module:   module,
		Analyzer: analyzer.Analyzer, Fset: p.fset, Files: files, Pkg: typed, TypesInfo: info, TypesSizes: pkg.TypesSizes,
		OtherFiles: pkg.OtherFiles, IgnoredFiles: pkg.IgnoredFiles,
		ReadFile: os.ReadFile, Report: report, ResultOf: map[*analysis.Analyzer]any{},
		ImportPackageFact: func(t *types.Package, fact analysis.Fact) bool {
			f := p.facts[ids[t.Path()]]
			if f != nil {
				reflect.ValueOf(fact).Elem().Set(reflect.ValueOf(f).Elem())
			}
			return f != nil
		},
		ExportPackageFact: func(analysis.Fact) {},
	}
}

func (p *program) run(pkg *packages.Package, pass *analysis.Pass) {
	p.facts[pkg.ID] = analyzer.Package(pass)
}

// errors reports what kept a package from being loaded. A generated file that does
// not compile is only worth mentioning if nothing was found that may be the reason.
func (p *program) errors(pkg *packages.Package) {
	incomplete := p.incomplete(pkg)
	for _, e := range pkg.Errors {
		file, _, _ := strings.Cut(e.Pos, ":")
		switch {
		case e.Kind == packages.ListError && len(pkg.TypeErrors) > 0 && strings.HasPrefix(e.Msg, "# "):
			// The compiler has said the same.
		case e.Kind == packages.TypeError && incomplete:
			// The types suffer from what is missing.
		case e.Kind == packages.TypeError && len(p.report.Findings) > 0 && genfile.IsName(filepath.Base(file)) && ours(file):
		default:
			p.report.Errors = append(p.report.Errors, describe(e))
		}
	}
}

// incomplete says whether part of the package, or something that it imports, can't be read.
func (p *program) incomplete(pkg *packages.Package) bool {
	unread := func(e packages.Error) bool {
		return e.Kind != packages.TypeError && !strings.HasPrefix(e.Msg, "# ")
	}
	for _, imp := range pkg.Imports {
		if len(imp.GoFiles) == 0 && slices.ContainsFunc(imp.Errors, unread) {
			return true
		}
	}
	return slices.ContainsFunc(pkg.Errors, unread)
}

func describe(e packages.Error) string {
	file, place, ok := strings.Cut(e.Pos, ".go:")
	if !ok {
		return e.Msg
	}
	return Relative(file+".go") + ":" + place + ": " + e.Msg
}

// whole checks what no single package shows.
func (p *program) whole(roots []*packages.Package, complete bool) {
	var facts []*analyzer.Facts
	for _, pkg := range roots {
		if f := p.facts[pkg.ID]; f != nil {
			facts = append(facts, f)
			p.report.Plugins = p.report.Plugins || !f.Empty()
		}
	}
	var found []analysis.Diagnostic
	analyzer.Program(complete, p.fset, facts, func(d analysis.Diagnostic) { found = append(found, d) })
	p.add(found)
}

func (p *program) add(found []analysis.Diagnostic) {
	for _, d := range found {
		file := p.fset.PositionFor(d.Pos, false).Filename
		p.report.Findings = append(p.report.Findings, Finding{p.owner[file], d})
	}
}

// sort puts the findings in the order of their places, and drops those that were
// found twice, since a package is checked with its tests and without.
func (r *Report) sort() {
	at := func(f Finding) token.Position { return r.Fset.Position(f.Pos) }
	compare := func(a, b Finding) int {
		p, q := at(a), at(b)
		return cmp.Or(cmp.Compare(p.Filename, q.Filename), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column), cmp.Compare(a.Message, b.Message))
	}
	slices.SortStableFunc(r.Findings, compare)
	r.Findings = slices.CompactFunc(r.Findings, func(a, b Finding) bool { return compare(a, b) == 0 })
	slices.Sort(r.Errors)
	r.Errors = slices.Compact(r.Errors)
}
