package migrate

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/token"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/builds"
	"github.com/plugingen/plugingen/internal/rules"
)

// This file decides which packages link the plugins.

// A set is a set of import paths.
type set map[string]bool

func (s set) add(other set) {
	for p := range other {
		s[p] = true
	}
}

// A linking is what the hosts of a program link after the migration.
type linking struct {
	sources map[string]set  // by the package that registered: the packages of the plugins
	own     map[string]bool // packages that link what they registered themselves
	files   map[*file]set   // what a host links, by the file that says so
	removed map[*file][]*ast.ImportSpec
	hosts   map[host]set // the packages of which a host links all that is moved
}

// A host is the files of a package that have the same build constraint: a directive in one of them
// links plugins in their builds.
type host struct{ path, constraint string }

// hostOf returns the host that a file is of.
func hostOf(f *file) host { return host{f.path, constraintOf(f)} }

// links reports whether the package of a host links a target in all builds of the host.
func (l *linking) links(h host, target string) bool {
	return l.hosts[h][target] || l.hosts[host{path: h.path}][target]
}

// linksItself reports whether the package of a move links its plugins itself: it did register them
// whoever imported it, and other packages import it for something else.
func (m *migration) linksItself(mv *move) bool {
	return mv.entry != nil || mv.clause != nil || mv.target != mv.file.path ||
		mv.registrar.pkg.Path() == mv.file.path ||
		m.libraries()[mv.file.path]
}

// libraries returns the packages that packages of the module, other than programs, import by a
// name.
func (m *migration) libraries() set {
	if m.imported != nil {
		return m.imported
	}
	m.imported = set{}
	for _, f := range m.files {
		if isTest(f) || f.syntax.Name.Name == "main" {
			continue
		}
		for _, spec := range f.syntax.Imports {
			if p, _ := strconv.Unquote(spec.Path.Value); spec.Name == nil || spec.Name.Name != "_" {
				m.imported[p] = true
			}
		}
	}
	return m.imported
}

// mains returns the packages of the module that are programs.
func (m *migration) mains() (mains []*packages.Package) {
	for _, path := range slices.Sorted(maps.Keys(m.byPath)) {
		if m.byPath[path].Name == "main" {
			mains = append(mains, m.byPath[path])
		}
	}
	return mains
}

// blankImports returns the import path of each blank import in a file that is no test.
func blankImports(f *file) map[*ast.ImportSpec]string {
	blank := map[*ast.ImportSpec]string{}
	if isTest(f) {
		return blank
	}
	for _, spec := range f.syntax.Imports {
		if spec.Name != nil && spec.Name.Name == "_" {
			blank[spec], _ = strconv.Unquote(spec.Path.Value)
		}
	}
	return blank
}

// unserved leaves the registrations of packages that no program of the module imports: they are
// there for other modules.
func (m *migration) unserved(p *plan) {
	served := set{}
	for _, pkg := range m.mains() {
		served.add(m.deps(pkg))
	}
	for _, f := range m.files {
		for _, path := range blankImports(f) {
			served[path] = true
		}
	}
	p.moves = slices.DeleteFunc(p.moves, func(mv *move) bool {
		if m.linksItself(mv) || served[mv.file.path] {
			return false
		}
		p.left = append(p.left, left{mv.at, mv.end, "no program of this module imports the package, so it is " +
			"registered for programs elsewhere, which would have to link it"})
		return true
	})
	// A move that shares a declaration is in the same package, so it was removed as well.
}

