package gen

import (
	"fmt"
	"iter"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/internal/written"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/render"
)

// A decision is which packages are written. There are two rules:
//
//   - Written are the packages that were requested, and with each that is written those of its
//     module that it can't do without: what it links, what describes its options, the
//     contracts of what it links, and those whose files use what it loses.
//   - A package keeps its files if there are errors in it, if one that it needs keeps its
//     files, or if one that keeps its files uses what it would lose.
//
// Both are about what can be reached in a graph, from the requested packages and from those with
// errors, and so there is one answer, in whatever order it is found. Only what is reached is
// completed, since other hosts may link what can't be read.
type decision struct {
	run        *linker
	candidates []*candidate // in the order in which they are found
	of         map[*pkg]*candidate
	written    []*candidate      // by module and path; those that keep their files after all are among them
	linkers    map[string][]*pkg // see linkersOf
	counted    int               // how many packages there were when they were collected
}

// A candidate is a package that is written, unless it keeps its files.
type candidate struct {
	*pkg
	content *content
	with    []*pkg // what is written with it
	users   []use  // packages whose files use what it loses: it is written only together with them
}

// A use is a package whose generated files use what another one loses.
type use struct {
	by  *pkg
	how string // for messages
}

// decide completes the packages that may be written, and decides which are.
func decide(run *linker) (*decision, error) {
	d := &decision{run: run, of: map[*pkg]*candidate{}}
	for _, p := range run.work.requested() {
		if err := d.add(p); err != nil {
			return nil, err
		}
	}
	for i := 0; i < len(d.candidates); i++ {
		c := d.candidates[i]
		if c.broken() {
			continue
		}
		if err := d.connect(c); err != nil {
			return nil, err
		}
		for _, p := range c.with {
			if err := d.add(p); err != nil {
				return nil, err
			}
		}
	}
	d.keep()
	d.reach()
	return d, nil
}

// unbroken returns what is written.
func (d *decision) unbroken() (all []*content) {
	for _, c := range d.written {
		if !c.broken() {
			all = append(all, c.content)
		}
	}
	return all
}

// add adds a candidate, if it is none yet.
func (d *decision) add(p *pkg) error {
	if d.of[p] != nil {
		return nil
	}
	content, err := d.run.content(p)
	if err != nil {
		return err
	}
	c := &candidate{pkg: p, content: content}
	d.of[p] = c
	d.candidates = append(d.candidates, c)
	return nil
}

// connect finds what is written with a candidate.
func (d *decision) connect(c *candidate) error {
	c.with = append(slices.Clone(c.content.own.providers), c.content.writtenWith()...)
	specs, structs := c.content.lostSpecs(), c.old.LostStructs(c.content.describes)
	if len(specs)+len(structs) == 0 {
		return nil
	}
	if err := c.tree.readWhole(); err != nil {
		return err
	}
	for _, s := range specs {
		for _, host := range d.linkersOf(c.Path + "." + s.Identifier) {
			c.addUser(host, s.Symbol, "links "+s.Namespace+":"+s.Name)
		}
	}
	for _, name := range structs {
		uses := written.UsersOf(c.Path, name)
		for _, p := range c.tree.sorted() {
			if uses(p.old) {
				c.addUser(p, name, "uses the options of "+name)
			}
		}
	}
	return nil
}

// writtenWith returns the packages of its module that a host links, and those that declare the
// contracts of what it links: for this module's files the contracts are read from source, but
// other modules know them by generated files alone.
func (p *content) writtenWith() (with []*pkg) {
	linked := map[string]bool{} // by namespace
	for _, l := range p.linkage.links {
		linked[l.Namespace] = true
		if l.of != nil && l.of.tree == p.tree {
			with = append(with, l.of)
		}
	}
	if len(linked) == 0 {
		return nil
	}
	for _, q := range p.tree.sorted() {
		if q.Name != "main" && !p.excludes(q.Path) &&
			slices.ContainsFunc(q.Contracts, func(c *annotate.Contract) bool { return linked[c.Namespace] }) {
			with = append(with, q)
		}
	}
	return with
}

// addUser adds a package whose files use a declaration that the candidate's files lose. What is
// generated of a declaration that is gone does not compile, so that nothing is lost with it.
func (c *candidate) addUser(p *pkg, symbol, how string) {
	if p == c.pkg {
		return
	}
	c.with = append(c.with, p)
	if c.Declares(symbol) {
		c.users = append(c.users, use{p, how})
	}
}

