package gen

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/build"
	"go/token"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/internal/importgraph"
	"github.com/plugingen/plugingen/gen/internal/written"
	"github.com/plugingen/plugingen/internal/locate"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/readfile"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/write"
)

// A Plan is what a run found, and what it would change.
type Plan struct {
	Fset        *token.FileSet
	Diagnostics []annotate.Diagnostic // sorted by place; last, what only follows from other errors
	Notes       []annotate.Diagnostic // sorted by place; what keeps nothing from being written
	Changes     []write.Change        // sorted by path
	Applied     []write.Change        // those that Apply has made
	Orphaned    []string              // temporary files of runs that were interrupted
	Packages    int                   // requested packages that contain directives, valid or not
	Unchanged   int                   // generated files that are as they should be
	Kept        int                   // packages that are not written because of errors

	run     *linker
	written []*candidate // by module and path, with those that keep their files
	outputs []*rendered  // what is written of those
}

// newPlan collects what is to be written, what is wrong, and what interrupted runs left behind.
func newPlan(d *decision, outputs []*rendered) *Plan {
	p := &Plan{Fset: d.run.work.fset, run: d.run, written: d.written, outputs: outputs}
	for _, q := range outputs {
		p.Changes = append(p.Changes, q.changes...)
		p.Unchanged += q.unchanged()
	}
	slices.SortFunc(p.Changes, func(a, b write.Change) int { return cmp.Compare(a.Path, b.Path) })
	for _, q := range p.written {
		if q.broken() {
			p.Kept++
		}
		p.Notes = append(p.Notes, p.run.noteFakes(q)...)
		if q.requested && (q.declares() || q.broken()) {
			p.Packages++
		}
		for _, name := range q.dir.Orphaned {
			p.Orphaned = append(p.Orphaned, filepath.Join(q.dir.Path, name))
		}
	}
	p.fallBehind()
	for _, t := range p.run.work.trees {
		p.Notes = append(p.Notes, p.run.noteUnreachable(t, p.written)...)
		if len(p.Changes) > 0 {
			p.Notes = append(p.Notes, p.run.noteHostless(t)...)
		}
	}
	annotate.Sort(p.Fset, p.Notes)
	p.Diagnostics = p.diagnostics()
	return p
}

// A ReadPackage is a package with directives that was read.
type ReadPackage struct {
	Dir    string
	Files  []string // those with directives, by name
	Broken bool     // it is not written because of errors
}

// ReadPackages returns the packages that the plan is about, by module and path.
func (p *Plan) ReadPackages() []ReadPackage {
	var read []ReadPackage
	for _, q := range p.written {
		r := ReadPackage{Dir: q.dir.Path, Broken: q.broken()}
		for _, f := range q.dir.Annotated {
			r.Files = append(r.Files, f.Name)
		}
		if len(r.Files) > 0 {
			read = append(read, r)
		}
	}
	return read
}

// diagnostics returns what is wrong, sorted: first the errors, then what only follows from them.
func (p *Plan) diagnostics() []annotate.Diagnostic {
	var errs, blocked []annotate.Diagnostic
	add := func(q *pkg) {
		errs = append(errs, q.diagnostics...)
		blocked = append(blocked, q.blocks()...)
	}
	for _, q := range p.written {
		add(q.pkg)
	}
	for _, q := range p.run.work.all() {
		if q.dependency { // those that were added already are sorted out
			add(q)
		}
	}
	return append(annotate.Sort(p.Fset, errs), annotate.Sort(p.Fset, blocked)...)
}

// fallBehind reports hosts that keep their files because of an error, if those files link what
// the plan removes elsewhere and so no longer compile. The compiler's message does not say why.
func (p *Plan) fallBehind() {
	var gone map[string]bool
	for _, q := range p.written {
		if len(q.Hosts) == 0 || !q.broken() {
			continue
		}
		if gone == nil {
			gone = p.removed()
		}
		for link, file := range q.old.Links() {
			if gone[link] {
				q.blocked = append(q.blocked, block{span: q.Hosts[0].Directive, why: fmt.Sprintf(
					"until this host is written again, it does not compile: %s links %s, which is gone", file, link)})
				break
			}
		}
	}
}

// removed returns the specs that the plan removes, as generated files refer to them.
func (p *Plan) removed() map[string]bool {
	gone := map[string]bool{}
	for _, c := range p.Changes {
		path := p.ImportPath(c.Path)
		for _, s := range written.Specs(c.Old) {
			gone[path+"."+s.Identifier] = true
		}
	}
	for _, c := range p.Changes { // it may be in another file now
		path := p.ImportPath(c.Path)
		for _, s := range written.Specs(c.New) {
			delete(gone, path+"."+s.Identifier)
		}
	}
	return gone
}

