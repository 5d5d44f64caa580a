package registry

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// A batch loads the plugins of a plan with a number of workers.
type batch struct {
	m      *core
	caller context.Context
	ctx    context.Context         // of the loads
	cancel context.CancelCauseFunc // nil unless the first failure stops the batch
	parent *call                   // whose code called it, or nil
	plan   *plan
	calls  []call // one for each plugin of the plan, to be used if it is not loaded

	stopped atomic.Pointer[notTried] // set when no more loads may start

	mu       sync.Mutex
	queue    queue
	working  int
	finished chan struct{} // closed when no worker is left
	failures map[*plugin]error
}

// notTried is why a plugin was not loaded: the batch was stopped before its turn.
type notTried struct{ cause error }

func (e *notTried) Error() string { return "not tried: " + e.cause.Error() }

func (e *notTried) Unwrap() error { return e.cause }

func newBatch(ctx context.Context, m *core, p *plan) *batch {
	b := &batch{m: m, caller: ctx, ctx: ctx, parent: callOf(ctx), plan: p}
	if m.failFast {
		b.ctx, b.cancel = context.WithCancelCause(ctx)
	}
	return b
}

// run loads the plugins. It returns when all have been tried, or when the context has
// ended and the loads in progress have been abandoned.
func (b *batch) run() {
	if b.cancel != nil {
		defer b.cancel(nil)
	}
	n := min(max(b.m.concurrency, 1), len(b.plan.order))
	if n == 0 {
		return
	}
	b.calls = make([]call, len(b.plan.order))
	b.m.reserve(len(b.plan.order))
	b.queue.fill(b.plan, n)
	b.finished = make(chan struct{})
	b.mu.Lock()
	b.start(n)
	b.mu.Unlock()
	select {
	case <-b.finished:
	case <-b.ctx.Done():
		b.abandon()
	}
}

// start starts n workers. b.mu is held.
func (b *batch) start(n int) {
	for range n {
		b.working++
		go b.work()
	}
}

