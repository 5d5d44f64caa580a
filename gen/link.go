package gen

import (
	"cmp"
	"fmt"
	"os"
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
	decl      *annotate.Plugin // nil if it is of another module
}

func (l *linkable) id() string { return l.Namespace + ":" + l.Name }

// place says where the plugin is declared, for messages.
func (l *linkable) place() string { return l.path + "." + l.Symbol }

// link returns what a host links, sorted, or reports on the package why it can't.
func (t *tree) link(p *pkg, h *annotate.Host) ([]*linkable, error) {
	if err := t.readWhole(); err != nil {
		return nil, err
	}
	candidates, err := t.candidates(p, h)
	if err != nil {
		return nil, err
	}
	if p.broken() {
		return nil, nil
	}
	linked := t.choose(p, h, candidates)
	slices.SortFunc(linked, func(a, b *linkable) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), cmp.Compare(a.path, b.path))
	})
	if len(linked) == 0 && !p.broken() {
		p.errorf(annotate.Linking, h.Directive, "this host links no plugin: there is none in what it names")
	}
	checkNames(p, h, linked)
	checkRequires(p, h, linked)
	t.checkCycle(p, h, linked)
	return linked, nil
}

// candidates returns the plugins of the packages that the host names.
func (t *tree) candidates(p *pkg, h *annotate.Host) ([]*linkable, error) {
	patterns := h.Packages
	if len(patterns) == 0 {
		patterns = []annotate.Word{{Text: t.main.Path + "/...", Span: h.Directive}}
	}
	found := map[string]*linkable{}
	add := func(list []*linkable) {
		for _, l := range list {
			found[l.path+"."+l.Identifier+" "+l.build.String()] = l
		}
	}
	for _, pattern := range patterns {
		list, err := t.matching(p, pattern)
		if err != nil {
			return nil, err
		}
		// That the host's module has no plugin may change any day.
		open := pattern.Text == "all" || pattern.Text == t.main.Path+"/..."
		if len(list) == 0 && !p.broken() && !open {
			p.errorf(annotate.Linking, pattern.Span, "%s matches no package that has plugins; %s", pattern.Text, t.hint(pattern.Text))
		}
		add(list)
	}
	add(declaredBy(p)) // nobody else can link those of package main
	all := make([]*linkable, 0, len(found))
	for _, l := range found {
		all = append(all, l)
	}
	return all, nil
}

// hint says what to do about a pattern that matches nothing.
func (t *tree) hint(pattern string) string {
	path, _, _ := strings.Cut(pattern, "/...")
	if modules.Has(t.main.Path, path) {
		return "is it misspelt, or are its directives not written yet?"
	}
	for _, r := range t.main.File.Require {
		if modules.Has(r.Mod.Path, path) {
			return "has plugingen been run in that module, and the result committed?"
		}
	}
	return "no module that go.mod requires has it: run go get " + path + "@latest"
}

