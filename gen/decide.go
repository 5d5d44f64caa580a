package gen

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/scan"
)

// decide decides which packages are written, and renders their files. What follows
// from each other is decided until nothing changes any more: a package with an
// error keeps its files, and so do the hosts that would link it; a host brings the
// packages along that it links and their contracts, and a package that loses a
// plugin the hosts that linked it.
func (w *workspace) decide(preamble *string) error {
	for again := true; again; {
		if err := w.describePackages(); err != nil {
			return err
		}
		if err := w.linkHosts(); err != nil {
			return err
		}
		if err := w.render(preamble); err != nil {
			return err
		}
		along := w.bringAlong()
		kept, err := w.keepLinked()
		if err != nil {
			return err
		}
		again = along || kept
	}
	return nil
}

// describePackages works out what the packages that may be written or linked have
// in their own files.
func (w *workspace) describePackages() error {
	for _, t := range w.trees {
		if err := t.describe(); err != nil {
			return err
		}
	}
	return nil
}

// describe is about one module. If hosts of it are written, its other packages matter, too.
func (t *tree) describe() error {
	links := slices.ContainsFunc(t.sorted(), func(p *pkg) bool { return p.planned() && len(p.Hosts) > 0 })
	if links {
		if err := t.readWhole(); err != nil {
			return err
		}
	}
	for _, p := range t.sorted() {
		if !p.described && (p.planned() || links && p.Name != "main") {
			p.described = true
			t.describePackage(p)
		}
	}
	return nil
}

// linkHosts works out what hosts link, and then which can't be written since others can't.
func (w *workspace) linkHosts() error {
	for t, q := range w.each((*tree).planned) {
		if len(q.Hosts) == 0 || q.linked {
			continue
		}
		q.linked = true
		link := t.linkHosts
		if q.broken() {
			link = t.checkHosts
		}
		if err := link(q); err != nil {
			return err
		}
	}
	for blocked := true; blocked; {
		blocked = false
		for _, q := range w.each((*tree).planned) {
			blocked = q.blockForLinks() || q.blockForOptions() || blocked
		}
	}
	return nil
}

// blockForLinks blocks a host because of the packages that it links and that are
// not written, and reports whether there are any.
func (p *pkg) blockForLinks() bool {
	if p.broken() {
		return false
	}
	var invalid []*pkg
	for _, l := range p.links {
		if l.of != nil && l.of != p && l.of.broken() && !slices.Contains(invalid, l.of) {
			invalid = append(invalid, l.of)
		}
	}
	for _, q := range invalid {
		p.block(p.Hosts[0].Directive, q)
	}
	return len(invalid) > 0
}

// block keeps the package from being written since another one is not.
func (p *pkg) block(span annotate.Span, q *pkg) {
	q.dependency = true
	reason := "this host is not written, since there are errors in "
	if len(q.diagnostics) == 0 {
		reason = "this host is not written without "
	}
	i := slices.IndexFunc(p.blocked, func(d annotate.Diagnostic) bool {
		return d.Span == span &&
			strings.HasPrefix(d.Message, reason)
	})
	if i < 0 {
		p.blocked = append(p.blocked, annotate.Diagnostic{
			Span: span, Category: annotate.Linking,
			Message: reason + q.Path,
		})
		return
	}
	p.blocked[i].Message += ", " + q.Path
}

// bringAlong plans the packages that are written with hosts, those of their own
// modules, and reports whether there are any that were not planned.
func (w *workspace) bringAlong() (found bool) {
	for t, q := range w.each((*tree).planned) {
		if q.broken() {
			continue
		}
		for _, with := range t.writtenWith(q) {
			if !with.planned() {
				with.along, found = true, true
				if !with.resolved {
					with.resolved = true
					t.resolve(with)
				}
			}
		}
	}
	return found
}

// writtenWith returns the packages of the module that describe options of a package and that a
// host links, and those that declare the contracts of what it links: for this module's files
// the contracts are read from source, but other modules know them by generated files alone.
func (t *tree) writtenWith(host *pkg) []*pkg {
	with := slices.Clone(host.providers)
	linked := map[string]bool{} // by namespace
	for _, l := range host.links {
		linked[l.Namespace] = true
		if l.of != nil && t.packages[l.of.dir.Path] == l.of {
			with = append(with, l.of)
		}
	}
	if len(linked) == 0 {
		return with
	}
	for _, q := range t.sorted() {
		if q.Name != "main" && !host.excludes(q.Path) &&
			slices.ContainsFunc(q.Contracts, func(c *annotate.Contract) bool { return linked[c.Namespace] }) {
			with = append(with, q)
		}
	}
	return with
}

// keepLinked sees to it that hosts which build today do so after the run. A package that
// would lose plugins keeps them while a host that links them is not written. Hosts that were not
// requested are written with it. It reports whether anything has changed by that.
func (w *workspace) keepLinked() (changed bool, err error) {
	var linkers map[string][]*pkg
	for t, q := range w.each((*tree).planned) {
		if q.broken() || len(q.changes) == 0 {
			continue
		}
		gone, structs := q.gone(), q.goneStructs()
		if len(gone)+len(structs) == 0 {
			continue
		}
		if err := t.readWhole(); err != nil {
			return false, err
		}
		if linkers == nil || changed {
			linkers = w.linkers()
		}
		for _, s := range gone {
			for _, host := range linkers[q.Path+"."+s.Identifier] {
				changed = q.keep(s.Symbol, "links "+s.Namespace+":"+s.Name, host) || changed
			}
		}
		for _, name := range structs {
			for _, user := range t.sorted() {
				if user.refersTo(q.Path, genfile.SharedOptions+name) {
					changed = q.keep(name, "uses the options of "+name, user) || changed
				}
			}
		}
	}
	return changed, nil
}

