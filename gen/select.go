package gen

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/builds"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/scan"
)

// A linkable is a plugin that a host may link.
type linkable struct {
	genfile.Spec
	path, pkg string // of the package that declares it
	build     builds.Constraint
	decl      *annotate.Plugin // this and its package are nil if it is of a module that is not read
	of        *pkg
	unwritten string           // the path of its module, if that has no generated files
	module    *modules.Module  // that it is of, for lists
	hosts     []*annotate.Host // of one package, that select it; the first links it
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

// matched is what packages have that match a pattern.
type matched struct {
	plugins   []*linkable
	contracts []*contract
	bases     []*annotate.Base
	structs   []*options.Struct      // that have sections of the configuration
	hidden    []*linkable            // plugins that the host may not import
	internal  []string               // paths of the packages that have plugins and that the host may not import
	partial   bool                   // there may be more, which nobody links: a vendor directory lacks that
	excluded  map[annotate.Span]bool // words of exclude= that a package matches
}

func (m *matched) add(more matched) {
	m.plugins = append(m.plugins, more.plugins...)
	m.contracts = append(m.contracts, more.contracts...)
	m.bases = append(m.bases, more.bases...)
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
	return selection{span: pattern.Span, match: func(path string) bool {
		if !rules.Pattern(pattern.Text).Names(path) {
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
func (run *describer) named(p *pkg, h *annotate.Host) (all matched, err error) {
	own := run.resolver.resolve(p)
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
		// The host's module may have no plugins yet.
		open := pattern.Text == "all" || pattern.Text == p.tree.main.Path+"/..." ||
			selected.match(p.Path) && len(p.Plugins) > 0 // the host's own, which are added below
		if len(found.plugins) == 0 && p.errorCount() == errorsBefore && !open && !found.partial &&
			len(excluded) == before {
			p.errorf(annotate.Linking, pattern.Span, "%s", noMatch(p, pattern.Text, found.internal))
		}
		all.add(found)
		failed = failed || p.errorCount() > errorsBefore
	}
	// Unmatched selectors are not reported if plugins are missing because of an error.
	all.partial = all.partial || len(p.blocked) > blocked || failed && len(all.plugins) == 0
	all.add(matched{ // nobody else can link those of package main
		plugins: own.plugins(), contracts: contractsOf(p), structs: own.sectionStructs(true),
	})
	all.excluded = excluded
	slices.SortFunc(all.plugins, (*linkable).compare)
	// Several patterns may name the same package.
	all.plugins = slices.CompactFunc(all.plugins, func(a, b *linkable) bool { return a.key() == b.key() })
	return all, nil
}

// choose returns the plugins that the host's globs let through, and reports globs
// that match none.
func choose(p *pkg, h *annotate.Host, named matched) []*linkable {
	rule := hostRule(p, h)
	namespaces, exclude := slices.Clone(h.Namespaces), slices.Clone(h.Exclude) // without those that match
	var linked []*linkable
	for _, l := range named.plugins {
		if rule.Selects(l.rule()) {
			linked = append(linked, l)
		}
		namespaces, exclude = unmatched(namespaces, l), unmatched(exclude, l)
	}
	for _, l := range named.hidden { // exclude= may name those, although they would not be linked
		exclude = unmatched(exclude, l)
	}
	meant := sync.OnceValue(func() func(rules.Selector) string {
		var all []rules.Plugin
		for _, l := range named.plugins {
			all = append(all, l.rule())
		}
		return rules.Corrections(all)
	})
	for _, w := range slices.Concat(namespaces, exclude) {
		s := rules.Selector(w.Text)
		if s.Check() == nil && !named.excluded[w.Span] && !named.partial {
			p.errorf(annotate.Linking, w.Span,
				"%q matches no plugin of the packages that this host names%s", w.Text, rules.DidYouMean(meant()(s)))
		}
	}
	return linked
}

// unmatched removes the words that match a plugin, and returns the others.
func unmatched(words []annotate.Word, l *linkable) []annotate.Word {
	return slices.DeleteFunc(words, func(w annotate.Word) bool { return rules.Selector(w.Text).Match(l.rule()) })
}

// excluding returns the word of exclude= that leaves a package out, or nil.
func excluding(h *annotate.Host, path string) *annotate.Word {
	for i, w := range h.Exclude {
		if rules.Selector(w.Text).MatchPackage(path) {
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
	if pattern == p.Path {
		return fmt.Sprintf("%s is this package, which links its own plugins in any case, but has none: name "+
			"packages that have plugins, or remove packages= to link those of the module", pattern)
	}
	return fmt.Sprintf("%s matches no package that has plugins%s", pattern, p.tree.hint(pattern))
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
			return rules.DidYouMean(path)
		}
		return cmp.Or(rules.DidYouMean(rules.Nearest(path, known)),
			"; is it misspelt, or are its directives not written yet?")
	}
	for _, r := range t.main.File.Require {
		if rules.HasPathPrefix(path, r.Mod.Path) || wild && rules.HasPathPrefix(r.Mod.Path, path) {
			if !t.requiresPlugingen(r.Mod.Path) {
				return fmt.Sprintf(
					": the module %s does not require %s, and so can't have any; leave it out, or "+
						"run go get %s@latest and plugingen ./... in that module", r.Mod.Path, modules.Plugingen,
					modules.Plugingen)
			}
			return fmt.Sprintf(
				" of the module %s; has plugingen been run in that module, and the result "+
					"committed?", r.Mod.Path)
		}
	}
	return ", and no module that go.mod requires has it: run go get " + path + "@latest"
}

// requiresPlugingen reports whether a required module requires plugingen, or can't be read.
func (t *tree) requiresPlugingen(path string) bool {
	found, err := t.main.Dependencies(func(p string) bool { return p == path }, false)
	return err != nil || len(found) > 0
}

// matching returns what the packages have that match one pattern.
func (run *describer) matching(p *pkg, pattern annotate.Word, w selection) (matched, error) {
	all := pattern.Text == "all"
	found := run.ownModule(p, w)
	deps, err := p.tree.main.Dependencies(func(path string) bool {
		return all || rules.Pattern(pattern.Text).MayMatchIn(path)
	}, !all)
	var missing *modules.MissingError
	if errors.As(err, &missing) {
		p.tree.work.lacks(missing)
		found.partial = true
	} else if err != nil {
		return found, err
	}
	for _, dep := range deps {
		more, err := run.otherModule(p, dep, w)
		if err != nil {
			return found, err
		}
		more.partial = dep.File == nil
		found.add(more)
	}
	return found, nil
}

// ownModule returns what the host's module has.
func (run *describer) ownModule(p *pkg, w selection) (found matched) {
	for _, q := range p.tree.sorted() {
		switch {
		case q == p || !w.match(q.Path):
		case !w.mayImport(p, q.Path):
			found.hidden = append(found.hidden, run.describe(q).resolved.plugins()...)
			found.internal = append(found.internal, q.Path)
		default:
			found.add(run.readPackage(p, w, q))
		}
	}
	return found
}

// readPackage returns what a package has whose source is read. One with an error stops the
// host from being written, since it would lack that package's plugins.
func (run *describer) readPackage(p *pkg, w selection, q *pkg) matched {
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
		p.block(block{span: w.span, by: q})
		return matched{}
	}
	return matched{
		plugins: d.resolved.plugins(), contracts: contractsOf(q), bases: q.Bases,
		structs: d.resolved.sectionStructs(false),
	}
}

// otherModule returns what another module's generated files list, or will list when
// the run is over.
func (run *describer) otherModule(p *pkg, dep *modules.Module, w selection) (found matched, err error) {
	if other := p.tree.work.tree(dep.Dir); other != nil {
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
	if p.tree.work.tree(dep.Dir) == nil {
		p.tree.scan.Trace.Module(strings.TrimSpace(dep.Path + " " + dep.Version))
	}
	if len(scanned) == 0 && p.tree.work.tree(dep.Dir) == nil {
		plugins, err := run.unwritten(p, dep, w.match)
		return matched{plugins: plugins}, err
	}
	for _, dir := range scanned {
		path := dep.ImportPath(dir.Path)
		switch {
		case !w.match(path) || checkImportPath(path) != nil || p.tree.work.isRequested(dep, dir.Path) ||
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

// inPackage sets the package of a generated file in what the file refers to in other files of
// the same package, which has no path yet.
func inPackage(path string, f *genfile.File) {
	set := func(s *options.Struct) {
		if s != nil && s.Path == "" {
			s.Path = path
		}
	}
	for _, s := range f.Structs {
		if s.Shared {
			s.Path = path // whatever it says
		}
		for _, part := range s.Parts {
			set(part.Struct)
		}
		for _, o := range s.Options {
			set(o.Type.Table())
		}
	}
	for _, s := range f.Specs {
		if s.Options != nil {
			set(s.Options.Struct)
		}
	}
}

// unwritten returns the plugins that another module declares and that a package may
// import, for a module without any generated file: plugingen was never run in it, or what
// it wrote is not committed.
func (run *describer) unwritten(p *pkg, dep *modules.Module, match func(string) bool) ([]*linkable, error) {
	other := p.tree.work.newTree(&modules.Main{Module: *dep})
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
		for _, l := range run.resolver.resolve(q).plugins() {
			l.unwritten = dep.Path
			found = append(found, l)
		}
	}
	return found, nil
}

// hostRule returns a directive as the rules for hosts know it.
func hostRule(p *pkg, h *annotate.Host) *rules.Host { return h.Rule(p.Path, p.tree.main.Path) }