// keep blocks the candidates that keep their files because of others. It goes from those with
// errors to those that can't be written without them, and so on, so that each names the
// packages which keep it, and not those that it keeps.
func (d *decision) keep() {
	dependents := map[*pkg][]*candidate{}
	var round []*candidate
	for _, c := range d.candidates {
		if c.broken() {
			round = append(round, c)
			continue
		}
		for p := range c.needs() {
			if list := dependents[p]; len(list) == 0 || list[len(list)-1] != c {
				dependents[p] = append(list, c)
			}
		}
	}
	for len(round) > 0 {
		var next []*candidate
		reasons := map[*candidate]*problems{}
		for _, kept := range round {
			for _, c := range dependents[kept.pkg] {
				if reasons[c] == nil && !c.broken() {
					reasons[c] = c.reasons()
					next = append(next, c)
				}
			}
		}
		for _, c := range next {
			c.blocked = append(c.blocked, reasons[c].blocked...)
		}
		round = next
	}
}

// needs yields the other packages without which a candidate keeps its files.
func (c *candidate) needs() iter.Seq[*pkg] {
	return func(yield func(*pkg) bool) {
		for _, l := range c.content.linkage.links {
			if l.of != nil && l.of != c.pkg && !yield(l.of) {
				return
			}
		}
		for _, p := range c.content.own.providers {
			if !yield(p) {
				return
			}
		}
		for _, u := range c.users {
			if !yield(u.by) {
				return
			}
		}
	}
}

// reasons returns why a candidate keeps its files because of others that do.
func (c *candidate) reasons() *problems {
	found := &problems{}
	for _, l := range c.content.linkage.links {
		if l.of != nil && l.of != c.pkg && l.of.broken() {
			found.block(block{span: c.Hosts[0].Directive, by: l.of})
		}
	}
	if found.broken() {
		return found
	}
	for _, q := range c.content.own.providers {
		if q.broken() {
			found.block(block{c.first(), q, "this package is not written, since there are errors in " + q.Path +
				", which describes options of it"})
		}
	}
	if found.broken() {
		return found
	}
	for _, u := range c.users {
		if u.by.broken() {
			found.block(block{c.first(), u.by, fmt.Sprintf(
				"the generated files of this package are kept, since %s still %s, and "+
					"is not written because of its own errors", u.by.Path, u.how)})
		}
	}
	return found
}

// reach finds the candidates that are written: those that others bring along which are
// written themselves.
func (d *decision) reach() {
	reached := map[*pkg]bool{}
	var todo []*pkg
	add := func(p *pkg) {
		if !reached[p] {
			reached[p] = true
			todo = append(todo, p)
		}
	}
	for _, p := range d.run.work.requested() {
		add(p)
	}
	for len(todo) > 0 {
		c := d.of[todo[0]]
		todo = todo[1:]
		if !c.broken() {
			for _, p := range c.with {
				add(p)
			}
		}
	}
	for _, p := range d.run.work.all() {
		if reached[p] {
			d.written = append(d.written, d.of[p])
		}
	}
}

// lostSpecs returns the specs that one of the package's files will not have any more.
func (p *content) lostSpecs() []genfile.Spec {
	return p.old.LostSpecs(func(file string) iter.Seq[string] {
		return func(yield func(string) bool) {
			for expr, f := range p.files {
				if genfile.Name(expr) != file {
					continue
				}
				for _, s := range f.Specs {
					if !yield(s.Identifier.String()) {
						return
					}
				}
			}
		}
	})
}

// describes reports whether the package's files will describe the shared struct of a name.
func (p *content) describes(name string) bool {
	for _, f := range p.files {
		if slices.ContainsFunc(f.Structs, func(s *render.Struct) bool { return s.Shared && s.Name == name }) {
			return true
		}
	}
	return false
}

// linkersOf returns the packages whose generated files link a spec, of all that have been read.
func (d *decision) linkersOf(spec string) []*pkg {
	if all := d.run.work.all(); len(all) != d.counted {
		d.linkers, d.counted = map[string][]*pkg{}, len(all)
		for _, q := range all {
			for link := range q.old.Links() {
				d.linkers[link] = append(d.linkers[link], q)
			}
		}
	}
	return d.linkers[spec]
}
