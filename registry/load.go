package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// loading is the state of a load that only its own goroutine uses.
type loading struct {
	*call
	ctx       context.Context // for the plugin's code
	listeners []*Listener     // when it began
	made      any             // what the factory returned
	instance  *instance       // the same, if it satisfies the contract
	err       error
	cleanup   *[]error // errors of the cleanup after err
	returned  bool     // the plugin's code has returned, rather than panicked
	done      bool     // it has succeeded

	options  any         // what the factory takes, filled
	children []*instance // that are options of the plugin
}

// execute takes the plugin from its spec to being loaded.
func (c *call) execute(ctx context.Context) (*instance, error) {
	var l loading // a literal would be on the stack twice, which is small in a worker
	l.call, l.ctx, l.listeners = c, ctx, c.plugin.m.listening()
	l.execute()
	return l.outcome()
}

func (l *loading) execute() {
	defer l.end()
	l.err = l.steps()
	l.returned = true
}

// end publishes the result. It is deferred, so that it recovers panics of the plugin's
// code.
func (l *loading) end() {
	if !l.returned {
		l.err = caught(recover())
	}
	if l.done = l.err == nil && l.publish(); !l.done {
		l.undo()
	}
}

// outcome returns the result of the load to the goroutine that ran it.
func (l *loading) outcome() (*instance, error) {
	if l.done {
		return l.instance, nil
	}
	l.plugin.m.mu.Lock()
	defer l.plugin.m.mu.Unlock()
	return nil, l.result.err
}

func (l *loading) steps() error {
	if err := l.resolve(); err != nil {
		return err
	}
	configurable := l.plugin.spec.Options != nil || l.plugin.m.section != nil
	if configurable {
		if err := l.configure(nil); err != nil {
			return err
		}
	}
	can, err := l.init()
	if err != nil {
		return err
	}
	if configurable {
		if err := l.configure(l.made); err != nil {
			return err
		}
	}
	return l.load(can)
}

// resolve checks whether the plugin can and should be loaded, and loads what it requires.
func (l *loading) resolve() error {
	p := l.plugin
	if err := l.notify(Before); err != nil {
		return err
	}
	if p.broken != nil {
		return p.broken.Err
	}
	if err := p.m.filter(p.spec, l.enter); err != nil {
		return err
	}
	if should := p.spec.ShouldLoad; should != nil {
		if err := l.enter(PhaseResolve); err != nil {
			return err
		}
		if !should(p.spec) {
			return Disabled(falseCondition)
		}
	}
	if l.batch != nil {
		if err := l.batch.plan.problems[p]; err != nil {
			return err
		}
	}
	if len(p.spec.Requires) > 0 {
		if err := l.require(); err != nil {
			return err
		}
	}
	return l.notify(After)
}

const falseCondition = "its ShouldLoad returned false"

// init makes the plugin, and checks that it satisfies the contract.
func (l *loading) init() (*methods, error) {
	spec, m := l.plugin.spec, l.plugin.m
	if err := l.enter(PhaseInit); err != nil {
		return nil, err
	}
	if err := l.notify(Before); err != nil {
		return nil, err
	}
	made, err := l.make(spec)
	if err != nil {
		return nil, err
	}
	if made == nil {
		return nil, faultf(ErrContract, "the factory returned nil")
	}
	can := m.methodsOf(made)
	if err := can.checkNil(made); err != nil {
		return nil, err
	}
	l.made = made
	if l.instance, err = m.contract.instance(made); err != nil {
		return nil, err
	}
	l.instance.plugin, l.instance.made = l.plugin, made
	switch {
	case can.wrong != nil:
		return nil, can.wrong
	case can.wrongLoad != nil && m.contract.load == nil:
		return nil, can.wrongLoad
	}
	return can, l.notify(After)
}

// make calls the factory.
func (l *loading) make(spec *Spec) (any, error) {
	if spec.NewWith != nil {
		return spec.NewWith(spec, l.options)
	}
	return spec.New(spec)
}

// load loads the plugin that has been made.
func (l *loading) load(can *methods) (err error) {
	if err := l.enter(PhaseLoad); err != nil {
		return err
	}
	if can.shouldLoad {
		if !l.made.(conditional).ShouldLoad() {
			return Disabled(falseCondition)
		}
		if err := l.enter(PhaseLoad); err != nil {
			return err
		}
	}
	if err := l.notify(Before); err != nil {
		return err
	}
	if load := l.plugin.m.contract.load; load != nil {
		err = load(l.ctx, l.instance)
	} else if plugin, ok := l.made.(loader); ok {
		err = plugin.Load(l.ctx)
	}
	if err != nil {
		return err
	}
	return l.notify(After)
}

// notify calls the listeners for a moment of the current phase. It returns the error of
// one that vetoes the load, or errAbandoned.
func (l *loading) notify(moment Moment) error {
	if len(l.listeners) == 0 {
		return nil
	}
	return l.notifyAll(Event{Phase: l.at(), Moment: moment, Spec: l.plugin.spec, Plugin: l.made})
}