// Notes are warnings: what they report may be intended, and nothing is left unwritten because of
// them.

// noteUnreachable notes plugins in internal directories that a host of the module selects and
// that none may import, if a host is written. It is no error: a test can use such plugins.
func (run *linker) noteUnreachable(t *tree, written []*candidate) (notes []annotate.Diagnostic) {
	if !slices.ContainsFunc(written, func(c *candidate) bool { return c.tree == t && len(c.Hosts) > 0 }) {
		return nil
	}
	var hosts []*rules.Host
	for _, q := range t.sorted() {
		for _, h := range q.Hosts {
			if run.resolver.resolve(q).broken() {
				return nil // its words may be wrong
			}
			hosts = append(hosts, hostRule(q, h))
		}
	}
	for _, q := range t.sorted() {
		if q.Name == "main" || rules.InternalTo(q.Path) == "" || run.resolver.resolve(q).broken() {
			continue
		}
		for _, x := range q.Plugins {
			plugin := rules.Plugin{Package: q.Path, Namespace: x.Namespace, Name: x.Name}
			if rules.Unreachable(hosts, t.main.Path, plugin) {
				notes = append(notes, annotate.Diagnostic{
					Span: x.Decl, Category: annotate.Linking, Message: rules.UnreachableMessage(plugin),
				})
				break // the others are in the same place
			}
		}
	}
	return notes
}

// noteFakes notes that a program links a plugin which an internal host of its module declares,
// though nothing but what plugingen writes imports that package: such a host is often for tests, and
// its plugins are fakes. A host that names the package means it.
func (run *linker) noteFakes(c *candidate) (notes []annotate.Diagnostic) {
	if c.Name != "main" || c.broken() {
		return nil
	}
	imports := func(path string) []string { return run.importsOf(c.tree, path) }
	for _, h := range c.content.linkage.hosts {
		noted := map[string]bool{} // import paths
		for _, l := range h.linked {
			q := l.of
			if q == nil || q == c.pkg || len(q.Hosts) == 0 || noted[q.Path] || rules.InternalTo(q.Path) == "" ||
				slices.ContainsFunc(h.Packages, func(w annotate.Word) bool { return w.Text == q.Path }) ||
				importgraph.Chain(c.Path, q.Path, imports, map[string]bool{}) != nil {
				continue
			}
			noted[q.Path] = true
			notes = append(notes, annotate.Diagnostic{
				Span: h.Directive, Category: annotate.Linking,
				Message: fmt.Sprintf("this program links %s of %s, which is a host itself: if that is for tests, "+
					"write exclude=%s; if not, import it here", l.id(), q.Path, rules.SelectorOf(q.Path)),
			})
		}
	}
	return notes
}

// noteHostless notes, at a program of a module without a host, that the module's programs do not have
// its plugins. It is no error, since a module may have plugins for other modules and programs that
// are tools. So it is noted only when something is written.
func (run *linker) noteHostless(t *tree) []annotate.Diagnostic {
	if !t.whole || !t.hostless() {
		return nil
	}
	if slices.ContainsFunc(t.sorted(), func(q *pkg) bool { return q.broken() }) {
		return nil // what is wrong may be a //plugin:link
	}
	var at *annotate.Span
	for _, dir := range t.programs() {
		loads := importgraph.Chain(t.main.ImportPath(dir), annotate.RegistryPath, run.next(t), map[string]bool{}) != nil
		if at == nil || loads {
			at = t.packageClause(dir)
		}
		if loads {
			break
		}
	}
	if at == nil {
		return nil
	}
	return []annotate.Diagnostic{{
		Span:     *at,
		Category: annotate.Linking,
		Message: "this program has none of the module's plugins: to link them, write //plugin:link above this " +
			"package clause",
	}}
}

// hostless reports whether there are plugins among the packages of the module that were read, and
// no host.
func (t *tree) hostless() bool {
	plugins := false
	for _, q := range t.sorted() {
		if len(q.Hosts) > 0 {
			return false
		}
		plugins = plugins || len(q.Plugins) > 0
	}
	return plugins
}

// programs returns the directories of the module's programs in this build.
func (t *tree) programs() (dirs []string) {
	c := build.Default
	// A pipe with the name of a Go file is not opened, as that would wait for a writer.
	c.OpenFile = func(name string) (io.ReadCloser, error) {
		src, err := readfile.Source(name)
		return io.NopCloser(bytes.NewReader(src)), err
	}
	_ = filepath.WalkDir(t.main.Dir, func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil // what can't be read has been reported
		}
		if dir != t.main.Dir && (t.scan.Skips(dir) || readfile.IsModule(dir)) {
			return fs.SkipDir
		}
		if found, err := c.ImportDir(dir, 0); err == nil && found.Name == "main" && len(found.GoFiles) > 0 {
			dirs = append(dirs, dir)
		}
		return nil
	})
	return dirs
}

