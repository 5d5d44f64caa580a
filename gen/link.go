package gen

import (
	"cmp"
	"fmt"
	"go/token"
	"maps"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/internal/importgraph"
	"github.com/plugingen/plugingen/internal/builds"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/internal/render"
	"github.com/plugingen/plugingen/internal/rules"
)

// A linker works out what hosts link, for which it has the packages described that they name.
type linker struct {
	work      *workspace
	resolver  *resolver
	describer *describer
	contents  map[*pkg]*content
	imported  map[string][]string // what packages import, by import path; see importsOf
}

func newLinker(d *describer) *linker {
	return &linker{
		work: d.resolver.work, resolver: d.resolver, describer: d,
		contents: map[*pkg]*content{}, imported: map[string][]string{},
	}
}

// A content is all that the files of a package are to hold.
type content struct {
	*pkg
	own     *described // what its own declarations put into its files
	files   files      // those, and what it links
	linkage linkage
}

// content completes what is in the files of a package, once: with what it links, if it is a
// host. It reports on the package why it can't.
func (run *linker) content(p *pkg) (*content, error) {
	if c := run.contents[p]; c != nil {
		return c, nil
	}
	d := run.describer.describe(p)
	if len(p.Hosts) == 0 {
		run.contents[p] = &content{pkg: p, own: d, files: d.files}
		return run.contents[p], nil
	}
	if err := p.tree.readWhole(); err != nil {
		return nil, err
	}
	c := &content{pkg: p, own: d, files: d.files.clone()}
	run.contents[p] = c
	if p.broken() {
		return c, run.checkHosts(c)
	}
	return c, run.linkHosts(c)
}

// linkHosts adds what the package's hosts link.
func (run *linker) linkHosts(p *content) error {
	for _, h := range p.hostsInOrder() {
		found, err := run.link(p, h)
		if err != nil {
			return err
		}
		p.linkage.hosts = append(p.linkage.hosts, found)
	}
	p.linkage.check(p.pkg)
	for _, h := range p.linkage.hosts {
		for i, l := range h.linked {
			p.addLink(h.Host, l, len(h.linked)-i)
		}
		run.addSections(p, h)
	}
	p.files.complete(p.pkg)
	return nil
}

// checkHosts reports what is wrong with the words of the hosts of a package that is not
// written: all errors of a directive are to be reported together.
func (run *linker) checkHosts(p *content) error {
	if p.Damaged() {
		return nil
	}
	blocked := p.blocked
	for _, h := range p.Hosts {
		if p.misread(h) {
			continue
		}
		named, err := run.describer.named(p.pkg, h)
		if err != nil {
			return err
		}
		choose(p.pkg, h, named)
	}
	p.blocked = blocked // that other packages have errors is reported when the host has none
	return nil
}

// misread reports whether the directive of a host has keys or values that can't be read, so that
// it may select something else than was meant.
func (p *pkg) misread(h *annotate.Host) bool {
	return slices.ContainsFunc(p.diagnostics, func(d annotate.Diagnostic) bool {
		return h.Directive.Pos <= d.Pos && d.End <= h.Directive.End &&
			(d.Category == annotate.Syntax || d.Category == annotate.UnknownKey)
	})
}

// addLink adds a plugin to what a host links. left is how many are still to be added, this one
// included: there is room for them at once, since a host may link thousands.
func (p *content) addLink(h *annotate.Host, l *linkable, left int) {
	ref, err := code.ParseRef(l.path, l.pkg, l.Identifier)
	if err != nil {
		p.errorf(annotate.Linking, h.Directive, "%s can't be linked: %v", l.id(), err)
		return
	}
	f := p.files.of(p.pkg, h.File.Constraint.And(l.build))
	f.Host = "//plugin:link"
	f.Tables = addTo(f.Tables, l.Namespace, ref, left)
	if assertion := p.assertion(h, l); assertion != nil {
		f.Assertions = append(slices.Grow(f.Assertions, left), *assertion)
	}
}