// hosts writes which packages link the plugins: those that imported the packages for their
// registrations.
func (w *rewriter) hosts() {
	l := &linking{
		sources: map[string]set{}, own: map[string]bool{}, files: map[*file]set{},
		removed: map[*file][]*ast.ImportSpec{}, hosts: map[host]set{},
	}
	for _, mv := range w.plan.moves {
		src := mv.file.path
		if l.sources[src] == nil {
			l.sources[src] = set{}
		}
		l.sources[src][mv.target] = true
	}
	w.existingHosts(l)
	for _, mv := range w.plan.moves {
		if src := mv.file.path; w.m.linksItself(mv) {
			l.own[src] = true
			if f := w.hostFile(mv.file); !l.links(hostOf(f), mv.target) {
				l.link(f, set{mv.target: true})
			}
		}
	}
	w.blank(l)
	for _, pkg := range w.m.mains() {
		if missing := w.missing(l, w.m.deps(pkg)); len(missing) > 0 {
			if f := w.mainFile(pkg); f != nil {
				l.link(f, missing)
			}
		}
	}
	w.writeHosts(l)
	w.tests(l)
	w.foreign(l)
}

// link has a file link targets, or the file of its host that does so already: there can be only one
// directive.
func (l *linking) link(f *file, targets set) {
	for g := range l.files {
		if hostOf(g) == hostOf(f) {
			f = g
		}
	}
	if l.files[f] == nil {
		l.files[f] = set{}
	}
	l.files[f].add(targets)
	l.addHost(hostOf(f), targets)
}

func (l *linking) addHost(h host, targets set) {
	if l.hosts[h] == nil {
		l.hosts[h] = set{}
	}
	l.hosts[h].add(targets)
}

// hostFile returns the file of a package that says what it links itself: one for all builds, if
// there is any.
func (w *rewriter) hostFile(f *file) *file {
	var best *file
	for _, g := range w.m.sortedFiles() {
		if g.path != f.path || g.pkg == nil || isTest(g) || g.skipped != "" || constraintOf(g) != "" {
			continue
		}
		if best == nil || !w.moves(best) && w.moves(g) {
			best = g
		}
	}
	if best == nil {
		return f
	}
	return best
}

// moves reports whether something is moved from a file.
func (w *rewriter) moves(f *file) bool {
	return slices.ContainsFunc(w.plan.moves, func(mv *move) bool { return mv.file == f })
}

// existingHosts adds what is linked already.
func (w *rewriter) existingHosts(l *linking) {
	for importPath, pkg := range w.m.annotated() {
		for _, h := range pkg.Hosts {
			linked := set{}
			for _, targets := range l.sources {
				linked.add(targets)
			}
			rule := h.Rule(importPath, w.m.module)
			for _, mv := range w.plan.moves {
				if !willLink(rule, mv) {
					delete(linked, mv.target)
				}
			}
			l.addHost(host{importPath, h.File.Constraint.String()}, linked)
		}
	}
}

// annotated returns what the packages declare before they are changed, by import path.
func (m *migration) annotated() map[string]*annotate.Package {
	if m.packages != nil {
		return m.packages
	}
	files := map[string][]*annotate.File{}
	for _, f := range m.sortedFiles() {
		if !isTest(f) {
			files[f.path] = append(files[f.path], annotate.NewFile(m.fset, f.name, f.syntax))
		}
	}
	m.packages = map[string]*annotate.Package{}
	for importPath, list := range files {
		m.packages[importPath] = annotate.Read(importPath, list)
	}
	return m.packages
}

// willLink reports whether a directive links what a move declares.
func willLink(h *rules.Host, mv *move) bool {
	return rules.CanImport(h.Package, mv.target) && h.Names(mv.target) && h.Selects(mv.rule())
}

// rule returns the plugin that a move declares as package rules has it.
func (mv *move) rule() rules.Plugin {
	return rules.Plugin{Package: mv.target, Namespace: mv.registrar.namespace, Name: mv.name}
}

// blank makes links of blank imports.
func (w *rewriter) blank(l *linking) {
	for _, f := range w.m.sortedFiles() {
		for spec, importPath := range blankImports(f) {
			targets := l.sources[importPath]
			if targets == nil || l.own[importPath] {
				continue
			}
			missing := set{}
			for t := range targets {
				if !l.links(hostOf(f), t) {
					missing[t] = true
				}
			}
			if len(missing) > 0 {
				l.link(f, missing)
			}
			if w.emptied(importPath) && f.skipped == "" {
				l.removed[f] = append(l.removed[f], spec)
			}
		}
	}
}

