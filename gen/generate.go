package gen

import (
	"cmp"
	"go/token"
	"path/filepath"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/code"
	"github.com/plugingen/plugingen/gen/genfile"
	"github.com/plugingen/plugingen/gen/render"
	"github.com/plugingen/plugingen/gen/scan"
	"github.com/plugingen/plugingen/gen/write"
)

// generateAll plans the files of the packages that were asked for. Packages with
// mistakes keep what they have.
func (t *tree) generateAll() error {
	var ready []outputs
	for _, p := range t.asked() {
		for _, name := range p.folder.Leftover {
			t.plan.Leftover = append(t.plan.Leftover, filepath.Join(p.folder.Dir, name))
		}
		if p.broken() {
			t.checkSpecs(p)
			continue
		}
		files, err := t.generate(p)
		if err != nil {
			return err
		}
		if t.prepare(p, files) {
			ready = append(ready, files)
		}
	}
	rendered := make([]map[string][]byte, len(ready))
	err := parallel(len(ready), func(i int) (err error) {
		rendered[i], err = ready[i].render()
		return err
	})
	if err != nil {
		return err
	}
	for i, files := range ready {
		t.changes(files.p, rendered[i])
	}
	return nil
}

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

// generate returns what a package's files are to have in them.
func (t *tree) generate(p *pkg) (outputs, error) {
	files := outputs{p: p, byBuild: map[string]*render.File{}}
	files.addMarks()
	for i, x := range p.Plugins {
		f := files.file(x.File.Constraint)
		f.Specs = append(slices.Grow(f.Specs, len(p.Plugins)-i), t.spec(p, x)) // specs are large, and most often in one file
	}
	for _, h := range p.hostsInOrder() {
		if err := t.addLinks(files, h); err != nil {
			return files, err
		}
	}
	return files, nil
}

// addLinks adds what a host links.
func (t *tree) addLinks(files outputs, h *annotate.Host) error {
	linked, err := t.link(files.p, h)
	for _, l := range linked {
		f := files.file(h.File.Constraint.And(l.build))
		f.Host = "//plugin:link"
		ref, err := code.ParseRef(l.path, l.pkg, l.Identifier)
		if err != nil {
			files.p.errorf(annotate.Linking, h.Directive, "%s can't be linked: %v", l.id(), err)
			continue
		}
		f.Tables = addTo(f.Tables, l.Namespace, ref)
		if proof := t.proof(files.p, h, l); proof != nil {
			f.Proofs = append(f.Proofs, *proof)
		}
	}
	return err
}

// outputs is the files that a package is to have.
type outputs struct {
	p       *pkg
	byBuild map[string]*render.File // by constraint
}

func (o outputs) file(build annotate.Constraint) *render.File {
	expr := build.String()
	if o.byBuild[expr] == nil {
		name, _ := code.ParseIdent(o.p.Name) // the parser has accepted it
		o.byBuild[expr] = &render.File{Path: o.p.Path, Package: name, Constraint: expr, Slug: genfile.Slug(expr)}
	}
	return o.byBuild[expr]
}

// addMarks adds what other packages and modules ask of the package.
func (o outputs) addMarks() {
	for _, c := range contractsOf(o.p) {
		f := o.file(c.build)
		f.Contracts = append(f.Contracts, c.Mark)
		if c.form != nil {
			f.Interfaces = append(f.Interfaces, *c.form)
		}
	}
	for _, b := range o.p.Bases {
		if token.IsExported(b.Symbol) {
			f := o.file(annotate.Constraint{})
			f.Bases = append(f.Bases, genfile.Mark{Namespace: b.Namespace, Symbol: b.Symbol})
		}
	}
}

// prepare completes the files, and says whether they can be written.
func (t *tree) prepare(p *pkg, files outputs) bool {
	for expr, f := range files.byBuild {
		checkDeclared(p, f)
		checkInTheWay(p, genfile.Name(expr))
		sortFile(f)
	}
	setTaken(p, files.byBuild)
	return !p.broken() // by what it should have linked, or can't wrap
}

// render returns the sources of the files, by name.
func (o outputs) render() (map[string][]byte, error) {
	want := map[string][]byte{}
	for expr, f := range o.byBuild {
		name := genfile.Name(expr)
		f.Preamble = o.preamble(name)
		src, err := render.Render(f)
		if err != nil {
			return nil, err
		}
		want[name] = src
	}
	return want, nil
}

// preamble returns what stands above the header of a file, or of another of the package's if
// there is none of the name.
func (o outputs) preamble(name string) string {
	if src := generated(o.p, name); src != nil {
		return genfile.Preamble(src)
	}
	for _, f := range o.p.folder.Generated {
		if above := genfile.Preamble(f.Src); above != "" {
			return above
		}
	}
	return ""
}

// generated returns what is in a file that plugingen may write, nil if there is none.
func generated(p *pkg, name string) []byte {
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

// changes compares what the package's files should be with what they are.
func (t *tree) changes(p *pkg, want map[string][]byte) {
	for name, src := range want {
		if old := generated(p, name); !genfile.Same(old, src) {
			t.plan.Changes = append(t.plan.Changes, write.Change{Path: filepath.Join(p.folder.Dir, name), Old: old, New: src})
		}
	}
	for _, f := range p.folder.Generated {
		if want[f.Name] == nil {
			t.plan.Changes = append(t.plan.Changes, write.Change{Path: filepath.Join(p.folder.Dir, f.Name), Old: f.Src})
		}
	}
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
