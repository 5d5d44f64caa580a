package registry

import (
	"context"
	"errors"
	"iter"
	"slices"
)

// loadAll implements Manager.LoadAll.
func (m *core) loadAll(ctx context.Context) ([]*instance, error) {
	return m.loadSome(ctx, func(c *catalog) ([]*plugin, error) { return c.list, nil })
}

// loadWhere implements Manager.LoadWhere.
func (m *core) loadWhere(ctx context.Context, enabled func(*Spec) bool) ([]*instance, error) {
	if enabled == nil {
		return nil, m.wrap("", faultf(ErrInvalid, "the function that says which plugins to load is nil"))
	}
	return m.loadSome(ctx, func(c *catalog) ([]*plugin, error) { return c.where(enabled) })
}

// where returns the plugins of a catalog for which enabled returns true, or the error
// of its panic.
func (c *catalog) where(enabled func(*Spec) bool) (list []*plugin, err error) {
	err = guard(func() error {
		list = slices.Collect(func(yield func(*plugin) bool) {
			for _, p := range c.list {
				if enabled(p.spec) && !yield(p) {
					return
				}
			}
		})
		return nil
	})
	return list, err
}

// loadSome loads the plugins that choose returns, and what they require.
func (m *core) loadSome(ctx context.Context, choose func(*catalog) ([]*plugin, error)) ([]*instance, error) {
	if ctx == nil {
		return nil, m.wrap("", nilContext())
	}
	c, err := m.ready()
	if err != nil {
		return nil, err
	}
	if m.section != nil && !isTable(m.section.value) {
		return nil, errors.Join(m.sectionErrors(c)...)
	}
	list, err := choose(c)
	if err != nil {
		return nil, m.wrap("", err)
	}
	plan := c.plan(list)
	instances, errs := m.loadPlan(ctx, plan)
	if m.section != nil {
		errs = append(errs, m.section.check(m, c, plan, errs)...)
	}
	if len(plan.order) > len(list) {
		wanted := make(map[*plugin]bool, len(list))
		for _, p := range list {
			wanted[p] = true
		}
		instances = slices.DeleteFunc(instances, func(i *instance) bool { return !wanted[i.plugin] })
	}
	if len(c.faults)+len(errs) == 0 {
		return instances, nil
	}
	return instances, errors.Join(append(slices.Clone(c.faults), errs...)...)
}

// loadPlan loads the plugins of a plan. It returns the loaded ones, and the errors of
// those that failed, in the order of the plan.
func (m *core) loadPlan(ctx context.Context, p *plan) ([]*instance, []error) {
	b := newBatch(ctx, m, p)
	if slices.ContainsFunc(p.order, func(p *plugin) bool { return p.loaded.Load() == nil }) {
		b.run()
	}
	return b.results()
}

// loadNamed implements Manager.LoadNamed.
func (m *core) loadNamed(ctx context.Context, names []string) ([]*instance, error) {
	if ctx == nil {
		return nil, m.wrap("", nilContext())
	}
	if _, err := m.ready(); err != nil {
		return nil, err
	}
	var list []*plugin
	var errs []error
	for _, name := range names {
		p, err := m.plugin(name)
		if err != nil {
			if err = m.onMissing(name, err); err != nil {
				errs = append(errs, err)
			}
			continue
		}
		list = append(list, p)
	}
	list = unique(list)
	loaded, failures := m.loadPlan(ctx, planOf(list))
	by := make(map[*plugin]*instance, len(loaded))
	for _, i := range loaded {
		by[i.plugin] = i
	}
	instances := make([]*instance, 0, len(list))
	for _, p := range list {
		if i := by[p]; i != nil {
			instances = append(instances, i)
		}
	}
	return instances, errors.Join(append(errs, failures...)...)
}

// unique returns the list without repetitions.
func unique(list []*plugin) []*plugin {
	seen := make(map[*plugin]bool, len(list))
	return slices.DeleteFunc(list, func(p *plugin) bool {
		again := seen[p]
		seen[p] = true
		return again
	})
}

// onMissing returns what the function of WithMissing makes of the error of a name. It
// returns other errors than ErrNotFound, and all if there is no such function, as they
// are.
func (m *core) onMissing(name string, err error) error {
	if m.missing == nil || !errors.Is(err, ErrNotFound) {
		return err
	}
	missing := err
	return guard(func() error { return m.missing(name, missing) })
}

// each implements Manager.All.
func (m *core) each(ctx context.Context) iter.Seq2[*instance, error] {
	return func(yield func(*instance, error) bool) {
		if ctx == nil {
			yield(nil, m.wrap("", nilContext()))
			return
		}
		c, err := m.ready()
		if err != nil {
			yield(nil, err)
			return
		}
		for _, err := range slices.Concat(c.faults, m.sectionErrors(c)) {
			if !yield(nil, err) {
				return
			}
		}
		plan := c.plan(c.list)
		for _, p := range plan.order {
			if p.m != m {
				continue
			}
			i, err := plan.load(ctx, p)
			if isDisabled(err) {
				continue
			}
			if !yield(i, err) || err != nil && ctx.Err() != nil {
				return
			}
		}
	}
}

// load loads one plugin of the plan, or returns why the plan has no place for it.
func (p *plan) load(ctx context.Context, one *plugin) (*instance, error) {
	if err := p.problems[one]; err != nil && one.loaded.Load() == nil {
		return nil, one.wrap(PhaseResolve, err)
	}
	return one.load(one.newCall(ctx))
}
