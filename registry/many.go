package registry

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// loadAll loads all plugins there are.
func (m *core) loadAll(ctx context.Context) ([]*flight, error) {
	ros, err := m.ready(ctx)
	if err != nil {
		return nil, err
	}
	return m.loadRoots(ctx, ros, ros.list)
}

// loadWhere loads the plugins that a predicate is true of.
func (m *core) loadWhere(ctx context.Context, enabled func(*Spec) bool) ([]*flight, error) {
	if enabled == nil {
		return nil, m.wrap("", faultf(ErrInvalid, "the function that says which plugins to load is nil"))
	}
	ros, err := m.ready(ctx)
	if err != nil {
		return nil, err
	}
	roots, err := ros.where(enabled)
	if err != nil {
		return nil, m.wrap("", err)
	}
	return m.loadRoots(ctx, ros, roots)
}

// loadRoots loads some of the roster's plugins, and what they require.
func (m *core) loadRoots(ctx context.Context, ros *roster, roots []*container) ([]*flight, error) {
	p := ros.plan(roots)
	flights, errs := m.follow(ctx, p)
	if len(ros.faults)+len(errs) == 0 && len(p.order) == len(roots) {
		return flights, nil
	}
	if len(p.order) > len(roots) {
		wanted := make(map[*container]bool, len(roots))
		for _, c := range roots {
			wanted[c] = true
		}
		flights = slices.DeleteFunc(flights, func(f *flight) bool { return !wanted[f.container] })
	}
	return flights, errors.Join(append(slices.Clone(ros.faults), errs...)...)
}

func (r *roster) where(enabled func(*Spec) bool) (list []*container, err error) {
	err = guard(func() error {
		for _, c := range r.list {
			if enabled(c.spec) {
				list = append(list, c)
			}
		}
		return nil
	})
	return list, err
}

// ready returns the roster if the manager can load anything.
func (m *core) ready(ctx context.Context) (*roster, error) {
	if ctx == nil {
		return nil, m.wrap("", nilContext())
	}
	if m.closed.Load() {
		return nil, m.wrap("", ErrClosed)
	}
	ros, err := m.current()
	if err != nil {
		return nil, err
	}
	r, err := m.registry()
	if err != nil {
		return nil, m.wrap("", err)
	}
	return ros, m.notLinked(r, ros)
}

// follow loads the plugins of a plan. It returns those that are loaded, and why
// the others are not, in the order of the plan.
func (m *core) follow(ctx context.Context, p *plan) (flights []*flight, errs []error) {
	s := newSchedule(m, ctx, p)
	if slices.ContainsFunc(p.order, func(c *container) bool { return c.loaded() == nil }) {
		s.run()
	}
	return s.results()
}

// results returns what is loaded, and what went wrong.
func (s *schedule) results() (flights []*flight, errs []error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	flights = make([]*flight, 0, len(s.plan.order))
	untried, refused := 0, 0
	for _, c := range s.plan.order {
		var err error
		if s.failures != nil {
			err = s.failures[c]
		}
		switch f := c.loaded(); {
		case f != nil && err == nil:
			flights = append(flights, f)
		case err == nil || err == errStopped:
			untried++
		case c.m == s.m && isRefused(err):
			refused++
		case !isDisabled(err):
			errs = append(errs, err)
		}
	}
	if err := s.outer.Err(); err != nil && untried > 0 {
		errs = append(errs, s.m.wrap("", fmt.Errorf("%d not loaded: %w", untried, causeOf(s.outer))))
	}
	if refused > 0 {
		errs = append(errs, s.m.wrap("", fmt.Errorf("%d not loaded: %w", refused, ErrClosed)))
	}
	return flights, errs
}

// loadNamed loads the plugins of some names, in their order as far as what they
// require allows.
func (m *core) loadNamed(ctx context.Context, names []string) ([]*flight, error) {
	if _, err := m.ready(ctx); err != nil {
		return nil, err
	}
	var roots []*container
	var errs []error
	seen := make(map[*container]bool)
	for _, name := range names {
		c, err := m.container(name)
		if err != nil {
			if err = m.onMissing(name, err); err != nil {
				errs = append(errs, err)
			}
			continue
		}
		if !seen[c] {
			seen[c] = true
			roots = append(roots, c)
		}
	}
	loaded, failures := m.follow(ctx, planFor(roots))
	by := make(map[*container]*flight, len(loaded))
	for _, f := range loaded {
		by[f.container] = f
	}
	flights := make([]*flight, 0, len(roots))
	for _, c := range roots {
		if f := by[c]; f != nil {
			flights = append(flights, f)
		}
	}
	return flights, errors.Join(append(errs, failures...)...)
}

// onMissing lets the manager's maker decide about a name that is not there.
func (m *core) onMissing(name string, err error) error {
	if m.missing == nil || !errors.Is(err, ErrNotFound) {
		return err
	}
	missing := err
	return guard(func() error { return m.missing(name, missing) })
}

// each loads plugins while they are iterated over.
func (m *core) each(ctx context.Context) iter.Seq2[*flight, error] {
	return func(yield func(*flight, error) bool) {
		ros, err := m.ready(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, err := range ros.faults {
			if !yield(nil, err) {
				return
			}
		}
		for _, c := range ros.plan(ros.list).order {
			if c.m != m {
				continue
			}
			f, err := c.load(&errand{ctx: ctx, caller: ctx}, 0)
			if isDisabled(err) {
				continue
			}
			if !yield(f, err) || ctx.Err() != nil {
				return
			}
		}
	}
}

// loaded returns what is loaded, in the order in which it was.
func (m *core) loaded() []*flight {
	var list []*flight
	for _, c := range slices.Backward(loadedOf(m.containers())) {
		if f := c.loaded(); f != nil {
			list = append(list, f)
		}
	}
	return list
}

// exists looks a name up without making anything.
func (m *core) exists(name string) bool {
	if m.index.get(name) != nil {
		return true
	}
	r, err := m.registry()
	if err != nil {
		return false
	}
	if r.linked(m.namespace, name) != nil {
		return true
	}
	ros, err := m.current()
	return err == nil && (ros.find(name) != nil || ros.aliases[name] != nil)
}

// validate checks what can be checked without loading.
func (m *core) validate() []error {
	ros, err := m.ready(context.Background())
	if err != nil {
		return []error{err}
	}
	errs := slices.Clone(ros.faults)
	p := planFor(ros.list)
	for _, c := range p.order {
		if c.broken != nil {
			errs = append(errs, c.broken)
		}
		if err := p.problems[c]; err != nil {
			errs = append(errs, c.wrap(PhaseResolve, err))
		}
	}
	return errs
}