// addTo adds a spec to the table of its namespace, of as many as there may be. Specs come sorted.
func addTo(tables []render.Table, namespace string, spec code.Ref, most int) []render.Table {
	if n := len(tables); n == 0 || tables[n-1].Namespace != namespace {
		tables = append(tables, render.Table{Namespace: namespace})
	}
	last := &tables[len(tables)-1]
	last.Specs = append(slices.Grow(last.Specs, most), spec)
	return tables
}

// assertion returns the assertion that the host's file makes of a plugin whose own package
// does not assert it: it does not know the contract, or knows another one for the
// namespace. The host's hand-written code has to know the contract. assertion returns nil
// if there is nothing to assert, or what to assert is unknown here.
func (p *content) assertion(h *annotate.Host, l *linkable) *render.Assertion {
	if l.Asserted && l.Contract == "" || l.path == p.Path || l.Kind == annotate.Spec {
		return nil
	}
	c := p.own.resolved.contractFor(l.Namespace, h.File.Constraint.And(l.build))
	if c == nil || l.Asserted && l.Contract == c.String() {
		return nil
	}
	if c.concrete && l.decl != nil {
		if why := notConcrete(l.decl, l.path, c); why != "" {
			p.errorf(annotate.Role, h.Directive,
				"plugin %s (%s) can't be linked: %s; leave it out with exclude=", l.id(), l.place(), why)
			return nil
		}
	}
	if l.Kind == annotate.Func && c.iface != nil {
		if len(c.iface.Methods) > 0 && !l.Asserted { // how it is wrapped can't be told
			p.errorf(annotate.Linking, h.Directive,
				"plugin %s is the function %s, which is not wrapped to satisfy the contract "+
					"%s, since its package does not import that of the contract: "+
					"import it there (as _, if for nothing else), or leave the plugin out with "+
					"exclude=", l.id(), l.place(), c)
		}
		return nil
	}
	if l.decl == nil && (!l.IsSymbol || !token.IsExported(l.Symbol)) {
		return nil
	}
	contract, err := c.ref()
	if err != nil {
		p.errorf(annotate.Linking, h.Directive, "the contract %s can't be named: %v", c, err)
		return nil
	}
	plugin, err := code.ParseRef(l.path, l.pkg, l.Symbol)
	if err != nil {
		p.errorf(annotate.Linking, h.Directive, "%s can't be linked: %v", l.id(), err)
		return nil
	}
	assertion := &render.Assertion{Contract: contract, Plugin: plugin, Kind: l.Kind}
	if x := l.decl; x != nil {
		if len(x.TypeArgs) > 0 || x.Factory.ReturnsAny() ||
			x.Factory != nil && !token.IsExported(x.Factory.Symbol) || x.Factory == nil && !token.IsExported(x.Symbol) {
			return nil
		}
		assertion.Address, assertion.Factory = x.Address, call(p.pkg, h.Directive, x.Factory)
		if use := l.Options; use != nil && use.Param {
			if len(use.TypeArgs) > 0 || !token.IsExported(use.Name) || !rules.CanImport(p.Path, use.Path) {
				return nil
			}
			assertion.Options = &render.Use{Struct: use.Struct, Pointer: use.Pointer}
		}
	}
	return assertion
}

// linksNothing is what is wrong with a host that links no plugin.
func linksNothing(h *annotate.Host, named matched) annotate.Diagnostic {
	d := annotate.Diagnostic{Span: h.Directive, Category: annotate.Linking}
	why := "there is none in the packages that it names"
	remedy := "declare one, change what the host names, or remove //plugin:link"
	switch {
	case len(named.plugins) > 0:
		why = "namespaces= and exclude= leave out all in the packages that it names"
	case len(named.bases) > 0: // functions have a name without name=, and types have not
		b := named.bases[0]
		remedy = fmt.Sprintf("%s has no name, so it is a base for structs that embed it: to make it a plugin, "+
			"add name=%s", b.Symbol, rules.SnakeCase(b.Symbol))
		d.Related = []annotate.Related{{Span: b.Decl, Message: b.Symbol + " is declared here"}}
	}
	d.Message = fmt.Sprintf("this host links no plugin: %s; %s", why, remedy)
	return d
}