// notifyAll calls the listeners with an event, until one of them returns an error or
// the call is abandoned.
func (l *loading) notifyAll(e Event) error {
	for _, listen := range l.listeners {
		if err := l.enter(e.Phase); err != nil {
			return err
		}
		if err := (*listen)(l.ctx, e); err != nil {
			return err
		}
	}
	return l.enter(e.Phase)
}

// publish makes the instance that of the plugin, unless the call has been abandoned. It
// reports whether it has.
func (l *loading) publish() bool {
	p, c := l.plugin, l.call
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	if c.over.Load() {
		return false
	}
	if c.requires != nil {
		l.instance.edgesOf().requires = *c.requires
	}
	if l.children != nil {
		l.instance.edgesOf().children = l.children
	}
	p.state, p.err = StateLoaded, nil
	p.loaded.Store(l.instance)
	p.m.active.moveToEnd(p)
	p.recordLoadTime()
	c.finish(l.instance, nil, false)
	return true
}

// undo ends a load that failed, or that succeeded after it had been abandoned: it
// announces that, closes what was made, and publishes the error. Each step runs even if
// code in an earlier one ends the goroutine by runtime.Goexit.
func (l *loading) undo() {
	abandoned := l.enter(l.at()) != nil
	if l.err == nil {
		l.err = errAbandoned
	}
	l.cleanup = new([]error)
	moment := Failed
	if d := asDisabled(l.err); d != nil {
		moment, l.err = Skipped, d
	}
	e := l.plugin.wrap(l.at(), l.err)
	l.err = e
	defer l.conclude()
	defer l.discard()
	if !abandoned && l.announceOnce() {
		l.plugin.m.announce(l.ctx, Event{e.Phase, moment, l.plugin.spec, l.made, e, nil}, l.cleanup)
	}
}

// announceOnce reports whether the caller must announce that the load failed: true for the
// first caller only.
func (l *loading) announceOnce() bool {
	l.plugin.m.mu.Lock()
	defer l.plugin.m.mu.Unlock()
	first := !l.announced
	l.announced = true
	return first
}

// discard closes what was made. It announces an error of that to the listeners, since
// the caller of an abandoned load does not get it.
func (l *loading) discard() {
	defer l.closeChildren(l.cleanup)
	var err error
	defer func() {
		if err == nil {
			return
		}
		*l.cleanup = append(*l.cleanup, fmt.Errorf("close after that: %w", err))
		e := Event{PhaseClose, Failed, l.plugin.spec, l.made, l.plugin.closeError(err), nil}
		l.plugin.m.announce(l.ctx, e, l.cleanup)
	}()
	closeInstance(context.WithoutCancel(l.ctx), l.made, &err)
}

// closeError returns an error of closing the plugin.
func (p *plugin) closeError(err error) *Error {
	return &Error{p.m.namespace, p.name(), PhaseClose, err, p.spec}
}

// conclude publishes the failure, with the errors of the cleanup.
func (l *loading) conclude() {
	e := l.err.(*Error)
	if len(*l.cleanup) > 0 {
		after := errors.Join(*l.cleanup...)
		if d, ok := e.Err.(*disabled); ok {
			e = l.plugin.wrap(e.Phase, &disabled{d.reason, after})
		} else {
			e = l.plugin.wrap(e.Phase, errors.Join(e.Err, after))
		}
	}
	l.err = e
	_, _ = l.call.fail(func(Phase) *Error { return e })
}

// closeInstance calls the Close method of what a factory has made, if it has one. It
// sets err even if Close ends the goroutine by runtime.Goexit.
func closeInstance(ctx context.Context, made any, err *error) {
	if made == nil {
		return
	}
	switch can := methodsOf(made); {
	case can.closes:
		guardInto(err, func() error { return made.(closer).Close(ctx) })
	case can.closesIO:
		guardInto(err, func() error { return made.(io.Closer).Close() })
	}
}

// require loads what the plugin requires, unless the batch of the load has done that,
// and holds it, so that it is closed after the plugin.
func (l *loading) require() error {
	p, b := l.plugin, l.batch
	for {
		if b == nil {
			b = newBatch(l.ctx, p.m, planOf([]*plugin{p}))
			b.plan.order = b.plan.order[:len(b.plan.order)-1] // all but the plugin itself
			if b.plan.problems[p] == nil {
				b.run()
			}
		}
		if err := b.plan.problems[p]; err != nil {
			return err
		}
		held, ok, err := b.hold(p)
		if err != nil {
			return err
		}
		if ok {
			return l.keep(held)
		}
		if err := l.enter(PhaseResolve); err != nil {
			return err
		}
		b = nil // a required plugin was unloaded meanwhile: load it again
	}
}

// keep records the instances that are held for the plugin, for the call to release. If
// the call has been abandoned, it releases them at once.
func (l *loading) keep(held []*instance) error {
	l.plugin.m.mu.Lock()
	over := l.over.Load()
	if !over {
		l.requires = &held
	}
	l.plugin.m.mu.Unlock()
	if over {
		release(l.plugin, held)
		return errAbandoned
	}
	return nil
}
