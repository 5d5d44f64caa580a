package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/render"
)

// checkDeclared reports declarations that a generated file has no room for beside
// its own, or that hide what it needs.
func checkDeclared(p *pkg, f *render.File) {
	for _, name := range f.Declares() {
		if p.Declares(name) {
			p.errorf(annotate.Duplicate, p.Declaration(name), "%s is a name that plugingen needs for what it generates: give the declaration another one", name)
		}
	}
	for _, name := range f.Needs() {
		if p.Declares(name) {
			p.errorf(annotate.Duplicate, p.Declaration(name), "this hides Go's own %s, which the generated code of this package's plugins needs: give the declaration another name", name)
		}
	}
}

// setTaken tells each of the package's files which of the package's names a name in it
// could otherwise be the same as, sorted: not all of them, or each new function of the package
// would make the file a new one.
func setTaken(p *pkg, files map[string]*render.File) {
	byStem := map[string][]string{}
	for _, f := range files {
		for stem := range f.Stems() {
			byStem[stem] = nil
		}
	}
	for name := range p.Declared() {
		stem := strings.TrimRight(name, "0123456789_")
		if names, ok := byStem[stem]; ok {
			byStem[stem] = append(names, name)
		}
	}
	for _, f := range files {
		f.Taken = nil
		for stem := range f.Stems() {
			f.Taken = append(f.Taken, byStem[stem]...)
		}
		slices.Sort(f.Taken)
	}
}

// checkInTheWay reports a file of somebody else's that has the name of a generated one.
func checkInTheWay(p *pkg, name string) {
	if !slices.Contains(p.folder.Taken, name) || slices.Contains(p.folder.Blank, name) || slices.ContainsFunc(p.folder.Generated, named(name)) {
		return
	}
	p.report(annotate.Diagnostic{Span: p.first(), Category: annotate.Linking, Message: fmt.Sprintf(
		"the file %s in this folder was not written by plugingen (it has no line %q), and is not overwritten: rename it, since plugingen needs the name", name, genfile.Header)})
}
