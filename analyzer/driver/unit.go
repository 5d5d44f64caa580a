// Package driver runs the analyzer: for "go vet -vettool", which asks about one
// package at a time, and for a whole program.
package driver

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"
	"golang.org/x/tools/go/gcexportdata"

	"github.com/plugingen/plugingen/analyzer"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/heap"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/terminal"
)

// Unit runs the analyzer, together with others, as a vet tool of the go command, and exits.
// args are the command's arguments.
//
// A vet tool that finds a type error prints the error and checks nothing. But the
// code in a generated file only compiles while plugins satisfy their contracts and are
// declared as before, so that the error would hide the diagnostics that explain it. If all
// type errors of a package are in generated files, Unit checks the package with only the
// imports and specs of those files.
func Unit(args []string, more ...*analysis.Analyzer) {
	heap.DelayCollection()
	checks := analyzer.Analyzer
	if len(more) == 0 {
		checks = alone(checks)
	}
	if n := len(args); n > 0 && filepath.Ext(args[n-1]) == ".cfg" {
		if cfg, errs := tolerate(args[n-1]); cfg != "" {
			args[n-1] = cfg
			checks = withErrors(checks, errs)
		}
	}
	tests := flag.Bool("test", true, "check plugins in test files, too")
	checks = withoutTests(checks, tests)
	isFix := func(arg string) bool { return strings.HasPrefix(strings.TrimLeft(arg, "-"), "fix") }
	if !slices.ContainsFunc(args, isFix) {
		checks = printed(checks)
	}
	os.Args = append(os.Args[:1:1], args...)
	unitchecker.Main(append(more, checks)...)
}

// alone returns the analyzer without its requirements. [target.Target.Inspector] builds the
// traversal where it is needed. Most packages have no plugins, and traversing them costs a
// tenth of the run.
func alone(a *analysis.Analyzer) *analysis.Analyzer {
	independent := *a
	independent.Requires = nil
	return &independent
}

// withoutTests returns an analyzer that reports nothing in test files if the flag -test is false.
// The flag is read when the analyzer runs. go vet checks a package together with its
// tests, so their declarations and uses are still among the facts.
func withoutTests(a *analysis.Analyzer, tests *bool) *analysis.Analyzer {
	filtered := *a
	filtered.Run = func(pass *analysis.Pass) (any, error) {
		if !*tests {
			report := pass.Report
			pass.Report = func(d analysis.Diagnostic) {
				if !rules.IsTestFile(pass.Fset.Position(d.Pos).Filename) {
					report(d)
				}
			}
		}
		return a.Run(pass)
	}
	return &filtered
}

// printed returns the analyzer with messages that are safe to print: the go command prints them
// unchanged.
func printed(a *analysis.Analyzer) *analysis.Analyzer {
	p := *a
	p.Run = func(pass *analysis.Pass) (any, error) {
		var found []Finding
		report := pass.Report
		pass.Report = func(d analysis.Diagnostic) { found = append(found, Finding{Diagnostic: d}) }
		result, err := a.Run(pass)
		all := Report{Fset: pass.Fset, Findings: found}
		all.sort()
		for _, f := range all.shown() {
			f.Message = terminal.Lines(f.Message)
			for i := range f.Related {
				f.Related[i].Message = terminal.Lines(f.Related[i].Message)
			}
			report(f.Diagnostic)
		}
		return result, err
	}
	return &p
}

// withErrors returns the analyzer with type errors for it to explain.
func withErrors(a *analysis.Analyzer, errs []types.Error) *analysis.Analyzer {
	tolerant := *a
	tolerant.Run = func(pass *analysis.Pass) (any, error) {
		pass.TypeErrors = errs
		return a.Run(pass)
	}
	return &tolerant
}

// tolerate looks for type errors in the generated files of the package that a
// configuration describes. If all are there, it writes a configuration without the
// code that has them, and returns its name and the errors.
func tolerate(name string) (string, []types.Error) {
	u, err := readUnit(name)
	if err != nil || len(u.generated) == 0 {
		return "", nil
	}
	if u.VetxOnly { // only the facts are wanted
		_ = analyzer.Analyzer.Flags.Set("fresh", "false") // the flag exists
	}
	errs := u.typeErrors()
	if len(errs) == 0 {
		return "", nil
	}
	for _, e := range errs {
		if !u.generated[u.fset.PositionFor(e.Pos, false).Filename] {
			return "", nil
		}
	}
	cfg, err := u.withStubs(filepath.Dir(name))
	if err != nil {
		return "", nil
	}
	return cfg, errs
}

// A unit is a package that the go command asks about.
type unit struct {
	unitchecker.Config
	source    []byte // the configuration, including fields of later Go versions
	fset      *token.FileSet
	files     []*ast.File     // in the order of GoFiles
	generated map[string]bool // the names of the files that plugingen wrote
}

// readUnit reads a configuration, and the package's files if plugingen wrote one of them.
func readUnit(name string) (*unit, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	u := &unit{source: data, fset: token.NewFileSet(), generated: map[string]bool{}}
	if !bytes.Contains(data, []byte(genfile.Suffix)) { // as of most packages, which need not be decoded
		return u, nil
	}
	if err := json.Unmarshal(data, &u.Config); err != nil {
		return nil, err
	}
	for _, file := range u.GoFiles {
		// All of the file is read, since comments may stand above the header.
		if _, ok := genfile.ReadGenerated(file, readfile.Source); ok {
			u.generated[file] = true
		}
	}
	if len(u.generated) == 0 {
		return u, nil
	}
	for _, file := range u.GoFiles {
		syntax, err := parser.ParseFile(u.fset, file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if syntax == nil || err != nil && !u.generated[file] {
			return nil, err
		}
		u.files = append(u.files, syntax)
	}
	return u, nil
}

// typeErrors returns what the compiler would say of the package.
func (u *unit) typeErrors() []types.Error {
	var errs []types.Error
	conf := types.Config{
		Importer:  &vetxImporter{u, map[string]*types.Package{"unsafe": types.Unsafe}},
		Sizes:     types.SizesFor("gc", build.Default.GOARCH),
		GoVersion: u.GoVersion,
		Error:     func(err error) { errs = append(errs, err.(types.Error)) },
	}
	_, _ = conf.Check(u.ImportPath, u.fset, u.files, nil) // errs has the error
	return errs
}

// A vetxImporter imports packages from what vet tools write of them: "vetx", the
// sizes of both parts, types as package gcexportdata knows them, and facts.
type vetxImporter struct {
	*unit
	packages map[string]*types.Package
}

func (i *vetxImporter) Import(path string) (*types.Package, error) {
	path = i.ImportMap[path]
	if pkg := i.packages[path]; pkg != nil && pkg.Complete() {
		return pkg, nil
	}
	data, err := os.ReadFile(i.PackageVetx[path])
	if err != nil {
		return nil, err
	}
	const header = 12
	if len(data) < header || string(data[:4]) != "vetx" {
		return nil, fmt.Errorf("no types of %s", path)
	}
	end := header + int64(binary.LittleEndian.Uint32(data[4:]))
	if end > int64(len(data)) {
		return nil, fmt.Errorf("no types of %s", path)
	}
	indexed := append([]byte{'i'}, data[header:end]...)
	return gcexportdata.Read(bytes.NewReader(indexed), i.fset, i.packages, path)
}
