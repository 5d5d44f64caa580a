package driver

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/packages"

	"github.com/plugingen/plugingen/analyzer"
	"github.com/plugingen/plugingen/analyzer/internal/check"
	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/scan"
)

// mode loads packages that match a pattern from source, and the packages that they import
// from export data.
const mode = packages.LoadSyntax | packages.NeedModule | packages.NeedForTest

// A Config says which build of a program is checked.
type Config struct {
	Dir   string   // the working directory of the go command; "" for that of the process
	Tests bool     // with the test files
	Tags  string   // build tags, as for go build -tags
	Env   []string // the go command's environment; nil for that of the process
}

// Check checks the packages that match the patterns as one program: what two
// packages declare is compared even if nobody imports both. In a workspace, ./... takes in
// the modules below the directory. Of a package one of whose files is named, only what is wrong
// there is reported.
func (c Config) Check(patterns ...string) (*Report, error) {
	fset := token.NewFileSet()
	patterns, named := c.directories(patterns)
	patterns = c.expandTrees(patterns)
	roots, err := packages.Load(c.loading(fset), patterns...)
	if err != nil {
		return nil, goCommandError(err)
	}
	if len(roots) == 0 {
		return nil, c.noPackages(patterns)
	}
	p := &program{
		fset: fset, report: &Report{Fset: fset},
		roots: map[*packages.Package]bool{}, facts: map[string]*facts.Package{}, types: map[string]*types.Package{},
		owner: map[string]string{}, conflicted: map[string]bool{},
		generated: expectation{dir: c.Dir, patterns: patterns},
	}
	for _, pkg := range roots {
		p.root(pkg)
	}
	packages.Visit(roots, nil, p.check)
	p.whole(roots, slices.ContainsFunc(patterns, func(s string) bool { return strings.HasSuffix(s, "...") }))
	packages.Visit(roots, nil, p.errors)
	p.report.trace = p.trace(roots)
	p.report.failures = limit(p.failures)
	for _, f := range p.report.failures {
		p.report.Errors = append(p.report.Errors, f.String())
	}
	p.report.only(named)
	p.report.sort()
	return p.report, nil
}

// loading returns how packages are loaded.
func (c Config) loading(fset *token.FileSet) *packages.Config {
	cfg := &packages.Config{Mode: mode, Dir: c.Dir, Env: c.Env, Fset: fset, Tests: c.Tests}
	if c.Tags != "" {
		cfg.BuildFlags = []string{"-tags=" + c.Tags}
	}
	return cfg
}

// list returns the go list command with the arguments.
func (c Config) list(args ...string) *exec.Cmd {
	args = append([]string{"list"}, args...)
	if c.Tags != "" {
		args = slices.Insert(args, 1, "-tags="+c.Tags)
	}
	list := exec.Command("go", args...)
	list.Dir, list.Env = c.Dir, c.Env
	return list
}

