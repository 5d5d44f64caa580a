package gen

import (
	"cmp"
	"go/token"
	"path/filepath"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/builds"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/render"
	"github.com/plugingen/plugingen/internal/scan"
	"github.com/plugingen/plugingen/internal/write"
)

// checkSpecs reports what is wrong with the plugins of a package with mistakes: all are
// to be told together. What depends on a file that can't be parsed is unknown.
func (t *tree) checkSpecs(p *pkg) {
	if p.Damaged() {
		return
	}
	for _, x := range p.Plugins {
		t.spec(p, x)
	}
}

// describePackage works out what the package's files are to have in them but for what it links, and
// reports what can't be.
func (t *tree) describePackage(p *pkg) {
	p.checkLosses()
	if p.broken() {
		t.checkSpecs(p)
		return
	}
	p.outputs = map[string]*render.File{}
	p.addMarks()
	for i, x := range p.Plugins {
		f := p.output(x.File.Constraint)
		f.Specs = append(slices.Grow(f.Specs, len(p.Plugins)-i), t.spec(p, x)) // specs are large, and most often in one file
	}
	p.complete()
}

// linkHosts adds what the package's hosts link.
func (t *tree) linkHosts(p *pkg) error {
	for _, h := range p.hostsInOrder() {
		linked, err := t.link(p, h)
		if err != nil {
			return err
		}
		for _, l := range linked {
			t.addLink(p, h, l)
		}
	}
	p.complete()
	return nil
}

// addLink adds a plugin to what a host links.
func (t *tree) addLink(p *pkg, h *annotate.Host, l *linkable) {
	ref, err := code.ParseRef(l.path, l.pkg, l.Identifier)
	if err != nil {
		p.errorf(annotate.Linking, h.Directive, "%s can't be linked: %v", l.id(), err)
		return
	}
	f := p.output(h.File.Constraint.And(l.build))
	f.Host = "//plugin:link"
	f.Tables = addTo(f.Tables, l.Namespace, ref)
	if proof := t.proof(p, h, l); proof != nil {
		f.Proofs = append(f.Proofs, *proof)
	}
}

// output returns the package's file for a constraint.
func (p *pkg) output(build builds.Constraint) *render.File {
	expr := build.String()
	if p.outputs[expr] == nil {
		name, _ := code.ParseIdent(p.Name) // the parser has accepted it
		p.outputs[expr] = &render.File{Path: p.Path, Package: name, Constraint: expr, Slug: genfile.Slug(expr)}
	}
	return p.outputs[expr]
}

// addMarks adds what other packages and modules ask of the package.
func (p *pkg) addMarks() {
	for _, c := range contractsOf(p) {
		f := p.output(c.build)
		f.Contracts = append(f.Contracts, c.Mark)
		if c.form != nil {
			f.Interfaces = append(f.Interfaces, *c.form)
		}
	}
	for _, b := range p.Bases {
		if token.IsExported(b.Symbol) {
			f := p.output(builds.Constraint{})
			f.Bases = append(f.Bases, genfile.Mark{Namespace: b.Namespace, Symbol: b.Symbol})
		}
	}
}

// complete completes the files, and reports what keeps them from being written.
func (p *pkg) complete() {
	for expr, f := range p.outputs {
		checkDeclared(p, f)
		checkInTheWay(p, genfile.Name(expr))
		sortFile(f)
	}
	setTaken(p, p.outputs)
}

// render returns the sources of the files, by name.
func (p *pkg) render(preamble *string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for expr, f := range p.outputs {
		name := genfile.Name(expr)
		if preamble != nil {
			f.Preamble = *preamble
		} else {
			f.Preamble = p.oldPreamble(name)
		}
		src, err := render.Render(f)
		if err != nil {
			return nil, err
		}
		files[name] = src
	}
	return files, nil
}

// oldPreamble returns what stands above the header of a file, or of another of the package's if
// there is none of the name.
func (p *pkg) oldPreamble(name string) string {
	if src := p.old(name); src != nil {
		return genfile.Preamble(src)
	}
	for _, f := range p.folder.Generated {
		if above := genfile.Preamble(f.Src); above != "" {
			return above
		}
	}
	return ""
}

// old returns what is in a file that plugingen may write, nil if there is none.
func (p *pkg) old(name string) []byte {
	if slices.Contains(p.folder.Blank, name) {
		return []byte{}
	}
	if i := slices.IndexFunc(p.folder.Generated, named(name)); i >= 0 {
		return p.folder.Generated[i].Src
	}
	return nil
}

func named(name string) func(scan.File) bool {
	return func(f scan.File) bool { return f.Name == name }
}

// compare returns what has to become of the package's files.
func (p *pkg) compare() (changes []write.Change) {
	for name, src := range p.files {
		if old := p.old(name); !genfile.Same(old, src) {
			changes = append(changes, write.Change{Path: filepath.Join(p.folder.Dir, name), Old: old, New: src})
		}
	}
	for _, f := range p.folder.Generated {
		if p.files[f.Name] == nil {
			changes = append(changes, write.Change{Path: filepath.Join(p.folder.Dir, f.Name), Old: f.Src})
		}
	}
	return changes
}

// sortFile puts all that a file lists into an order that does not depend on that
// of the source.
func sortFile(f *render.File) {
	marks := func(a, b genfile.Mark) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Symbol, b.Symbol))
	}
	slices.SortFunc(f.Contracts, marks)
	slices.SortFunc(f.Interfaces, func(a, b genfile.Interface) int { return marks(a.Mark, b.Mark) })
	slices.SortFunc(f.Bases, marks)
	f.Bases = slices.Compact(f.Bases)
	slices.SortFunc(f.Specs, func(a, b render.Spec) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
}

// addTo adds a spec to the table of its namespace. Specs come sorted.
func addTo(tables []render.Table, namespace string, spec code.Ref) []render.Table {
	if n := len(tables); n == 0 || tables[n-1].Namespace != namespace {
		tables = append(tables, render.Table{Namespace: namespace})
	}
	last := &tables[len(tables)-1]
	last.Specs = append(last.Specs, spec)
	return tables
}
