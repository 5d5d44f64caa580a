package registry

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// grace is how long, in total, a Close or an Unload waits after its context has ended
// for the plugins that it had not closed by then. It is also how long listeners may
// take for the event that a call was abandoned.
const grace = time.Second

// close closes the plugin if it is loaded: after the call in progress, and after the
// plugins that require it. It reports whether the plugin is closed then.
//
// If ctx ends before the call is over and those plugins are closed, the plugin stays
// loaded, unless force is set: then loads in progress are abandoned, and it is closed
// all the same.
func (p *plugin) close(ctx context.Context, force bool) (closed bool, err error) {
	c := p.newCall(ctx)
	c.phase.Store(uint32(PhaseClose))
	c.forced = force
	for {
		other, r := p.beginWhileLoaded(c)
		switch other {
		case nil:
			return true, nil
		case c:
			return c.close()
		}
		why := wait(ctx, other, r)
		switch {
		case why == nil:
		case !force || other.at() == PhaseClose:
			return false, p.wrap(PhaseClose, why)
		case other.abandonForClose(why):
			return true, p.wrap(PhaseClose, why)
		default:
			runtime.Gosched() // the load has ended at this moment
		}
	}
}

// close runs a close. It calls the plugin's code on another goroutine, since that code
// may end its goroutine, or go on after the context has ended. In the latter case close
// returns, but the call stays in progress until the code has returned, so that no new
// instance is made before that.
func (c *call) close() (closed bool, err error) {
	if parent := c.parent(); parent != nil {
		parent.startsWaiting(c)
		defer parent.stopsWaiting(c)
	}
	i, errs := c.closeDependents()
	if i == nil {
		return false, errors.Join(errs...)
	}
	ctx, r, cancel := c.limit(c.plugin.m.closeTimeout)
	defer cancel()
	limit := waitLimit(ctx)
	go c.closeInstance(ctx, i)
	select {
	case <-r.done:
	case <-limit:
		if e := c.abandonClosing(ctx); e != nil {
			return false, errors.Join(append(errs, e)...)
		}
		<-r.done
	}
	if r.err != nil {
		errs = append(errs, r.err)
	}
	return true, errors.Join(errs...)
}

// closeDependents closes the plugins that require the instance, the latest first. Then
// it takes the instance out of use and returns it. If one of those plugins cannot be
// closed before the context ends, and the close is not forced, it returns nil and the
// plugin stays loaded.
func (c *call) closeDependents() (i *instance, errs []error) {
	for {
		i, last, force := c.takeUnused()
		if last == nil {
			return i, errs
		}
		closed, err := last.close(c, force)
		if err != nil {
			errs = append(errs, err)
		}
		switch {
		case closed:
			runtime.Gosched() // if it was an abandoned call, that may not have released the instance yet
		case c.giveUp():
			return nil, errs
		default:
			return c.takeByForce(last, errs)
		}
	}
}

// takeUnused takes the plugin's instance out of use and returns it, unless plugins
// require it: then last is the latest of those. force is whether the close is forced.
func (c *call) takeUnused() (i *instance, last *plugin, force bool) {
	p := c.plugin
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	i = p.loaded.Load()
	if i.edges != nil && len(i.dependents) > 0 {
		return nil, i.dependents[len(i.dependents)-1], c.forced
	}
	p.loaded.Store(nil)
	return i, nil, c.forced
}

// takeByForce takes the plugin's instance out of use, so that no other plugin can
// require it any more. Then it closes those that do, but for stuck if that is being
// closed: it could not be in time.
func (c *call) takeByForce(stuck *plugin, errs []error) (*instance, []error) {
	p := c.plugin
	p.m.mu.Lock()
	i := p.loaded.Load()
	p.loaded.Store(nil)
	dependents := slices.Clone(i.dependents)
	p.m.mu.Unlock()
	for _, d := range slices.Backward(dependents) {
		if d == stuck && d.closing() {
			continue // closeDependents has waited for it
		}
		if _, err := d.close(c, true); err != nil {
			errs = append(errs, err)
		}
	}
	return i, errs
}

// closing reports whether a close of the plugin is in progress.
func (p *plugin) closing() bool {
	c, _ := p.inProgress()
	return c != nil && c.at() == PhaseClose
}

// giveUp ends a close, and leaves the plugin loaded, unless the close is forced. It
// reports whether it has ended the close.
func (c *call) giveUp() bool {
	c.plugin.m.mu.Lock()
	defer c.plugin.m.mu.Unlock()
	if c.forced {
		return false
	}
	c.over.Store(true)
	c.finish(nil, nil, true)
	return true
}

// closeInstance closes an instance, its children, and calls the listeners. Each step is
// done even if code in an earlier one ends the goroutine by runtime.Goexit.
func (c *call) closeInstance(ctx context.Context, i *instance) {
	var errs []error
	e := Event{Phase: PhaseClose, Moment: Before, Spec: c.plugin.spec, Plugin: i.made}
	defer c.endClosing(i, &errs)
	defer func() {
		e.Moment = After
		if len(errs) > 0 {
			e.Moment, e.Err = Failed, c.plugin.wrap(PhaseClose, errors.Join(errs...))
		}
		c.plugin.m.announce(ctx, e, &errs)
	}()
	if i.edges != nil {
		defer closeChildren(ctx, i.children, &errs)
	}
	defer func() {
		var err error
		defer func() {
			if err != nil {
				errs = append(errs, err)
			}
		}()
		closeInstance(ctx, i.made, &err)
	}()
	c.plugin.m.announce(ctx, e, &errs)
}

