// Package analyzer checks what plugingen can't: it knows types, and the packages
// that a package imports.
//
// plugingen reads syntax alone. [Analyzer] proves that plugins satisfy the
// contracts of their namespaces, that names are unique, that requirements can be met, that
// managers ask for what there is, and that generated files are up to date. What
// it says of the annotations themselves comes from package annotate, word for
// word as plugingen says it.
//
// What a package declares is a fact, [Facts]. A package's fact includes those of
// the packages that it imports, so two plugins of one name meet at the first
// package that imports both.
//
// The analyzer runs in any driver of the go/analysis framework. Package driver
// holds the two that pluginvet is made of: one for "go vet -vettool", which also
// copes with a generated file that no longer compiles, and one that sees a whole
// program.
package analyzer

import (
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"reflect"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/docs"
)

// Analyzer reports plugins that will not work.
var Analyzer = &analysis.Analyzer{
	Name: "plugin",
	Doc: `check plugin declarations, contracts, managers and generated specs

The plugin analyzer reports //plugin: comments and plugin:"" tags that have a
mistake in them, plugins that do not satisfy the contract of their namespace, names
that are not unique, requirements that can't be met, managers that ask for
what does not exist, and files that plugingen should write again.`,
	URL:              docs.URL,
	Run:              run,
	RunDespiteErrors: true,
	FactTypes:        []analysis.Fact{new(Facts)},
	ResultType:       reflect.TypeFor[*Facts](),
}

// A checker checks one package.
type checker struct {
	*analysis.Pass
	source  *reading
	leftOut []string          // the names of the package's files that are not in the build
	own     *annotate.Package // what the package's files declare, for any build
	other   otherBuilds       // what other packages declare, for any build
	facts   *Facts            // what is declared here and in the packages imported
	imports []*Facts          // what the direct imports and those beneath them declare
	reached map[string]*types.Package
	said    map[token.Pos]bool // methods that have been reported

	expected Expected // nil if generated files are not checked
	whole    bool     // the package is checked as a part of a program, by Package

	used      *objects            // see objects
	contracts map[string][]string // see contracted
	found     *inventory          // see inventory

	specsOfImports map[string]bool  // see awaited
	generatedFiles *[]generatedFile // see generated
}

func run(pass *analysis.Pass) (any, error) {
	c := newChecker(pass)
	if pass.Module == nil || pass.Module.Version == "" { // it is worked on
		c.expected = expected
	}
	if c.source == nil && len(c.imports) == 0 {
		return c.facts, nil
	}
	c.alone()
	c.together()
	c.regenerate([]*Facts{c.facts})
	c.export()
	return c.facts, nil
}

// Package checks one package of a program that [Program] is to check as a whole.
// It leaves to Program what is wrong between packages. Generated files are checked if it is
// told what to expect of them.
func Package(pass *analysis.Pass, expected Expected) *Facts {
	c := newChecker(pass)
	c.expected, c.whole = expected, true
	c.alone()
	c.export()
	return c.facts
}

// Program checks what packages, each of which [Package] has checked, declare
// together, whether or not anybody imports them together. It reports at the
// declarations, and not in packages whose facts were told to forget their places.
// That nobody links a plugin is only said of a complete program.
func Program(complete bool, fset *token.FileSet, facts []*Facts, report func(analysis.Diagnostic)) {
	c := &checker{facts: &Facts{}}
	owners := map[*token.File]*Facts{}
	for _, f := range facts {
		c.facts.add(f)
		for _, file := range f.files {
			owners[file] = f
		}
	}
	c.facts.sort()
	c.facts.module = mainModule(c.facts.Hosts)
	c.Pass = &analysis.Pass{Fset: fset, Pkg: types.NewPackage("", ""), Report: func(d analysis.Diagnostic) {
		places := []token.Pos{d.Pos}
		for _, r := range d.Related {
			places = append(places, r.Pos)
		}
		for _, pos := range places {
			if f := owners[fset.File(pos)]; f != nil {
				f.wrong = true
			}
		}
		report(mendable(fset, d))
	}}
	c.together()
	if complete && len(c.facts.Hosts) > 0 {
		c.nameless(facts)
	}
	c.unlinked(complete, facts)
	c.regenerate(facts)
}

