package registry

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// A draft is what a set is to become.
type draft struct {
	*set
	from   state
	to     state
	moved  map[*plugin]*member // unchanged instances that are at another place of a list now
	fresh  []*plugin           // of the new catalog, not of the old one
	values map[*plugin]config.Value
	plan   *plan // of the new catalog; nil if nothing changes
}

// draftFor compares a configuration with what the set has, and checks what is not the same.
func (s *set) draftFor(ctx context.Context, section config.Value) (*draft, error) {
	var d *draft
	var names []string
	err := s.within(ctx, s.kinds.source.Load() != nil, func() (err error) {
		d, names, err = s.compare(section)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case len(names) == 0:
		return d, nil
	}
	return d, s.within(ctx, false, func() error { return d.complete(names) })
}

// within calls a function that may call code of a user, which may be quick: on a goroutine of
// its own if it is not, and ctx can end.
func (s *set) within(ctx context.Context, quick bool, call func() error) error {
	if err := ended(ctx); err != nil {
		return s.wrap("", err)
	}
	if quick || ctx.Done() == nil {
		return call()
	}
	done := make(chan error, 1)
	go func() {
		var err error
		defer func() { done <- err }()
		guardInto(&err, call)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return s.wrap("", causeOf(ctx))
	}
}

// compare returns a draft, and the names in the section that are not as the set has them. If
// there are none, the draft is complete.
func (s *set) compare(section config.Value) (d *draft, names []string, err error) {
	r, err := s.kinds.registry()
	if err != nil {
		return nil, nil, s.wrap("", err)
	}
	d = &draft{set: s, from: s.state(), to: state{section: &section, followed: true}}
	if err := s.checkSection(r, d.from, section); err != nil {
		return nil, nil, err
	}
	names = s.changedNames(r, d.from, section)
	if len(names) == 0 {
		d.to.catalog = d.from.catalog
	}
	return d, names, nil
}

// changedNames returns the names of a section that may have other instances than the set
// has, sorted.
func (s *set) changedNames(r *Registry, from state, section config.Value) []string {
	names := differing(*from.section, section)
	if from.followed && !sameEnvironment(*from.section, section) || from.version != r.version.Load() {
		names = append(names, section.Keys()...)
		slices.Sort(names)
		names = slices.Compact(names)
	}
	if len(names) == 0 {
		return nil
	}
	others := below(r.sections(), section.Path())
	return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(others, name) })
}

// complete completes a draft, and checks it.
func (d *draft) complete(names []string) error {
	section := *d.to.section
	reading := &reading{set: d.set, section: section}
	for _, name := range names {
		if section.Key(name).Exists() {
			reading.key(name)
		}
	}
	d.resolve(names, reading)
	for _, p := range d.fresh {
		if err := d.check(p); err != nil {
			reading.fail(p.name, p.spec, err)
		}
	}
	d.plan = d.to.plan(d.to.list)
	for _, p := range d.plan.order {
		if err := d.plan.problems[p]; err != nil && p.m == &d.core {
			at := p.member.Load().optionsOf(section)
			reading.fail(p.name, p.spec, explainAt(at, err))
		}
	}
	return errors.Join(reading.errs...)
}

// resolve makes the new catalog.
func (d *draft) resolve(names []string, r *reading) {
	version := d.kinds.source.Load().version.Load()
	c := &catalog{version: version, set: d.set, list: make([]*plugin, 0, len(d.from.list)+len(r.wanted))}
	d.to.catalog = c
	d.values = make(map[*plugin]config.Value, len(r.wanted))
	c.ranked, c.ordered, c.requiring = d.from.ranked, d.from.ordered, d.from.requiring // as those that stay may be
	for _, p := range d.from.list {
		if _, changed := slices.BinarySearch(names, p.member.Load().key); !changed {
			c.list = append(c.list, p)
		}
	}
	slices.SortStableFunc(r.wanted, func(a, b wanted) int { return strings.Compare(a.id, b.id) })
	for i, w := range r.wanted {
		if i > 0 && r.wanted[i-1].id == w.id {
			r.duplicate(w, r.wanted[i-1].value)
			continue
		}
		c.add(d.instance(w))
	}
	slices.SortFunc(c.list, func(a, b *plugin) int { return strings.Compare(a.name, b.name) })
	for i := 1; i < len(c.list); i++ { // two names in the section can mean one id
		a, b := c.list[i-1], c.list[i]
		if a.name == b.name && a != b {
			m := b.member.Load()
			r.duplicate(wanted{b.name, m, m.optionsOf(r.section)}, a.member.Load().optionsOf(r.section))
		}
	}
}