// directories returns the directories of the files that are named, and the files, if the
// patterns are files. The go command would make them a package of their own, which lacks the
// declarations of the other files in the directory.
func (c Config) directories(patterns []string) (dirs []string, files map[string]bool) {
	files = map[string]bool{}
	for _, p := range patterns {
		name, err := filepath.Abs(filepath.Join(c.Dir, p))
		if filepath.IsAbs(p) {
			name = p
		}
		info, statErr := os.Stat(name)
		if err != nil || statErr != nil || info.IsDir() || !strings.HasSuffix(p, ".go") {
			return patterns, nil
		}
		files[name] = true
		if dir := filepath.Dir(name); !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs, files
}

// A program is a program being checked.
type program struct {
	fset   *token.FileSet
	report *Report
	roots  map[*packages.Package]bool
	facts  map[string]*facts.Package // by the package's ID
	types  map[string]*types.Package // of the packages that are not roots
	owner  map[string]string         // the path of the package that a file belongs to

	generated  expectation
	failures   []failure
	conflicted map[string]bool // generated files that have been reported as unreadable
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
	p.facts[pkg.ID] = check.Part(pass, p.generated.expected)
	if slices.ContainsFunc(pkg.Errors, func(e packages.Error) bool { return e.Kind == packages.ParseError }) {
		// The parser skips declarations behind the syntax error.
		f := p.facts[pkg.ID]
		f.Forget()
		f.Incomplete, f.Unanalyzed = true, true
		return
	}
	p.add(found)
}

// readDependency adds the declarations of a package to the facts without checking it.
func (p *program) readDependency(pkg *packages.Package) {
	files := p.parseAnnotated(pkg.GoFiles)
	var imports []*types.Package // those that have facts
	for _, path := range slices.Sorted(maps.Keys(pkg.Imports)) {
		if imp := pkg.Imports[path]; p.facts[imp.ID] != nil {
			imports = append(imports, p.typesOf(imp))
		}
	}
	if len(files)+len(imports) == 0 {
		return
	}
	typed := p.typesOf(pkg)
	for _, t := range typed.Imports() {
		if !slices.Contains(imports, t) {
			imports = append(imports, t)
		}
	}
	typed.SetImports(imports)
	p.facts[pkg.ID] = check.Part(p.pass(pkg, typed, files, &types.Info{}, func(analysis.Diagnostic) {}), nil)
	if f := p.facts[pkg.ID]; f != nil {
		f.Forget()
	}
}

// parseAnnotated parses the files that may have annotations, and those that plugingen wrote.
func (p *program) parseAnnotated(names []string) []*ast.File {
	var files []*ast.File
	for _, name := range names {
		src, err := readfile.Source(name)
		if err != nil || !scan.Annotated(src) && !genfile.IsGenerated(name, src) {
			continue
		}
		if f, err := parser.ParseFile(p.fset, name, src, parser.ParseComments|parser.SkipObjectResolution); err == nil {
			files = append(files, f)
		}
	}
	return files
}

// typesOf returns the types of a package that is not a root. The package is empty if no root
// imports it.
func (p *program) typesOf(pkg *packages.Package) *types.Package {
	if typed := p.types[pkg.PkgPath]; typed != nil {
		return typed
	}
	return types.NewPackage(pkg.PkgPath, pkg.Name)
}

// pass returns what the analyzer is given for a package.
func (p *program) pass(pkg *packages.Package, typed *types.Package, files []*ast.File, info *types.Info,
	report func(analysis.Diagnostic),
) *analysis.Pass {
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
		Analyzer: analyzer.Analyzer, Fset: p.fset, Files: files, Pkg: typed, TypesInfo: info,
		TypesSizes: pkg.TypesSizes,
		OtherFiles: pkg.OtherFiles, IgnoredFiles: pkg.IgnoredFiles,
		ReadFile: readfile.Source, Report: report,
		ImportPackageFact: func(t *types.Package, fact analysis.Fact) bool {
			f := p.facts[ids[t.Path()]]
			if f != nil {
				*fact.(*facts.Facts) = f.Facts
			}
			return f != nil
		},
		ExportPackageFact: func(analysis.Fact) {},
	}
}

// whole checks the packages together.
func (p *program) whole(roots []*packages.Package, complete bool) {
	var facts []*facts.Package
	for _, pkg := range roots {
		if f := p.facts[pkg.ID]; f != nil {
			facts = append(facts, f)
			p.report.Plugins = p.report.Plugins || !f.Empty()
		}
	}
	var found []analysis.Diagnostic
	check.Program(complete, p.fset, facts, func(d analysis.Diagnostic) { found = append(found, d) })
	p.add(found)
}

func (p *program) add(found []analysis.Diagnostic) {
	for _, d := range found {
		file := p.fset.PositionFor(d.Pos, false).Filename
		p.report.Findings = append(p.report.Findings, Finding{p.owner[file], d})
	}
}