// link works out what a directive of a host links.
func (run *linker) link(p *content, h *annotate.Host) (*hostLinks, error) {
	errorsBefore := p.errorCount()
	named, err := run.describer.named(p.pkg, h)
	if err != nil {
		return nil, err
	}
	found := &hostLinks{Host: h, named: named}
	linked := choose(p.pkg, h, named)
	if p.errorCount() > errorsBefore {
		found.incomplete = true
		return found, nil
	}
	if len(linked) == 0 {
		p.report(linksNothing(h, named))
	}
	linked = p.notYetLinked(h, linked)
	found.linked, p.linkage.links = linked, slices.Concat(p.linkage.links, linked)
	checkWritten(p.pkg, h, linked)
	checkContracts(p.pkg, h, linked, named.contracts)
	run.checkCycle(p.pkg, h, linked)
	return found, nil
}

// hostsInOrder returns the hosts of a package: one comes before those whose builds are a
// subset of its builds. What several hosts select, the first of them links. A package has
// several in files of different builds, as for the editions of a product.
func (p *pkg) hostsInOrder() []*annotate.Host {
	if len(p.Hosts) == 1 {
		return p.Hosts
	}
	depth := map[*annotate.Host]int{} // how many hosts have all of its builds
	for _, h := range p.Hosts {
		for _, other := range p.Hosts {
			if h.File.Constraint.Implies([]builds.Constraint{other.File.Constraint}) {
				depth[h]++
			}
		}
	}
	hosts := slices.Clone(p.Hosts)
	slices.SortStableFunc(hosts, func(a, b *annotate.Host) int { return cmp.Compare(depth[a], depth[b]) })
	return hosts
}

// notYetLinked returns the plugins of a host that the package's hosts before it do not link,
// each for the builds that have both plugin and host, and in which they don't.
func (p *content) notYetLinked(h *annotate.Host, linked []*linkable) []*linkable {
	for _, l := range linked {
		l.hosts = []*annotate.Host{h}
	}
	if len(p.Hosts) == 1 && h.File.Constraint.String() == "" {
		return linked
	}
	before := map[string][]*linkable{}
	for _, l := range p.linkage.links {
		before[l.spec()] = append(before[l.spec()], l)
	}
	var left []*linkable
	for _, l := range linked {
		build, some := l.build.And(h.File.Constraint), !l.build.Excludes(h.File.Constraint)
		for _, other := range before[l.spec()] {
			other.hosts = append(other.hosts, h)
			if some && !build.Excludes(other.build) {
				build, some = build.AndNot(other.build)
			}
		}
		if some {
			l.build = build
			left = append(left, l)
		}
	}
	return left
}

// checkCycle reports a linked package that imports the host. Nothing can import
// package main.
func (run *linker) checkCycle(p *pkg, h *annotate.Host, linked []*linkable) {
	if p.Name == "main" {
		return
	}
	seen := map[string]bool{}
	for _, l := range linked {
		if l.path == p.Path {
			continue
		}
		if chain := importgraph.Chain(l.path, p.Path, run.next(p.tree), seen); chain != nil {
			p.errorf(annotate.Linking, h.Directive,
				"this host can't link %s, since that imports it: %s; move what is imported into a package of "+
					"its own, or leave the plugins out with exclude=%s",
				l.path, strings.Join(chain, " imports "), rules.SelectorOf(l.path))
			return
		}
	}
}

// next returns a function for [importgraph.Chain]: what packages of a module import, and will import
// for what they link.
func (run *linker) next(t *tree) func(path string) []string {
	return func(from string) []string {
		paths := run.importsOf(t, from)
		if c := run.contents[t.packages[t.main.DirOf(from)]]; c != nil {
			paths = slices.Clip(paths)
			for _, l := range c.linkage.links {
				paths = append(paths, l.path)
			}
		}
		return paths
	}
}