// instance returns the instance that a configuration wants: the one that there is, if it
// has the same options, or a new one.
func (d *draft) instance(w wanted) *plugin {
	kind := w.member.kind
	if p := d.from.find(w.id); p != nil {
		m := p.member.Load()
		if m.kind == kind && (m.index < 0) == (w.member.index < 0) &&
			sameOptions(m.optionsOf(*d.from.section), w.value, kind.spec.Options) {
			if m.key != w.member.key || m.index != w.member.index {
				if d.moved == nil {
					d.moved = make(map[*plugin]*member)
				}
				d.moved[p] = w.member
			}
			return p
		}
	}
	p := d.newInstance(kind.spec, w.id, w.member)
	d.fresh = append(d.fresh, p)
	d.values[p] = w.value
	return p
}

// check checks a new instance: whether it can be made, is not disabled, and its options.
func (d *draft) check(p *plugin) error {
	if p.broken != nil {
		return p.broken
	}
	v := d.values[p]
	why := guard(func() error {
		if err := d.filter(p.spec, func(Phase) error { return nil }); err != nil {
			return err
		}
		if p.spec.ShouldLoad != nil && !p.spec.ShouldLoad(p.spec) {
			return Disabled(falseCondition)
		}
		return nil
	})
	if disabled := asDisabled(why); disabled != nil {
		why = disabled
	}
	if why != nil {
		e := v.Refuse("the plugin cannot be used: " + why.Error())
		e.Err = why
		return e
	}
	return d.checkOptions(p, v)
}

// checkOptions decodes and validates the options of an instance.
func (d *draft) checkOptions(p *plugin, v config.Value) error {
	r := p.checkRequest(v, *d.to.section)
	if p.spec.Options == nil {
		return generated.Fill(r).Err
	}
	var closing error
	err := guard(func() (err error) {
		if r.Target, err = p.template(); err != nil {
			return err
		}
		if p.spec.NewWith == nil {
			defer closeInstance(context.Background(), r.Target, &closing)
		}
		return generated.Fill(r).Err
	})
	if closing != nil {
		return errors.Join(err, closing)
	}
	return err
}

// checkRequest returns the request to check the options of an instance, without a target.
func (p *plugin) checkRequest(v, section config.Value) generated.Request {
	return generated.Request{
		Value: v, Parent: section, Ignored: p.member.Load().ignored(), Options: p.spec.described(), Maker: &checker{p},
	}
}

// template returns what the options of the plugin are filled into when it is not made, but
// checked or reloaded.
func (p *plugin) template() (any, error) {
	if p.spec.NewWith != nil {
		return p.spec.Options.New(), nil
	}
	made, err := p.spec.New(p.spec)
	switch {
	case err != nil:
		return nil, err
	case made == nil:
		return nil, faultf(ErrContract, "the factory returned nil")
	}
	return made, methodsOf(made).checkNil(made)
}

// isCurrent reports whether the set is what the draft was compared with.
func (d *draft) isCurrent() bool {
	now := d.state()
	return now.section == d.from.section && now.catalog == d.from.catalog &&
		d.to.version == d.kinds.source.Load().version.Load()
}

// isLoaded reports whether all instances of the new configuration are there.
func (d *draft) isLoaded() bool {
	return !slices.ContainsFunc(d.to.list, func(p *plugin) bool { return p.loaded.Load() == nil })
}
