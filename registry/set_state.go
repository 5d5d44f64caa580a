package registry

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// A set is a Set without its type parameter. The catalog of its core has the instances
// that the configuration names.
type set struct {
	core
	kinds core // finds the plugins that the instances are of, and loads none of them

	section atomic.Pointer[config.Value] // that is in effect

	turn     sync.Mutex // guards the rest, and changes of section and catalog
	followed bool       // there was a section
	arrivals uint64     // how many calls of Apply there were
	last     uint64     // the one of them that had its turn last
	waiting  []uint64   // for their turn
	applying *call      // the Apply or Close that runs, or nil
	ending   bool       // there is a Close, which comes before all that wait
}

// A member is what makes a plugin an instance of a set.
type member struct {
	kind  *plugin // of the set's kinds
	key   string  // the name in the section
	index int     // in the list that the section has by this name; -1 if it has a table

	began time.Time    // of the load in progress, or zero; guarded by core.mu
	took  atomic.Int64 // what loads have taken that no Apply has reported
}

func (s *set) setUp(namespace string, c contract, opts []Option) {
	s.core.setUp(namespace, c, opts)
	s.core.set = s
	s.kinds.namespace, s.kinds.contract, s.kinds.settings = namespace, c, s.settings
	if s.core.settings.section != nil {
		s.invalid("WithConfig is for managers: a set gets its configuration by Apply")
	}
	s.catalog.Store(&catalog{set: s})
	s.section.Store(new(config.Value))
}

// invalid notes what is wrong with the arguments that the set was made with.
func (s *set) invalid(text string) { s.kinds.invalid(text) }

// state is what a set has at one moment.
type state struct {
	section  *config.Value
	followed bool
	*catalog
}

func (s *set) state() state {
	s.turn.Lock()
	defer s.turn.Unlock()
	return state{s.section.Load(), s.followed, s.catalog.Load()}
}

// instances returns the instances that the configuration names.
func (s *set) instances() *catalog {
	if c := s.catalog.Load(); c != nil {
		return c
	}
	return new(catalog) // of the zero Set, which nothing can be done with
}

// install makes a section and instances those of the set.
func (s *set) install(to state) {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.section.Store(to.section)
	s.followed = to.followed
	s.catalog.Store(to.catalog)
}

// missing returns the ids of the instances that should be there, and are not.
func (s *set) missing() (ids []string) {
	for _, p := range s.instances().list {
		if p.loaded.Load() == nil {
			ids = append(ids, p.name)
		}
	}
	return ids
}

// newInstance returns a plugin that is not loaded.
func (s *set) newInstance(spec *Spec, id string, m *member) *plugin {
	if spec.Name != id {
		copied := *spec
		copied.instance = id
		spec = &copied
	}
	p := &plugin{m: &s.core, name: spec.InstanceID(), spec: spec, broken: m.kind.broken}
	p.member.Store(m)
	return p
}

// checkUsable returns why the set can't follow any configuration, or nil.
func (s *set) checkUsable(ctx context.Context) error {
	switch {
	case ctx == nil:
		return s.wrap("", nilContext())
	case s.set == nil:
		return s.wrap("", faultf(ErrInvalid, "a set is made by NewSet, For or NewSetFunc"))
	case s.closed.Load():
		return s.wrap("", ErrClosed)
	}
	return nil
}

// validate checks what can be checked without a configuration.
func (s *set) validate() error {
	if err := s.checkUsable(context.Background()); err != nil {
		return err
	}
	c, err := s.kinds.ready()
	if err != nil {
		return err
	}
	errs := slices.Clone(c.faults)
	for _, p := range c.list {
		if p.broken != nil {
			errs = append(errs, p.broken)
		}
	}
	return errors.Join(append(errs, s.kinds.wasEarly())...)
}

// notRunning returns the error of an instance that only an Apply can start.
func notRunning() error { return faultf(ErrNotFound, "the instance is not running") }

// isOfApply reports whether a load is part of an Apply: others do not start instances.
func (c *call) isOfApply() bool {
	for ; c != nil; c = c.parent() {
		if c.plugin.spec == nil && c.at() != PhaseClose {
			return !c.over.Load()
		}
	}
	return false
}

// resolveRequirement returns the instances that a requirement means: all of a plugin, or one by
// its id.
func (s *set) resolveRequirement(name, own string, c *catalog) (needs []need, err error) {
	if c == nil || c.set != s {
		c = s.catalog.Load()
	}
	kind, err := s.kinds.plugin(own)
	if err == nil {
		for _, p := range c.list {
			if m := p.member.Load(); m != nil && m.kind == kind {
				needs = append(needs, need{name, p, false})
			}
		}
		if len(needs) == 0 {
			err = faultf(ErrNotFound, "there is no instance of it in the configuration: add [%s]",
				s.tableOf(kind.spec.Name))
		}
	} else if p := c.find(own); p != nil {
		return []need{{name, p, false}}, nil
	}
	return needs, err
}

// tableOf returns what a file has as the header of a plugin's table.
func (s *set) tableOf(name string) string { return s.section.Load().Key(name).Path() }

// request completes a request to fill the options of a member.
func (s *set) request(r *generated.Request, m *member) {
	r.Parent = *s.section.Load()
	r.Value, r.Ignored = m.optionsOf(r.Parent), m.ignored()
}

// noteBeginning notes when the load of an instance began. core.mu is held.
func (p *plugin) noteBeginning() {
	if m := p.member.Load(); m != nil {
		m.began = time.Now()
	}
}

// noteDuration notes how long the load of an instance took, before those who wait for it know
// that it is over. core.mu is held.
func (p *plugin) noteDuration() {
	if m := p.member.Load(); m != nil && !m.began.IsZero() {
		m.took.Store(int64(time.Since(m.began)))
		m.began = time.Time{}
	}
}
