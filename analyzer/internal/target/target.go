// Package target is what is checked: a package, or a whole program. It has what all
// checks need: syntax, types and facts, and where and how to report.
package target

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"io/fs"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/pkgfiles"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/builds"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/readfile"
)

// A Target is a package that is checked, together with its imports, or a program of
// several packages, which has facts and no files.
type Target struct {
	*analysis.Pass
	Sources   *pkgfiles.Sources // nil if the package does not use plugins
	Ignored   []string          // the files of the package that are not in the build
	Own       *annotate.Package // the annotations of the package's files, for every build
	Facts     *facts.Package    // what the package and its imports declare
	Imports   []*facts.Facts    // of the direct imports
	InProgram bool              // the package is part of a program that is checked as a whole

	// WholeProgram is true if Facts are those of a program, and not of one package and its imports.
	// There are no files then.
	WholeProgram bool

	// Unresolved is true if a file of another build refers to a declaration that is
	// not known.
	Unresolved bool

	inspector *inspector.Inspector // nil until it is needed
	reached   map[string]*types.Package
	contracts map[string][]string            // namespaces by contract; see ContractedNamespace
	importing map[string][]builds.Constraint // see importers
	generated *[]pkgfiles.Generated
}

// bounded returns a driver's function to read files, which may be of files that an editor has
// not saved, for those that package readfile reads: one that no build compiles may be
// anything.
func bounded(read func(name string) ([]byte, error)) func(name string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		if err := readfile.CheckSource(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		return read(name)
	}
}

// NewPackage returns the package of a pass.
func NewPackage(pass *analysis.Pass) *Target {
	own := *pass
	own.ReadFile = bounded(pass.ReadFile)
	if named := pass.Pkg.Path() == pkgfiles.NamedFiles; named || pass.ReadFile == nil {
		own.ReadFile = readfile.Source // nogo has no ReadFile; others only read the files they know
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

// hasFile reports whether a position is in a file of the pass.
func (c *Target) hasFile(pos token.Pos) bool {
	return slices.Contains(c.Facts.Files, c.Fset.File(pos))
}

// Import returns a package that the package imports, directly or not, or nil if its
// types are not known.
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

// Object returns a package-level object by its package and name, or nil if it is not
// known.
func (c *Target) Object(path, name string) types.Object {
	if pkg := c.Import(path); pkg != nil {
		return pkg.Scope().Lookup(name)
	}
	return nil
}

// IsBuilt reports whether a file is part of the build being checked.
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

// hasPlugins reports whether plugingen has generated specs for a package. Such a
// package has no facts if the driver does not analyze its module, as nogo does not
// analyze other modules.
func hasPlugins(pkg *types.Package) bool {
	if !slices.ContainsFunc(pkg.Imports(), func(p *types.Package) bool { return p.Path() == annotate.RegistryPath }) {
		return false
	}
	return slices.ContainsFunc(pkg.Scope().Names(), func(name string) bool {
		_, _, ok := genfile.Plugin(name)
		return ok
	})
}

// Export exports the facts, if there are any.
func (c *Target) Export() {
	if !c.Facts.Empty() {
		c.ExportPackageFact(&c.Facts.Facts)
	}
}

// InBuild reports whether a position is in a file of the build being checked.
func (c *Target) InBuild(pos token.Pos) bool {
	for f := range c.Sources.Built {
		if f.FileStart <= pos && pos <= f.FileEnd {
			return true
		}
	}
	return false
}

// Hosts returns the hosts that decide which plugins are linked together: the
// package itself, if it is a host, or all hosts of a program. If the build has no
// hosts, those of other builds are returned.
func (c *Target) Hosts() []facts.Host {
	hosts := c.Facts.Hosts
	if len(hosts) == 0 {
		hosts = c.Facts.OtherHosts
	}
	if c.WholeProgram {
		return hosts
	}
	return slices.DeleteFunc(slices.Clone(hosts), func(h facts.Host) bool { return h.Package != c.Pkg.Path() })
}

// IsHost reports whether the package links plugins in the build being checked.
func (c *Target) IsHost() bool {
	return slices.ContainsFunc(c.Facts.Hosts, func(h facts.Host) bool { return h.Package == c.Pkg.Path() })
}

// LinkedTogether reports whether a host may link all the plugins. Without hosts, a
// program may.
func (c *Target) LinkedTogether(plugins ...facts.Plugin) bool {
	hosts := c.Hosts()
	return len(hosts) == 0 || slices.ContainsFunc(hosts, func(h facts.Host) bool {
		return !slices.ContainsFunc(plugins, func(p facts.Plugin) bool { return !h.MayLink(p) })
	})
}

// ImportHas reports whether the facts of one import satisfy both conditions. Then
// what is wrong is reported there.
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
		if dir == "" || !ast.IsGenerated(f) { // generated files may be elsewhere
			dir = filepath.Dir(pkgfiles.Position(c.Fset, f.Package).Filename)
		}
	}
	return dir
}

// Fact returns a plugin of the package among the facts.
func (c *Target) Fact(p *annotate.Plugin) *facts.Plugin {
	wanted := facts.Plugin{
		Namespace: p.Namespace, Name: p.Name,
		Origin: facts.Origin{Package: c.Pkg.Path(), Symbol: p.Symbol},
	}
	i, _ := slices.BinarySearchFunc(c.Facts.Plugins, wanted, facts.Plugin.CompareID)
	return &c.Facts.Plugins[i]
}

// NewProgram returns a program. Its facts are those of its packages.
func NewProgram(fset *token.FileSet, packages []*facts.Package, report func(analysis.Diagnostic)) *Target {
	c := &Target{Facts: &facts.Package{}, WholeProgram: true}
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

// mainModule returns the module of the hosts, or "" if there are several.
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
				types = append(types, annotate.Generated{
					File: f.Name, Symbol: s.Symbol,
					Namespace: s.Namespace, Name: s.Name,
				})
			}
		}
	}
	return types
}
