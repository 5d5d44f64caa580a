// Package facts is what is known of packages: what each declares, and what those
// that it imports declare. It answers questions about them and reports nothing.
package facts

import (
	"cmp"
	"fmt"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/analyzer/internal/typedesc"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// Facts is what a package and its imports, direct or not, declare in one build. A
// driver may keep only the facts of direct imports, so the facts of a package
// include those of its imports. Lists are sorted: equal facts are equal bytes.
type Facts struct {
	Contracts         []Contract
	Plugins           []Plugin
	Bases             []Base
	Uses              []Use // what managers request
	Makers            []Maker
	ByHand            []Use  // specs that functions build
	OtherBuilds       []Use  // plugins of other builds
	Hosts             []Host // packages that link plugins
	OtherHosts        []Host // packages that link plugins in other builds
	Incomplete        bool   // there may be more plugins
	UnknownNamespaces bool   // there are managers whose namespaces are not constant
	Unanalyzed        bool   // there are packages of plugins that the driver does not analyze
	Filtered          bool   // a registry is filtered
}

// AFact marks Facts as facts.
func (*Facts) AFact() {}

func (f *Facts) String() string {
	return fmt.Sprintf("%d contracts, %d plugins, %d bases", len(f.Contracts), len(f.Plugins), len(f.Bases))
}

// Empty reports whether neither the package nor its imports use plugins.
func (f *Facts) Empty() bool {
	n := len(f.Contracts) + len(f.Plugins) + len(f.Bases) + len(f.Uses) + len(f.ByHand) +
		len(f.OtherBuilds) + len(f.Hosts) + len(f.OtherHosts) + len(f.Makers)
	return n == 0 && !f.Incomplete && !f.UnknownNamespaces && !f.Unanalyzed && !f.Filtered
}

// Merge adds the facts of another package. The caller must call Sort afterwards.
func (f *Facts) Merge(g *Facts) {
	f.Contracts = append(f.Contracts, g.Contracts...)
	f.Plugins = append(f.Plugins, g.Plugins...)
	f.Bases = append(f.Bases, g.Bases...)
	f.Uses = append(f.Uses, g.Uses...)
	f.Makers = append(f.Makers, g.Makers...)
	f.ByHand = append(f.ByHand, g.ByHand...)
	f.OtherBuilds = append(f.OtherBuilds, g.OtherBuilds...)
	f.Incomplete = f.Incomplete || g.Incomplete
	f.UnknownNamespaces = f.UnknownNamespaces || g.UnknownNamespaces
	f.Unanalyzed = f.Unanalyzed || g.Unanalyzed
	f.Filtered = f.Filtered || g.Filtered
	f.Hosts = append(f.Hosts, g.Hosts...)
	f.OtherHosts = append(f.OtherHosts, g.OtherHosts...)
}

// Sort sorts the facts and drops duplicates, which several imports may have.
func (f *Facts) Sort() {
	f.Contracts = sorted(f.Contracts, func(a, b Contract) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), a.compare(b.Origin))
	})
	f.Plugins = sorted(f.Plugins, func(a, b Plugin) int {
		// A plugin that has been checked comes before the same plugin unchecked.
		return cmp.Or(a.CompareID(b), compareBool(!a.Checked, !b.Checked))
	})
	f.Plugins = slices.CompactFunc(f.Plugins, func(a, b Plugin) bool { return a.CompareID(b) == 0 })
	f.Bases = sorted(f.Bases, func(a, b Base) int { return a.compare(b.Origin) })
	f.Uses = sorted(f.Uses, Use.compare)
	f.Makers = sorted(f.Makers, Maker.Compare)
	f.ByHand = sorted(f.ByHand, Use.compare)
	f.OtherBuilds = sorted(f.OtherBuilds, Use.compare)
	byPackage := func(a, b Host) int { return cmp.Compare(a.Package, b.Package) }
	f.Hosts = sorted(f.Hosts, byPackage)
	f.OtherHosts = sorted(f.OtherHosts, byPackage)
}

