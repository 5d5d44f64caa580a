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
	definitions core // finds the plugins that the instances are of, and loads none of them

	section atomic.Pointer[config.Value] // in effect; changed with queueMu held, as the catalog is

	queueMu        sync.Mutex // guards the rest
	hasSection     bool       // an Apply has set section
	sequence       uint64     // number of the latest Apply that was called
	started        uint64     // number of the latest Apply that has started
	waiting        []uint64   // numbers of those that wait to start
	applying       *call      // the Apply that runs, or nil
	closeRequested bool       // a Close waits; no Apply may start
}

// An entry is where the section of a set has an instance, and what that is an instance of.
type entry struct {
	definition *plugin // one of set.definitions
	key        string  // the name in the section
	index      int     // in the list that the section has by this name; -1 if it has a table

	loadStart time.Time    // of the load in progress, or zero; guarded by core.mu
	loadTime  atomic.Int64 // how long loads took that no Apply has reported yet, in nanoseconds
}

func (s *set) setUp(namespace string, c contract, opts []Option) {
	s.core.setUp(namespace, c, opts)
	s.core.set = s
	s.definitions.namespace, s.definitions.contract, s.definitions.settings = namespace, c, s.settings
	if s.core.settings.section != nil {
		s.invalid("WithConfig is for managers: a set gets its configuration by Apply")
	}
	s.catalog.Store(&catalog{set: s})
	s.section.Store(new(config.Value))
}

// invalid records what is wrong with the arguments of NewSet and its like.
func (s *set) invalid(text string) { s.definitions.invalid(text) }

// A state is what Apply changes in a set.
type state struct {
	section    *config.Value
	hasSection bool
	*catalog
}

func (s *set) state() state {
	s.queueMu.Lock()
	defer s.queueMu.Unlock()
	return state{s.section.Load(), s.hasSection, s.catalog.Load()}
}

// instances returns the instances that the configuration names.
func (s *set) instances() *catalog {
	if c := s.catalog.Load(); c != nil {
		return c
	}
	return new(catalog) // of the zero Set, which cannot be used
}

// install makes a state that of the set.
func (s *set) install(to state) {
	s.queueMu.Lock()
	defer s.queueMu.Unlock()
	s.section.Store(to.section)
	s.hasSection = to.hasSection
	s.catalog.Store(to.catalog)
}

// missing returns the ids of the instances that the configuration names and that are
// not loaded.
func (s *set) missing() (ids []string) {
	for _, p := range s.instances().list {
		if p.loaded.Load() == nil {
			ids = append(ids, p.name())
		}
	}
	return ids
}

// newInstance returns an instance that is not loaded.
func (s *set) newInstance(spec *Spec, id string, e *entry) *plugin {
	if spec.Name != id {
		copied := *spec
		copied.instance = id
		spec = &copied
	}
	p := &plugin{m: &s.core, spec: spec, broken: e.definition.broken}
	p.entry.Store(e)
	return p
}

// checkUsable returns why Apply can't do anything, or nil.
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

// validate implements Set.Validate.
func (s *set) validate() error {
	if err := s.checkUsable(context.Background()); err != nil {
		return err
	}
	c, err := s.definitions.ready()
	if err != nil {
		return err
	}
	errs := slices.Clone(c.faults)
	for _, p := range c.list {
		if p.broken != nil {
			errs = append(errs, p.broken)
		}
	}
	return errors.Join(append(errs, s.definitions.earlyUseError())...)
}

// notRunning returns the error of a load of an instance that only an Apply may start.
func notRunning() error { return faultf(ErrNotFound, "the instance is not running") }

// isPartOfApply reports whether a load is requested by an Apply in progress, directly
// or not. Other loads must not start instances.
func (c *call) isPartOfApply() bool {
	for ; c != nil; c = c.parent() {
		if c.plugin.spec == nil && c.at() != PhaseClose {
			return !c.over.Load()
		}
	}
	return false
}

// resolveRequirement returns the instances that a requirement means: all of a plugin,
// or one by its id.
func (s *set) resolveRequirement(name, own string, c *catalog) (needs []need, err error) {
	if c == nil || c.set != s {
		c = s.catalog.Load()
	}
	definition, err := s.definitions.plugin(own)
	if err == nil {
		for _, p := range c.list {
			if e := p.entry.Load(); e != nil && e.definition == definition {
				needs = append(needs, need{name, p, false})
			}
		}
		if len(needs) == 0 {
			err = faultf(ErrNotFound, "there is no instance of it in the configuration: add [%s]",
				s.headerOf(definition.spec.Name))
		}
	} else if p := c.find(own); p != nil {
		return []need{{name, p, false}}, nil
	}
	return needs, err
}

// headerOf returns the header of a plugin's table in a file, without brackets.
func (s *set) headerOf(name string) string { return s.section.Load().Key(name).Path() }

// request completes a request to fill the options of an instance.
func (s *set) request(r *generated.Request, e *entry) {
	r.Parent = *s.section.Load()
	r.Value, r.Ignored = e.optionsOf(r.Parent), e.ignored()
}

// recordLoadStart records when the load of an instance began. core.mu is held.
func (p *plugin) recordLoadStart() {
	if e := p.entry.Load(); e != nil {
		e.loadStart = time.Now()
	}
}

// recordLoadTime records how long the load of an instance took. It is called before
// those who wait for the load are released. core.mu is held.
func (p *plugin) recordLoadTime() {
	if e := p.entry.Load(); e != nil && !e.loadStart.IsZero() {
		e.loadTime.Store(int64(time.Since(e.loadStart)))
		e.loadStart = time.Time{}
	}
}
