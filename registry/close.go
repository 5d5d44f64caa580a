package registry

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// grace is how long a Close or an Unload whose context has ended still waits, in total, for
// the plugins that it has not closed yet. It is also how long listeners may take to handle
// the event that a call was abandoned.
const grace = time.Second

// close closes the plugin if it is loaded, after a load in progress, and after the plugins
// that require it. It reports whether the plugin is closed then.
//
// If ctx ends before all of those are closed, the plugin stays as it is; with
// force, loads in progress are abandoned and it is closed all the same.
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

// close runs a close. The plugin's code has a goroutine of its own: even if
// it ends that goroutine, other plugins are closed. Waiters return when the context
// ends, but the call goes on until that code has returned, so that no
// other instance is made beside one that is being closed.
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

// closeDependents closes the plugins that require the instance, the latest first,
// and then takes the instance out of use and returns it. It returns nil, and the
// plugin stays loaded, if one of them cannot be closed before the context ends and
// the close is not forced.
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
			runtime.Gosched() // a call that was abandoned just now may still have to release the instance
		case c.giveUp():
			return nil, errs
		default:
			return c.takeByForce(last, errs)
		}
	}
}

// takeUnused takes the plugin's instance out of use and returns it, unless plugins
// require it: then it returns the last of those, and whether it is to be closed by
// force.
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

// takeByForce takes the plugin's instance out of use, so that nothing more can
// require it, and then closes what does as far as that is possible. One plugin is
// known to be stuck.
func (c *call) takeByForce(stuck *plugin, errs []error) (*instance, []error) {
	p := c.plugin
	p.m.mu.Lock()
	i := p.loaded.Load()
	p.loaded.Store(nil)
	dependents := slices.Clone(i.dependents)
	p.m.mu.Unlock()
	for _, d := range slices.Backward(dependents) {
		if d == stuck && d.closing() {
			continue // it has been waited for already
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

// giveUp ends a close before the plugin is closed, unless it has been forced.
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

// closeInstance closes an instance and tells the listeners. Each step is done even
// if code called by those before ends the goroutine by runtime.Goexit.
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

// abandonClosing gives up waiting for a plugin's Close. It returns the error of
// that, or nil if the Close is over.
func (c *call) abandonClosing(ctx context.Context) error {
	if c.over.Load() {
		return nil
	}
	p := c.plugin
	e := p.wrap(PhaseClose, fmt.Errorf("abandoned: %w", causeOf(ctx)))
	p.m.announceFor(c, grace, Event{Phase: PhaseClose, Moment: Failed, Spec: p.spec, Err: e})
	return e
}

// unload closes one plugin, after those that require it.
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

// close closes the manager: no more loads; those in progress are waited for; then every
// loaded plugin is closed, the latest first.
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

// beginClosing makes c the Close of the manager. If there was one before it returns
// that, or nil if it is over.
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

func (m *core) endClosing(c *call) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closing = nil // and with it the context
	close(c.result.done)
}

// awaitClose is a Close beside another one. A plugin that closes its own manager while
// that closes the plugin has nothing to wait for.
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

// awaitLoads waits for the loads in progress. Those that have not ended when ctx does are
// abandoned; so is a load that waits for this very Close.
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

// abandonForClose abandons a load because of a Close that cannot wait any longer.
// Its caller, whose context may last, gets ErrClosed.
func (c *call) abandonForClose(why error) bool {
	if f, ok := why.(*fault); ok && f.kind == ErrCycle {
		return c.abandon(fmt.Errorf("%w: %w", ErrClosed, why))
	}
	return c.abandon(ErrClosed)
}

type graceKey struct{}

// graceful returns a context for closing several plugins. Those that are closed after the end of
// ctx get a context that has ended, but waitLimit lets them have the grace, in total.
func graceful(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Done() == nil {
		return ctx, func() {}
	}
	later, cancel := extended(ctx, grace)
	return context.WithValue(ctx, graceKey{}, later.Done()), cancel
}

// waitLimit returns what ends a wait: the end of ctx; or that of the grace, if ctx has ended already
// and has one.
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
