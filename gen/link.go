package gen

import (
	"cmp"
	"errors"
	"fmt"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/builds"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/internal/render"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/scan"
)

// A linker works out what hosts link, for which it has the packages described that they name.
type linker struct {
	*describer
	contents map[*pkg]*content
	imported map[string][]string // what packages import, by import path; see importsOf
}

func newLinker(d *describer) *linker {
	return &linker{d, map[*pkg]*content{}, map[string][]string{}}
}

// A content is all that the files of a package are to hold.
type content struct {
	described
	links []*linkable // in all builds
	hosts []*hostLinks
}

// hostLinks are what one directive of a host links, and what the packages have that it names.
type hostLinks struct {
	*annotate.Host
	linked []*linkable // sorted
	named  matched
}

// content completes what is in the files of a package, once: with what it links, if it is a
// host. It reports on the package why it can't.
func (run *linker) content(p *pkg) (*content, error) {
	if c := run.contents[p]; c != nil {
		return c, nil
	}
	d := run.describe(p)
	if len(p.Hosts) == 0 {
		run.contents[p] = &content{described: *d}
		return run.contents[p], nil
	}
	if err := p.tree.readWhole(); err != nil {
		return nil, err
	}
	c := &content{described: d.clone()}
	run.contents[p] = c
	if p.broken() {
		return c, run.checkHosts(c)
	}
	return c, run.linkHosts(c)
}

// A linkable is a plugin that a host may link.
type linkable struct {
	genfile.Spec
	path, pkg string // of the package that declares it
	build     builds.Constraint
	decl      *annotate.Plugin // this and its package are nil if it is of a module that is not read
	of        *pkg
	unwritten string          // the path of its module, if that has no generated files
	module    *modules.Module // that it is of, for lists
}

func (l *linkable) id() string { return l.Namespace + ":" + l.Name }

// spec returns what the plugin's spec is called in any package.
func (l *linkable) spec() string { return l.path + "." + l.Identifier }

// compare compares plugins by name, those of one name by where they are declared.
func (l *linkable) compare(other *linkable) int {
	if c := cmp.Or(cmp.Compare(l.Namespace, other.Namespace), cmp.Compare(l.Name, other.Name)); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(l.path, other.path), cmp.Compare(l.build.String(), other.build.String()))
}

// key identifies a plugin among all, those of other builds included.
func (l *linkable) key() pluginKey { return pluginKey{l.path, l.Identifier, l.build.String()} }

type pluginKey struct{ path, identifier, build string }

// rule returns the plugin as the rules for hosts know it.
func (l *linkable) rule() rules.Plugin {
	return rules.Plugin{Package: l.path, Namespace: l.Namespace, Name: l.Name}
}

// names returns the plugin's name and its aliases, with the namespace.
func (l *linkable) names() []string {
	names := []string{l.id()}
	for _, alias := range l.Aliases {
		names = append(names, l.Namespace+":"+alias)
	}
	return names
}

// place returns where the plugin is declared, for messages.
func (l *linkable) place() string { return l.path + "." + l.Symbol }

// plugins returns the plugins that the package declares.
func (p *resolved) plugins() []*linkable {
	list := make([]*linkable, 0, len(p.Plugins))
	declared := p.declaredOptions()
	for i, x := range p.Plugins {
		l := &linkable{
			Spec: genfile.Spec{
				Identifier: p.identifiers[i], Namespace: x.Namespace, Name: x.Name,
				Kind: x.Kind, Symbol: x.Symbol, Options: declared.Uses[x], Properties: x.Properties,
			},
			path: p.Path, pkg: p.Name, build: x.File.Constraint, decl: x, of: p.pkg,
		}
		if c := p.contractFor(x.Namespace, x.File.Constraint); c != nil {
			l.Asserted, l.Contract = true, c.String()
		}
		list = append(list, l)
	}
	return list
}