func sorted[T any](list []T, compare func(a, b T) int) []T {
	slices.SortFunc(list, compare)
	return slices.CompactFunc(list, func(a, b T) bool { return compare(a, b) == 0 })
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

// A Package is what is known of a package that has been checked: its facts, and
// what is of use in this process only.
type Package struct {
	Facts
	Path     string // the import path
	Module   string // the module's path, or "" if it is not known
	Files    []*token.File
	Embedded map[string]bool // the names of types that its structs embed
	Unnamed  []Base          // bases that satisfy their contracts
	Needs    []Need          // managers that the program makes, if it is package main
	Reported bool            // something has been reported
	Blocked  bool            // an error keeps plugingen from writing the package's files

	// Diagnostics of generated files. They are reported if no other diagnostic
	// may be the reason.
	Stale  *analysis.Diagnostic // a file that is out of date
	Broken *analysis.Diagnostic // a file that does not compile
}

// Contract returns the contract of a namespace, or nil if there is none, or no single
// one, or one that no type can satisfy.
func (f *Package) Contract(namespace string) *Contract {
	all := f.Governing(f.ContractsOf(namespace))
	if len(all) != 1 || all[0].Impossible {
		return nil
	}
	return &all[0]
}

// Governing returns the contracts that count for the module being checked; see
// [rules.Governing].
func (f *Package) Governing(all []Contract) []Contract {
	if len(all) < 2 {
		return all
	}
	return rules.Governing(all, Contract.namespace, f.Owns)
}

// Owns reports whether a contract is of the module being checked.
func (f *Package) Owns(k Contract) bool { return k.isOf(f.Module) }

// Forget forgets where declarations are, so that nothing is reported there: for
// packages that are not checked themselves.
func (f *Package) Forget() {
	for i := range f.Contracts {
		f.Contracts[i].span = annotate.Span{}
	}
	for i := range f.Plugins {
		f.Plugins[i].span, f.Plugins[i].RequiresAt = annotate.Span{}, Place{}
	}
	for i := range f.Uses {
		f.Uses[i].span = annotate.Span{}
	}
	for i := range f.ByHand {
		f.ByHand[i].span = annotate.Span{}
	}
	f.Unnamed, f.Needs, f.Stale, f.Broken = nil, nil, nil, nil
	for i := range f.Hosts {
		f.Hosts[i].span = annotate.Span{}
		f.Hosts[i].Directives = slices.Clone(f.Hosts[i].Directives)
		for j := range f.Hosts[i].Directives {
			f.Hosts[i].Directives[j].words = nil
		}
	}
}

// An Origin is a package-level declaration.
type Origin struct {
	Package, Symbol string
	Place           // of the identifier
}

func (o Origin) compare(p Origin) int {
	return cmp.Or(cmp.Compare(o.Package, p.Package), cmp.Compare(o.Symbol, p.Symbol))
}

// A Place is where something is written.
type Place struct {
	At string // import path, file, line and column: the same on every machine

	span annotate.Span // in the process that read it
}

// Where returns the place for a message: the file, line and column, and the package that it is of.
func (p Place) Where() string {
	i := strings.LastIndexByte(p.At, '/')
	return p.At[i+1:] + " of package " + p.At[:max(i, 0)]
}

// NewPlace returns a place. at describes it on every machine, span in this
// process.
func NewPlace(at string, span annotate.Span) Place { return Place{at, span} }

// Span returns the place in the source, or the zero Span if another process has
// read it, or if it has been forgotten.
func (p Place) Span() annotate.Span { return p.span }

// A Contract is the interface or func type of a namespace.
type Contract struct {
	Namespace string
	Origin
	Type       typedesc.Type
	Build      string   // the constraint of its file
	BadMethods []string // methods that are reported at the contract, not at its plugins
	Impossible bool     // no type can satisfy it
	Section    string   // where the configuration has the plugins, or ""
	Options    string   // whose struct tags name the options of plugins, or ""
}

// String returns the name of the contract with its import path.
func (k Contract) String() string { return k.Package + "." + k.Symbol }

// isOf reports whether the contract is of a module. The module's path is "" if it is not known.
func (k Contract) isOf(module string) bool {
	return module != "" && rules.HasPathPrefix(k.Package, module)
}

// A Plugin is a plugin that a package declares.
type Plugin struct {
	Namespace, Name string
	Origin
	Aliases     []string
	Requires    []string
	Deprecation string // as [rules.Deprecation] describes it, "" if the plugin is not deprecated
	Conditional bool   // it may be disabled when it is loaded

	// Type is nil if it is not known. It has no methods once the plugin has been
	// checked against its contract.
	Type    *typedesc.Type
	Checked bool
	// Result is the result of a function plugin that could be a factory.
	Result *typedesc.Type

	RequiresAt Place // of the key requires

	factoryFix  *annotate.Fix // see Result
	unsatisfied bool          // it does not satisfy its contract, which breaks generated files of hosts
}

// ID returns the plugin's namespace and name.
func (p Plugin) ID() string { return p.Namespace + ":" + p.Name }

// CompareID compares two plugins by their IDs, and then by where they are declared.
func (p Plugin) CompareID(q Plugin) int {
	return cmp.Or(cmp.Compare(p.Namespace, q.Namespace), cmp.Compare(p.Name, q.Name), p.compare(q.Origin))
}

// Mismatches returns the reasons why the plugin, which has type t, does not satisfy
// its contract. It leaves out errors of the contract itself.
func (p *Plugin) Mismatches(t typedesc.Type, k Contract) []typedesc.Mismatch {
	all := typedesc.Mismatches(t, k.Type)
	p.unsatisfied = len(all) > 0
	return slices.DeleteFunc(all, func(m typedesc.Mismatch) bool { return slices.Contains(k.BadMethods, m.Method) })
}

// SetResult records what a function plugin would make as a factory, and the fix
// that makes it one.
func (p *Plugin) SetResult(result *typedesc.Type, fix *annotate.Fix) {
	p.Result, p.factoryFix = result, fix
}

// FactoryFix returns the fix that makes a function plugin a factory, or nil if it is
// not known.
func (p Plugin) FactoryFix() *annotate.Fix { return p.factoryFix }

// Unsatisfied reports whether the plugin was found not to satisfy its contract, in
// this process.
func (p Plugin) Unsatisfied() bool { return p.unsatisfied }

// SetChecked records that the plugin has been compared with its contract.
func (p *Plugin) SetChecked() {
	p.Checked = true
	p.Type = &typedesc.Type{Name: p.Type.Name, Open: p.Type.Open}
	p.Result = nil
}

// A Base is a type that a struct inherits its namespace from.
type Base struct {
	Namespace string
	Origin
}

// A Use is a place in the code where a manager is made or plugins are requested
// of it, or one that refers to a plugin in another way.
type Use struct {
	Namespace string
	Name      string // "" for all of the namespace
	Package   string
	Place

	As             *typedesc.Type // the type parameter of the manager; nil if it is not relevant
	Checked        bool           // As has been compared with the contract
	Loads          bool           // plugins are requested; otherwise the manager is made
	HandlesMissing bool           // the package has code for the case that there is no plugin
	Local          bool           // As is declared in the package
	Opaque         bool           // which plugins the manager has, and with what options, is not known

	// StartupCall is the method that requests the plugins, if it is called only
	// before a host links plugins.
	StartupCall string
	// Managers are the namespaces of the managers that the manager is given.
	Managers      []string
	ManagersKnown bool // it is given no other managers

	Literal bool   // the name, or else the namespace, is a string literal
	Maker   string // what plugins are requested from, for messages: "manager", "set" or "Forward"
}

func (u Use) compare(v Use) int {
	return cmp.Or(cmp.Compare(u.Namespace, v.Namespace), cmp.Compare(u.Name, v.Name),
		cmp.Compare(u.At, v.At), cmp.Compare(u.StartupCall, v.StartupCall))
}

// A Maker is a function or a variable whose code makes a manager of plugins that a host links,
// itself or through what it refers to.
type Maker struct {
	Symbol    string // with the import path
	Namespace string // of the manager
	Package   string // that makes it
}

// Compare compares two makers by symbol, namespace and package.
func (m Maker) Compare(n Maker) int {
	return cmp.Or(cmp.Compare(m.Symbol, n.Symbol), cmp.Compare(m.Namespace, n.Namespace),
		cmp.Compare(m.Package, n.Package))
}

// A Need is a manager that a program makes.
type Need struct {
	Maker               // Symbol is not set
	Span  annotate.Span // of the import through which it does
}