// importsOf returns what a package of the module imports, tests excepted, in files that plugingen
// does not write: those are about to be written anew, and the hosts know what they link. Of a
// package that is not in the module it returns nil.
func (run *linker) importsOf(t *tree, path string) []string {
	if paths, ok := run.imported[path]; ok {
		return paths
	}
	if !t.main.Owns(path) {
		return nil
	}
	dir := t.main.DirOf(path)
	var paths []string
	if p := t.packages[dir]; p != nil && len(p.dir.Annotated)+len(p.old.Files) > 0 {
		paths = importgraph.Of(p.Compiled()) // they have been parsed already
	} else {
		paths = importgraph.Read(dir)
	}
	run.imported[path] = paths
	return paths
}

// addSections adds the sections of what a directive links to the files of its package.
func (run *linker) addSections(p *content, h *hostLinks) {
	contracts := append(contractsOf(p.pkg), h.named.contracts...)
	sections, _ := run.resolver.sections(p.tree, h.linked, contracts, h.named.structs)
	if !h.named.partial && !p.linkage.incomplete() {
		checkChoices(p.pkg, h.Host, p.linkage.linkedWith(h.Host), contracts)
	}
	for i, s := range sections {
		if i > 0 && sections[i-1].path == s.path {
			p.errorf(annotate.Duplicate, h.Directive,
				"%s and %s are both configured in the section %s: write section= and another one on one of them",
				sections[i-1], s, s.path)
			continue
		}
		build := h.File.Constraint
		if s.options != nil && s.options.File != nil {
			build = build.And(s.options.File.Constraint)
		}
		f := p.files.of(p.pkg, build)
		f.Sections = append(f.Sections, render.Section{Path: s.path, Namespace: s.namespace, Struct: s.options})
	}
}

// A section is a part of the configuration of a program.
type section struct {
	path      string
	namespace string // whose plugins are configured in it; or
	options   *options.Struct
	contract  *contract // of the namespace, if it is known
}

// sections returns the sections of the program that a host links, by path, and the namespaces
// whose plugins are configured where an option takes one.
func (r *resolver) sections(t *tree, linked []*linkable, contracts []*contract, structs []*options.Struct) (
	sections []*section, nested []string,
) {
	byNamespace := map[string]*contract{}
	for _, c := range governing(t, contracts) {
		if byNamespace[c.Namespace] == nil {
			byNamespace[c.Namespace] = c
		}
	}
	taken, has := map[string]bool{}, map[string]bool{}
	seen := map[*options.Struct]bool{}
	for _, l := range linked {
		has[l.Namespace] = has[l.Namespace] || l.Options != nil
		if l.Options != nil {
			r.completeStruct(t, l.Options.Struct)
			takes(l.Options.Struct, taken, seen)
		}
	}
	for _, s := range structs {
		r.completeStruct(t, s)
		takes(s, taken, seen)
		sections = append(sections, &section{path: s.Section, options: s})
	}
	added := map[string]bool{}
	for _, l := range linked {
		c := byNamespace[l.Namespace]
		path := ""
		if c != nil {
			path = c.Section
		}
		if added[l.Namespace] || path == "" && (!has[l.Namespace] || taken[l.Namespace]) {
			continue
		}
		added[l.Namespace] = true
		path = rules.SectionOf(path, l.Namespace)
		sections = append(sections, &section{path: path, namespace: l.Namespace, contract: c})
	}
	slices.SortFunc(sections, func(a, b *section) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.namespace, b.namespace))
	})
	for namespace := range taken {
		nested = append(nested, namespace)
	}
	slices.Sort(nested)
	return sections, nested
}

// takes notes the namespaces of plugins that options of a struct take.
func takes(s *options.Struct, namespaces map[string]bool, seen map[*options.Struct]bool) {
	eachOption(s, seen, func(o *options.Option) {
		if leaf := o.Type.Leaf(); leaf.Kind == options.Plugin {
			namespaces[leaf.Namespace] = true
		}
	})
}

