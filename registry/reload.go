package registry

import (
	"context"
	"errors"
	"fmt"

	"github.com/plugingen/plugingen/registry/generated"
)

// reload gives the loaded instance of the plugin the options that are in effect. The
// instance stays in use. Like a load, a reload is a call that others wait for and that
// can be abandoned.
func (p *plugin) reload(ctx context.Context) error {
	c := p.newCall(ctx)
	c.phase.Store(uint32(PhaseReload))
	for {
		if err := ended(ctx); err != nil {
			return p.wrap(PhaseReload, err)
		}
		other, r := p.beginWhileLoaded(c)
		switch other {
		case nil:
			return p.wrap(PhaseReload, notRunning())
		case c:
			return c.reload()
		}
		if err := wait(ctx, other, r); err != nil {
			return p.wrap(PhaseReload, err)
		}
	}
}

// reload runs a reload.
func (c *call) reload() error {
	if parent := c.parent(); parent != nil {
		parent.startsWaiting(c)
		defer parent.stopsWaiting(c)
	}
	ctx, r, cancel := c.limit(c.plugin.m.loadTimeout)
	defer cancel()
	i := c.plugin.loaded.Load()
	go (&reloading{loading: loading{call: c, ctx: ctx, listeners: c.plugin.m.listening(), made: i.made}, of: i}).run()
	select {
	case <-r.done:
	case <-ctx.Done():
		if !c.abandon(causeOf(ctx)) && c.succeeded() {
			return nil // its former children are still being closed
		}
	}
	<-r.done
	if r.err != nil {
		return r.err
	}
	return nil
}

// succeeded reports whether a call is over and has not failed.
func (c *call) succeeded() bool {
	c.plugin.m.mu.Lock()
	defer c.plugin.m.mu.Unlock()
	return c.over.Load() && (c.result == nil || c.result.err == nil)
}

// reloading is the state of a reload that only its own goroutine uses.
type reloading struct {
	loading
	of       *instance
	template any   // a plugin that was made to be filled, and has to be closed
	closing  error // of closing it
}

// run runs the reload. Each step of the cleanup runs even if code in an earlier one
// ends the goroutine by runtime.Goexit.
func (r *reloading) run() {
	defer r.end()
	defer r.closeTemplate()
	r.err = r.steps()
	r.returned = true
}

// steps fills new options and calls Reload.
func (r *reloading) steps() error {
	if err := r.notify(Before); err != nil {
		return err
	}
	spec := r.plugin.spec
	target, err := r.plugin.template()
	if err != nil {
		return err
	}
	if spec.NewWith == nil {
		r.template = target
	}
	request, err := r.plugin.request(target)
	if err != nil {
		return err
	}
	if f := r.fill(request); f.Err != nil {
		return f.Err
	}
	if err := r.enter(PhaseReload); err != nil {
		return err
	}
	if err := spec.Reload(r.ctx, r.made, target); err != nil {
		return err
	}
	return r.notify(After)
}

// closeTemplate closes the template, if there is one.
func (r *reloading) closeTemplate() {
	if !r.returned {
		r.err = caught(recover())
		r.returned = true
	}
	if r.template != nil {
		closeInstance(context.WithoutCancel(r.ctx), r.template, &r.closing)
	}
}

// end announces a failure, closes the children that are not used, and publishes the
// result. After a failure the instance keeps its former children; otherwise it has the
// new ones.
func (r *reloading) end() {
	unused := r.children
	if r.err == nil && r.closing == nil {
		if old, ok := r.commit(); ok {
			unused = old
		} else {
			r.err = errAbandoned
		}
	}
	if r.closing != nil {
		r.err = errors.Join(r.err, fmt.Errorf("close of what was made for the options: %w", r.closing))
	}
	errs := new([]error)
	defer r.conclude(errs)
	defer closeChildren(context.WithoutCancel(r.ctx), unused, errs)
	if r.err != nil && r.enter(PhaseReload) == nil && r.announceOnce() {
		e := r.plugin.wrap(PhaseReload, r.err)
		moment := Failed
		if wantsRestart(r.err) {
			moment = Skipped
		}
		event := Event{Phase: PhaseReload, Moment: moment, Spec: r.plugin.spec, Plugin: r.made, Err: e}
		r.plugin.m.announce(r.ctx, event, errs)
	}
}

// commit gives the instance its new children and returns the old ones, unless the call
// has been abandoned.
func (r *reloading) commit() (old []*instance, ok bool) {
	r.plugin.m.mu.Lock()
	defer r.plugin.m.mu.Unlock()
	if r.over.Load() {
		return nil, false
	}
	r.over.Store(true)
	if r.of.edges != nil {
		old = r.of.children
	}
	if r.of.edges != nil || len(r.children) > 0 {
		r.of.edgesOf().children = r.children
	}
	return old, true
}

// conclude publishes the result, with the errors of closing children if the reload has
// failed.
func (r *reloading) conclude(errs *[]error) {
	if r.err != nil {
		err := r.err
		if len(*errs) > 0 {
			err = errors.Join(err, errors.Join(*errs...))
		}
		_, _ = r.fail(func(Phase) *Error { return r.plugin.wrap(PhaseReload, err) })
		return
	}
	r.plugin.m.mu.Lock()
	defer r.plugin.m.mu.Unlock()
	r.finish(r.of, nil, false)
}

// wantsRestart reports whether an error of Reload asks for a new instance.
func wantsRestart(err error) bool { return isAny(err, ErrRestart, generated.ErrNoReload) }
