// Package driver runs the analyzer: for "go vet -vettool", which asks about one
// package at a time, and for a whole program.
package driver

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"
	"golang.org/x/tools/go/gcexportdata"

	"github.com/plugingen/plugingen/analyzer"
	"github.com/plugingen/plugingen/gen/genfile"
)

// Unit does what the go command asks of a vet tool, and exits. args are the
// command's arguments. more analyzers run along with ours.
//
// The go command has a vet tool print a type error and check nothing. But a
// generated file has code in it that only compiles while plugins satisfy their
// contracts and are where they were, so that the error would hide what is to be
// said about it. When all of a package's type errors are in generated files, the package is
// checked with what imports and specs those have, and nothing else of them.
func Unit(args []string, more ...*analysis.Analyzer) {
	ours := analyzer.Analyzer
	if n := len(args); n > 0 && filepath.Ext(args[n-1]) == ".cfg" {
		if cfg, errs := tolerate(args[n-1]); cfg != "" {
			args[n-1] = cfg
			ours = withErrors(ours, errs)
		}
	}
	os.Args = append(os.Args[:1:1], args...)
	unitchecker.Main(append(more, ours)...)
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
	errs := u.typeErrors()
	if len(errs) == 0 {
		return "", nil
	}
	for _, e := range errs {
		if !u.generated[u.fset.PositionFor(e.Pos, false).Filename] {
			return "", nil
		}
	}
	cfg, err := u.stub(filepath.Dir(name))
	if err != nil {
		return "", nil
	}
	return cfg, errs
}

// A unit is a package that the go command asks about.
type unit struct {
	unitchecker.Config
	source    []byte // the configuration, with what later versions put into it
	fset      *token.FileSet
	files     []*ast.File
	generated map[string]bool // the names of the files that plugingen wrote
}

// readUnit reads a configuration, and the package's files if plugingen wrote one of them.
func readUnit(name string) (*unit, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	u := &unit{source: data, fset: token.NewFileSet(), generated: map[string]bool{}}
	if err := json.Unmarshal(data, &u.Config); err != nil {
		return nil, err
	}
	for _, file := range u.GoFiles {
		if genfile.IsName(filepath.Base(file)) && ours(file) {
			u.generated[file] = true
		}
	}
	if len(u.generated) == 0 {
		return u, nil
	}
	for _, file := range u.GoFiles {
		syntax, err := parser.ParseFile(u.fset, file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil && !u.generated[file] {
			return nil, err
		}
		if syntax != nil {
			u.files = append(u.files, syntax)
		}
	}
	return u, nil
}

func ours(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, len(genfile.Header)+1)
	n, _ := f.Read(head)
	return genfile.Ours(head[:n])
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

// stub writes a configuration in which each generated file is replaced by one
// that has its imports and its specs only. The generated files are still there to be
// read, as files of no build.
func (u *unit) stub(dir string) (string, error) {
	var files, ignored []string
	for i, file := range u.GoFiles {
		if !u.generated[file] {
			files = append(files, file)
			continue
		}
		name := filepath.Join(dir, fmt.Sprintf("stub%d_gen.go", i))
		if err := os.WriteFile(name, stub(u.files[i]), 0o666); err != nil {
			return "", err
		}
		files, ignored = append(files, name), append(ignored, file)
	}
	cfg := map[string]any{}
	if err := json.Unmarshal(u.source, &cfg); err != nil {
		return "", err
	}
	cfg["GoFiles"], cfg["IgnoredFiles"] = files, append(ignored, u.IgnoredFiles...)
	data, err := json.Marshal(cfg)
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "plugin.cfg")
	return name, os.WriteFile(name, data, 0o666)
}

func stub(f *ast.File) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n\npackage %s\n\nimport registry %q\n", genfile.Header, f.Name.Name, "github.com/plugingen/plugingen/registry")
	for _, imp := range f.Imports {
		fmt.Fprintf(&b, "import _ %s\n", imp.Path.Value)
	}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			for _, id := range s.(*ast.ValueSpec).Names {
				if _, _, ok := genfile.Plugin(id.Name); ok {
					fmt.Fprintf(&b, "var %s registry.Spec\n", id.Name)
				}
			}
		}
	}
	b.WriteString("var _ registry.Spec\n")
	return b.Bytes()
}
