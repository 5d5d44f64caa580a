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

	"github.com/plugingen/plugingen/internal/builds"
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
	hosts   map[string]set       // what a package links
	there   map[string][]comment // the directives that link, by package
}

// A comment is one in a file.
type comment struct {
	*ast.Comment
	file *file
}

// linksItself reports whether the package of a move links its plugins itself: it did register them
// whoever imported it, and other packages import it for something else.
func (m *migration) linksItself(mv *move) bool {
	return mv.entry != nil || mv.clause != nil || mv.target != mv.file.path ||
		mv.registrar.pkg.Path() == mv.file.path ||
		m.libraries()[mv.file.path]
}

// libraries returns the packages that packages of the module, other than programs, import by a name.
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
	// Those that share a declaration with one that has gone have gone, too: they are of one package.
}

// hosts writes which packages link the plugins: those that imported the packages for their
// registrations.
func (w *rewriter) hosts() {
	l := &linking{
		sources: map[string]set{}, own: map[string]bool{}, files: map[*file]set{},
		removed: map[*file][]*ast.ImportSpec{}, hosts: map[string]set{}, there: map[string][]comment{},
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
			if !l.hosts[src][mv.target] {
				l.link(w.hostFile(mv.file), set{mv.target: true})
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

func (l *linking) link(f *file, targets set) {
	if l.files[f] == nil {
		l.files[f] = set{}
	}
	l.files[f].add(targets)
	l.addHost(f.path, targets)
}

func (l *linking) addHost(importPath string, targets set) {
	if l.hosts[importPath] == nil {
		l.hosts[importPath] = set{}
	}
	l.hosts[importPath].add(targets)
}

// hostFile returns the file of a package that says what it links itself: one for all builds, if there
// is any.
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
	for _, f := range w.m.sortedFiles() {
		if isTest(f) {
			continue
		}
		for _, g := range f.syntax.Comments {
			for _, c := range g.List {
				args, ok := strings.CutPrefix(c.Text, "//plugin:link")
				if !ok {
					continue
				}
				patterns := []string{w.m.module + "/..."}
				for word := range strings.FieldsSeq(args) {
					if list, ok := strings.CutPrefix(word, "packages="); ok {
						patterns = strings.Split(list, ",")
					}
				}
				linked := set{}
				for _, targets := range l.sources {
					for target := range targets {
						if slices.ContainsFunc(patterns, func(p string) bool {
							return p == "all" || matches(p, target)
						}) {
							linked[target] = true
						}
					}
				}
				l.addHost(f.path, linked)
				l.there[f.path] = append(l.there[f.path], comment{c, f})
			}
		}
	}
}

// matches reports whether a package pattern matches an import path.
func matches(pattern, importPath string) bool {
	below, ok := strings.CutSuffix(pattern, "/...")
	return pattern == importPath || ok && (importPath == below || strings.HasPrefix(importPath, below+"/"))
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
				if !l.hosts[f.path][t] || l.files[f] != nil {
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

// missing returns what is registered in packages that are built together, and linked by none of them.
func (w *rewriter) missing(l *linking, deps set) set {
	missing := set{}
	for path := range deps {
		missing.add(l.sources[path])
	}
	for path := range deps {
		for target := range l.hosts[path] {
			delete(missing, target)
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
		if there := l.linkIn(f); there != nil {
			w.widen(there, l.files[f])
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
		if !slices.Contains(w.plan.hostDirs, dir) {
			w.plan.hostDirs = append(w.plan.hostDirs, dir)
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
	slices.Sort(w.plan.hostDirs)
}

// linkIn returns the directive of a file's package that links plugins in the same builds, if any.
func (l *linking) linkIn(f *file) *comment {
	for _, c := range l.there[f.path] {
		if constraintOf(c.file) == constraintOf(f) {
			return &c
		}
	}
	return nil
}

// widen adds packages to those that a directive names.
func (w *rewriter) widen(c *comment, targets set) {
	i := strings.Index(c.Text, "packages=")
	if i < 0 { // those of the module
		return
	}
	end := len(c.Text)
	if space := strings.IndexAny(c.Text[i:], " \t"); space >= 0 {
		end = i + space
	}
	at := c.file.offset(w.m.fset, c.Pos()) + end
	w.replace(c.file, at, at, ","+strings.Join(slices.Sorted(maps.Keys(targets)), ","))
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
func (w *rewriter) linkDirective(l *linking, host string, targets set) string {
	all := set{}
	for _, t := range l.sources {
		all.add(t)
	}
	for _, f := range w.m.files { // those that have plugins already
		if strings.Contains(string(f.src), "//plugin:namespace=") && !isTest(f) {
			all[f.path] = true
		}
	}
	sorted := slices.Sorted(maps.Keys(targets))
	if len(sorted) > 1 && !l.own[host] { // packages that import this one must not be linked by it
		if below := common(sorted); below != "" && (below == w.m.module || strings.HasPrefix(below, w.m.module+"/")) {
			linked := w.linkedBelow(l, host)
			same := true
			for path := range all {
				same = same && (matches(below+"/...", path) == targets[path] || linked[path])
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

// linkedBelow returns what is linked by packages that a host imports: it is there, whether the host
// links it or not.
func (w *rewriter) linkedBelow(l *linking, host string) set {
	linked := set{}
	if pkg := w.m.byPath[host]; pkg != nil {
		for path := range w.m.deps(pkg) {
			if path != host {
				linked.add(l.hosts[path])
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
		if !slices.ContainsFunc(g.Specs, func(s ast.Spec) bool {
			return !slices.Contains(removed,
				s.(*ast.ImportSpec))
		}) {
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

// foreign has what a host links registered by functions of other modules: in the host, if there is one.
func (w *rewriter) foreign(l *linking) {
	for _, r := range w.registrars() {
		if w.m.declaredHere(r) || w.m.forwarded(r) != "" {
			continue
		}
		var at *file
		for _, f := range slices.SortedFunc(maps.Keys(l.files), func(a,
			b *file,
		) int {
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
