package registry

import (
	"hash/maphash"
	"iter"
	"sync/atomic"
)

// An index finds a manager's plugins by the names that they have been asked for,
// aliases included. Readers take no lock and write nothing, so that they scale
// with cores; a writer holds the manager's lock.
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
	name   string
	plugin *plugin
	alias  bool // of the plugin
}

// get returns the entry of a name; nil if there is none.
func (x *index) get(name string) *entry {
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
			return e
		}
	}
}

// put adds a name, or changes what it stands for.
func (x *index) put(name string, p *plugin) {
	s := x.slots.Load()
	if s == nil || 2*(x.count+1) > len(s.at) {
		s = s.grown()
		x.slots.Store(s)
	}
	if s.put(&entry{name, p, name != p.spec.Name}) {
		x.count++
	}
}

// replace replaces all entries at once.
func (x *index) replace(entries map[string]*plugin) {
	var y index
	for name, p := range entries {
		y.put(name, p)
	}
	x.count = len(entries)
	x.slots.Store(y.slots.Load())
}

// all iterates over the entries.
func (x *index) all() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		s := x.slots.Load()
		if s == nil {
			return
		}
		for i := range s.at {
			if e := s.at[i].Load(); e != nil && !yield(e) {
				return
			}
		}
	}
}

// put reports whether the entry's name is new.
func (s *slots) put(e *entry) bool {
	mask := uint64(len(s.at) - 1)
	for i := maphash.String(s.seed, e.name) & mask; ; i = (i + 1) & mask {
		switch have := s.at[i].Load(); {
		case have == nil:
			s.at[i].Store(e)
			return true
		case have.name == e.name:
			s.at[i].Store(e)
			return false
		}
	}
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
