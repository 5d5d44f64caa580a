package registry

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
)

// grace is how long a Close whose context has ended goes on waiting for
// plugins, all in all, that have not had their turn; and how long listeners have
// to hear that something was abandoned.
const grace = time.Second

// close closes the manager: no more loads; those that are going on are waited
// for; then every loaded plugin is closed, the latest first.
func (m *core) close(ctx context.Context) error {
	if ctx == nil {
		return m.wrap("", nilContext())
	}
	m.mu.Lock()
	if m.shut != nil {
		m.mu.Unlock()
		return m.awaitShut(ctx)
	}
	m.shut = make(chan struct{})
	m.closed.Store(true)
	m.mu.Unlock()
	defer close(m.shut)

	all := m.containers()
	errs := m.settleAll(ctx, all)
	ctx, cancel := graceful(ctx)
	defer cancel()
	return errors.Join(append(errs, m.closeAll(ctx, loadedOf(all))...)...)
}

// awaitShut is a Close beside another one. A plugin that closes its own
// manager while that closes the plugin has nothing to wait for.
func (m *core) awaitShut(ctx context.Context) error {
	if f := flightOf(ctx); f != nil && f.closing() && f.container.m == m {
		return nil
	}
	select {
	case <-m.shut:
		return nil
	case <-ctx.Done():
		return m.wrap("", causeOf(ctx))
	}
}

// settleAll waits until nothing is under way. What is so when ctx ends is
// abandoned; so is a load that waits for this very Close.
func (m *core) settleAll(ctx context.Context, all []*container) (errs []error) {
	for _, c := range all {
		for {
			c.m.traffic.Lock()
			f := c.flight()
			underway := f.expect()
			c.m.traffic.Unlock()
			if !underway {
				break
			}
			if err := await(ctx, f); err != nil {
				if err := f.abandon(err); err != nil {
					errs = append(errs, err)
				}
				break
			}
		}
	}
	return errs
}

// loadedOf returns those that are loaded, the latest first.
func loadedOf(all []*container) []*container {
	type load struct {
		order     uint64
		container *container
	}
	var loads []load
	for _, c := range all {
		if f := c.loaded(); f != nil {
			loads = append(loads, load{f.order, c})
		}
	}
	slices.SortFunc(loads, func(a, b load) int { return cmp.Compare(b.order, a.order) })
	list := make([]*container, len(loads))
	for i, l := range loads {
		list[i] = l.container
	}
	return list
}

// closeAll closes plugins one after the other, and goes on after errors.
func (m *core) closeAll(ctx context.Context, list []*container) (errs []error) {
	for _, c := range list {
		if err := c.close(ctx); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// unload closes one plugin, after those of the manager that require it.
func (m *core) unload(ctx context.Context, name string) error {
	if ctx == nil {
		return m.wrap(name, nilContext())
	}
	c, err := m.container(name)
	if err != nil {
		return err
	}
	list := []*container{c}
	if m.requiring.Load() {
		list = m.withDependents(c)
	}
	return errors.Join(m.closeAll(ctx, list)...)
}

// withDependents returns a plugin and the loaded ones that require it, directly
// or not, the latest first.
func (m *core) withDependents(c *container) []*container {
	members := map[*container]bool{c: true}
	all := loadedOf(m.containers())
	slices.Reverse(all) // a plugin is loaded later than what it requires
	for _, other := range all {
		for _, name := range other.spec.Requires {
			if need, err := other.requirement(name); err == nil && members[need] {
				members[other] = true
			}
		}
	}
	slices.Reverse(all)
	list := slices.DeleteFunc(all, func(c *container) bool { return !members[c] })
	if !slices.Contains(list, c) {
		list = append(list, c)
	}
	return list
}

// close closes the plugin if it is loaded, after a load that is going on.
func (c *container) close(ctx context.Context) error {
	for {
		f, fresh := c.boardClosing(ctx)
		if f == nil {
			return nil
		}
		if fresh {
			return f.flyClosing()
		}
		if err := await(ctx, f); err != nil {
			return c.wrap(PhaseClose, err)
		}
	}
}

// boardClosing returns the flight that is going on, or a new one that closes
// the plugin, or nil if there is nothing to close.
func (c *container) boardClosing(ctx context.Context) (f *flight, fresh bool) {
	c.m.traffic.Lock()
	defer c.m.traffic.Unlock()
	f = c.flight()
	if f.expect() {
		return f, false
	}
	if f.stage.Load()&loaded == 0 {
		return nil, false
	}
	loaded := f
	f = c.take(&errand{ctx: ctx, caller: ctx}, PhaseClose)
	f.box = loaded.box
	f.expect()
	return f, true
}

// flyClosing is fly for a flight that closes its plugin. That is always done on
// a goroutine of its own: whatever the plugin does to that, the others are closed.
func (f *flight) flyClosing() error {
	if waiting := flightOf(f.errand.Load().caller); waiting != nil {
		waiting.begins(f)
		defer waiting.ends(f)
	}
	defer f.limit(f.container.m.closeTimeout)()
	go f.shutDown()
	select {
	case <-f.landed:
		return f.failure()
	case <-giveUp(f):
		return f.abandon(causeOf(f))
	}
}

// shutDown closes the plugin and tells the listeners.
func (f *flight) shutDown() {
	c := f.container
	a := attempt{made: f.box.made()}
	defer f.publishClosed(&a)
	defer a.catch()
	e := Event{Phase: PhaseClose, Moment: Before, Spec: c.spec, Plugin: a.made}
	errs := c.m.announce(f, e)
	if err := shut(f, a.made); err != nil {
		errs = append(errs, err)
	}
	e.Moment = After
	if len(errs) > 0 {
		e.Moment, e.Err = Failed, c.wrap(PhaseClose, errors.Join(errs...))
	}
	if f.tellOnce() {
		errs = append(errs, c.m.announce(f, e)...)
	}
	a.result, a.returned = errors.Join(errs...), true
}

// publishClosed says what came of closing the plugin, which is closed for good
// either way.
func (f *flight) publishClosed(a *attempt) {
	c := f.container
	c.m.traffic.Lock()
	defer c.m.traffic.Unlock()
	if f.abandoned {
		return
	}
	f.state = StateClosed
	if a.result != nil {
		f.err = c.wrap(PhaseClose, a.result)
	}
	f.land(0)
}

type graceKey struct{}

// graceful gives plugins whose turn comes after the end of ctx a little time:
// they are closed with a context that has ended, but waited for.
func graceful(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Done() == nil {
		return ctx, func() {}
	}
	over, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(grace, cancel)
		context.AfterFunc(over, func() { timer.Stop() })
	})
	return context.WithValue(ctx, graceKey{}, over.Done()), func() { stop(); cancel() }
}

// giveUp returns when a closing flight is to be abandoned: when its context
// ends, or when the grace does if the context had ended before.
func giveUp(f *flight) <-chan struct{} {
	if f.errand.Load().caller.Err() != nil {
		if over, ok := f.Value(graceKey{}).(<-chan struct{}); ok {
			return over
		}
	}
	return f.Done()
}
