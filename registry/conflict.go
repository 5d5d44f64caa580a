package registry

import "slices"

// resolveConflicts returns one of the specs for each name, and why some of those cannot
// be used: several specs have the name, or it is not a valid one. The specs are sorted
// by name; mixed is set if some were added by hand. No lock is held, since it may call
// the function of WithConflict.
func (m *core) resolveConflicts(specs []*Spec, mixed bool) ([]*Spec, disputes) {
	d := make(disputes)
	kept := specs[:0] // in place: the slice is ours
	aliased := false
	for i := 0; i < len(specs); {
		j := i + 1
		for j < len(specs) && specs[i] != nil && specs[j].name() == specs[i].Name {
			j++
		}
		chosen := specs[i]
		if j-i > 1 {
			var err error
			chosen, err = m.choose(specs[i:j])
			d.reject(chosen, err)
		}
		if mixed {
			d.reject(chosen, chosen.checkByHand(m.namespace))
		}
		aliased = aliased || len(chosen.aliases()) > 0
		kept = append(kept, chosen)
		i = j
	}
	if aliased {
		d.aliases(kept, mixed)
	}
	return kept, d
}

// disputes are the reasons why specs cannot be used, such as that others have their
// names, too.
type disputes map[*Spec]error

// reject records why a spec cannot be used, if there is an err and no earlier reason.
func (d disputes) reject(s *Spec, err error) {
	if err != nil && d[s] == nil {
		d[s] = err
	}
}

// aliases rejects the specs with an alias that is the name or an alias of another. If
// some specs were added by hand, it also rejects the one whose name that is. In linked
// tables alone, which plugingen has checked, the name has precedence: then it can be
// looked up without going through all aliases.
func (d disputes) aliases(specs []*Spec, mixed bool) {
	claims := make(map[string]*Spec)
	for _, s := range specs {
		for _, alias := range s.aliases() {
			if other := claims[alias]; other != nil && other != s {
				err := duplicate(alias, other, s)
				d.reject(other, err)
				d.reject(s, err)
			}
			claims[alias] = s
		}
	}
	for _, s := range specs {
		if other := claims[s.name()]; other != nil && other != s {
			err := duplicate(s.Name, s, other)
			d.reject(other, err)
			if mixed {
				d.reject(s, err)
			}
		}
	}
}

// choose returns the spec to use of several with one name, and why that cannot be used:
// they are duplicates unless WithConflict decides.
func (m *core) choose(same []*Spec) (chosen *Spec, broken error) {
	name := same[0].Name
	if m.conflict == nil {
		return same[0], duplicate(name, same...)
	}
	err := guard(func() (err error) {
		chosen, err = m.conflict(name, slices.Clone(same))
		return err
	})
	if err == nil && !slices.Contains(same, chosen) {
		err = faultf(ErrDuplicate, "the function of WithConflict returned a spec for %q that is not one of "+
			"the conflicting specs", name)
	}
	if err != nil {
		return same[0], err
	}
	return chosen, nil
}
