package analyzer

import (
	"cmp"
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/rules"

	"github.com/plugingen/plugingen/analyzer/internal/typedesc"
)

// Facts is what a package and all those beneath it declare, for one build. A
// driver may hand on only the facts of direct imports, so each package's include
// those of its imports. Everything is sorted: equal facts are equal bytes.
type Facts struct {
	Contracts []Contract
	Plugins   []Plugin
	Bases     []Base
	Uses      []Use // what managers ask for
	ByHand    []Use // specs in functions
	Elsewhere []Use // plugins of other builds
	Dynamic   bool  // there are plugins of which nothing is known
	Veiled    bool  // there are managers of namespaces that are not known
	Unread    bool  // there are packages of plugins that the driver does not check
	Filtered  bool  // a registry leaves plugins out
	Hosts     []Host

	OtherHosts []Host // packages that link plugins in other builds

	path   string // the package's
	module string
	files  []*token.File
	embeds map[string]bool // the names of types that its structs embed
	whole  []Base          // bases that are all that their contracts ask for
	wrong  bool            // something has been reported
	halts  bool            // and keeps plugingen from writing the package's files

	// What is only reported if nothing else is wrong that may be the reason.
	stale  *analysis.Diagnostic // a generated file that is to be written again
	broken *analysis.Diagnostic // one that does not compile
}

// AFact marks Facts as facts.
func (*Facts) AFact() {}

func (f *Facts) String() string {
	return fmt.Sprintf("%d contracts, %d plugins, %d bases", len(f.Contracts), len(f.Plugins), len(f.Bases))
}

// An Origin is a package-level declaration.
type Origin struct {
	Package, Symbol string
	At              string // import path, file, line and column: the same on every machine

	span annotate.Span // of the identifier, in the process that read it
}

// A Contract is the interface or func type of a namespace.
type Contract struct {
	Namespace string
	Origin
	Type        typedesc.Type
	Constrained bool     // it is not in every build
	Wrong       []string // methods that no plugin is to be blamed for
	Impossible  bool     // nothing can satisfy it
}

// A Plugin is a plugin that a package declares.
type Plugin struct {
	Namespace, Name string
	Origin
	Aliases     []string
	Requires    []string
	Deprecated  string
	Conditional bool // something decides whether it is loaded

	// Type is nil if nothing is known of it. Once the plugin has met its contract, it is
	// no more than a name.
	Type *typedesc.Type
	Met  bool
	// Makes is what a function returns that could be a factory, but is itself the plugin.
	Makes *typedesc.Type

	requires    annotate.Span
	asFactory   *annotate.Fix // see Makes
	unsatisfied bool          // its contract is, which breaks the generated files of hosts
}

// ID returns the plugin's namespace and name.
func (p Plugin) ID() string { return p.Namespace + ":" + p.Name }

// A Base is a type that a struct inherits its namespace from.
type Base struct {
	Namespace string
	Origin
}

// importFacts merges the facts of the direct imports.
func (c *checker) importFacts() {
	for _, pkg := range c.Pkg.Imports() {
		f := new(Facts)
		switch {
		case c.ImportPackageFact(pkg, f):
			c.imports = append(c.imports, f)
			c.facts.add(f)
		case hasPlugins(pkg):
			c.facts.Dynamic, c.facts.Unread = true, true
		}
	}
	c.facts.sort()
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

func (c *checker) export() {
	if !c.facts.Empty() {
		c.ExportPackageFact(c.facts)
	}
}

// Empty says whether neither the package nor any beneath it has to do with plugins.
func (f *Facts) Empty() bool {
	return len(f.Contracts)+len(f.Plugins)+len(f.Bases)+len(f.Uses)+len(f.ByHand)+len(f.Elsewhere)+len(f.Hosts)+len(f.OtherHosts) == 0 && !f.Dynamic && !f.Veiled && !f.Unread && !f.Filtered
}

func (f *Facts) add(g *Facts) {
	f.Contracts = append(f.Contracts, g.Contracts...)
	f.Plugins = append(f.Plugins, g.Plugins...)
	f.Bases = append(f.Bases, g.Bases...)
	f.Uses = append(f.Uses, g.Uses...)
	f.ByHand = append(f.ByHand, g.ByHand...)
	f.Elsewhere = append(f.Elsewhere, g.Elsewhere...)
	f.Dynamic = f.Dynamic || g.Dynamic
	f.Veiled = f.Veiled || g.Veiled
	f.Unread = f.Unread || g.Unread
	f.Filtered = f.Filtered || g.Filtered
	f.Hosts = append(f.Hosts, g.Hosts...)
	f.OtherHosts = append(f.OtherHosts, g.OtherHosts...)
}

// sort sorts the facts, and drops what came by several ways.
func (f *Facts) sort() {
	f.Contracts = sorted(f.Contracts, func(a, b Contract) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), a.compare(b.Origin))
	})
	f.Plugins = sorted(f.Plugins, func(a, b Plugin) int {
		// One that has met its contract comes before the same one that has not.
		return cmp.Or(a.compareID(b), compareBool(!a.Met, !b.Met))
	})
	f.Plugins = slices.CompactFunc(f.Plugins, func(a, b Plugin) bool { return a.compareID(b) == 0 })
	f.Bases = sorted(f.Bases, func(a, b Base) int { return a.compare(b.Origin) })
	f.Uses = sorted(f.Uses, Use.compare)
	f.ByHand = sorted(f.ByHand, Use.compare)
	f.Elsewhere = sorted(f.Elsewhere, Use.compare)
	byPackage := func(a, b Host) int { return cmp.Compare(a.Package, b.Package) }
	f.Hosts = sorted(f.Hosts, byPackage)
	f.OtherHosts = sorted(f.OtherHosts, byPackage)
}

