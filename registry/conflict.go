package registry

import "slices"

// settle finds names that are claimed twice, and those that are none. It returns
// one spec for each name, and why some of them cannot be used; disputes are not nil
// then. A program's own function may choose, so no lock is held.
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

// disputes are why specs cannot be used whose names others claim.
type disputes map[*Spec]error

func (d disputes) reject(s *Spec, err error) {
	if err != nil && d[s] == nil {
		d[s] = err
	}
}

// aliases finds names that are claimed twice, once as an alias at least: names and
// aliases share one space. A plugin with such an alias cannot be used. Nor can the
// one whose name it is; but in linked tables alone, which plugingen has checked,
// names come before aliases, so that a name can be looked up without going through
// all aliases.
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

// choose returns the one of several specs of one name that is used.
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
		err = faultf(ErrDuplicate, "the conflict about %q was settled by a spec that had no part in it", name)
	}
	if err != nil {
		return same[0], err
	}
	return chosen, nil
}
