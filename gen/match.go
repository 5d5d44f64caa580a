package gen

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/builds"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/scan"
)

// matched is what packages have that match a pattern.
type matched struct {
	plugins   []*linkable
	contracts []*contract
	hidden    []*linkable            // plugins that the host may not import
	internal  []string               // paths of the packages that have plugins and that the host may not import
	partial   bool                   // there may be more, which nobody links: a vendor folder lacks that
	left      map[annotate.Span]bool // words of exclude= that a package matches
}

func (m *matched) add(more matched) {
	m.plugins = append(m.plugins, more.plugins...)
	m.contracts = append(m.contracts, more.contracts...)
	m.hidden = append(m.hidden, more.hidden...)
	m.internal = append(m.internal, more.internal...)
	m.partial = m.partial || more.partial
}

// A wish is a pattern for packages, as a host links their plugins.
type wish struct {
	span  annotate.Span
	match func(importPath string) bool
	exact bool // it names one package
	all   bool // those that the host may not import, too
}

// named returns what the packages have that the host names, sorted.
func (t *tree) named(p *pkg, h *annotate.Host) (all matched, err error) {
	patterns := h.Packages
	if len(patterns) == 0 {
		patterns = []annotate.Word{{Text: t.main.Path + "/...", Span: h.Directive}}
	}
	left := map[annotate.Span]bool{}
	for _, pattern := range patterns {
		mistakes, before := p.mistakes(), len(left)
		found, err := t.matching(p, pattern, t.wish(h, pattern, left))
		if err != nil {
			return all, err
		}
		// That the host's module has no plugin may change any day.
		open := pattern.Text == "all" || pattern.Text == t.main.Path+"/..."
		if len(found.plugins) == 0 && p.mistakes() == mistakes && !open && !found.partial && len(left) == before {
			p.errorf(annotate.Linking, pattern.Span, "%s", t.noMatch(p, pattern.Text, found.internal))
		}
		all.add(found)
	}
	all.add(matched{plugins: t.plugins(p), contracts: contractsOf(p)}) // nobody else can link those of package main
	all.left = left
	seen := map[string]bool{}
	all.plugins = slices.DeleteFunc(all.plugins, func(l *linkable) bool {
		again := seen[l.key()]
		seen[l.key()] = true
		return again
	})
	slices.SortFunc(all.plugins, func(a, b *linkable) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), cmp.Compare(a.path, b.path), cmp.Compare(a.build.String(), b.build.String()))
	})
	return all, nil
}

// wish returns what a pattern of a host wishes for: without what exclude= leaves out, of which it
// notes the words in left.
func (t *tree) wish(h *annotate.Host, pattern annotate.Word, left map[annotate.Span]bool) wish {
	matches := func(path string) bool { return pattern.Text == "all" || rules.Pattern(pattern.Text).Match(path) }
	return wish{span: pattern.Span, match: func(path string) bool {
		if !matches(path) {
			return false
		}
		for _, w := range h.Exclude {
			if s := rules.Selector(w.Text); s.IsPattern() && rules.Pattern(s).Match(path) {
				left[w.Span] = true
				return false
			}
		}
		return true
	}, exact: pattern.Text != "all" && rules.Pattern(pattern.Text).IsLiteral()}
}

// noMatch says that a pattern matches no plugin.
func (t *tree) noMatch(p *pkg, pattern string, internal []string) string {
	if len(internal) > 0 {
		return fmt.Sprintf("%s matches no package that has plugins and that %s may import, but internal ones: %s", pattern, p.Path, strings.Join(internal, ", "))
	}
	return fmt.Sprintf("%s matches no package that has plugins%s", pattern, t.hint(pattern))
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
func (t *tree) matching(p *pkg, pattern annotate.Word, w wish) (matched, error) {
	all := pattern.Text == "all"
	found := t.ownModule(p, w)
	deps, err := t.main.Dependencies(ModulePath, func(path string) bool { return all || rules.Pattern(pattern.Text).MayMatchIn(path) }, !all)
	var missing *modules.MissingError
	if errors.As(err, &missing) {
		t.plan.lacks(missing)
		found.partial = true
	} else if err != nil {
		return found, err
	}
	for _, dep := range deps {
		more, err := t.otherModule(p, dep, w)
		if err != nil {
			return found, err
		}
		more.partial = dep.File == nil
		found.add(more)
	}
	return found, nil
}

// ownModule returns what the host's module has.
func (t *tree) ownModule(p *pkg, w wish) (found matched) {
	for _, q := range t.sorted() {
		switch {
		case q == p || !w.match(q.Path):
		case !w.mayImport(p, q.Path):
			found.hidden = append(found.hidden, t.plugins(q)...)
			found.internal = append(found.internal, q.Path)
		default:
			found.add(t.readPackage(p, w, q))
		}
	}
	return found
}

// mayImport reports whether the host may import a package. One that it may not import is an
// error only if the host names it: otherwise its plugins are for others to link.
func (w wish) mayImport(p *pkg, path string) bool {
	if w.all || rules.CanImport(p.Path, path) {
		return true
	}
	if w.exact {
		p.errorf(annotate.Linking, w.span, "%s may not import %s, since it is internal to %s: move one of them, or do not name it", p.Path, path, rules.InternalTo(path))
	}
	return false
}

// readPackage returns what a package has whose source is read. One with a mistake stops the
// host from being written, since it would lack that package's plugins.
func (t *tree) readPackage(p *pkg, w wish, q *pkg) matched {
	switch {
	case q.Name == "main" && w.exact:
		p.errorf(annotate.Linking, w.span, "%s is a package main, which nothing can import: move its plugins to a package of its own", q.Path)
		return matched{}
	case q.Name == "main", checkImportPath(q.Path) != nil:
		return matched{}
	case q.broken():
		p.hold(w.span, q)
		return matched{}
	}
	return matched{plugins: t.plugins(q), contracts: contractsOf(q)}
}

// otherModule returns what another module's generated files list, or will list when
// the run is over.
func (t *tree) otherModule(p *pkg, dep *modules.Module, w wish) (found matched, err error) {
	if other := t.plan.tree(dep.Dir); other != nil {
		for _, q := range other.sorted() {
			switch {
			case !q.asked || !w.match(q.Path):
			case !w.mayImport(p, q.Path):
				found.internal = append(found.internal, q.Path)
			default:
				found.add(other.readPackage(p, w, q))
			}
		}
	}
	folders, err := scan.Tree{Root: dep.Dir, Ignored: dep.Ignored}.Written()
	if err != nil {
		return found, err
	}
	if len(folders) == 0 && t.plan.tree(dep.Dir) == nil {
		plugins, err := t.unwritten(p, dep, w.match)
		return matched{plugins: plugins}, err
	}
	for _, folder := range folders {
		path := dep.ImportPath(folder.Dir)
		switch {
		case !w.match(path) || checkImportPath(path) != nil || t.isAsked(dep, folder.Dir) || !t.main.IsProvider(dep, path):
		case !w.mayImport(p, path):
			found.internal = append(found.internal, path) // the module links it into programs of its own
		default:
			found.add(fromGenerated(p, w, path, folder))
		}
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
func fromGenerated(p *pkg, w wish, path string, folder *scan.Folder) (found matched) {
	for _, f := range folder.Generated {
		name := filepath.Join(folder.Dir, f.Name)
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
		for _, s := range file.Specs {
			found.plugins = append(found.plugins, &linkable{Spec: s, path: path, pkg: file.Package, build: build})
		}
		found.contracts = append(found.contracts, contractsFrom(path, file)...)
	}
	return found
}