// mainModule returns the module of the hosts, or "" if they are of several.
func mainModule(hosts []Host) string {
	if len(hosts) == 0 || slices.ContainsFunc(hosts, func(h Host) bool { return h.Module != hosts[0].Module }) {
		return ""
	}
	return hosts[0].Module
}

func newChecker(pass *analysis.Pass) *checker {
	own := *pass
	if named := pass.Pkg.Path() == namedFiles; named || own.ReadFile == nil {
		own.ReadFile = os.ReadFile // nogo leaves it out; others read no more than the files they know of
	}
	c := &checker{Pass: &own, facts: &Facts{path: pass.Pkg.Path()}, leftOut: leftOut(pass), said: map[token.Pos]bool{}}
	c.source = read(&own, c.leftOut)
	if pass.Module != nil {
		c.facts.module = pass.Module.Path
	}
	for _, f := range pass.Files {
		c.facts.files = append(c.facts.files, pass.Fset.File(f.FileStart))
	}
	if pass.Pkg.Path() == namedFiles {
		c.facts.Dynamic, c.facts.Unread = true, true // what the other files declare and import
	}
	own.Report = func(d analysis.Diagnostic) {
		c.facts.wrong = true
		if pass.Pkg.Path() == namedFiles && !c.has(d.Pos) {
			return // it is in another file
		}
		pass.Report(mendable(pass.Fset, d))
	}
	c.importFacts()
	if c.source != nil || len(c.facts.Bases) > 0 {
		c.facts.embeds = c.embedded()
	}
	return c
}

// has reports whether a place is in a file that is checked.
func (c *checker) has(pos token.Pos) bool {
	return slices.Contains(c.facts.files, c.Fset.File(pos))
}

// alone checks what the package declares.
func (c *checker) alone() {
	if c.source == nil {
		return
	}
	c.declared()
	c.facts.sort()
	c.ownPlugins()
	c.bases()
	c.specs()
	c.ineffective()
	c.managers()
	c.unhosted()
	c.facts.sort()
	c.fresh()
	if c.isHost() && c.facts.stale != nil && !c.whole {
		c.facts.Dynamic = true // what it will link when it is written again
	}
}

// together checks what the package and those that it imports declare together.
func (c *checker) together() {
	c.importedPlugins()
	c.unique()
	c.requirements()
	// A host imports all that its program links.
	if c.isHost() || len(c.Files) == 0 && len(c.facts.Hosts) > 0 {
		c.unmet()
		c.asked()
	}
}

// declared reads the package's annotations, passes on what annotate has to say
// of them, and adds them to the facts.
func (c *checker) declared() {
	c.own = c.source.Package.Package
	c.own.Resolve(importer{c})
	known := slices.DeleteFunc(annotate.Sort(c.Fset, c.own.Diagnostics), c.unsure)
	for _, d := range known {
		c.Report(converted(d))
	}
	c.facts.halts = len(c.own.Diagnostics) > 0
	c.facts.Dynamic = c.facts.Dynamic || c.facts.halts
	c.addContracts()
	c.addPlugins()
	c.addBases()
	c.addHost()
}

// converted returns what annotate reports as the framework has it.
func converted(d annotate.Diagnostic) analysis.Diagnostic {
	out := analysis.Diagnostic{Pos: d.Pos, End: d.End, Category: string(d.Category), Message: d.Message}
	for _, r := range d.Related {
		out.Related = append(out.Related, analysis.RelatedInformation{Pos: r.Pos, End: r.End, Message: r.Message})
	}
	if d.Fix != nil {
		fix := analysis.SuggestedFix{
			Message:   d.Fix.Message,
			TextEdits: []analysis.TextEdit{{Pos: d.Fix.Pos, End: d.Fix.End, NewText: []byte(d.Fix.New)}},
		}
		for _, e := range d.Fix.Also {
			fix.TextEdits = append(fix.TextEdits, analysis.TextEdit{Pos: e.Pos, End: e.End, NewText: []byte(e.New)})
		}
		out.SuggestedFixes = []analysis.SuggestedFix{fix}
	}
	return out
}

