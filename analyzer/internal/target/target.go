package target

import (
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/pkgfiles"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/genfile"
)

// A checker checks one package.
type Target struct {
	*analysis.Pass
	Sources   *pkgfiles.Sources // nil if the package does not use plugins
	Ignored   []string          // the names of the package's files that are not in the build
	Own       *annotate.Package // what the package's files declare, for any build
	Facts     *facts.Package    // what is declared here and in the packages imported
	Imports   []*facts.Facts    // of the direct imports
	InProgram bool              // the package is checked as a part of a program

	Unresolved bool // what a file of another build refers to is not known

	reached   map[string]*types.Package
	contracts map[string][]string // see contracted
	generated *[]pkgfiles.Generated
}

func NewPackage(pass *analysis.Pass) *Target {
	own := *pass
	if named := pass.Pkg.Path() == pkgfiles.NamedFiles; named || own.ReadFile == nil {
		own.ReadFile = os.ReadFile // nogo leaves it out; others read no more than the files they know of
	}
	c := &Target{Pass: &own, Facts: &facts.Package{Path: pass.Pkg.Path()}, Ignored: pkgfiles.Ignored(pass)}
	c.Sources = pkgfiles.Read(&own, c.Ignored)
	if pass.Module != nil {
		c.Facts.Module = pass.Module.Path
	}
	for _, f := range pass.Files {
		c.Facts.Files = append(c.Facts.Files, pass.Fset.File(f.FileStart))
	}
	if pass.Pkg.Path() == pkgfiles.NamedFiles {
		c.Facts.Incomplete, c.Facts.Unanalyzed = true, true // what the other files declare and import
	}
	own.Report = func(d analysis.Diagnostic) {
		c.Facts.Reported = true
		if pass.Pkg.Path() == pkgfiles.NamedFiles && !c.hasFile(d.Pos) {
			return // it is in another file
		}
		pass.Report(pkgfiles.Fixable(pass.Fset, d))
	}
	c.importFacts()
	return c
}

// hasFile reports whether a place is in a file that is checked.
func (c *Target) hasFile(pos token.Pos) bool {
	return slices.Contains(c.Facts.Files, c.Fset.File(pos))
}

// Import returns a package that this one imports, directly or not, if its types
// are to be had.
func (c *Target) Import(path string) *types.Package {
	if c.reached == nil {
		c.reached = map[string]*types.Package{}
		var visit func(*types.Package)
		visit = func(p *types.Package) {
			if _, ok := c.reached[p.Path()]; ok {
				return
			}
			c.reached[p.Path()] = p
			for _, imp := range p.Imports() {
				visit(imp)
			}
		}
		visit(c.Pkg)
	}
	return c.reached[path]
}

// Object returns a package-level object by its package and name, nil if it is not
// to be had.
func (c *Target) Object(path, name string) types.Object {
	if pkg := c.Import(path); pkg != nil {
		return pkg.Scope().Lookup(name)
	}
	return nil
}

// IsBuilt says whether the file is part of the build that is being checked.
func (c *Target) IsBuilt(f *annotate.File) bool { return c.Sources.Built[f.Syntax] }

// importFacts merges the facts of the direct imports.
func (c *Target) importFacts() {
	for _, pkg := range c.Pkg.Imports() {
		f := new(facts.Facts)
		switch {
		case c.ImportPackageFact(pkg, f):
			c.Imports = append(c.Imports, f)
			c.Facts.Merge(f)
		case hasPlugins(pkg):
			c.Facts.Incomplete, c.Facts.Unanalyzed = true, true
		}
	}
	c.Facts.Sort()
}

// hasPlugins says whether plugingen has written specs into the package. There is no
// fact of such a package if its module is not checked: nogo leaves other modules out.
func hasPlugins(pkg *types.Package) bool {
	if !slices.ContainsFunc(pkg.Imports(), func(p *types.Package) bool { return p.Path() == annotate.RegistryPath }) {
		return false
	}
	return slices.ContainsFunc(pkg.Scope().Names(), func(name string) bool {
		_, _, ok := genfile.Plugin(name)
		return ok
	})
}

func (c *Target) Export() {
	if !c.Facts.Empty() {
		c.ExportPackageFact(&c.Facts.Facts)
	}
}

// InBuild reports whether a place is in a file of the build that is checked.
func (c *Target) InBuild(pos token.Pos) bool {
	for f := range c.Sources.Built {
		if f.FileStart <= pos && pos <= f.FileEnd {
			return true
		}
	}
	return false
}

