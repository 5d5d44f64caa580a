package gen

import (
	"errors"
	"fmt"
	"slices"

	"github.com/plugingen/plugingen/internal/write"
)

// Apply carries out the plan. It goes on after errors, and returns them all. A host
// is not written if the files of a package that it links can't be, nor is a package
// if a host can't be written that links what it would lose. Applied is then what
// has been done.
func (p *Plan) Apply() error {
	var errs []error
	for _, name := range p.Orphaned {
		errs = append(errs, write.Clean(name))
	}
	w := newWriter(p)
	w.stage()
	w.drop()
	// Hosts come last: whenever this is interrupted, what they refer to is there.
	w.commit(func(u *unit) bool { return len(u.links) == 0 })
	w.drop()
	w.commit(func(*unit) bool { return true })
	return errors.Join(append(errs, w.errors()...)...)
}

// writers is how many files are written at once: each waits for the disk.
const writers = 16

// A unit is the changes of a package. None is made if one can't be staged; if a rename fails, the
// others remain.
type unit struct {
	*rendered
	staged []*write.Staged
	errs   []error // one for each change
	err    error   // why it is not written, though it could be
	done   bool
}

func (u *unit) failed() bool { return u.err != nil || errors.Join(u.errs...) != nil }

// A writer writes what a plan changes.
type writer struct {
	plan  *Plan
	units []*unit
	of    map[*pkg]*unit
}

func newWriter(p *Plan) *writer {
	w := &writer{plan: p, of: map[*pkg]*unit{}}
	for _, q := range p.outputs {
		if n := len(q.changes); n > 0 {
			u := &unit{rendered: q, staged: make([]*write.Staged, n), errs: make([]error, n)}
			w.units, w.of[q.pkg] = append(w.units, u), u
		}
	}
	return w
}

// stage stages all changes.
func (w *writer) stage() {
	w.each(w.units, func(u *unit, i int) { u.staged[i], u.errs[i] = u.changes[i].Stage() })
}

// each calls do for each change of the units, several at once.
func (w *writer) each(units []*unit, do func(u *unit, i int)) {
	type change struct {
		u *unit
		i int
	}
	var all []change
	for _, u := range units {
		for i := range u.changes {
			all = append(all, change{u, i})
		}
	}
	_ = parallelN(writers, len(all), func(i int) error {
		do(all[i].u, all[i].i)
		return nil
	})
}

// drop gives up what must not be written since something else can't be.
func (w *writer) drop() {
	if !slices.ContainsFunc(w.units, (*unit).failed) {
		return
	}
	for dropped := true; dropped; {
		dropped = false
		for _, u := range w.units {
			if u.done || u.failed() {
				continue
			}
			if other := w.obstacle(u); other != nil {
				u.err = fmt.Errorf(
					"the generated files of %s are left as they are, since those of %s can't "+
						"be written", u.Path, other.Path)
				dropped = true
			}
		}
	}
	for _, u := range w.units {
		if !u.done && u.failed() {
			for _, s := range u.staged {
				s.Discard()
			}
		}
	}
}

// obstacle returns a package that can't be written and without which a unit must
// not be, nil if there is none.
func (w *writer) obstacle(u *unit) *pkg {
	for _, l := range u.links {
		if other := w.of[l.of]; other != nil && other != u && other.failed() {
			return other.pkg
		}
	}
	for _, s := range u.lostSpecs() {
		for _, other := range w.units {
			if other != u && other.failed() && other.oldLinks()[u.Path+"."+s.Identifier] != "" {
				return other.pkg
			}
		}
	}
	return nil
}

// commit makes the changes of units that are not made yet.
func (w *writer) commit(which func(*unit) bool) {
	var units []*unit
	for _, u := range w.units {
		if !u.done && !u.failed() && which(u) {
			u.done = true
			units = append(units, u)
		}
	}
	w.each(units, func(u *unit, i int) { u.errs[i] = u.staged[i].Commit() })
	for _, u := range units {
		for i, c := range u.changes {
			if u.errs[i] == nil {
				w.plan.Applied = append(w.plan.Applied, c)
			}
		}
	}
}

// errors returns what has gone wrong, and then what follows from it.
func (w *writer) errors() []error {
	var errs []error
	for _, u := range w.units {
		errs = append(errs, u.errs...)
	}
	for _, u := range w.units {
		errs = append(errs, u.err)
	}
	return errs
}
