// Package gen turns a tree of Go source into the files that plugingen writes.
//
// [Make] reads: it finds modules (package modules) and folders (package scan), tells
// which files matter (package outline), lets annotate read what they declare, decides
// what each host links, and renders (package render) what every package needs. Nothing is
// type-checked or compiled, so it works in a tree that does not build. A [Plan] says what
// is to change; [Plan.Apply] writes it (package write). What generated files look like,
// and how they are read back, is in package genfile.
package gen

import (
	"cmp"
	"errors"
	"go/token"
	"path/filepath"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/modules"
	"github.com/plugingen/plugingen/gen/scan"
	"github.com/plugingen/plugingen/gen/write"
	"github.com/plugingen/plugingen/internal/readfile"
)

// ModulePath is the path of the module that plugins require.
const ModulePath = "github.com/plugingen/plugingen"

// A Plan is what a run found, and what it would change.
type Plan struct {
	Fset        *token.FileSet
	Diagnostics []annotate.Diagnostic // sorted by place; last, what other mistakes hold up
	Changes     []write.Change        // sorted by path
	Leftover    []string              // temporary files of runs that were interrupted
	Packages    int                   // those that were asked for and declare something, or were meant to

	trees   []*tree
	missing []*modules.MissingError // modules without which the plan is not complete
	source  map[string][]byte
}

// Make reads the packages that the patterns name, relative to the folder, and plans
// what their generated files should be. Packages with mistakes are left as they
// are, and so are hosts that would link them; all mistakes are in the plan. The error
// is of something else: a pattern that names no folder, a module that can't be
// found or that is not in the module cache (a [*modules.MissingError]), a file that can't
// be read. Make only reads, and uses no network.
func Make(dir string, patterns []string) (*Plan, error) { return Remake(nil, dir, patterns) }

// Remake is Make for a program that makes one plan after another: folders that are
// known from an earlier one are not read again.
func Remake(known *scan.Known, dir string, patterns []string) (*Plan, error) {
	return remake(modules.NewLoader(), known, dir, patterns)
}

// MakeComplete is like Make, but has the go command download the modules that are needed and
// not in the module cache.
func MakeComplete(dir string, patterns []string) (*Plan, error) {
	load := modules.NewLoader()
	load.Network = true
	before := ""
	for {
		plan, err := remake(load, nil, dir, patterns)
		var missing *modules.MissingError
		if !errors.As(err, &missing) || err.Error() == before {
			return plan, err
		}
		before = err.Error()
		if err := missing.Download(); err != nil {
			return nil, err
		}
	}
}

func remake(load *modules.Loader, known *scan.Known, dir string, patterns []string) (*Plan, error) {
	trees, err := open(load, dir, patterns)
	if err != nil {
		return nil, err
	}
	plan := &Plan{Fset: token.NewFileSet(), trees: trees, source: map[string][]byte{}}
	for _, t := range trees {
		t.plan, t.scan.Known = plan, known
	}
	for _, step := range []func(*tree) error{(*tree).read, (*tree).resolveAll, (*tree).generateAll} {
		for _, t := range trees {
			if err := step(t); err != nil {
				return nil, err
			}
		}
	}
	if err := plan.incomplete(); err != nil {
		return nil, err
	}
	plan.fallBehind()
	var held []annotate.Diagnostic
	for _, t := range trees {
		held = append(held, t.report()...)
	}
	// What only follows from other mistakes comes after them.
	plan.Diagnostics = append(annotate.Sort(plan.Fset, plan.Diagnostics), annotate.Sort(plan.Fset, held)...)
	slices.SortFunc(plan.Changes, func(a, b write.Change) int { return cmp.Compare(a.Path, b.Path) })
	return plan, nil
}

// incomplete returns an error if modules are missing: files would lack what they have.
func (p *Plan) incomplete() error {
	var errs []error
	for _, m := range p.missing {
		errs = append(errs, m)
	}
	return errors.Join(errs...)
}

// report adds what is wrong in the packages to the plan, and returns what is only
// held up by that.
func (t *tree) report() (held []annotate.Diagnostic) {
	for _, p := range t.packages {
		if p != nil && (p.asked || p.needed) {
			t.plan.Diagnostics = append(t.plan.Diagnostics, p.diagnostics...)
			held = append(held, p.held...)
		}
	}
	for _, p := range t.asked() {
		if p.declares() || p.broken() {
			t.plan.Packages++
		}
	}
	return held
}

// Source returns the contents of a source file: of a host, those that the plan is made
// from; of others, as they are now. It returns nil for a file that can't be read.
func (p *Plan) Source(file string) []byte {
	if src, ok := p.source[file]; ok {
		return src
	}
	src, err := readfile.Source(file)
	if err != nil {
		return nil
	}
	return src
}

// Apply carries out the plan. It goes on after errors, and returns them all.
func (p *Plan) Apply() error {
	var errs []error
	for _, name := range p.Leftover {
		errs = append(errs, write.Clean(name))
	}
	// Each write waits for the disk, so that many at once take little longer than one.
	return errors.Join(append(errs, parallelN(writers, len(p.Changes), func(i int) error { return p.Changes[i].Apply() }))...)
}

// writers is how many files are written at once.
const writers = 16

// ImportPath returns the import path of the package that a file belongs to, "" if
// the run was not about its module.
func (p *Plan) ImportPath(file string) string {
	var in *modules.Main // the innermost
	for _, t := range p.trees {
		if within(t.main.Dir, file) && (in == nil || within(in.Dir, t.main.Dir)) {
			in = t.main
		}
	}
	if in == nil {
		return ""
	}
	return in.ImportPath(filepath.Dir(file))
}