// checkChoices reports options that take plugins of a namespace that the program knows nothing of,
// and those whose default is a plugin that is not linked.
func checkChoices(p *pkg, h *annotate.Host, linked []*linkable, contracts []*contract) {
	names := map[string][]string{}
	for _, l := range linked {
		names[l.Namespace] = append(append(names[l.Namespace], l.Name), l.Aliases...)
	}
	known := slices.Collect(maps.Keys(names))
	for _, c := range contracts {
		known = append(known, c.Namespace)
	}
	check := func(o *options.Option) {
		leaf := o.Type.Leaf()
		if leaf.Kind != options.Plugin {
			return
		}
		span := o.Tag
		if !span.Pos.IsValid() { // of another module
			span = h.Directive
		}
		if !slices.Contains(known, leaf.Namespace) {
			p.errorf(annotate.Linking, span, "option %s takes plugins of %s, but there is no plugin and no "+
				"contract of that namespace%s", o.Name, leaf.Namespace,
				rules.DidYouMean(rules.Nearest(leaf.Namespace, known)))
			return
		}
		for _, name := range options.Items(o.Default) {
			if list := names[leaf.Namespace]; o.HasDefault && !slices.Contains(list, name) {
				p.errorf(annotate.Linking, span, "the default of option %s is %q, but no plugin of %s of that name is "+
					"linked%s", o.Name, name, leaf.Namespace, rules.DidYouMean(rules.Nearest(name, list)))
			}
		}
	}
	seen := map[*options.Struct]bool{}
	for _, l := range linked {
		if l.Options != nil {
			eachOption(l.Options.Struct, seen, check)
		}
	}
}

// eachOption calls do for the options of a struct, and of those that are in it.
func eachOption(s *options.Struct, seen map[*options.Struct]bool, do func(*options.Option)) {
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	for _, o := range s.All() {
		do(o)
		eachOption(o.Type.Table(), seen, do)
	}
}

// String returns what a section is of, for messages.
func (s *section) String() string {
	if s.options != nil {
		return "the struct " + s.options.Path + "." + s.options.Name
	}
	return "the plugins of " + s.namespace
}

// completeStruct reads what other modules' generated files say of the struct and of those in it.
func (r *resolver) completeStruct(t *tree, s *options.Struct) {
	r.complete(t, s, map[*options.Struct]bool{})
	// A file whose structs contain themselves is not read, and so the files here are of packages
	// that import one another. The compiler reports that; who reads the options must not loop.
	for {
		cycles := rules.Cycles([]*options.Struct{s}, (*options.Struct).Contained)
		if len(cycles) == 0 {
			return
		}
		for _, cycle := range cycles {
			cycle[0].Options, cycle[0].Parts = nil, nil
		}
	}
}

func (r *resolver) complete(t *tree, s *options.Struct, seen map[*options.Struct]bool) {
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	if s.Foreign && s.Shared && s.Options == nil {
		if d := r.foreignStruct(t, s.Path, s.Name); d != nil && d != s {
			s.Options, s.Section, s.Parts = d.Options, d.Section, d.Parts
		}
	}
	for _, part := range s.Parts {
		r.complete(t, part.Struct, seen)
	}
	for _, o := range s.Options {
		r.complete(t, o.Type.Table(), seen)
	}
}

// foreignStruct returns a shared struct of another module, or nil if nothing is known of it.
func (r *resolver) foreignStruct(t *tree, path, name string) *options.Struct {
	q, _ := t.neighbour(path)
	if q == nil {
		q = t.at(path)
	}
	if q != nil {
		for _, s := range r.resolve(q).declaredOptions().Shared {
			if s.Name == name {
				return s
			}
		}
		return nil
	}
	for _, f := range t.generatedFiles(path).files {
		if s := describedIn(f, name); s != nil {
			return s
		}
	}
	return nil
}
