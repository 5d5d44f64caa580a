package registry

import (
	"hash/maphash"
	"iter"
	"sync/atomic"
)

// An index finds a manager's plugins by the names that they were looked up by. Readers
// take no lock and write nothing, so that they scale with the processors; a writer
// holds core.lookup.
type index struct {
	slots atomic.Pointer[slots]
	count int
}

// slots are a hash table with linear probing, a power of two long and never
// more than half full.
type slots struct {
	seed maphash.Seed
	at   []atomic.Pointer[slot]
}

// A slot has a plugin and its name, so that a lookup need not read the spec to compare.
type slot struct {
	name   string
	plugin *plugin
}

// get returns the plugin of a name; nil if there is none.
func (x *index) get(name string) *plugin {
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
			return e.plugin
		}
	}
}

// put adds a plugin, in place of another of its name if there is one.
func (x *index) put(p *plugin) {
	s := x.slots.Load()
	if s == nil || 2*(x.count+1) > len(s.at) {
		s = s.grown()
		x.slots.Store(s)
	}
	if s.put(&slot{p.name(), p}) {
		x.count++
	}
}

// replace replaces all at once.
func (x *index) replace(plugins []*plugin) {
	var y index
	for _, p := range plugins {
		y.put(p)
	}
	x.count = y.count
	x.slots.Store(y.slots.Load())
}

// all iterates over the plugins.
func (x *index) all() iter.Seq[*plugin] {
	return func(yield func(*plugin) bool) {
		s := x.slots.Load()
		if s == nil {
			return
		}
		for i := range s.at {
			if e := s.at[i].Load(); e != nil && !yield(e.plugin) {
				return
			}
		}
	}
}

// put adds a plugin, in place of another of its name. It reports whether there was no
// other.
func (s *slots) put(e *slot) bool {
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
		return &slots{maphash.MakeSeed(), make([]atomic.Pointer[slot], 8)}
	}
	t := &slots{s.seed, make([]atomic.Pointer[slot], 2*len(s.at))}
	for i := range s.at {
		if e := s.at[i].Load(); e != nil {
			t.put(e)
		}
	}
	return t
}