// work loads one plugin after the other. If code of a plugin ends the goroutine by
// runtime.Goexit, another worker takes over.
func (b *batch) work() {
	returned := false
	last := -1
	defer func() {
		if !returned {
			b.fail(b.plan.order[last], b.exitError(last))
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		if !returned {
			b.finish(last)
			b.start(1)
		}
		b.working--
		if b.working == 0 {
			close(b.finished)
		}
	}()
	for i, ok := b.next(last); ok; i, ok = b.next(i) {
		last = i
		if err := b.load(i); err != nil {
			b.fail(b.plan.order[i], err)
		}
	}
	returned = true
}

// next returns the next plugin to load, as an index in the order of the plan. finished
// is the one that the worker has loaded before, or -1.
func (b *batch) next(finished int) (i int, ok bool) {
	if b.queue.waits == nil {
		return b.queue.pass()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.finish(finished)
	return b.queue.next()
}

// finish makes the plugins ready that only waited for plugin i. If workers have ended
// since there was nothing to do, it starts others. b.mu is held.
func (b *batch) finish(i int) {
	ready := b.queue.finish(i)
	b.start(min(ready, b.m.concurrency-b.working))
}

// load loads one plugin.
func (b *batch) load(i int) error {
	if reason := b.stopReason(); reason != nil {
		return reason
	}
	p := b.plan.order[i]
	if p.loaded.Load() != nil {
		return nil
	}
	c := &b.calls[i]
	c.Context, c.plugin, c.batch = b.ctx, p, b
	_, err := p.load(c)
	return err
}

// stopReason returns why no more loads may start, or nil if they may.
func (b *batch) stopReason() error {
	if reason := b.stopped.Load(); reason != nil {
		return reason
	}
	if b.ctx.Err() != nil {
		return &notTried{causeOf(b.ctx)}
	}
	return nil
}

// exitError returns the error of a plugin whose code has ended the goroutine.
func (b *batch) exitError(i int) error {
	c := &b.calls[i]
	c.plugin.m.mu.Lock()
	defer c.plugin.m.mu.Unlock()
	if c.result != nil && c.result.err != nil {
		return c.result.err
	}
	return c.plugin.wrap(c.at(), &PanicError{})
}

// fail records why a plugin was not loaded. It stops the batch if that is what failures do.
func (b *batch) fail(p *plugin, err error) {
	cancelled := b.cancel != nil && isCancelled(err)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures[p] != nil {
		return
	}
	if b.failures == nil {
		b.failures = make(map[*plugin]error)
	}
	stopped := b.stopped.Load()
	if cancelled && stopped != nil && b.caller.Err() == nil {
		err = stopped
	}
	b.failures[p] = err
	if b.cancel != nil && stopped == nil && !isDisabled(err) {
		b.stopped.Store(&notTried{err})
		b.cancel(err)
	}
}

// abandon abandons the loads in progress. No others can begin from then on.
func (b *batch) abandon() {
	why := causeOf(b.ctx)
	b.stopped.CompareAndSwap(nil, &notTried{why})
	for _, p := range b.plan.order {
		if c := b.inProgress(p); c != nil && c.abandon(why) {
			b.fail(p, c.result.err)
		}
	}
}

// inProgress returns the load of a plugin that is in progress and part of the batch, or
// nil.
func (b *batch) inProgress(p *plugin) *call {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	if p.call == nil || p.call.batch != b {
		return nil
	}
	return p.call
}

// failure returns why a plugin of the plan was not loaded, or nil if it is loaded or
// was not tried.
func (b *batch) failure(p *plugin) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failures[p]
}

// hold holds the instances that p requires, so that they are closed after it. If one of
// them failed it returns that error. ok is false if one has been unloaded since the
// batch has loaded it.
func (b *batch) hold(p *plugin) (held []*instance, ok bool, err error) {
	for _, need := range b.plan.needs[p] {
		if i := need.plugin.hold(p); i != nil {
			held = append(held, i)
			continue
		}
		err := b.failure(need.plugin)
		if e, ok := err.(*Error); ok && need.every {
			if _, disabled := e.Err.(*disabled); disabled {
				continue
			}
		}
		release(p, held)
		if err != nil {
			return nil, false, &requirementError{need.name, err}
		}
		return nil, false, nil
	}
	return held, true, nil
}

// results returns the loaded instances, and the errors of the other plugins, in the
// order of the plan.
func (b *batch) results() (instances []*instance, errs []error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	instances = make([]*instance, 0, len(b.plan.order))
	untried, refused := 0, 0
	for _, p := range b.plan.order {
		var err error
		if b.failures != nil {
			err = b.failures[p]
		}
		i := p.loaded.Load()
		switch _, skipped := err.(*notTried); {
		case i != nil && err == nil:
			instances = append(instances, i)
		case err == nil || skipped:
			untried++
		case p.m == b.m && isRefused(err):
			refused++
		case !isDisabled(err):
			errs = append(errs, err)
		}
	}
	if b.caller.Err() != nil && untried > 0 {
		errs = append(errs, b.m.wrap("", fmt.Errorf("%d not loaded: %w", untried, causeOf(b.caller))))
	}
	if refused > 0 {
		errs = append(errs, b.m.wrap("", fmt.Errorf("%d not loaded: %w", refused, ErrClosed)))
	}
	return instances, errs
}

// A queue has the order in which workers load the plugins of a plan. A plugin is ready
// when those that it comes after are finished.
type queue struct {
	length int
	shared bool  // several workers move the cursor at the same time, by atomic operations
	cursor int32 // the next plugin of the plan that no worker has taken or passed

	// The rest is guarded by batch.mu. Whether waits is nil does not change after fill,
	// so that is read without the lock.
	waits []int   // for each plugin, how many it waits for; nil if none waits for any
	freed [][]int // for each plugin, those that wait for it
	ready []int   // plugins that the cursor passed before they were ready
}

// fill sets up the queue of a plan for a number of workers.
func (q *queue) fill(p *plan, workers int) {
	q.length = len(p.order)
	if len(p.after) == 0 {
		q.shared = workers > 1
		return
	}
	at := make(map[*plugin]int, q.length)
	for i, c := range p.order {
		at[c] = i
	}
	q.waits, q.freed = make([]int, q.length), make([][]int, q.length)
	for i, c := range p.order {
		for _, other := range p.after[c] {
			if j, planned := at[other]; planned { // before it: plugins on a cycle wait for none
				q.waits[i]++
				q.freed[j] = append(q.freed[j], i)
			}
		}
	}
}

// next returns the next plugin that is ready.
func (q *queue) next() (i int, ok bool) {
	if len(q.ready) > 0 {
		i, q.ready = q.ready[0], q.ready[1:]
		return i, true
	}
	for {
		if i, ok = q.pass(); !ok || q.waits[i] == 0 {
			return i, ok
		}
	}
}

// pass moves the cursor past a plugin, and returns that plugin.
func (q *queue) pass() (i int, ok bool) {
	if q.shared {
		i = int(atomic.AddInt32(&q.cursor, 1)) - 1
	} else {
		i = int(q.cursor)
		q.cursor++
	}
	return i, i < q.length
}

// finish appends the plugins to ready that only waited for plugin i, and that the
// cursor has passed. It returns how many they are.
func (q *queue) finish(i int) (n int) {
	if q.waits == nil || i < 0 {
		return 0
	}
	for _, j := range q.freed[i] {
		q.waits[j]--
		if q.waits[j] == 0 && j < int(q.cursor) {
			q.ready = append(q.ready, j)
			n++
		}
	}
	return n
}
