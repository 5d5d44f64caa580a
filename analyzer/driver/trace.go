package driver

import (
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/plugingen/plugingen/internal/terminal"
)

// A trace is what was read and what was not, and why.
type trace struct {
	checked map[string]map[string]bool // files by directory, of packages that use plugins
	others  map[string]bool            // packages that match a pattern and use none
	lines   map[string]bool
}

// trace notes what was done with the packages: those that match the patterns, and those that they
// import.
func (p *program) trace(roots []*packages.Package) trace {
	t := trace{map[string]map[string]bool{}, map[string]bool{}, map[string]bool{}}
	packages.Visit(roots, nil, func(pkg *packages.Package) {
		switch {
		case p.roots[pkg] && !strings.HasSuffix(pkg.ID, ".test"):
			p.traceRoot(&t, pkg)
		case p.facts[pkg.ID] != nil && !p.roots[pkg] && !p.facts[pkg.ID].Empty():
			t.line("read %s: what it declares; it is not checked, since no pattern matches it", pkg.PkgPath)
		}
	})
	return t
}

func (p *program) traceRoot(t *trace, pkg *packages.Package) {
	for _, file := range pkg.IgnoredFiles {
		t.line("read %s: its directives only; its build constraints exclude it", Relative(file))
	}
	facts := p.facts[pkg.ID]
	switch {
	case facts == nil:
		t.line("skipped %s: it can't be loaded", pkg.PkgPath)
		return
	case facts.Empty():
		t.others[pkg.PkgPath] = true
		return
	}
	for _, file := range pkg.GoFiles {
		dir := filepath.Dir(file)
		if t.checked[dir] == nil {
			t.checked[dir] = map[string]bool{}
		}
		t.checked[dir][filepath.Base(file)] = true
	}
}

func (t *trace) line(format string, args ...any) { t.lines[fmt.Sprintf(format, args...)] = true }

// Trace writes what was checked, what was only read or skipped, and why.
func (r *Report) Trace(w io.Writer) {
	for _, line := range slices.Sorted(maps.Keys(r.trace.lines)) {
		_, _ = fmt.Fprintln(w, terminal.Line(line))
	}
	for _, dir := range slices.Sorted(maps.Keys(r.trace.checked)) {
		files := strings.Join(slices.Sorted(maps.Keys(r.trace.checked[dir])), ", ")
		_, _ = fmt.Fprintln(w, terminal.Line(fmt.Sprintf("checked %s: %s", Relative(dir), files)))
	}
	n := len(r.trace.checked)
	noun := "packages that use"
	if n == 1 {
		noun = "package that uses"
	}
	_, _ = fmt.Fprintf(w, "checked %d %s plugins of %d\n", n, noun, n+len(r.trace.others))
}