// packageClause returns the name in the first package clause of a program, nil if it can't be read.
func (t *tree) packageClause(dir string) *annotate.Span {
	program := t.syntaxAt(t.main.ImportPath(dir))
	if program == nil {
		return nil
	}
	for _, f := range program.Files {
		if !rules.IsTestFile(f.Name) && f.Syntax.Name.Name == "main" {
			return &annotate.Span{Pos: f.Syntax.Name.Pos(), End: f.Syntax.Name.End()}
		}
	}
	return nil
}

// Source returns the contents of a source file: of a host, those that the plan is made
// from; of others, as they are now. It returns nil for a file that can't be read.
func (p *Plan) Source(file string) []byte {
	if src, ok := p.run.work.sources[file]; ok {
		return src
	}
	src, err := readfile.Source(file)
	if err != nil {
		return nil
	}
	return src
}

// ImportPath returns the import path of the package that a file belongs to, "" if
// the run was not about its module.
func (p *Plan) ImportPath(file string) string {
	var in *modules.Main // the innermost
	for _, t := range p.run.work.trees {
		if locate.Within(t.main.Dir, file) && (in == nil || locate.Within(in.Dir, t.main.Dir)) {
			in = t.main
		}
	}
	if in == nil {
		return ""
	}
	return in.ImportPath(filepath.Dir(file))
}

// A Host is a requested package that links plugins.
type Host struct {
	*annotate.Host
	Path   string // the import path
	Dir    string
	Module string // the path of its module
	Root   string // the directory of its module
}

// Hosts returns the hosts that were requested, by path. A package has several if it links in
// different ways in different builds.
func (p *Plan) Hosts() []Host {
	var hosts []Host
	for _, q := range p.run.work.requested() {
		for _, h := range q.Hosts {
			hosts = append(hosts, Host{h, q.Path, q.dir.Path, q.tree.main.Path, q.tree.main.Dir})
		}
	}
	return hosts
}

// Expected returns the same as the function of this name, of a package that the plan is
// about.
func (p *Plan) Expected(dir string) (files map[string][]byte, known bool) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, false
	}
	for _, t := range p.run.work.trees {
		q := t.packages[dir]
		if q == nil || !q.requested || q.broken() {
			continue
		}
		files = map[string][]byte{}
		for _, f := range q.old.Files {
			files[f.Name] = f.Src
		}
		for _, c := range p.Changes {
			if filepath.Dir(c.Path) != dir {
				continue
			}
			delete(files, filepath.Base(c.Path))
			if c.New != nil {
				files[filepath.Base(c.Path)] = slices.Clone(c.New)
			}
		}
		return files, true
	}
	return nil, false
}

// Hostless returns the paths of the modules that declare plugins and have no host, so that no
// program of theirs has the plugins.
func (p *Plan) Hostless() (paths []string, err error) {
	for _, t := range p.run.work.trees {
		if err := t.readWhole(); err != nil {
			return nil, err
		}
		if t.hostless() {
			paths = append(paths, t.main.Path)
		}
	}
	return paths, nil
}

// Apply carries out the plan. It goes on after errors, and returns them all. A host
// is not written if the files of a package that it links can't be, nor is a package
// if a host can't be written that links what it would lose. Applied is then what
// has been done.
func (p *Plan) Apply() error {
	var errs []error
	for _, name := range p.Orphaned {
		errs = append(errs, write.Clean(name))
	}
	made, err := write.Units(p.units())
	p.Applied = append(p.Applied, made...)
	return errors.Join(append(errs, err)...)
}

// units returns the changes by package.
func (p *Plan) units() (units []*write.Unit) {
	of := map[*write.Unit]*rendered{}
	for _, q := range p.outputs {
		if len(q.changes) == 0 {
			continue
		}
		u := &write.Unit{Package: q.Path, Changes: q.changes, Last: len(q.content.linkage.links) > 0}
		u.Needs = func(other *write.Unit) bool { return q.dependsOn(of[other]) }
		units, of[u] = append(units, u), q
	}
	return units
}

// dependsOn reports whether the package is not written if another one that is to be changed is
// not: it links plugins of that one, or loses some that the other's files link until then.
func (p *rendered) dependsOn(other *rendered) bool {
	if slices.ContainsFunc(p.content.linkage.links, func(l *linkable) bool { return l.of == other.pkg }) {
		return true
	}
	lost := map[string]bool{}
	for _, s := range p.content.lostSpecs() {
		lost[p.Path+"."+s.Identifier] = true
	}
	if len(lost) == 0 {
		return false
	}
	for link := range other.old.Links() {
		if lost[link] {
			return true
		}
	}
	return false
}