// emptied reports whether a package has no registrations left.
func (w *rewriter) emptied(importPath string) bool {
	for _, l := range slices.Concat(w.m.left, w.plan.left) {
		if f := w.m.files[w.m.fset.PositionFor(l.at, false).Filename]; f != nil && f.path == importPath && !isTest(f) {
			return false
		}
	}
	return true
}

// missing returns what is registered in packages that are built together, and linked by none of
// them.
func (w *rewriter) missing(l *linking, deps set) set {
	missing := set{}
	for path := range deps {
		missing.add(l.sources[path])
	}
	for h, targets := range l.hosts {
		if deps[h.path] && w.m.inBuild(h.constraint) {
			for target := range targets {
				delete(missing, target)
			}
		}
	}
	return missing
}

// mainFile returns the file of a program that has func main.
func (w *rewriter) mainFile(pkg *packages.Package) *file {
	obj := pkg.Types.Scope().Lookup("main")
	if obj == nil {
		return nil
	}
	return w.m.files[w.m.fset.PositionFor(obj.Pos(), false).Filename]
}

// writeHosts writes the directives of hosts.
func (w *rewriter) writeHosts(l *linking) {
	files := slices.SortedFunc(maps.Keys(l.files), func(a, b *file) int {
		rank := func(f *file) int {
			if f.syntax.Name.Name == "main" {
				return len(constraintOf(f))
			}
			return len(constraintOf(f)) + 1
		}
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.name, b.name))
	})
	for _, f := range files {
		dir := filepath.Dir(f.name)
		text := ""
		if !w.runs.Cover(dir) {
			text = w.runs.Add(dir) + "\n"
		}
		if h := w.m.directiveOf(hostOf(f)); h != nil {
			w.widen(h, f.path, l.files[f])
		} else {
			if text != "" {
				text += "\n"
			}
			if l.own[f.path] && f.syntax.Name.Name != "main" {
				text += "// Whoever imports this package has these plugins.\n//\n"
			} else {
				text += "// Links plugins into the program.\n//\n"
			}
			text += w.linkDirective(l, f.path, l.files[f]) + "\n"
		}
		switch text = strings.TrimSuffix(text, "\n"); {
		case f.skipped == "":
			w.putLink(f, l.removed[f], text)
		case text != "":
			w.besides(f, text)
		}
	}
	for f, specs := range l.removed {
		if l.files[f] == nil {
			w.putLink(f, specs, "")
		}
	}
}

// directiveOf returns the directive that links plugins in a host, if there is one.
func (m *migration) directiveOf(h host) *annotate.Host {
	pkg := m.annotated()[h.path]
	if pkg == nil {
		return nil
	}
	for _, there := range pkg.Hosts {
		if there.File.Constraint.String() == h.constraint {
			return there
		}
	}
	return nil
}

// widen has a directive name the targets, and select what is moved there. What it excludes is found
// when the directives are read back.
func (w *rewriter) widen(h *annotate.Host, importPath string, targets set) {
	rule := h.Rule(importPath, w.m.module)
	packages, plugins := set{}, set{}
	for _, mv := range w.plan.moves {
		if !targets[mv.target] {
			continue
		}
		if !rule.Names(mv.target) {
			packages[mv.target] = true
		}
		if named := (&rules.Host{Namespaces: rule.Namespaces}); !named.Selects(mv.rule()) {
			plugins[annotate.QuoteValue(mv.registrar.namespace+":"+mv.name)] = true
		}
	}
	w.extend(h, h.Packages, packages)
	w.extend(h, h.Namespaces, plugins)
}

// extend adds words to a list in a directive that has some.
func (w *rewriter) extend(h *annotate.Host, list []annotate.Word, more set) {
	if len(list) == 0 || len(more) == 0 {
		return
	}
	f := w.m.files[h.File.Name]
	at := f.offset(w.m.fset, list[len(list)-1].End)
	w.replace(f, at, at, ","+strings.Join(slices.Sorted(maps.Keys(more)), ","))
}