// Hosts returns the hosts that decide which plugins meet in a program: the package, if
// it is one, or all if a whole program is checked. If the build has none, they are those of
// other builds.
func (c *Target) Hosts() []facts.Host {
	hosts := c.Facts.Hosts
	if len(hosts) == 0 {
		hosts = c.Facts.OtherHosts
	}
	if len(c.Files) == 0 {
		return hosts
	}
	return slices.DeleteFunc(slices.Clone(hosts), func(h facts.Host) bool { return h.Package != c.Pkg.Path() })
}

// IsHost reports whether the package links plugins in the build that is checked.
func (c *Target) IsHost() bool {
	return slices.ContainsFunc(c.Facts.Hosts, func(h facts.Host) bool { return h.Package == c.Pkg.Path() })
}

// LinkedTogether reports whether a host may link all the plugins. Without hosts, any program may.
func (c *Target) LinkedTogether(plugins ...facts.Plugin) bool {
	hosts := c.Hosts()
	return len(hosts) == 0 || slices.ContainsFunc(hosts, func(h facts.Host) bool {
		return !slices.ContainsFunc(plugins, func(p facts.Plugin) bool { return !h.MayLink(p) })
	})
}

// ImportHas says whether an import knows of both.
func (c *Target) ImportHas(one, other func(*facts.Facts) bool) bool {
	return slices.ContainsFunc(c.Imports, func(f *facts.Facts) bool { return one(f) && other(f) })
}

// Generated returns the package's generated files, of every build.
func (c *Target) Generated() []pkgfiles.Generated {
	if c.generated == nil {
		files := pkgfiles.ReadGenerated(c.Pass, c.Ignored)
		c.generated = &files
	}
	return *c.generated
}

// Dir returns the directory that the package is in.
func (c *Target) Dir() string {
	dir := ""
	for _, f := range c.Files {
		if dir == "" || !ast.IsGenerated(f) { // what a generator wrote may be elsewhere
			dir = filepath.Dir(pkgfiles.Position(c.Fset, f.Package).Filename)
		}
	}
	return dir
}

// Fact returns the plugin among the facts.
func (c *Target) Fact(p *annotate.Plugin) *facts.Plugin {
	wanted := facts.Plugin{Namespace: p.Namespace, Name: p.Name, Origin: facts.Origin{Package: c.Pkg.Path(), Symbol: p.Symbol}}
	i, _ := slices.BinarySearchFunc(c.Facts.Plugins, wanted, facts.Plugin.CompareID)
	return &c.Facts.Plugins[i]
}

// NewProgram returns a program that is checked as a whole. Its facts are those of all
// packages, and it has no files.
func NewProgram(fset *token.FileSet, packages []*facts.Package, report func(analysis.Diagnostic)) *Target {
	c := &Target{Facts: &facts.Package{}}
	owners := map[*token.File]*facts.Package{}
	for _, f := range packages {
		c.Facts.Merge(&f.Facts)
		for _, file := range f.Files {
			owners[file] = f
		}
	}
	c.Facts.Sort()
	c.Facts.Module = mainModule(c.Facts.Hosts)
	c.Pass = &analysis.Pass{Fset: fset, Pkg: types.NewPackage("", ""), Report: func(d analysis.Diagnostic) {
		places := []token.Pos{d.Pos}
		for _, r := range d.Related {
			places = append(places, r.Pos)
		}
		for _, pos := range places {
			if f := owners[fset.File(pos)]; f != nil {
				f.Reported = true
			}
		}
		report(pkgfiles.Fixable(fset, d))
	}}
	return c
}

// mainModule returns the module of the hosts, or "" if they are of several.
func mainModule(hosts []facts.Host) string {
	if len(hosts) == 0 || slices.ContainsFunc(hosts, func(h facts.Host) bool { return h.Module != hosts[0].Module }) {
		return ""
	}
	return hosts[0].Module
}

// GeneratedTypes returns the plugin types in the package's generated files.
func (c *Target) GeneratedTypes() (types []annotate.Generated) {
	for _, f := range c.Generated() {
		if f.Err != nil {
			continue
		}
		for _, s := range f.Specs {
			if s.Kind == annotate.Type {
				types = append(types, annotate.Generated{File: f.Name, Symbol: s.Symbol, Namespace: s.Namespace, Name: s.Name})
			}
		}
	}
	return types
}
