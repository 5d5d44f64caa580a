package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// configure fills the options of the plugin: before it is made if its factory takes
// them, and otherwise after that, in its fields. It is called both before, with nil,
// and after, and does something in one of the two.
func (l *loading) configure(made any) error {
	p := l.plugin
	if after := p.spec.Options != nil && p.spec.NewWith == nil; after != (made != nil) {
		return nil
	}
	if err := l.enter(PhaseConfigure); err != nil {
		return err
	}
	if p.spec.Options == nil {
		err := p.m.section.checkEmpty(p)
		if err != nil {
			err = errors.Join(l.notify(Before), err)
		}
		return err
	}
	if err := l.notify(Before); err != nil {
		return err
	}
	if made == nil {
		made = p.spec.Options.New()
		l.options = made
	}
	r, err := p.request(made)
	if err != nil {
		return err
	}
	f := l.fill(r)
	if f.Err != nil {
		return p.explain(f.Err)
	}
	if len(f.Warnings) > 0 {
		return l.notifyWarning(errors.Join(f.Warnings.Unwrap()...))
	}
	return l.notify(After)
}

// fill fills the options, and sets children, even if code of a plugin ends the goroutine by
// runtime.Goexit.
func (l *loading) fill(r generated.Request) generated.Filling {
	m := &maker{call: l.call, ctx: l.ctx}
	defer func() { l.children = m.made }()
	r.Maker = m
	return generated.Fill(r)
}

// request returns the request to fill the plugin's options.
func (p *plugin) request(target any) (r generated.Request, err error) {
	r.Options, r.Target = p.spec.Options, target
	entry := p.entry.Load()
	switch {
	case entry != nil:
		p.m.set.request(&r, entry)
	case p.child != nil:
		r.Value, r.Ignored, r.Child = p.child.Value, []string{p.child.TypeKey}, p.child
	case p.m.section != nil:
		r.Parent = p.m.section.value
		r.Value, err = p.m.section.of(p)
	}
	return r, err
}

// explain adds to an error of options that the manager has no configuration, if so.
func (p *plugin) explain(err error) error {
	if p.m.section != nil || p.child != nil || p.m.set != nil {
		return err
	}
	return fmt.Errorf("%w\n\tthe manager has no configuration: make it with registry.WithConfig", err)
}

// checkOptions returns the errors in the options of the plugin, without making it. It
// does not call Validate methods of a plugin whose fields are its options, since these
// may depend on what its factory sets.
func (p *plugin) checkOptions() error {
	switch {
	case p.broken != nil, p.m.section != nil && !isTable(p.m.section.value):
		return nil
	case p.spec.Options != nil:
	case p.m.section != nil:
		return p.m.section.checkEmpty(p)
	default:
		return nil
	}
	err := guard(func() error {
		r, err := p.request(p.spec.Options.New())
		if err != nil {
			return err
		}
		r.Check, r.Maker = p.spec.NewWith == nil, &checker{p}
		return generated.Fill(r).Err
	})
	if err == nil {
		return nil
	}
	return p.explain(err)
}

// notifyWarning is notify(After) with a warning.
func (l *loading) notifyWarning(warning error) error {
	e := Event{Phase: PhaseConfigure, Moment: After, Spec: l.plugin.spec, Plugin: l.made, Warning: warning}
	return l.notifyAll(e)
}

// A maker makes the plugins that are options of a plugin that is being loaded. Its
// methods are called through the interface generated.Maker only, so that the linker
// drops them from programs without options.
type maker struct {
	call *call
	ctx  context.Context // for the code of the plugins
	made []*instance
}

// MakePlugins makes the plugins. Each is loaded like a plugin of the manager, and
// closed after the plugin that has it. If one fails, it only checks the options of
// those after it.
func (m *maker) MakePlugins(children []*generated.Child) error {
	var errs []error
	for _, c := range children {
		if err := m.call.enter(PhaseConfigure); err != nil {
			return err
		}
		p, err := m.call.plugin.newChild(c)
		switch {
		case err == nil && len(errs) == 0:
			err = m.load(p)
		case err == nil:
			err = p.checkOptions()
		}
		if err != nil {
			errs = append(errs, childErrors(c, err))
		}
	}
	return config.Join(errs...)
}