// besides writes a directive into a new file beside one that can't be changed.
func (w *rewriter) besides(f *file, text string) {
	name := w.newFile(filepath.Dir(f.name), "plugins.go")
	constraint := ""
	if c := constraintOf(f); c != "" {
		constraint = "//go:build " + c + "\n\n"
	}
	w.created[name] = constraint + "package " + f.syntax.Name.Name + "\n\n" + text + "\n"
}

// newFile returns the name of a file that is not there.
func (w *rewriter) newFile(dir, name string) string {
	ext := path.Ext(name)
	base, test := strings.CutSuffix(strings.TrimSuffix(name, ext), "_test")
	if test {
		ext = "_test" + ext
	}
	for i := 1; ; i++ {
		full := filepath.Join(dir, base+ext)
		if i > 1 {
			full = filepath.Join(dir, base+"_v"+strconv.Itoa(i)+ext)
		}
		if w.m.files[full] == nil && w.created[full] == "" {
			return full
		}
	}
}

// linkDirective returns the directive that links packages.
func (w *rewriter) linkDirective(l *linking, importPath string, targets set) string {
	all := set{}
	for _, t := range l.sources {
		all.add(t)
	}
	for path, pkg := range w.m.annotated() {
		if len(pkg.Plugins) > 0 {
			all[path] = true
		}
	}
	sorted := slices.Sorted(maps.Keys(targets))
	if len(sorted) > 1 && !l.own[importPath] { // packages that import this one must not be linked by it
		if below := common(sorted); below != "" && (below == w.m.module || strings.HasPrefix(below, w.m.module+"/")) {
			linked := w.linkedBelow(l, importPath)
			same := true
			for path := range all {
				same = same && (rules.Pattern(below+"/...").Match(path) == targets[path] || linked[path])
			}
			if same && below == w.m.module {
				return "//plugin:link"
			}
			if same {
				return "//plugin:link packages=" + below + "/..."
			}
		}
	}
	return "//plugin:link packages=" + strings.Join(sorted, ",")
}

// linkedBelow returns what is linked in all builds by packages that a host imports: it is there,
// whether the host links it or not.
func (w *rewriter) linkedBelow(l *linking, importPath string) set {
	linked := set{}
	if pkg := w.m.byPath[importPath]; pkg != nil {
		for dep := range w.m.deps(pkg) {
			if dep != importPath {
				linked.add(l.hosts[host{path: dep}])
			}
		}
	}
	return linked
}

// common returns the path that all paths are below.
func common(paths []string) string {
	words := strings.Split(paths[0], "/")
	for _, p := range paths[1:] {
		other := strings.Split(p, "/")
		n := 0
		for n < len(words) && n < len(other) && words[n] == other[n] {
			n++
		}
		words = words[:n]
	}
	return strings.Join(words, "/")
}

// putLink removes blank imports, and puts text behind the imports.
func (w *rewriter) putLink(f *file, removed []*ast.ImportSpec, text string) {
	offset := func(pos token.Pos) int { return f.offset(w.m.fset, pos) }
	_, at := lines(f.src, offset(f.syntax.Name.Pos()), offset(f.syntax.Name.End()))
	for _, d := range f.syntax.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT {
			continue
		}
		from, to := lines(f.src, offset(g.Pos()), offset(g.End()))
		if g.Doc != nil {
			from, _ = lines(f.src, offset(g.Doc.Pos()), offset(g.End()))
		}
		at = to
		stays := func(s ast.Spec) bool { return !slices.Contains(removed, s.(*ast.ImportSpec)) }
		if !slices.ContainsFunc(g.Specs, stays) {
			w.replace(f, from, to, "")
			continue
		}
		w.removeImports(f, g, removed)
	}
	if text != "" {
		w.replace(f, at, at, "\n"+text+"\n")
	}
	if w.plan.owners[f.name] == nil {
		w.plan.owners[f.name] = []*move{}
	}
}

