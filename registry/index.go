package registry

import (
	"hash/maphash"
	"iter"
	"sync/atomic"
)

// An index finds a manager's containers by the names they have been asked for,
// aliases included. Readers take no lock and write nothing, so that they scale
// with cores; a writer holds the manager's lock. Nothing is ever taken out.
type index struct {
	slots atomic.Pointer[slots]
	count int
}

// slots are a hash table with linear probing, a power of two long and never
// more than half full.
type slots struct {
	seed maphash.Seed
	at   []atomic.Pointer[entry]
}

type entry struct {
	name      string
	container *container
}

func (x *index) get(name string) *container {
	s := x.slots.Load()
	if s == nil {
		return nil
	}
	mask := uint64(len(s.at) - 1)
	for i := maphash.String(s.seed, name) & mask; ; i = (i + 1) & mask {
		e := s.at[i].Load()
		if e == nil {
			return nil
		}
		if e.name == name {
			return e.container
		}
	}
}

// put adds a name that is not in the index.
func (x *index) put(name string, c *container) {
	s := x.slots.Load()
	if s == nil || 2*(x.count+1) > len(s.at) {
		s = s.grown()
		x.slots.Store(s)
	}
	s.put(&entry{name, c})
	x.count++
}

// all iterates over the containers, over those with several names several times.
func (x *index) all() iter.Seq[*container] {
	return func(yield func(*container) bool) {
		s := x.slots.Load()
		if s == nil {
			return
		}
		for i := range s.at {
			if e := s.at[i].Load(); e != nil && !yield(e.container) {
				return
			}
		}
	}
}

func (s *slots) put(e *entry) {
	mask := uint64(len(s.at) - 1)
	i := maphash.String(s.seed, e.name) & mask
	for s.at[i].Load() != nil {
		i = (i + 1) & mask
	}
	s.at[i].Store(e)
}

// grown returns a table of twice the length, with what is in s.
func (s *slots) grown() *slots {
	if s == nil {
		return &slots{maphash.MakeSeed(), make([]atomic.Pointer[entry], 8)}
	}
	t := &slots{s.seed, make([]atomic.Pointer[entry], 2*len(s.at))}
	for i := range s.at {
		if e := s.at[i].Load(); e != nil {
			t.put(e)
		}
	}
	return t
}