// endClosing publishes the result of a close. The plugin is closed even after an error.
func (c *call) endClosing(i *instance, errs *[]error) {
	p := c.plugin
	if i.edges != nil {
		release(p, i.requires)
	}
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	c.over.Store(true)
	p.state, p.err = StateClosed, nil
	if len(*errs) > 0 {
		p.err = p.wrap(PhaseClose, errors.Join(*errs...))
	}
	p.m.active.remove(p)
	c.finish(nil, p.err, true)
}

// abandonClosing announces that the plugin's Close is no longer waited for, and returns
// the error of that. It returns nil if the Close is over.
func (c *call) abandonClosing(ctx context.Context) error {
	if c.over.Load() {
		return nil
	}
	p := c.plugin
	e := p.wrap(PhaseClose, fmt.Errorf("abandoned: %w", causeOf(ctx)))
	p.m.announceFor(c, grace, Event{Phase: PhaseClose, Moment: Failed, Spec: p.spec, Err: e})
	return e
}

// unload implements Manager.Unload.
func (m *core) unload(ctx context.Context, name string) error {
	if ctx == nil {
		return m.wrap(name, nilContext())
	}
	p, err := m.plugin(name)
	if err != nil {
		return err
	}
	ctx, cancel := graceful(ctx)
	defer cancel()
	_, err = p.close(ctx, false)
	return err
}

// close implements Manager.Close.
func (m *core) close(ctx context.Context) error {
	if ctx == nil {
		return m.wrap("", nilContext())
	}
	c := (&plugin{m: m}).newCall(ctx)
	c.result = &result{done: make(chan struct{})}
	c.phase.Store(uint32(PhaseClose))
	if other, r := m.beginClosing(c); other != c {
		return m.awaitClose(ctx, other, r)
	}
	defer m.endClosing(c)
	if parent := callOf(ctx); parent != nil {
		parent.startsWaiting(c)
		defer parent.stopsWaiting(c)
	}
	errs := m.awaitLoads(c)
	closing, cancel := graceful(c)
	defer cancel()
	for _, p := range slices.Backward(m.activePlugins()) {
		if _, err := p.close(closing, true); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// beginClosing makes c the Close of the manager, after which nothing can be loaded, and
// returns it. If there was a Close before, it returns that and its result to wait for,
// or nil if it is over.
func (m *core) beginClosing(c *call) (*call, *result) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed.Load() {
		if m.closing == nil {
			return nil, nil
		}
		return m.closing, m.closing.result
	}
	m.closing = c
	m.closed.Store(true)
	return c, nil
}

// endClosing releases those who wait for the Close of the manager.
func (m *core) endClosing(c *call) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closing = nil // which has a context that may be large
	close(c.result.done)
}

// awaitClose waits for the first Close of the manager, on behalf of another one. It
// does not if that is called by a plugin that is being closed by the manager.
func (m *core) awaitClose(ctx context.Context, other *call, r *result) error {
	if other == nil {
		return nil
	}
	if c := callOf(ctx); c != nil && c.plugin.m == m && c.at() == PhaseClose {
		return nil
	}
	if err := wait(ctx, other, r); err != nil {
		return m.wrap("", err)
	}
	return nil
}

// awaitLoads waits for the loads in progress. It abandons those that are not over when
// ctx ends, and a load that waits for this Close. It returns their errors.
func (m *core) awaitLoads(ctx context.Context) (errs []error) {
	for _, p := range m.activePlugins() {
		c, r := p.inProgress()
		if c == nil || c.at() == PhaseClose {
			continue
		}
		if err := wait(ctx, c, r); err != nil {
			phase := c.at()
			if c.abandonForClose(err) {
				errs = append(errs, p.wrap(phase, fmt.Errorf("abandoned: %w", err)))
			}
		}
	}
	return errs
}

// abandonForClose abandons a load for the sake of a Close. The caller of the load gets
// ErrClosed, not the reason for which the Close does not wait.
func (c *call) abandonForClose(why error) bool {
	if f, ok := why.(*fault); ok && f.kind == ErrCycle {
		return c.abandon(fmt.Errorf("%w: %w", ErrClosed, why))
	}
	return c.abandon(ErrClosed)
}

type graceKey struct{}

// graceful returns a context for closing several plugins. Those that are closed after
// the end of ctx get a context that has ended, but waitLimit lets them have the grace,
// in total.
func graceful(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Done() == nil {
		return ctx, func() {}
	}
	later, cancel := extended(ctx, grace)
	return context.WithValue(ctx, graceKey{}, later.Done()), cancel
}

// waitLimit returns what ends a wait: the end of ctx; or that of the grace, if ctx has
// ended already and has one.
func waitLimit(ctx context.Context) <-chan struct{} {
	if ctx.Err() != nil {
		if over, ok := ctx.Value(graceKey{}).(<-chan struct{}); ok {
			return over
		}
	}
	return ctx.Done()
}

// extended returns a context with the values of ctx that ends a duration after it.
func extended(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(d, func() { cancel(context.Cause(ctx)) })
		context.AfterFunc(longer, func() { timer.Stop() })
	})
	return longer, func() { stop(); cancel(nil) }
}
