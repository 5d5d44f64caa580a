// Package migrate turns registrations that are written by hand into directives.
//
// A migration works in phases: it loads the module, finds what registers and what is
// registered, decides what each registration becomes, makes the edits, and checks the result
// by type-checking it and reading its directives. [Run] repeats the last three without the
// registrations that fail, which stay as they are.
package migrate

// The files of this package, in the order of the phases:
//
//	load.go       the packages of the module with their types
//	broken.go     sets aside the packages that do not compile
//	records.go    structs that have a plugin and constants that describe it
//	registrar.go  what registers: functions, by what they do with their parameters
//	flow.go       what a function does with one of its parameters
//	eval.go       the name that a plugin has by itself
//	calls.go      finds the calls that register,
//	maps.go       the maps of plugins,
//	switches.go   and the switch statements that make plugins
//	near.go       what is not moved, and why
//	lifecycle.go  which values a manager can have as plugins
//	plan.go       decides what each registration becomes,
//	choose.go     which declaration gets the directive,
//	early.go      and which stay: those that are read before main runs,
//	between.go    and those that would be made of something else
//	names.go      namespaces and identifiers of what is written
//	describe.go   comments for functions that are written
//	edit.go       applies edits to files, and keeps their imports and formatting right
//	rewrite.go    the edits of registrations,
//	forward.go    of what registered them,
//	hosts.go      of the packages that link them,
//	tests.go      and of tests that read them
//	verify.go     type-checks the edited packages
//	readback.go   reads their directives
//	migrate.go    Run

import (
	"cmp"
	"fmt"
	"go/token"
	"os"
	"path/filepath"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/setup"
	"github.com/plugingen/plugingen/internal/write"
)

// A Config says what is migrated.
type Config struct {
	Dir       string   // a directory of the module
	Patterns  []string // package patterns; the directory if there are none
	Styles    []string // which of StyleNames are migrated; all if there are none
	Namespace string   // for what is registered; "" for one that is made of the names of module and package
	Env       []string // the go command's environment; nil for that of the process
}

// A Result is what migrating changes.
type Result struct {
	Dir     string // of the module
	Changes []write.Change
	Moved   []Moved
	Left    []Left
	Vendor  bool     // the module has a vendor directory
	Notes   []string // what is to be known besides
}

// A Moved is a registration that becomes a directive.
type Moved struct {
	Position        token.Position
	Namespace, Name string
}

// A Left is a registration that stays as it is.
type Left struct {
	Position token.Position
	What     string // the registration, shortened
	Reason   string
}

// Run reads the packages, and returns what is to be changed. The files that it changes are
// as they were read, see [write.Change]. The error is a [*BrokenError] if a package does not
// compile that what is changed depends on.
func Run(c Config) (*Result, error) {
	p, err := load(c)
	if err != nil {
		return nil, err
	}
	m := &migration{program: p, styles: c.Styles, namespace: c.Namespace, dropped: map[token.Pos]string{}}
	if m.runs, err = setup.ReadRuns(p.dir); err != nil {
		return nil, err
	}
	m.find()
	if len(m.found) == 0 && len(m.left) == 0 {
		m.left = m.near
	}
	for {
		plan, err := m.plan()
		if err != nil {
			return nil, err
		}
		failures := plan.failures
		if len(failures) == 0 {
			failures = m.verify(plan)
		}
		if len(failures) == 0 {
			failures = m.readBack(plan)
		}
		if len(failures) == 0 {
			return m.result(plan)
		}
		if !m.drop(plan, failures) {
			return nil, fmt.Errorf("what would be written does not compile, so nothing is changed: %s",
				failures[0].message)
		}
	}
}

// A migration is a program, what it registers, and what of that is not to be moved.
type migration struct {
	*program
	styles     []string
	namespace  string
	runs       *setup.Runs // of go:generate
	registrars map[string]*registrar
	found      []*registration
	left       []left
	near       []left                       // what looks like registrations, for a program that has no others
	dropped    map[token.Pos]string         // why registrations are left that could not be moved after all
	imported   set                          // see libraries
	packages   map[string]*annotate.Package // see annotated
	inBuilds   map[string]bool              // see inBuild
	usersOf    map[string][]string          // see users
	lookupsOf  map[*registrar]map[string]bool
}

// A left is a registration that stays.
type left struct {
	at, end token.Pos
	reason  string
}

// leave notes that what is registered at a place stays.
func (m *migration) leave(at, end token.Pos, format string, args ...any) {
	m.left = append(m.left, left{at, end, fmt.Sprintf(format, args...)})
}

func (m *migration) result(plan *plan) (*Result, error) {
	r := &Result{
		Dir: m.dir, Changes: plan.changes,
		Notes: slices.Concat(m.brokenNotes(), plan.notes),
	}
	_, err := os.Stat(filepath.Join(m.dir, "vendor", "modules.txt"))
	r.Vendor = err == nil
	for _, mv := range plan.moves {
		r.Moved = append(r.Moved, Moved{m.fset.PositionFor(mv.at, false), mv.registrar.namespace, mv.name})
	}
	for _, l := range slices.Concat(m.left, plan.left) {
		at := m.fset.PositionFor(l.at, false)
		r.Left = append(r.Left, Left{at, m.excerpt(l), l.reason})
	}
	slices.SortFunc(r.Moved, func(a, b Moved) int { return comparePositions(a.Position, b.Position) })
	slices.SortFunc(r.Left, func(a, b Left) int {
		return cmp.Or(comparePositions(a.Position, b.Position), cmp.Compare(a.Reason, b.Reason))
	})
	r.Left = slices.Compact(r.Left)
	return r, nil
}

func comparePositions(a, b token.Position) int {
	return cmp.Or(cmp.Compare(a.Filename, b.Filename), cmp.Compare(a.Offset, b.Offset))
}

// excerpt returns the first line of what is left.
func (m *migration) excerpt(l left) string {
	f := m.files[m.fset.PositionFor(l.at, false).Filename]
	if f == nil {
		return ""
	}
	return firstLine(f.text(m.fset, l.at, l.end))
}