// keep keeps what a package's files have of a declaration for another package that uses it, and
// reports whether it changed anything. The other one is written, too, if it can be. What is
// generated of a declaration that is gone does not compile, so that nothing is lost with it.
func (p *pkg) keep(symbol, use string, host *pkg) bool {
	switch {
	case host == p:
	case !host.planned():
		host.along = true
		return true
	case host.broken():
		if !p.Declares(symbol) {
			return false
		}
		host.dependency = true
		p.blocked = append(p.blocked, annotate.Diagnostic{
			Span: p.first(), Category: annotate.Linking,
			Message: fmt.Sprintf(
				"the generated files of this package are kept, since %s still %s, and "+
					"is not written because of its own errors", host.Path, use),
		})
		return true
	}
	return false
}

// gone returns the specs that the package's files will not have any more.
func (p *pkg) gone() []genfile.Spec {
	var gone []genfile.Spec
	for _, g := range p.dir.Generated {
		kept := map[string]bool{}
		for _, s := range specsIn(p.files[g.Name]) {
			kept[s.Identifier] = true
		}
		for _, s := range specsIn(g.Src) {
			if !kept[s.Identifier] {
				gone = append(gone, s)
			}
		}
	}
	return gone
}

// goneStructs returns the names of the shared structs that the package's files will not
// describe any more.
func (p *pkg) goneStructs() []string {
	described := func(src []byte) (names []string) {
		for _, after := range bytes.Split(src, []byte("\nvar "+genfile.SharedOptions))[1:] {
			name, _, _ := bytes.Cut(after, []byte(" "))
			names = append(names, string(name))
		}
		return names
	}
	var kept, gone []string
	for _, src := range p.files {
		kept = append(kept, described(src)...)
	}
	for _, g := range p.dir.Generated {
		for _, name := range described(g.Src) {
			if !slices.Contains(kept, name) {
				gone = append(gone, name)
			}
		}
	}
	return gone
}

// refersTo reports whether a generated file of the package refers to what another one declares.
func (p *pkg) refersTo(path, name string) bool {
	word := regexp.MustCompile(`\.` + regexp.QuoteMeta(name) + `\b`)
	return slices.ContainsFunc(p.dir.Generated, func(f scan.File) bool {
		return bytes.Contains(f.Src, []byte(strconv.Quote(path)+"\n")) && word.Match(f.Src)
	})
}

// linkers returns the packages whose generated files link a spec, by the spec.
func (w *workspace) linkers() map[string][]*pkg {
	all := map[string][]*pkg{}
	for _, q := range w.each((*tree).sorted) {
		for link := range q.oldLinks() {
			all[link] = append(all[link], q)
		}
	}
	return all
}

// oldLinks returns what the package's generated files link, and in which file.
func (p *pkg) oldLinks() map[string]string {
	links := map[string]string{}
	for _, g := range p.dir.Generated {
		if !bytes.Contains(g.Src, []byte("Links[")) {
			continue
		}
		f, err := genfile.Read(g.Name, g.Src)
		if err != nil {
			continue
		}
		for _, link := range f.Links {
			links[link] = g.Name
		}
	}
	return links
}

// render renders the files of the packages that are written.
func (w *workspace) render(preamble *string) error {
	var ready []*pkg
	for _, q := range w.each((*tree).planned) {
		if !q.broken() && q.files == nil {
			ready = append(ready, q)
		}
	}
	return parallel(len(ready), func(i int) error { return ready[i].render(preamble) })
}

// fallBehind notes of hosts that keep their files, because of an error, that those no longer
// compile: they link what the plan removes elsewhere. It would be hard to understand
// from what the compiler says.
func (p *Plan) fallBehind() {
	var gone map[string]bool
	for _, q := range p.work.each((*tree).planned) {
		if len(q.Hosts) == 0 || !q.broken() {
			continue
		}
		if gone == nil {
			gone = p.removed()
		}
		if link, file := firstOf(gone, q); link != "" {
			q.blocked = append(q.blocked, annotate.Diagnostic{
				Span:     q.Hosts[0].Directive,
				Category: annotate.Linking, Message: fmt.Sprintf(
					"until this host is written again, it does not compile: %s links %s, which is gone", file, link),
			})
		}
	}
}

// removed returns the specs that the plan removes, as generated files refer to them.
func (p *Plan) removed() map[string]bool {
	gone := map[string]bool{}
	for _, c := range p.Changes {
		path := p.ImportPath(c.Path)
		for _, s := range specsIn(c.Old) {
			gone[path+"."+s.Identifier] = true
		}
	}
	for _, c := range p.Changes { // it may be in another file now
		path := p.ImportPath(c.Path)
		for _, s := range specsIn(c.New) {
			delete(gone, path+"."+s.Identifier)
		}
	}
	return gone
}

// specsIn returns the specs of a generated file, none of one that is damaged: it compiles
// as little as what refers to it.
func specsIn(src []byte) []genfile.Spec {
	f, err := genfile.Read("", src)
	if err != nil {
		return nil
	}
	return f.Specs
}

// firstOf returns the first of some specs that a host's generated files link, and which
// of the files does.
func firstOf(specs map[string]bool, host *pkg) (link, file string) {
	for _, g := range host.dir.Generated {
		f, err := genfile.Read(g.Name, g.Src)
		if err != nil {
			continue
		}
		for _, link := range f.Links {
			if specs[link] {
				return link, g.Name
			}
		}
	}
	return "", ""
}