// An importer answers what annotate asks of imported packages.
type importer struct{ *checker }

// Constant returns the value of a string constant of an imported package.
func (i importer) Constant(from *annotate.File, path, name string) (string, bool) {
	if !i.built(from) {
		return i.other.constant(i.checker, from, path, name)
	}
	pkg := i.reach(path)
	if pkg == nil {
		return "", false
	}
	konst, ok := pkg.Scope().Lookup(name).(*types.Const)
	if !ok {
		return "", false
	}
	return stringValue(konst.Val())
}

// Address reports whether a plugin that is a variable of an imported type is its address.
func (i importer) Address(from *annotate.File, path, name string) (address, ok bool) {
	if !i.built(from) {
		return i.other.address(i.checker, from, path, name)
	}
	pkg := i.reach(path)
	if pkg == nil {
		return false, false
	}
	obj, ok := pkg.Scope().Lookup(name).(*types.TypeName)
	if !ok {
		return false, false
	}
	switch u := obj.Type().Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Signature, *types.Map, *types.Chan:
		return false, true
	case *types.Basic:
		return true, u.Kind() != types.Invalid
	}
	return true, true
}

// Namespace returns the namespace of a type of an imported package: its own, or
// that of the one type with a namespace that it embeds.
func (i importer) Namespace(from *annotate.File, path, name string) (string, bool) {
	if ns, ok := i.namespaceOf(path, name); ok || i.built(from) {
		return ns, ok
	}
	return i.other.namespace(i.checker, from, path, name)
}

// namespaceOf returns the namespace of a type that is in the build.
func (i importer) namespaceOf(path, name string) (string, bool) {
	pkg := i.reach(path)
	if pkg == nil {
		return "", false
	}
	obj, ok := pkg.Scope().Lookup(name).(*types.TypeName)
	if !ok {
		return "", false
	}
	return i.namespace(obj.Type(), map[types.Type]bool{})
}

func (i importer) namespace(t types.Type, seen map[types.Type]bool) (string, bool) {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil || seen[named] {
		return "", false
	}
	seen[named] = true
	for _, b := range i.facts.Bases {
		if b.Package == named.Obj().Pkg().Path() && b.Symbol == named.Obj().Name() {
			return b.Namespace, true
		}
	}
	s, ok := named.Underlying().(*types.Struct)
	if !ok {
		return "", false
	}
	found := ""
	for f := range s.Fields() {
		if !f.Embedded() {
			continue
		}
		if ns, ok := i.namespace(f.Type(), seen); ok {
			if found != "" && found != ns {
				return "", false
			}
			found = ns
		}
	}
	return found, found != ""
}

// reach returns a package that this one imports, directly or not, if its types
// are to be had.
func (c *checker) reach(path string) *types.Package {
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

// object returns a package-level object by its package and name, nil if it is not
// to be had.
func (c *checker) object(path, name string) types.Object {
	if pkg := c.reach(path); pkg != nil {
		return pkg.Scope().Lookup(name)
	}
	return nil
}

// built says whether the file is part of the build that is being checked.
func (c *checker) built(f *annotate.File) bool { return c.source.built[f.Syntax] }

// problem begins a diagnostic.
func problem(category annotate.Category, at annotate.Span, message string) analysis.Diagnostic {
	return analysis.Diagnostic{Pos: at.Pos, End: at.End, Category: string(category), Message: message}
}

func span(n ast.Node) annotate.Span { return annotate.Span{Pos: n.Pos(), End: n.End()} }