func sorted[T any](list []T, compare func(a, b T) int) []T {
	slices.SortFunc(list, compare)
	return slices.CompactFunc(list, func(a, b T) bool { return compare(a, b) == 0 })
}

func (p Plugin) compareID(q Plugin) int {
	return cmp.Or(cmp.Compare(p.Namespace, q.Namespace), cmp.Compare(p.Name, q.Name), p.compare(q.Origin))
}

func (o Origin) compare(p Origin) int {
	return cmp.Or(cmp.Compare(o.Package, p.Package), cmp.Compare(o.Symbol, p.Symbol))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// contract returns the contract of a namespace, or nil if there is none. Of several it
// returns the one of the module that is checked.
func (f *Facts) contract(namespace string) *Contract {
	all := withKey(f.Contracts, namespace, Contract.namespace)
	var found *Contract
	for i, k := range all {
		if len(all) > 1 && !f.owns(k) {
			continue
		}
		if found != nil || k.Impossible {
			return nil
		}
		found = &all[i]
	}
	return found
}

// owns reports whether a contract is of the module that is checked.
func (f *Facts) owns(k Contract) bool {
	return f.module != "" && rules.HasPathPrefix(k.Package, f.module)
}

// symbol describes a declaration of the package being checked.
func (c *checker) symbol(name string, at annotate.Span) Origin {
	return Origin{Package: c.Pkg.Path(), Symbol: name, At: c.at(at.Pos), span: at}
}

// at describes a place of the package being checked.
func (c *checker) at(pos token.Pos) string {
	p := position(c.Fset, pos)
	return fmt.Sprintf("%s/%s:%d:%d", c.Pkg.Path(), filepath.Base(p.Filename), p.Line, p.Column)
}

// addContracts adds the package's own contracts to the facts.
func (c *checker) addContracts() {
	for _, k := range c.own.Contracts {
		obj := c.Pkg.Scope().Lookup(k.Symbol)
		if obj == nil || !c.built(k.File) {
			continue
		}
		t := obj.Type()
		if k.Pointer {
			t = types.NewPointer(t)
		}
		s, known := typedesc.Of(t)
		contract := Contract{Namespace: k.Namespace, Origin: c.symbol(k.Symbol, k.Decl), Type: s, Constrained: k.File.Constraint.String() != ""}
		if iface, ok := obj.Type().Underlying().(*types.Interface); ok {
			contract.Impossible = !iface.IsMethodSet()
			contract.Wrong = c.contractLifecycle(k, iface)
		}
		if contract.Impossible {
			c.Report(problem(annotate.Role, k.Decl, fmt.Sprintf("%s can't be a contract: it has a type set in it (a union, ~T or comparable), "+
				"so it only constrains type parameters, and no plugin is a value of it", k.Symbol)))
		}
		if known || contract.Impossible {
			c.facts.Contracts = append(c.facts.Contracts, contract)
		}
	}
}

// addPlugins adds the package's own plugins to the facts.
func (c *checker) addPlugins() {
	for _, p := range c.own.Plugins {
		if !c.built(p.File) {
			c.facts.Elsewhere = append(c.facts.Elsewhere, Use{Namespace: p.Namespace, Name: p.Name, Package: c.Pkg.Path(), At: c.at(p.Decl.Pos)})
			continue
		}
		c.facts.Plugins = append(c.facts.Plugins, Plugin{
			Namespace: p.Namespace, Name: p.Name,
			Origin:  c.symbol(p.Symbol, p.Decl),
			Aliases: p.Aliases, Requires: p.Requires, Deprecated: p.Deprecated,
			Conditional: c.conditional(p),
			requires:    p.Span("requires"),
		})
	}
}

// conditional reports whether something decides whether a plugin is loaded, as far as that
// is known without what a function returns.
func (c *checker) conditional(p *annotate.Plugin) bool {
	obj := c.maker(p)
	if p.ShouldLoad != nil || p.Kind == annotate.Spec || obj == nil {
		return true
	}
	t := made(p, obj.Type())
	return t == nil || types.IsInterface(t) || typedesc.HasMethod(types.NewMethodSet(t), "ShouldLoad")
}

// addBases adds the package's own abstract bases to the facts.
func (c *checker) addBases() {
	for _, b := range c.own.Bases {
		c.facts.Bases = append(c.facts.Bases, Base{b.Namespace, c.symbol(b.Symbol, b.Decl)})
	}
}

func stringValue(v constant.Value) (string, bool) {
	if v.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(v), true
}

// Forget forgets where in this process the declarations were read, so that
// nothing is reported there: for a package that is not to be checked.
func (f *Facts) Forget() {
	for i := range f.Contracts {
		f.Contracts[i].span = annotate.Span{}
	}
	for i := range f.Plugins {
		f.Plugins[i].span, f.Plugins[i].requires = annotate.Span{}, annotate.Span{}
	}
	for i := range f.Uses {
		f.Uses[i].span = annotate.Span{}
	}
	for i := range f.ByHand {
		f.ByHand[i].span = annotate.Span{}
	}
	f.whole, f.stale, f.broken = nil, nil, nil
	for i := range f.Hosts {
		f.Hosts[i].span = annotate.Span{}
		f.Hosts[i].Directives = slices.Clone(f.Hosts[i].Directives)
		for j := range f.Hosts[i].Directives {
			f.Hosts[i].Directives[j].words = nil
		}
	}
}
