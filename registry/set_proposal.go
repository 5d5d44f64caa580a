package registry

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// A proposal is the state that a section would give a set. Making one changes nothing.
type proposal struct {
	*set
	from   state
	to     state
	moved  map[*plugin]*entry       // unchanged instances whose place in the section has changed
	fresh  []*plugin                // of the new catalog, not of the old one
	values map[*plugin]config.Value // the options of fresh
	plan   *plan                    // of the new catalog; nil if nothing changes
}

// propose compares a section with the state of the set, and checks what has changed. It
// returns an error if anything is wrong, or if ctx ends.
func (s *set) propose(ctx context.Context, section config.Value) (*proposal, error) {
	var d *proposal
	var names []string
	err := s.within(ctx, s.definitions.source.Load() != nil, func() (err error) {
		d, names, err = s.newProposal(section)
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

// within calls a function, which may call code of plugins, and returns when ctx ends.
// One that is quick, or cannot be ended by ctx, is called on the goroutine of the
// caller.
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

// newProposal returns a proposal, and the names in the section whose instances may have
// changed. If there are names, the proposal lacks a catalog: see complete.
func (s *set) newProposal(section config.Value) (d *proposal, names []string, err error) {
	r, err := s.definitions.registry()
	if err != nil {
		return nil, nil, s.wrap("", err)
	}
	d = &proposal{set: s, from: s.state(), to: state{section: &section, hasSection: true}}
	if err := s.checkSection(r, d.from, section); err != nil {
		return nil, nil, err
	}
	names = s.changedNames(r, d.from, section)
	if len(names) == 0 {
		d.to.catalog = d.from.catalog
	}
	return d, names, nil
}

// changedNames returns the names in the section whose instances may have changed, sorted.
func (s *set) changedNames(r *Registry, from state, section config.Value) []string {
	names := differing(*from.section, section)
	if from.hasSection && !sameEnvironment(*from.section, section) || from.version != r.version.Load() {
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

// complete reads the names in the section that have changed, makes the new catalog and
// its plan, and returns all errors in them.
func (d *proposal) complete(names []string) error {
	section := *d.to.section
	r := &sectionReader{set: d.set, section: section}
	for _, name := range names {
		if section.Key(name).Exists() {
			r.readName(name)
		}
	}
	d.makeCatalog(names, r)
	for _, p := range d.fresh {
		if err := d.check(p); err != nil {
			r.fail(p.name(), p.spec, err)
		}
	}
	d.plan = d.to.plan(d.to.list)
	for _, p := range d.plan.order {
		if err := d.plan.problems[p]; err != nil && p.m == &d.core {
			at := p.entry.Load().optionsOf(section)
			r.fail(p.name(), p.spec, errorAt(at, err))
		}
	}
	return errors.Join(r.errs...)
}

// makeCatalog makes the new catalog: of the old instances but for those of the names,
// and of what r has read.
func (d *proposal) makeCatalog(names []string, r *sectionReader) {
	version := d.definitions.source.Load().version.Load()
	c := &catalog{version: version, set: d.set, list: make([]*plugin, 0, len(d.from.list)+len(r.desired))}
	d.to.catalog = c
	d.values = make(map[*plugin]config.Value, len(r.desired))
	// Some of the old instances that stay may have a priority, or others that they require.
	c.ranked, c.ordered, c.requiring = d.from.ranked, d.from.ordered, d.from.requiring
	for _, p := range d.from.list {
		if _, changed := slices.BinarySearch(names, p.entry.Load().key); !changed {
			c.list = append(c.list, p)
		}
	}
	slices.SortStableFunc(r.desired, func(a, b desired) int { return strings.Compare(a.id, b.id) })
	for i, want := range r.desired {
		if i > 0 && r.desired[i-1].id == want.id {
			r.failDuplicate(want, r.desired[i-1].value)
			continue
		}
		c.add(d.instance(want))
	}
	slices.SortFunc(c.list, func(a, b *plugin) int { return strings.Compare(a.name(), b.name()) })
	for i := 1; i < len(c.list); i++ { // an old and a new instance can have one id
		a, b := c.list[i-1], c.list[i]
		if a.name() == b.name() && a != b {
			e := b.entry.Load()
			r.failDuplicate(desired{b.name(), e, e.optionsOf(r.section)}, a.entry.Load().optionsOf(r.section))
		}
	}
}

// instance returns the old instance with the desired id, if it has the desired options,
// or a new one.
func (d *proposal) instance(want desired) *plugin {
	definition := want.entry.definition
	if p := d.from.find(want.id); p != nil {
		have := p.entry.Load()
		if have.definition == definition && (have.index < 0) == (want.entry.index < 0) &&
			sameOptions(have.optionsOf(*d.from.section), want.value, definition.spec.Options) {
			if have.key != want.entry.key || have.index != want.entry.index {
				if d.moved == nil {
					d.moved = make(map[*plugin]*entry)
				}
				d.moved[p] = want.entry
			}
			return p
		}
	}
	p := d.newInstance(definition.spec, want.id, want.entry)
	d.fresh = append(d.fresh, p)
	d.values[p] = want.value
	return p
}

// check checks a new instance: that its spec can be used, that it is not disabled, and
// its options.
func (d *proposal) check(p *plugin) error {
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
func (d *proposal) checkOptions(p *plugin, v config.Value) error {
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
		Value: v, Parent: section, Ignored: p.entry.Load().ignored(), Options: p.spec.described(), Maker: &checker{p},
	}
}

// template returns a value for the options of the plugin to be filled into, when they
// are checked or the plugin is reloaded. If the options are its own fields, that is
// another plugin, to be closed.
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

// isCurrent reports whether the set is still in the state from which the proposal was made.
func (d *proposal) isCurrent() bool {
	now := d.state()
	return now.section == d.from.section && now.catalog == d.from.catalog &&
		d.to.version == d.definitions.source.Load().version.Load()
}

// isLoaded reports whether all instances of the new catalog are loaded.
func (d *proposal) isLoaded() bool {
	return !slices.ContainsFunc(d.to.list, func(p *plugin) bool { return p.loaded.Load() == nil })
}
