package gen

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/genfile"
	"github.com/plugingen/plugingen/gen/modules"
	"github.com/plugingen/plugingen/gen/render"
	"github.com/plugingen/plugingen/gen/scan"
)

// A linkable is a plugin that a host may link.
type linkable struct {
	genfile.Spec
	path, pkg string // of the package that declares it
	build     annotate.Constraint
	decl      *annotate.Plugin // nil if it is of a module that is not read
	unwritten string           // the path of its module, if that has no generated files
}

func (l *linkable) id() string { return l.Namespace + ":" + l.Name }

// names returns the plugin's name and its aliases, with the namespace.
func (l *linkable) names() []string {
	names := []string{l.id()}
	for _, alias := range l.Aliases {
		names = append(names, l.Namespace+":"+alias)
	}
	return names
}

// place says where the plugin is declared, for messages.
func (l *linkable) place() string { return l.path + "." + l.Symbol }

// link returns what a host links, sorted, or reports on the package why it can't.
func (t *tree) link(p *pkg, h *annotate.Host) ([]*linkable, error) {
	if err := t.readWhole(); err != nil {
		return nil, err
	}
	named, err := t.named(p, h)
	if err != nil || p.broken() {
		return nil, err
	}
	linked := choose(p, h, named)
	p.links = append(p.links, linked...)
	if len(linked) == 0 && !p.broken() {
		p.errorf(annotate.Linking, h.Directive, "this host links no plugin: there is none in what it names")
	}
	checkWritten(p, h, linked)
	checkInternal(p, h, linked)
	checkNames(p, h, linked)
	checkRequires(p, h, linked)
	checkContracts(p, h, linked, named.contracts)
	t.checkCycle(p, h, linked)
	return linked, nil
}

// named returns what the packages have that the host names, sorted.
func (t *tree) named(p *pkg, h *annotate.Host) (all matched, err error) {
	patterns := h.Packages
	if len(patterns) == 0 {
		patterns = []annotate.Word{{Text: t.main.Path + "/...", Span: h.Directive}}
	}
	seen := map[string]bool{}
	add := func(found matched) {
		for _, l := range found.plugins {
			if key := l.key(); !seen[key] {
				seen[key] = true
				all.plugins = append(all.plugins, l)
			}
		}
		all.contracts = append(all.contracts, found.contracts...)
		all.partial = all.partial || found.partial
	}
	for _, pattern := range patterns {
		mistakes := p.mistakes()
		found, err := t.matching(p, pattern)
		if err != nil {
			return all, err
		}
		// That the host's module has no plugin may change any day.
		open := pattern.Text == "all" || pattern.Text == t.main.Path+"/..."
		if len(found.plugins) == 0 && p.mistakes() == mistakes && !open && !found.partial {
			p.errorf(annotate.Linking, pattern.Span, "%s matches no package that has plugins%s", pattern.Text, t.hint(pattern.Text))
		}
		add(found)
	}
	add(matched{plugins: t.plugins(p), contracts: contractsOf(p)}) // nobody else can link those of package main
	slices.SortFunc(all.plugins, func(a, b *linkable) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), cmp.Compare(a.path, b.path), cmp.Compare(a.build.String(), b.build.String()))
	})
	return all, nil
}

// hint says what to do about a pattern that matches nothing.
func (t *tree) hint(pattern string) string {
	path, _, wild := strings.Cut(pattern, "...")
	path = strings.TrimSuffix(path, "/")
	first, _, _ := strings.Cut(path, "/")
	if strings.Trim(first, ".") == "" || !strings.Contains(first, ".") && !modules.Has(t.main.Path, path) {
		return ": patterns are of import paths, as in " + t.main.Path + "/..."
	}
	if t.main.Owns(path) {
		return "; is it misspelt, or are its directives not written yet?"
	}
	for _, r := range t.main.File.Require {
		if modules.Has(r.Mod.Path, path) || wild && modules.Has(path, r.Mod.Path) {
			return fmt.Sprintf(" of the module %s; has plugingen been run in that module, and the result committed?", r.Mod.Path)
		}
	}
	return ", and no module that go.mod requires has it: run go get " + path + "@latest"
}

// matched is what packages have that match a pattern.
type matched struct {
	plugins   []*linkable
	contracts []*contract
	partial   bool // there may be more, which nobody links: a vendor folder lacks that
}

// matching returns what the packages have that match one pattern.
func (t *tree) matching(p *pkg, pattern annotate.Word) (matched, error) {
	all := pattern.Text == "all"
	match := matchPattern(pattern.Text)
	if all {
		match = func(string) bool { return true }
	}
	exact := !all && !strings.Contains(pattern.Text, "...")
	found := t.ownModule(p, pattern.Span, match, exact)
	deps, err := t.main.Dependencies(ModulePath, func(path string) bool { return all || related(pattern.Text, path) }, !all)
	if err != nil {
		return found, err
	}
	for _, dep := range deps {
		more, err := t.otherModule(p, pattern.Span, dep, match, exact)
		if err != nil {
			return found, err
		}
		more.partial = dep.File == nil
		found.add(more)
	}
	return found, nil
}

// ownModule returns what the host's module has.
func (t *tree) ownModule(p *pkg, span annotate.Span, match func(string) bool, exact bool) (found matched) {
	for _, q := range t.sorted() {
		if q == p || !match(q.Path) {
			continue
		}
		found.add(t.readPackage(p, span, q, exact))
	}
	return found
}