// linkHosts adds what the package's hosts link.
func (run *linker) linkHosts(p *content) error {
	for _, h := range p.hostsInOrder() {
		found, err := run.link(p, h)
		if err != nil {
			return err
		}
		p.hosts = append(p.hosts, found)
		for _, l := range found.linked {
			p.addLink(h, l)
		}
		run.addSections(p, found)
	}
	p.complete()
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
		named, err := run.named(p, h)
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

// addLink adds a plugin to what a host links.
func (p *content) addLink(h *annotate.Host, l *linkable) {
	ref, err := code.ParseRef(l.path, l.pkg, l.Identifier)
	if err != nil {
		p.errorf(annotate.Linking, h.Directive, "%s can't be linked: %v", l.id(), err)
		return
	}
	f := p.output(h.File.Constraint.And(l.build))
	f.Host = "//plugin:link"
	f.Tables = addTo(f.Tables, l.Namespace, ref)
	if assertion := p.assertion(h, l); assertion != nil {
		f.Assertions = append(f.Assertions, *assertion)
	}
}

// addTo adds a spec to the table of its namespace. Specs come sorted.
func addTo(tables []render.Table, namespace string, spec code.Ref) []render.Table {
	if n := len(tables); n == 0 || tables[n-1].Namespace != namespace {
		tables = append(tables, render.Table{Namespace: namespace})
	}
	last := &tables[len(tables)-1]
	last.Specs = append(last.Specs, spec)
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
	c := p.contractFor(l.Namespace, h.File.Constraint.And(l.build))
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
	if l.Kind == annotate.Func && c.form != nil {
		if len(c.form.Methods) > 0 && !l.Asserted { // how it is wrapped can't be told
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

// link works out what a directive of a host links.
func (run *linker) link(p *content, h *annotate.Host) (*hostLinks, error) {
	named, err := run.named(p, h)
	if err != nil {
		return nil, err
	}
	found := &hostLinks{Host: h, named: named}
	linked := choose(p.pkg, h, named)
	if p.broken() {
		return found, nil
	}
	if len(linked) == 0 {
		why := "there is none in the packages that it names"
		if len(named.plugins) > 0 {
			why = "namespaces= and exclude= leave out all in the packages that it names"
		}
		p.errorf(annotate.Linking, h.Directive,
			"this host links no plugin: %s; declare one, change what the host names, or remove //plugin:link", why)
	}
	linked, before := p.notYetLinked(h, linked), p.links
	found.linked, p.links = linked, slices.Concat(before, linked)
	checkWritten(p.pkg, h, linked)
	checkCollisions(p.pkg, h, linked)
	checkNames(p.pkg, h, before, linked)
	checkRequires(p.pkg, h, before, linked)
	checkOrder(p.pkg, h, before, linked)
	checkContracts(p.pkg, h, linked, named.contracts)
	run.checkCycle(p.pkg, h, linked)
	return found, nil
}

// choose returns the plugins that the host's globs let through, and reports globs
// that match none.
func choose(p *pkg, h *annotate.Host, named matched) []*linkable {
	used := map[annotate.Span]bool{}
	matches := func(globs []annotate.Word, l *linkable) (found bool) {
		for _, w := range globs {
			if rules.Selector(w.Text).Match(l.rule()) {
				used[w.Span] = true
				found = true
			}
		}
		return found
	}
	var linked []*linkable
	for _, l := range named.plugins {
		in := len(h.Namespaces) == 0 || matches(h.Namespaces, l)
		if out := matches(h.Exclude, l); in && !out {
			linked = append(linked, l)
		}
	}
	for _, l := range named.hidden { // there is something to leave out, though no host requested it
		matches(h.Exclude, l)
	}
	meant := sync.OnceValue(func() func(rules.Selector) string {
		var all []rules.Plugin
		for _, l := range named.plugins {
			all = append(all, l.rule())
		}
		return rules.Meant(all)
	})
	for _, w := range slices.Concat(h.Namespaces, h.Exclude) {
		if err := rules.Selector(w.Text).Check(); err != nil {
			p.errorf(annotate.BadValue, w.Span, "%q is not a glob: %v", w.Text, err)
		} else if !used[w.Span] && !named.excluded[w.Span] && !named.partial {
			p.errorf(annotate.Linking, w.Span,
				"%q matches no plugin of the packages that this host names%s",
				w.Text, didYouMean(meant()(rules.Selector(w.Text))))
		}
	}
	return linked
}

// A package can have several //plugin:link directives in files of different builds, as
// for the editions of a product. A build links what all those say that it compiles.

// hostsInOrder returns the hosts of a package, those of more builds first: what they link
// is there for the others to require.
func (p *pkg) hostsInOrder() []*annotate.Host {
	hosts := slices.Clone(p.Hosts)
	slices.SortStableFunc(hosts, func(a, b *annotate.Host) int {
		return cmp.Compare(len(a.File.Constraint.String()), len(b.File.Constraint.String()))
	})
	return hosts
}

// notYetLinked returns the plugins of a host that the package's hosts before it do not link,
// each for the builds that have both plugin and host, and in which they don't.
func (p *content) notYetLinked(h *annotate.Host, linked []*linkable) []*linkable {
	if len(p.Hosts) == 1 && h.File.Constraint.String() == "" {
		return linked
	}
	before := map[string][]builds.Constraint{}
	for _, l := range p.links {
		before[l.spec()] = append(before[l.spec()], l.build)
	}
	var left []*linkable
	for _, l := range linked {
		build, some := l.build.And(h.File.Constraint), !l.build.Excludes(h.File.Constraint)
		for _, other := range before[l.spec()] {
			if some && !build.Excludes(other) {
				build, some = build.AndNot(other)
			}
		}
		if some {
			only := *l
			only.build = build
			left = append(left, &only)
		}
	}
	return left
}

// matched is what packages have that match a pattern.
type matched struct {
	plugins   []*linkable
	contracts []*contract
	structs   []*options.Struct      // that have sections of the configuration
	hidden    []*linkable            // plugins that the host may not import
	internal  []string               // paths of the packages that have plugins and that the host may not import
	partial   bool                   // there may be more, which nobody links: a vendor directory lacks that
	excluded  map[annotate.Span]bool // words of exclude= that a package matches
}

func (m *matched) add(more matched) {
	m.plugins = append(m.plugins, more.plugins...)
	m.contracts = append(m.contracts, more.contracts...)
	m.structs = append(m.structs, more.structs...)
	m.hidden = append(m.hidden, more.hidden...)
	m.internal = append(m.internal, more.internal...)
	m.partial = m.partial || more.partial
}

// A selection is a pattern of a host for packages whose plugins it links.
type selection struct {
	span  annotate.Span
	match func(importPath string) bool
	exact bool // it names one package
	all   bool // those that the host may not import, too
}

// selectionOf returns what a pattern of a host selects, without what exclude= leaves out. The
// words of exclude= that match a package are added to excluded.
func selectionOf(h *annotate.Host, pattern annotate.Word, excluded map[annotate.Span]bool) selection {
	matches := func(path string) bool { return pattern.Text == "all" || rules.Pattern(pattern.Text).Match(path) }
	return selection{span: pattern.Span, match: func(path string) bool {
		if !matches(path) {
			return false
		}
		if w := excluding(h, path); w != nil {
			excluded[w.Span] = true
			return false
		}
		return true
	}, exact: pattern.Text != "all" && rules.Pattern(pattern.Text).IsLiteral()}
}

// mayImport reports whether the host may import a package. One that it may not import is an
// error only if the host names it: otherwise its plugins are for others to link.
func (w selection) mayImport(p *pkg, path string) bool {
	if w.all || rules.CanImport(p.Path, path) {
		return true
	}
	if w.exact {
		p.errorf(annotate.Linking, w.span,
			"%s may not import %s, since it is internal to %s: move one of them, or do not "+
				"name it", p.Path, path, rules.InternalTo(path))
	}
	return false
}

// named returns what the packages have that the host names, sorted.
func (run *linker) named(p *content, h *annotate.Host) (all matched, err error) {
	patterns := h.Packages
	if len(patterns) == 0 {
		patterns = []annotate.Word{{Text: p.tree.main.Path + "/...", Span: h.Directive}}
	}
	excluded := map[annotate.Span]bool{}
	failed, blocked := false, len(p.blocked)
	for _, pattern := range patterns {
		if p.reportedAt(pattern.Span) {
			failed = true
			continue
		}
		errorsBefore, before := p.errorCount(), len(excluded)
		selected := selectionOf(h, pattern, excluded)
		found, err := run.matching(p, pattern, selected)
		if err != nil {
			return all, err
		}
		// That the host's module has no plugin may change any day.
		open := pattern.Text == "all" || pattern.Text == p.tree.main.Path+"/..." ||
			selected.match(p.Path) && len(p.plugins()) > 0 // the host's own, which are added below
		if len(found.plugins) == 0 && p.errorCount() == errorsBefore && !open && !found.partial &&
			len(excluded) == before {
			p.errorf(annotate.Linking, pattern.Span, "%s", noMatch(p.pkg, pattern.Text, found.internal))
		}
		all.add(found)
		failed = failed || p.errorCount() > errorsBefore
	}
	// What selectors match can't be told without the plugins of a package with errors, nor of no plugins.
	all.partial = all.partial || len(p.blocked) > blocked || failed && len(all.plugins) == 0
	all.add(matched{ // nobody else can link those of package main
		plugins: p.plugins(), contracts: contractsOf(p.pkg), structs: p.sectionStructs(true),
	})
	all.excluded = excluded
	slices.SortFunc(all.plugins, (*linkable).compare)
	// Several patterns may name the same package.
	all.plugins = slices.CompactFunc(all.plugins, func(a, b *linkable) bool { return a.key() == b.key() })
	return all, nil
}

// excluding returns the import path pattern of exclude= that leaves a package out, or nil.
func excluding(h *annotate.Host, path string) *annotate.Word {
	for i, w := range h.Exclude {
		if s := rules.Selector(w.Text); s.IsPattern() && rules.Pattern(s).Match(path) {
			return &h.Exclude[i]
		}
	}
	return nil
}

// excludes reports whether every host of the package leaves another package out.
func (p *pkg) excludes(path string) bool {
	return !slices.ContainsFunc(p.Hosts, func(h *annotate.Host) bool { return excluding(h, path) == nil })
}

// noMatch returns the message for a pattern that matches no plugin.
func noMatch(p *pkg, pattern string, internal []string) string {
	if len(internal) > 0 {
		return fmt.Sprintf(
			"%s matches no package that has plugins and that %s may import, but internal ones: %s",
			pattern, p.Path, strings.Join(internal, ", "))
	}
	return fmt.Sprintf("%s matches no package that has plugins%s", pattern, p.tree.hint(pattern))
}

// didYouMean returns a question, "" for no word.
func didYouMean(word string) string {
	if word == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", word)
}

// hint returns what to do about a pattern that matches nothing.
func (t *tree) hint(pattern string) string {
	path, _, wild := strings.Cut(pattern, "...")
	path = strings.TrimSuffix(path, "/")
	first, _, _ := strings.Cut(path, "/")
	if strings.Trim(first, ".") == "" || !strings.Contains(first, ".") && !rules.HasPathPrefix(path, t.main.Path) {
		return ": patterns are of import paths, as in " + t.main.Path + "/..."
	}
	if t.main.Owns(path) {
		var known []string
		for _, q := range t.sorted() {
			if len(q.Plugins) > 0 {
				known = append(known, q.Path)
			}
		}
		if slices.Contains(known, path) { // but for a slash at its end
			return didYouMean(path)
		}
		return cmp.Or(didYouMean(rules.Nearest(path, known)),
			"; is it misspelt, or are its directives not written yet?")
	}
	for _, r := range t.main.File.Require {
		if rules.HasPathPrefix(path, r.Mod.Path) || wild && rules.HasPathPrefix(r.Mod.Path, path) {
			return fmt.Sprintf(
				" of the module %s; has plugingen been run in that module, and the result "+
					"committed?", r.Mod.Path)
		}
	}
	return ", and no module that go.mod requires has it: run go get " + path + "@latest"
}

// matching returns what the packages have that match one pattern.
func (run *linker) matching(p *content, pattern annotate.Word, w selection) (matched, error) {
	all := pattern.Text == "all"
	found := run.ownModule(p, w)
	deps, err := p.tree.main.Dependencies(ModulePath, func(path string) bool {
		return all || rules.Pattern(pattern.Text).MayMatchIn(path)
	}, !all)
	var missing *modules.MissingError
	if errors.As(err, &missing) {
		run.lacks(missing)
		found.partial = true
	} else if err != nil {
		return found, err
	}
	for _, dep := range deps {
		more, err := run.otherModule(p.pkg, dep, w)
		if err != nil {
			return found, err
		}
		more.partial = dep.File == nil
		found.add(more)
	}
	return found, nil
}

// ownModule returns what the host's module has.
func (run *linker) ownModule(p *content, w selection) (found matched) {
	for _, q := range p.tree.sorted() {
		switch {
		case q == p.pkg || !w.match(q.Path):
		case !w.mayImport(p.pkg, q.Path):
			found.hidden = append(found.hidden, run.describe(q).plugins()...)
			found.internal = append(found.internal, q.Path)
		default:
			found.add(run.readPackage(p.pkg, w, q))
		}
	}
	return found
}

// readPackage returns what a package has whose source is read. One with an error stops the
// host from being written, since it would lack that package's plugins.
func (run *linker) readPackage(p *pkg, w selection, q *pkg) matched {
	switch {
	case q.Name == "main" && w.exact:
		p.errorf(annotate.Linking, w.span,
			"%s is a package main, which nothing can import: move its plugins to a package "+
				"of its own", q.Path)
		return matched{}
	case q.Name == "main", checkImportPath(q.Path) != nil:
		return matched{}
	}
	d := run.describe(q)
	if d.broken() {
		p.block(w.span, q)
		return matched{}
	}
	return matched{plugins: d.plugins(), contracts: contractsOf(q), structs: d.sectionStructs(false)}
}

// otherModule returns what another module's generated files list, or will list when
// the run is over.
func (run *linker) otherModule(p *pkg, dep *modules.Module, w selection) (found matched, err error) {
	if other := run.tree(dep.Dir); other != nil {
		for _, q := range other.sorted() {
			switch {
			case !q.requested || !w.match(q.Path):
			case !w.mayImport(p, q.Path):
				found.internal = append(found.internal, q.Path)
			default:
				found.add(run.readPackage(p, w, q))
			}
		}
	}
	scanned, err := scan.Tree{Root: dep.Dir, Ignored: dep.Ignored}.Written()
	if err != nil {
		return found, err
	}
	if run.tree(dep.Dir) == nil {
		p.tree.scan.Trace.Module(strings.TrimSpace(dep.Path + " " + dep.Version))
	}
	if len(scanned) == 0 && run.tree(dep.Dir) == nil {
		plugins, err := run.unwritten(p, dep, w.match)
		return matched{plugins: plugins}, err
	}
	for _, dir := range scanned {
		path := dep.ImportPath(dir.Path)
		switch {
		case !w.match(path) || checkImportPath(path) != nil || run.isRequested(dep, dir.Path) ||
			!p.tree.main.IsProvider(dep, path):
		case !w.mayImport(p, path):
			found.internal = append(found.internal, path) // the module links it into programs of its own
		default:
			found.add(fromGenerated(p, w, path, dir))
		}
	}
	return found, nil
}

// isRequested reports whether the files of a directory of another module are generated in
// this run.
func (w *workspace) isRequested(dep *modules.Module, dir string) bool {
	other := w.tree(dep.Dir)
	return other != nil && other.packages[dir] != nil && other.packages[dir].requested
}

// fromGenerated returns what the generated files of a directory list. A host that would lack
// some of it is not written.
func fromGenerated(p *pkg, w selection, path string, dir *scan.Dir) (found matched) {
	for _, f := range dir.Generated {
		name := filepath.Join(dir.Path, f.Name)
		file, err := genfile.Read(name, f.Src)
		if err != nil {
			p.errorf(annotate.Linking, w.span, "the plugins of %s can't be linked: %v", path, err)
			continue
		}
		build, err := builds.Parse(file.Constraint)
		if err != nil {
			p.errorf(annotate.Linking, w.span, "the plugins of %s can't be linked: %s: %v", path, name, err)
			continue
		}
		if file.Package == "main" {
			if w.exact {
				p.errorf(annotate.Linking, w.span, "%s is a package main, which nothing can import", path)
			}
			continue
		}
		inPackage(path, file)
		for _, s := range file.Structs {
			if s.Shared && s.Section != "" {
				found.structs = append(found.structs, s)
			}
		}
		for _, s := range file.Specs {
			if strings.HasPrefix(s.Contract, ".") {
				s.Contract = path + s.Contract
			}
			found.plugins = append(found.plugins, &linkable{Spec: s, path: path, pkg: file.Package, build: build})
		}
		found.contracts = append(found.contracts, contractsFrom(path, file)...)
	}
	return found
}

// unwritten returns the plugins that another module declares and that a package may
// import, for a module without any generated file: plugingen was never run in it, or what
// it wrote is not committed.
func (run *linker) unwritten(p *pkg, dep *modules.Module, match func(string) bool) ([]*linkable, error) {
	other := run.newTree(&modules.Main{Module: *dep})
	other.offline = true
	all, _, err := other.readBelow(dep.Dir, anyDir)
	if err != nil {
		return nil, err
	}
	var found []*linkable
	for _, q := range all {
		if q.Name == "main" || !match(q.Path) || !p.tree.main.IsProvider(dep, q.Path) ||
			!rules.CanImport(p.Path, q.Path) {
			continue
		}
		for _, l := range run.resolve(q).plugins() {
			l.unwritten = dep.Path
			found = append(found, l)
		}
	}
	return found, nil
}
