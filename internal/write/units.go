package write

import (
	"errors"
	"fmt"
	"slices"

	"github.com/plugingen/plugingen/internal/parallel"
)

// atOnce is how many files are written at once: each waits for the disk.
const atOnce = 16

// A Unit is the changes of a package's files. None is made if one can't be staged; if a rename
// fails, the others remain.
type Unit struct {
	Package string // its import path, for messages
	Changes []Change
	Last    bool // the files refer to those of other units

	// Needs reports whether the unit must not be written without another one. It is called only
	// if that can't be written.
	Needs func(other *Unit) bool

	staged []*Staged
	errs   []error // one for each change
	err    error   // why it is not written, though it could be
	done   bool
}

func (u *Unit) failed() bool { return u.err != nil || errors.Join(u.errs...) != nil }

// Units makes the changes of units, and returns those that it has made. It goes on after errors,
// and returns them all, first what has gone wrong and then what follows from it.
//
// Units that refer to others come last: whenever this is interrupted, what they refer to is there.
func Units(all []*Unit) (made []Change, err error) {
	for _, u := range all {
		u.staged, u.errs = make([]*Staged, len(u.Changes)), make([]error, len(u.Changes))
	}
	each(all, func(u *Unit, i int) { u.staged[i], u.errs[i] = u.Changes[i].Stage() })
	drop(all)
	made = commit(all, func(u *Unit) bool { return !u.Last })
	drop(all)
	made = append(made, commit(all, func(*Unit) bool { return true })...)
	var errs []error
	for _, u := range all {
		errs = append(errs, u.errs...)
	}
	for _, u := range all {
		errs = append(errs, u.err)
	}
	return made, errors.Join(errs...)
}

// each calls do for each change of the units, several at once.
func each(units []*Unit, do func(u *Unit, i int)) {
	type change struct {
		u *Unit
		i int
	}
	var all []change
	for _, u := range units {
		for i := range u.Changes {
			all = append(all, change{u, i})
		}
	}
	_ = parallel.Do(atOnce, len(all), func(i int) error {
		do(all[i].u, all[i].i)
		return nil
	})
}

// drop gives up units that must not be written since another can't be.
func drop(all []*Unit) {
	if !slices.ContainsFunc(all, (*Unit).failed) {
		return
	}
	for dropped := true; dropped; {
		dropped = false
		for _, u := range all {
			if u.done || u.failed() {
				continue
			}
			needed := func(other *Unit) bool { return other != u && other.failed() && u.Needs(other) }
			if i := slices.IndexFunc(all, needed); i >= 0 {
				u.err = fmt.Errorf("the generated files of %s are left as they are, since those of %s can't "+
					"be written", u.Package, all[i].Package)
				dropped = true
			}
		}
	}
	for _, u := range all {
		if !u.done && u.failed() {
			for _, s := range u.staged {
				s.Discard()
			}
		}
	}
}

// commit makes the changes of units that are not made yet, and returns those that it has made.
func commit(all []*Unit, which func(*Unit) bool) (made []Change) {
	var units []*Unit
	for _, u := range all {
		if !u.done && !u.failed() && which(u) {
			u.done = true
			units = append(units, u)
		}
	}
	each(units, func(u *Unit, i int) { u.errs[i] = u.staged[i].Commit() })
	for _, u := range units {
		for i, c := range u.Changes {
			if u.errs[i] == nil {
				made = append(made, c)
			}
		}
	}
	return made
}