func (m *matched) add(more matched) {
	m.plugins = append(m.plugins, more.plugins...)
	m.contracts = append(m.contracts, more.contracts...)
	m.partial = m.partial || more.partial
}

// readPackage returns what a package has whose source is read. One with a mistake stops the
// host from being written, since it would lack that package's plugins.
func (t *tree) readPackage(p *pkg, span annotate.Span, q *pkg, exact bool) matched {
	switch {
	case q.Name == "main" && exact:
		p.errorf(annotate.Linking, span, "%s is a package main, which nothing can import: move its plugins to a package of its own", q.Path)
		return matched{}
	case q.Name == "main":
		return matched{}
	case q.broken():
		q.needed = true
		p.hold(span, q.Path)
		return matched{}
	}
	return matched{plugins: t.plugins(q), contracts: contractsOf(q)}
}

// plugins returns the plugins that a package declares.
func (t *tree) plugins(p *pkg) []*linkable {
	var list []*linkable
	for _, x := range p.Plugins {
		l := &linkable{
			Spec: genfile.Spec{
				Identifier: genfile.Identifier(x.Namespace, x.Name), Namespace: x.Namespace, Name: x.Name,
				Kind: x.Kind.String(), Symbol: x.Symbol, Requires: x.Requires, Aliases: x.Aliases,
			},
			path: p.Path, pkg: p.Name, build: x.File.Constraint, decl: x,
		}
		l.Proved = t.contractFor(p, x.Namespace, x.File.Constraint) != nil
		list = append(list, l)
	}
	return list
}

// otherModule returns what another module's generated files list, or will list when
// the run is over.
func (t *tree) otherModule(p *pkg, span annotate.Span, dep *modules.Module, match func(string) bool, exact bool) (found matched, err error) {
	if other := t.plan.tree(dep.Dir); other != nil {
		if err := other.readWhole(); err != nil {
			return found, err
		}
		for _, q := range other.sorted() {
			if q.asked && match(q.Path) && canImport(p.Path, q.Path) {
				found.add(other.readPackage(p, span, q, exact))
			}
		}
	}
	folders, err := scan.Tree{Root: dep.Dir, Ignored: dep.Ignored}.Written()
	if err != nil {
		return found, err
	}
	if len(folders) == 0 && t.plan.tree(dep.Dir) == nil {
		plugins, err := t.unwritten(p, dep, match)
		return matched{plugins: plugins}, err
	}
	for _, folder := range folders {
		path := dep.ImportPath(folder.Dir)
		if !match(path) || t.isAsked(dep, folder.Dir) || !t.main.IsProvider(dep, path) {
			continue
		}
		if !canImport(p.Path, path) {
			if exact {
				p.errorf(annotate.Linking, span, "%s may not import %s, since it is internal", p.Path, path)
			}
			continue // the module links it into programs of its own
		}
		more, err := fromGenerated(p, span, path, folder, exact)
		if err != nil {
			return found, err
		}
		found.add(more)
	}
	return found, nil
}

// isAsked says whether the files of a folder of another module are generated in
// this run.
func (t *tree) isAsked(dep *modules.Module, dir string) bool {
	other := t.plan.tree(dep.Dir)
	return other != nil && other.packages[dir] != nil && other.packages[dir].asked
}

// fromGenerated returns what the generated files of a folder list.
func fromGenerated(p *pkg, span annotate.Span, path string, folder *scan.Folder, exact bool) (found matched, err error) {
	for _, f := range folder.Generated {
		name := filepath.Join(folder.Dir, f.Name)
		file, err := genfile.Read(name, f.Src)
		if err != nil {
			return found, err
		}
		build, err := annotate.ParseConstraint(file.Constraint)
		if err != nil {
			return found, fmt.Errorf("%s: %w", name, err)
		}
		if file.Package == "main" {
			if exact {
				p.errorf(annotate.Linking, span, "%s is a package main, which nothing can import", path)
			}
			continue
		}
		for _, s := range file.Specs {
			found.plugins = append(found.plugins, &linkable{Spec: s, path: path, pkg: file.Package, build: build})
		}
		found.contracts = append(found.contracts, contractsFrom(path, file)...)
	}
	return found, nil
}

// choose returns the plugins that the host's globs let through, and reports globs
// that match none.
func choose(p *pkg, h *annotate.Host, named matched) []*linkable {
	used := map[annotate.Span]bool{}
	matches := func(globs []annotate.Word, l *linkable) (found bool) {
		for _, w := range globs {
			if glob(w.Text).matches(l.Namespace, l.Name) {
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
	for _, w := range slices.Concat(h.Namespaces, h.Exclude) {
		if err := glob(w.Text).err(); err != nil {
			p.errorf(annotate.BadValue, w.Span, "%q is not a glob: %v", w.Text, err)
		} else if !used[w.Span] && !named.partial {
			p.errorf(annotate.Linking, w.Span, "%q matches no plugin of the packages that this host names", w.Text)
		}
	}
	return linked
}

// addTo adds a plugin to the table of its namespace. Plugins come sorted.
func addTo(tables []render.Table, l *linkable) []render.Table {
	if n := len(tables); n == 0 || tables[n-1].Namespace != l.Namespace {
		tables = append(tables, render.Table{Namespace: l.Namespace})
	}
	last := &tables[len(tables)-1]
	last.Specs = append(last.Specs, render.Ref{Path: l.path, Package: l.pkg, Name: l.Identifier})
	return tables
}
