package gen

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/genfile"
	"github.com/plugingen/plugingen/gen/modules"
	"github.com/plugingen/plugingen/gen/scan"
	"github.com/plugingen/plugingen/internal/rules"
)

// matched is what packages have that match a pattern.
type matched struct {
	plugins   []*linkable
	contracts []*contract
	partial   bool // there may be more, which nobody links: a vendor folder lacks that
}

func (m *matched) add(more matched) {
	m.plugins = append(m.plugins, more.plugins...)
	m.contracts = append(m.contracts, more.contracts...)
	m.partial = m.partial || more.partial
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

// matching returns what the packages have that match one pattern.
func (t *tree) matching(p *pkg, pattern annotate.Word) (matched, error) {
	all := pattern.Text == "all"
	match := rules.Pattern(pattern.Text).Match
	if all {
		match = func(string) bool { return true }
	}
	exact := !all && rules.Pattern(pattern.Text).IsLiteral()
	found := t.ownModule(p, pattern.Span, match, exact)
	deps, err := t.main.Dependencies(ModulePath, func(path string) bool { return all || rules.Pattern(pattern.Text).MayMatchIn(path) }, !all)
	var missing *modules.MissingError
	if errors.As(err, &missing) {
		t.plan.lacks(missing)
		found.partial = true
	} else if err != nil {
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

// readPackage returns what a package has whose source is read. One with a mistake stops the
// host from being written, since it would lack that package's plugins.
func (t *tree) readPackage(p *pkg, span annotate.Span, q *pkg, exact bool) matched {
	switch {
	case q.Name == "main" && exact:
		p.errorf(annotate.Linking, span, "%s is a package main, which nothing can import: move its plugins to a package of its own", q.Path)
		return matched{}
	case q.Name == "main", checkImportPath(q.Path) != nil:
		return matched{}
	case q.broken():
		q.needed = true
		p.hold(span, q.Path)
		return matched{}
	}
	return matched{plugins: t.plugins(q), contracts: contractsOf(q)}
}

// otherModule returns what another module's generated files list, or will list when
// the run is over.
func (t *tree) otherModule(p *pkg, span annotate.Span, dep *modules.Module, match func(string) bool, exact bool) (found matched, err error) {
	if other := t.plan.tree(dep.Dir); other != nil {
		if err := other.readWhole(); err != nil {
			return found, err
		}
		for _, q := range other.sorted() {
			if q.asked && match(q.Path) && rules.CanImport(p.Path, q.Path) {
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
		if !match(path) || checkImportPath(path) != nil || t.isAsked(dep, folder.Dir) || !t.main.IsProvider(dep, path) {
			continue
		}
		if !rules.CanImport(p.Path, path) {
			if exact {
				p.errorf(annotate.Linking, span, "%s may not import %s, since it is internal", p.Path, path)
			}
			continue // the module links it into programs of its own
		}
		found.add(fromGenerated(p, span, path, folder, exact))
	}
	return found, nil
}

// isAsked says whether the files of a folder of another module are generated in
// this run.
func (t *tree) isAsked(dep *modules.Module, dir string) bool {
	other := t.plan.tree(dep.Dir)
	return other != nil && other.packages[dir] != nil && other.packages[dir].asked
}

// fromGenerated returns what the generated files of a folder list. A host that would lack
// some of it is not written.
func fromGenerated(p *pkg, span annotate.Span, path string, folder *scan.Folder, exact bool) (found matched) {
	for _, f := range folder.Generated {
		name := filepath.Join(folder.Dir, f.Name)
		file, err := genfile.Read(name, f.Src)
		if err != nil {
			p.errorf(annotate.Linking, span, "the plugins of %s can't be linked: %v", path, err)
			continue
		}
		build, err := annotate.ParseConstraint(file.Constraint)
		if err != nil {
			p.errorf(annotate.Linking, span, "the plugins of %s can't be linked: %s: %v", path, name, err)
			continue
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
	return found
}