// CheckPlugins checks the options of the plugins.
func (m *maker) CheckPlugins(children []*generated.Child) error {
	return (&checker{m.call.plugin}).MakePlugins(children)
}

// load loads a plugin, and sets the option to it.
func (m *maker) load(p *plugin) error {
	i, err := p.load(p.newCall(m.ctx))
	if err != nil {
		return err
	}
	m.made = append(m.made, i)
	err = p.child.Assign(i.made)
	if w, ok := i.made.(wrapper); ok && err != nil {
		err = p.child.Assign(w.function())
	}
	if err != nil {
		return p.wrap(PhaseInit, faultf(ErrContract, "%v", err))
	}
	return nil
}

// A checker checks the plugins that are options of a plugin, without making them.
type checker struct{ plugin *plugin }

// MakePlugins checks the options of the plugins.
func (k *checker) MakePlugins(children []*generated.Child) error {
	var errs []error
	for _, c := range children {
		p, err := k.plugin.newChild(c)
		if err == nil {
			err = p.checkOptions()
		}
		if err != nil {
			errs = append(errs, childErrors(c, err))
		}
	}
	return config.Join(errs...)
}

// CheckPlugins is MakePlugins.
func (k *checker) CheckPlugins(children []*generated.Child) error { return k.MakePlugins(children) }

// childErrors returns the errors of a plugin that is an option: those of its own
// options, at their places, or err at the place of the plugin.
func childErrors(c *generated.Child, err error) config.Errors {
	if e, ok := err.(*Error); ok && e.Phase == PhaseConfigure {
		err = e.Err
	}
	if errs, ok := err.(config.Errors); ok {
		return errs
	}
	return config.Errors{c.Fail(err.Error(), err)}
}

// newChild returns a new plugin for an option of p. Its name is p's, a dot, and that of
// the option.
func (p *plugin) newChild(c *generated.Child) (*plugin, error) {
	m, err := p.m.nest(c.Namespace)
	if err != nil {
		return nil, err
	}
	known, err := m.plugin(c.Name)
	if err != nil {
		return nil, err
	}
	if known.broken != nil {
		return nil, known.broken
	}
	spec := *known.spec
	spec.instance = p.name() + "." + c.Option
	return &plugin{m: m, spec: &spec, child: c}, nil
}

// nest returns the core for the plugins of a namespace that are options of the
// manager's plugins. It has the settings and the registry of the manager.
func (m *core) nest(namespace string) (*core, error) {
	r, err := m.registry()
	if err != nil {
		return nil, err
	}
	m.lookup.Lock()
	defer m.lookup.Unlock()
	if other := m.nested[namespace]; other != nil {
		return other, nil
	}
	other := new(core)
	other.setUp(namespace, contract{instance: plainInstance[any]}, nil)
	errs := other.errs
	other.settings = m.settings
	other.finder, other.section, other.errs, other.owner = r, nil, errs, m
	if m.nested == nil {
		m.nested = make(map[string]*core)
	}
	m.nested[namespace] = other
	return other, nil
}

// closeChildren closes plugins that are options, the latest first, and appends the
// errors to errs.
func closeChildren(ctx context.Context, children []*instance, errs *[]error) {
	for _, i := range slices.Backward(children) {
		if _, err := i.plugin.close(ctx, true); err != nil {
			*errs = append(*errs, err)
		}
	}
}

// closeChildren closes the plugins that are options of one that was not loaded.
func (l *loading) closeChildren(errs *[]error) {
	if len(l.children) > 0 {
		closeChildren(context.WithoutCancel(l.ctx), l.children, errs)
	}
}