// removeImports removes imports of a declaration, and what separates them from others.
func (w *rewriter) removeImports(f *file, g *ast.GenDecl, removed []*ast.ImportSpec) {
	for i := 0; i < len(g.Specs); i++ {
		spec := g.Specs[i].(*ast.ImportSpec)
		if !slices.Contains(removed, spec) {
			continue
		}
		from, to := w.m.importLines(f, spec)
		if w.heading(g, spec, removed) {
			from, _ = lines(f.src, f.offset(w.m.fset, spec.Pos()), to)
		}
		for i+1 < len(g.Specs) { // those on the next lines go with it
			next := g.Specs[i+1].(*ast.ImportSpec)
			start, end := w.m.importLines(f, next)
			if start != to || !slices.Contains(removed, next) || w.heading(g, next, removed) {
				break
			}
			to = end
			i++
		}
		before := f.src[:from]
		if bytes.HasPrefix(f.src[to:], []byte("\n")) &&
			(bytes.HasSuffix(before, []byte("(\n")) || bytes.HasSuffix(before, []byte("\n\n"))) {
			to++
		}
		w.replace(f, from, to, "")
	}
}

// importLines returns the bytes of the lines of an import, with the comment above it.
func (m *migration) importLines(f *file, spec *ast.ImportSpec) (from, to int) {
	pos := spec.Pos()
	if spec.Doc != nil {
		pos = spec.Doc.Pos()
	}
	return lines(f.src, f.offset(m.fset, pos), f.offset(m.fset, spec.End()))
}

// heading reports whether the comment above an import stands above others too, on the lines that
// follow, and some of these stay.
func (w *rewriter) heading(g *ast.GenDecl, spec *ast.ImportSpec, removed []*ast.ImportSpec) bool {
	line := w.m.fset.PositionFor(spec.Pos(), false).Line
	for _, s := range g.Specs[slices.Index(g.Specs, ast.Spec(spec))+1:] {
		next := s.(*ast.ImportSpec)
		line++
		if spec.Doc == nil || next.Doc != nil || w.m.fset.PositionFor(next.Pos(), false).Line != line {
			return false
		}
		if !slices.Contains(removed, next) {
			return true
		}
	}
	return false
}

// foreign has what a host links registered by functions of other modules: in the host, if there
// is one.
func (w *rewriter) foreign(l *linking) {
	for _, r := range w.registrars() {
		if w.m.declaredHere(r) || w.m.forwarded(r) != "" {
			continue
		}
		var at *file
		for _, f := range slices.SortedFunc(maps.Keys(l.files), func(a, b *file) int {
			return cmp.Compare(a.name, b.name)
		}) {
			for _, mv := range w.plan.moves {
				if at == nil && mv.registrar == r && l.files[f][mv.target] {
					at = f
				}
			}
		}
		if at == nil || at.skipped != "" {
			continue
		}
		qualifier := w.use(at, r.pkg.Path(), r.pkg.Name())
		if qualifier != "" {
			qualifier += "."
		}
		w.replace(at, len(at.src), len(at.src), "\n"+w.forwarding(at, r, qualifier)+"\n")
	}
}

// constraintOf returns the build constraint of a file, "" if there is none.
func constraintOf(f *file) string {
	return builds.OfFile(f.lines, filepath.Base(f.name), f.syntax).String()
}

// inBuild reports whether files with a build constraint are in the build at hand.
func (m *migration) inBuild(constraint string) bool {
	if m.inBuilds == nil {
		m.inBuilds = map[string]bool{"": true}
		for _, f := range m.files {
			if f.built {
				m.inBuilds[constraintOf(f)] = true
			}
		}
	}
	return m.inBuilds[constraint]
}

// importPath returns the import path of a directory.
func (m *migration) importPath(dir string) string {
	if rel, err := filepath.Rel(m.dir, dir); err == nil {
		return path.Join(m.module, filepath.ToSlash(rel))
	}
	return dir
}
