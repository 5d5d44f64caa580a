package driver

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/types/objectpath"

	"github.com/plugingen/plugingen/analyzer"
)

// modular does what package unitchecker does for the package that a configuration
// describes when the go command runs it with -json, as "go vet" does in order to print
// what it gets. Almost all packages have nothing to do with plugins: modular does not record
// their types, and of those that are only imported it does not look into functions. It
// does nothing, and returns false, if there is anything out of the ordinary, such as a type
// error: unitchecker knows what to say.
func modular(name string) bool {
	u, err := readConfig(name)
	if err != nil || u.FixArchive != "" || u.Stdout == "" {
		return false
	}
	m := &module{unit: u, vetx: map[string]vetx{}, packages: map[string]*types.Package{"unsafe": types.Unsafe}}
	if m.load() != nil {
		return false
	}
	r := &Report{Fset: m.fset}
	if m.concerned {
		found, err := m.analyze()
		if err != nil {
			return false
		}
		for _, d := range found {
			r.Findings = append(r.Findings, Finding{m.ID, d})
		}
	}
	return m.write() == nil && m.print(r) == nil
}

// print writes the report to where the go command looks for it.
func (m *module) print(r *Report) error {
	var b bytes.Buffer
	if !m.VetxOnly {
		if err := r.JSON(&b); err != nil {
			return err
		}
	}
	return os.WriteFile(m.Stdout, b.Bytes(), 0o666)
}

// A module is a unit with its types.
type module struct {
	*unit
	vetx      map[string]vetx // of the imports, by path
	packages  map[string]*types.Package
	typed     *types.Package
	info      *types.Info
	sizes     types.Sizes
	facts     *analyzer.Facts
	concerned bool // the package, or one beneath it, has to do with plugins
}

// load parses and type-checks the package.
func (m *module) load() error {
	standard := m.ModulePath == "" && strings.HasPrefix(m.Dir, filepath.Join(build.Default.GOROOT, "src")+string(filepath.Separator))
	m.concerned = len(m.IgnoredFiles) > 0 && !standard
	for _, file := range m.GoFiles {
		src, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		m.concerned = m.concerned || !standard && (bytes.Contains(src, []byte("lug")) || bytes.Contains(src, []byte("LUG")))
		syntax, err := parser.ParseFile(m.fset, file, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		m.files = append(m.files, syntax)
	}
	for path := range m.PackageVetx {
		v, err := readVetx(m.PackageVetx[path])
		if err != nil {
			return err
		}
		m.vetx[path] = v
		m.concerned = m.concerned || len(v.facts) > 0
	}
	m.sizes = types.SizesFor("gc", build.Default.GOARCH)
	conf := types.Config{Importer: m, Sizes: m.sizes, GoVersion: m.GoVersion}
	if m.concerned {
		m.info = &types.Info{
			Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
			Implicits: map[ast.Node]types.Object{}, Instances: map[*ast.Ident]types.Instance{}, Scopes: map[ast.Node]*types.Scope{},
			Selections: map[*ast.SelectorExpr]*types.Selection{}, FileVersions: map[*ast.File]string{},
		}
	} else {
		conf.IgnoreFuncBodies = m.VetxOnly
	}
	var err error
	m.typed, err = conf.Check(m.ImportPath, m.fset, m.files, m.info)
	return err
}

// Import returns the types of an imported package.
func (m *module) Import(path string) (*types.Package, error) {
	path = m.ImportMap[path]
	if pkg := m.packages[path]; pkg != nil && pkg.Complete() {
		return pkg, nil
	}
	v, ok := m.vetx[path]
	if !ok {
		return nil, fmt.Errorf("no types of %s", path)
	}
	return gcexportdata.Read(bytes.NewReader(v.types), m.fset, m.packages, path)
}

// analyze runs the analyzer.
func (m *module) analyze() ([]analysis.Diagnostic, error) {
	gob.Register(new(analyzer.Facts))
	imported := map[string]*analyzer.Facts{}
	for path, v := range m.vetx {
		facts, err := v.decode(path)
		if err != nil {
			return nil, err
		}
		imported[path] = facts
	}
	var found []analysis.Diagnostic
	_, err := analyzer.Analyzer.Run(&analysis.Pass{
		Analyzer: analyzer.Analyzer, Fset: m.fset, Files: m.files, OtherFiles: m.NonGoFiles, IgnoredFiles: m.IgnoredFiles,
		Pkg: m.typed, TypesInfo: m.info, TypesSizes: m.sizes, ResultOf: map[*analysis.Analyzer]any{}, ReadFile: os.ReadFile,
		Module: &analysis.Module{Path: m.ModulePath, Version: m.ModuleVersion, GoVersion: m.GoVersion},
		Report: func(d analysis.Diagnostic) { found = append(found, d) },
		ImportPackageFact: func(pkg *types.Package, fact analysis.Fact) bool {
			facts := imported[pkg.Path()]
			if facts != nil {
				*fact.(*analyzer.Facts) = *facts
			}
			return facts != nil
		},
		ExportPackageFact: func(fact analysis.Fact) { m.facts = fact.(*analyzer.Facts) },
	})
	return found, err
}

// A vetx is what a vet tool writes of a package, as package unitchecker has it: the
// word "vetx", the sizes of both parts, types, and facts in gob. Types have a letter
// before them for package gcexportdata.
type vetx struct{ types, facts []byte }

const vetxHeader = len("vetx") + 4 + 4

func readVetx(name string) (vetx, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return vetx{}, err
	}
	if len(data) < vetxHeader || string(data[:4]) != "vetx" {
		return vetx{}, fmt.Errorf("%s is of another form", name)
	}
	end := vetxHeader + int(binary.LittleEndian.Uint32(data[4:]))
	if end+int(binary.LittleEndian.Uint32(data[8:])) != len(data) {
		return vetx{}, fmt.Errorf("%s is of another size", name)
	}
	data[vetxHeader-1] = 'i' // the sizes have been read
	return vetx{types: data[vetxHeader-1 : end], facts: data[end:]}, nil
}

// A gobFact is a fact as package unitchecker has it.
type gobFact struct {
	PkgPath string
	Object  objectpath.Path
	Fact    analysis.Fact
}

// decode returns the facts of a package, nil if there are none.
func (v vetx) decode(path string) (*analyzer.Facts, error) {
	if len(v.facts) == 0 {
		return nil, nil
	}
	var all []gobFact
	if err := gob.NewDecoder(bytes.NewReader(v.facts)).Decode(&all); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(f gobFact) bool { return f.PkgPath == path && f.Object == "" })
	if i < 0 {
		return nil, nil
	}
	facts, _ := all[i].Fact.(*analyzer.Facts)
	return facts, nil
}

// write writes types and facts for the packages that import this one.
func (m *module) write() error {
	if m.VetxOutput == "" {
		return nil
	}
	var types, facts bytes.Buffer
	if err := gcexportdata.Write(&types, m.fset, m.typed); err != nil {
		return err
	}
	if m.facts != nil {
		if err := gob.NewEncoder(&facts).Encode([]gobFact{{PkgPath: m.typed.Path(), Fact: m.facts}}); err != nil {
			return err
		}
	}
	indexed := types.Bytes()[1:]
	data := []byte("vetx")
	data = binary.LittleEndian.AppendUint32(data, uint32(len(indexed)))
	data = binary.LittleEndian.AppendUint32(data, uint32(facts.Len()))
	return os.WriteFile(m.VetxOutput, slices.Concat(data, indexed, facts.Bytes()), 0o666)
}
