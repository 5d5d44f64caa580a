package registry

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// A schedule loads the plugins of a plan, some of them at the same time.
type schedule struct {
	m      *core
	outer  context.Context // the caller's
	ctx    context.Context
	cancel context.CancelCauseFunc // nil unless the first failure stops the schedule
	plan   *plan
	errand errand
	shelf  shelf   // for what the factories make
	parent *flight // that waits for all this, if any

	stopped atomic.Bool  // nothing more is to be begun
	cursor  atomic.Int64 // the next plugin of the plan
	deps    *dependents  // nil if no plugin of the plan requires another

	mu       sync.Mutex
	working  int
	finished chan struct{} // closed when nobody works any more
	failures map[*container]error
}

// A worker loads one plugin of a schedule after the other.
type worker struct {
	schedule *schedule
	at       int // where it is in the plan
}

// errStopped is why a plugin was not tried: the schedule was stopped before its turn.
var errStopped = errors.New("not tried, since another failed")

func newSchedule(m *core, ctx context.Context, p *plan) *schedule {
	s := &schedule{m: m, outer: ctx, ctx: ctx, plan: p, parent: flightOf(ctx)}
	if m.failFast {
		s.ctx, s.cancel = context.WithCancelCause(ctx)
	}
	s.errand = errand{s.ctx, s.ctx, s}
	if len(p.requires) > 0 {
		s.deps = newDependents(p)
	}
	return s
}

// run returns when every plugin has been tried, or when the context has ended
// and what still runs has been abandoned.
func (s *schedule) run() {
	if s.cancel != nil {
		defer s.cancel(nil)
	}
	n := min(max(s.m.concurrency, 1), len(s.plan.order))
	if n == 0 {
		return
	}
	s.shelf = s.m.shelf(len(s.plan.order))
	s.finished = make(chan struct{})
	s.mu.Lock()
	s.hire(n)
	s.mu.Unlock()
	select {
	case <-s.finished:
	case <-s.ctx.Done():
		s.abandon()
	}
}

// hire begins n workers. s.mu is held.
func (s *schedule) hire(n int) {
	for range n {
		w := &worker{schedule: s}
		s.working++
		go w.workOn()
	}
}

// abandon leaves what the workers are doing to itself. What one of them is
// about to begin is refused in fly.
func (s *schedule) abandon() {
	s.stopped.Store(true)
	for _, c := range s.plan.order {
		f := c.flight()
		if f.errand.Load() != &s.errand || f.stage.Load()&over != 0 {
			continue
		}
		if err := f.abandon(causeOf(s.ctx)); err != nil {
			s.fail(c, err)
		}
	}
}

// workOn works on a goroutine of its own, and goes home when there is no more
// to do. If code of a plugin ends the goroutine, another worker goes on.
func (w *worker) workOn() {
	s := w.schedule
	sound := false
	defer func() {
		if !sound {
			s.done(w.at, s.gone(w.at))
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if !sound {
			s.hire(1)
		}
		s.working--
		if s.working == 0 {
			close(s.finished)
		}
	}()
	for {
		i, ok := s.next()
		if !ok {
			break
		}
		w.at = i
		s.done(i, s.try(i))
	}
	sound = true
}

// gone returns why a plugin was not loaded whose code has called runtime.Goexit.
func (s *schedule) gone(i int) error {
	c := s.plan.order[i]
	if f := c.flight(); f.stage.Load()&over != 0 && f.err != nil {
		return f.err
	}
	return c.wrap(PhaseLoad, &PanicError{})
}

// try loads one plugin.
func (s *schedule) try(i int) error {
	if s.stopped.Load() || s.ctx.Err() != nil {
		return errStopped
	}
	c := s.plan.order[i]
	f, err := c.begin(&s.errand)
	switch {
	case err != nil:
		return err
	case f != nil: // as nearly always: nobody has asked for it before
		return s.fly(f, i)
	}
	_, err = c.load(&s.errand, i)
	return err
}

// done notes what came of one plugin, and lets those go that require it.
func (s *schedule) done(i int, err error) {
	if err != nil {
		s.fail(s.plan.order[i], err)
	}
	if s.deps != nil {
		s.free(i)
	}
}

// fly flies a load on the worker's goroutine, since whoever waits for the
// schedule sees to its being abandoned.
func (s *schedule) fly(f *flight, place int) error {
	m := f.container.m
	if m.loadTimeout > 0 {
		return f.fly()
	}
	if s.parent != nil {
		s.parent.begins(f)
		defer s.parent.ends(f)
	}
	if s.stopped.Load() {
		f.refuse()
		return errStopped
	}
	if m == s.m {
		f.load(s.shelf, place)
	} else {
		f.load(m.shelf(1), 0)
	}
	return f.failure()
}

// next returns the next plugin to try.
func (s *schedule) next() (i int, ok bool) {
	if s.deps == nil {
		i = int(s.cursor.Add(1)) - 1
		return i, i < len(s.plan.order)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.deps.next()
}

// free lets those go that have waited for nothing but plugin i, to workers
// that have gone home in the meantime if need be.
func (s *schedule) free(i int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.deps.free(i)
	s.hire(min(n, s.m.concurrency-s.working))
}

// fail notes why a plugin was not loaded.
func (s *schedule) fail(c *container, err error) {
	cancelled := s.cancel != nil && isCancelled(err)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failures == nil {
		s.failures = make(map[*container]error)
	}
	if s.failures[c] != nil {
		return
	}
	if cancelled && s.stopped.Load() && s.outer.Err() == nil {
		err = errStopped
	}
	s.failures[c] = err
	if !isDisabled(err) && s.cancel != nil && !s.stopped.Load() {
		s.cancel(err)
		s.stopped.Store(true)
	}
}

// outcome returns why a plugin of the plan was not loaded.
func (s *schedule) outcome(c *container) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.failures[c]; err != nil {
		return err
	}
	return c.wrap(PhaseLoad, errUnloaded)
}

// errUnloaded is why a plugin that was loaded for another is not there.
var errUnloaded = errors.New("it was unloaded meanwhile")

// Dependents is who waits for whom within a plan.
type dependents struct {
	cursor int
	waits  []int   // for each plugin, how many that it requires are not finished
	freed  [][]int // for each plugin, those that require it
	ready  []int   // could not be tried when the cursor passed them, and can now
}

func newDependents(p *plan) *dependents {
	at := make(map[*container]int, len(p.order))
	for i, c := range p.order {
		at[c] = i
	}
	d := &dependents{waits: make([]int, len(p.order)), freed: make([][]int, len(p.order))}
	for i, c := range p.order {
		for _, need := range p.requires[c] {
			j, planned := at[need]
			if planned && j < i { // not so for what closes a cycle
				d.waits[i]++
				d.freed[j] = append(d.freed[j], i)
			}
		}
	}
	return d
}

func (d *dependents) next() (i int, ok bool) {
	if len(d.ready) > 0 {
		i, d.ready = d.ready[0], d.ready[1:]
		return i, true
	}
	for d.cursor < len(d.waits) {
		i = d.cursor
		d.cursor++
		if d.waits[i] == 0 {
			return i, true
		}
	}
	return 0, false
}

// free returns how many became ready.
func (d *dependents) free(i int) (n int) {
	for _, j := range d.freed[i] {
		d.waits[j]--
		if d.waits[j] == 0 && j < d.cursor {
			d.ready = append(d.ready, j)
			n++
		}
	}
	return n
}