// matching returns the plugins of the packages that match one pattern.
func (t *tree) matching(p *pkg, pattern annotate.Word) ([]*linkable, error) {
	all := pattern.Text == "all"
	match := matchPattern(pattern.Text)
	if all {
		match = func(string) bool { return true }
	}
	list := t.ownModule(p, pattern.Span, match)
	if !all && modules.Has(t.main.Path, strings.SplitN(pattern.Text, "/...", 2)[0]) {
		return list, nil
	}
	deps, err := t.main.Dependencies(ModulePath)
	if err != nil {
		return nil, err
	}
	for _, dep := range deps {
		if !all && !related(pattern.Text, dep.Path) {
			continue
		}
		more, err := t.otherModule(p, pattern.Span, dep, match)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}

// related says whether a module can have packages that match the pattern.
func related(pattern, modulePath string) bool {
	fixed, _, _ := strings.Cut(pattern, "...")
	return strings.HasPrefix(fixed, modulePath) || strings.HasPrefix(modulePath, fixed)
}

// ownModule returns the plugins of the host's module. A package with a mistake stops
// the host from being written, since it would lack that package's plugins.
func (t *tree) ownModule(p *pkg, span annotate.Span, match func(string) bool) []*linkable {
	var list []*linkable
	for _, q := range t.packages {
		if q == nil || q == p || !match(q.Path) {
			continue
		}
		if len(q.Plugins) > 0 && q.Name != "main" && !canImport(p.Path, q.Path) {
			p.errorf(annotate.Linking, span, "%s has plugins, but %s may not import it, since it is internal: move one of them, or leave it out of packages=", q.Path, p.Path)
			continue
		}
		list = append(list, linkables(p, span, q)...)
	}
	return list
}

// linkables returns the plugins of a package whose files are generated in this run.
func linkables(p *pkg, span annotate.Span, q *pkg) []*linkable {
	if q.broken() {
		p.errorf(annotate.Linking, span, "this host is not written, since there are mistakes in %s", q.Path)
		return nil
	}
	if q.Name == "main" {
		return nil
	}
	return declaredBy(q)
}

func declaredBy(p *pkg) []*linkable {
	var list []*linkable
	for _, x := range p.Plugins {
		list = append(list, &linkable{
			Spec: genfile.Spec{
				Identifier: genfile.Identifier(x.Namespace, x.Name), Namespace: x.Namespace, Name: x.Name,
				Symbol: x.Symbol, Requires: x.Requires, Aliases: x.Aliases,
			},
			path: p.Path, pkg: p.Name, build: x.File.Constraint, decl: x,
		})
	}
	return list
}

// otherModule returns the plugins that another module's generated files list, or
// will list when the run is over.
func (t *tree) otherModule(p *pkg, span annotate.Span, dep *modules.Module, match func(string) bool) ([]*linkable, error) {
	folders, err := scan.Tree(dep.Dir, dep.Ignored)
	if err != nil {
		return nil, err
	}
	other := t.plan.tree(dep.Dir)
	var list []*linkable
	for _, folder := range folders {
		path := dep.ImportPath(folder.Dir)
		if !match(path) || !canImport(p.Path, path) {
			continue
		}
		if other != nil {
			if q := other.packages[folder.Dir]; q != nil && q.asked {
				list = append(list, linkables(p, span, q)...)
				continue
			}
		}
		for _, f := range folder.Generated {
			file, err := genfile.Read(folder.Dir+string(os.PathSeparator)+f.Name, f.Src)
			if err != nil {
				return nil, err
			}
			if file.Package == "main" {
				continue
			}
			build, err := annotate.ParseConstraint(file.Constraint)
			if err != nil {
				return nil, fmt.Errorf("%s in %s: %w", f.Name, folder.Dir, err)
			}
			for _, s := range file.Specs {
				list = append(list, &linkable{Spec: s, path: path, pkg: file.Package, build: build})
			}
		}
	}
	return list, nil
}

// choose returns the plugins that the host's globs let through, and reports globs
// that match none.
func (t *tree) choose(p *pkg, h *annotate.Host, candidates []*linkable) []*linkable {
	used := map[annotate.Span]bool{}
	matches := func(globs []annotate.Word, l *linkable) bool {
		found := false
		for _, g := range globs {
			if glob(g.Text).matches(l.Namespace, l.Name) {
				used[g.Span] = true
				found = true
			}
		}
		return found
	}
	var linked []*linkable
	for _, l := range candidates {
		in := len(h.Namespaces) == 0 || matches(h.Namespaces, l)
		if out := matches(h.Exclude, l); in && !out {
			linked = append(linked, l)
		}
	}
	for _, g := range slices.Concat(h.Namespaces, h.Exclude) {
		if err := glob(g.Text).err(); err != nil {
			p.errorf(annotate.BadValue, g.Span, "%q is not a glob: %v", g.Text, err)
		} else if !used[g.Span] {
			p.errorf(annotate.Linking, g.Span, "%q matches no plugin of the packages that this host names", g.Text)
		}
	}
	return linked
}

// checkNames reports plugins of one name that a build could have both of.
func checkNames(p *pkg, h *annotate.Host, linked []*linkable) {
	claimed := map[string][]*linkable{}
	for _, l := range linked {
		for _, name := range append([]string{l.Name}, l.Aliases...) {
			id := l.Namespace + ":" + name
			for _, other := range claimed[id] {
				if !other.build.Excludes(l.build) {
					d := annotate.Diagnostic{Span: h.Directive, Category: annotate.Duplicate,
						Message: fmt.Sprintf("this host links two plugins called %s: %s and %s; rename one, or leave one out with exclude= or packages=", id, other.place(), l.place())}
					for _, x := range []*linkable{other, l} {
						if x.decl != nil {
							d.Related = append(d.Related, annotate.Related{Span: x.decl.Decl, Message: "one is declared here"})
						}
					}
					p.report(d)
				}
			}
			claimed[id] = append(claimed[id], l)
		}
	}
}

// checkRequires reports plugins that need others which are not linked.
func checkRequires(p *pkg, h *annotate.Host, linked []*linkable) {
	there := map[string]bool{}
	for _, l := range linked {
		for _, name := range append([]string{l.Name}, l.Aliases...) {
			there[l.Namespace+":"+name] = true
		}
	}
	for _, l := range linked {
		for _, r := range l.Requires {
			id := r
			if !there[id] {
				id = l.Namespace + ":" + r
			}
			if !there[id] {
				p.errorf(annotate.Graph, h.Directive, "plugin %s (%s) requires %s, which this host does not link", l.id(), l.place(), r)
			}
		}
	}
}

// checkCycle reports a linked package that imports the host. Nothing can import
// package main.
func (t *tree) checkCycle(p *pkg, h *annotate.Host, linked []*linkable) {
	if p.Name == "main" {
		return
	}
	for _, l := range linked {
		if chain := t.importChain(l.path, p.Path, map[string]bool{}); chain != nil {
			p.errorf(annotate.Linking, h.Directive, "this host can't link %s, since that imports it: %s", l.path, strings.Join(chain, " imports "))
			return
		}
	}
}

// importChain returns how one package of the module imports another, nil if it
// does not.
func (t *tree) importChain(from, to string, seen map[string]bool) []string {
	if from == to {
		return []string{to}
	}
	if seen[from] || !modules.Has(t.main.Path, from) {
		return nil
	}
	seen[from] = true
	p := t.syntaxAt(from)
	if p == nil {
		return nil
	}
	for _, path := range p.imports() {
		if chain := t.importChain(path, to, seen); chain != nil {
			return append([]string{from}, chain...)
		}
	}
	return nil
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
