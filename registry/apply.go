package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plugingen/plugingen/registry/config"
)

// apply makes the set follow a section.
func (s *set) apply(ctx context.Context, section config.Value) (result Result, err error) {
	began := time.Now()
	defer func() {
		if !result.Applied && !s.closed.Load() {
			result.Missing = append(s.missing(), result.Missing...)
		}
		result.Duration = time.Since(began)
	}()
	number, err := s.arrive(ctx)
	if err != nil {
		return result, err
	}
	d, err := s.draftFor(ctx, section)
	if err != nil {
		return result, err
	}
	c := s.newCall(ctx)
	overtaken, err := s.takeTurn(c, number)
	if err != nil || overtaken {
		result.Overtaken = overtaken
		return result, err
	}
	defer s.endTurn(c)
	if parent := callOf(ctx); parent != nil {
		parent.startsWaiting(c)
		defer parent.stopsWaiting(c)
	}
	if !d.isCurrent() { // others have had their turn
		if d, err = s.draftFor(ctx, section); err != nil {
			return result, err
		}
	}
	if d.plan == nil && d.isLoaded() {
		s.install(d.to)
		return Result{Applied: true, Kept: len(d.to.list)}, nil
	}
	a := &application{draft: d, call: c, result: &result, changes: make(map[string]*Change)}
	err = a.run() // which sets result
	return result, err
}

// missing returns the ids of the instances that should be there, and are not.
func (s *set) missing() (ids []string) {
	for _, p := range s.instances().list {
		if p.loaded.Load() == nil {
			ids = append(ids, p.name)
		}
	}
	return ids
}

// dryRun returns what is wrong with a section.
func (s *set) dryRun(ctx context.Context, section config.Value) error {
	if err := s.checkUsable(ctx); err != nil {
		return err
	}
	_, err := s.draftFor(ctx, section)
	return err
}

// arrive returns the number of an Apply, unless it cannot be.
func (s *set) arrive(ctx context.Context) (number uint64, err error) {
	if err := s.checkUsable(ctx); err != nil {
		return 0, err
	}
	if err := s.checkCaller(ctx, "Apply"); err != nil {
		return 0, err
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	s.arrivals++
	return s.arrivals, nil
}

// checkUsable returns why the set can't follow any configuration, or nil.
func (s *set) checkUsable(ctx context.Context) error {
	switch {
	case ctx == nil:
		return s.wrap("", nilContext())
	case s.set == nil:
		return s.wrap("", faultf(ErrInvalid, "a set is made by NewSet, For or NewSetFunc"))
	case s.closed.Load():
		return s.wrap("", ErrClosed)
	}
	return nil
}

// checkCaller returns an error if the caller is code of an instance that is being loaded,
// reloaded or closed, or of a plugin that is an option of one.
func (s *set) checkCaller(ctx context.Context, method string) error {
	for c := callOf(ctx); c != nil; c = c.parent() {
		m := c.plugin.m
		if c.plugin.spec == nil || !m.isInProgress(c) {
			continue
		}
		for m.owner != nil {
			m = m.owner
		}
		if m == &s.core {
			return s.wrap("", faultf(ErrCycle, "%s of the set is called by its own plugin %s, "+
				"which it would wait for: call it when the plugin is loaded, or from elsewhere",
				method, c.plugin.id()))
		}
	}
	return nil
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

// newCall returns the call that stands for an Apply.
func (s *set) newCall(ctx context.Context) *call {
	c := (&plugin{m: &s.core}).newCall(ctx)
	c.result = &result{done: make(chan struct{})}
	return c
}

// takeTurn waits until no other Apply or Close runs. It reports whether another one with a
// higher number has come before, or waits.
func (s *set) takeTurn(c *call, number uint64) (overtaken bool, err error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.waiting = append(s.waiting, number)
	defer func() {
		s.waiting = slices.DeleteFunc(s.waiting, func(n uint64) bool { return n == number })
	}()
	for {
		switch {
		case s.closed.Load() || s.ending:
			return false, s.wrap("", ErrClosed)
		case s.last > number || slices.Max(s.waiting) > number:
			return true, nil
		case s.applying == nil:
			s.applying, s.last = c, number
			return false, nil
		}
		other := s.applying
		s.turn.Unlock()
		err := wait(c.Context, other, other.result)
		s.turn.Lock()
		if err != nil {
			return false, s.wrap("", err)
		}
	}
}

func (s *set) endTurn(c *call) {
	s.turn.Lock()
	defer s.turn.Unlock()
	c.over.Store(true)
	if s.applying == c {
		s.applying = nil
	}
	close(c.result.done)
}

// close closes the set, after the Apply that is going on, or beside it if ctx ends.
func (s *set) close(ctx context.Context) error {
	if ctx == nil {
		return s.wrap("", nilContext())
	}
	if err := s.checkCaller(ctx, "Close"); err != nil {
		return err
	}
	if err := s.takeLastTurn(ctx); err != nil {
		return err
	}
	return s.core.close(ctx)
}

// takeLastTurn waits for the Apply that is going on. Those that wait have no turn any more,
// unless a cycle of calls that wait for each other keeps the set from being closed.
func (s *set) takeLastTurn(ctx context.Context) error {
	for {
		s.turn.Lock()
		other := s.applying
		s.ending = true
		s.turn.Unlock()
		if other == nil {
			return nil
		}
		err := wait(ctx, other, other.result)
		if f, ok := err.(*fault); ok && f.kind == ErrCycle {
			s.turn.Lock()
			s.ending = s.closed.Load()
			s.turn.Unlock()
			return s.wrap("", err)
		}
		if err != nil {
			return nil // closing abandons what is going on
		}
	}
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

// An application is an Apply that has its turn.
type application struct {
	*draft
	call    *call
	result  *Result
	changes map[string]*Change

	was      map[*plugin]*instance // the loaded instances of what may be closed, from before the Apply
	reused   map[*plugin]*plugin   // by plugin of the draft: the one that is there, and takes its place
	kept     map[*plugin]*member   // members that were replaced, for putBack to restore
	reloaded []*plugin             // were given new options
	unfit    map[*plugin]bool      // reloaded ones whose Reload panicked or was abandoned
	start    []*plugin             // to be loaded
	gone     []*plugin             // that are not in the new catalog
	stop     []*plugin             // loaded ones to be closed, in the order in which they were loaded
	others   []*plugin             // of other managers, that require what is in stop

	warned []error // of closing what was to be closed
}

func (a *application) run() error {
	a.was, a.unfit = make(map[*plugin]*instance), make(map[*plugin]bool)
	a.reused, a.kept = make(map[*plugin]*plugin), make(map[*plugin]*member)
	if a.plan == nil {
		a.plan = a.to.plan(a.to.list)
	}
	err := a.change()
	a.conclude(err == nil)
	if err == nil {
		a.result.Applied = true
		return errors.Join(a.warned...)
	}
	if a.closed.Load() {
		return errors.Join(append([]error{err}, a.warned...)...)
	}
	missing := a.putBack()
	return a.explain(err, missing)
}

// change goes from the old instances to the new ones.
func (a *application) change() error {
	a.findReloads()
	a.settle()
	a.install(state{a.to.section, true, a.from.catalog})
	for p, m := range a.moved {
		a.move(p, m)
	}
	if err := a.reloadAll(); err != nil {
		return err
	}
	a.arrange()
	if !a.overlap {
		if err := a.closeAll(); err != nil {
			return err
		}
	}
	if err := a.startAll(); err != nil {
		return err
	}
	if a.overlap {
		if err := a.closeAll(); err != nil {
			return err
		}
	}
	return a.startOthers()
}

// move makes another member of an instance, until it is put back.
func (a *application) move(p *plugin, m *member) {
	a.kept[p] = p.member.Load()
	p.member.Store(m)
}

// findReloads finds the instances that can be given their new options: they stay, instead of the
// new ones of the draft.
func (a *application) findReloads() {
	for _, p := range a.fresh {
		old := a.from.find(p.name)
		if old != nil && old.loaded.Load() != nil && p.spec.Reload != nil && p.spec.Options != nil &&
			old.member.Load().kind == p.member.Load().kind {
			a.reused[p] = old
		}
	}
}

// used returns the instance that is used for one of the draft.
func (a *application) used(p *plugin) *plugin {
	if len(a.reused) == 0 {
		return p
	}
	if other := a.reused[p]; other != nil {
		return other
	}
	return p
}

// settle finds out what has to be started: what is new, and what requires that, or is to
// require others than those that it was loaded with.
func (a *application) settle() {
	a.start = a.start[:0]
	starting := make(map[*plugin]bool)
	for _, p := range a.plan.order {
		if p.m != &a.core {
			continue
		}
		because, starts := a.because(p, starting)
		if !starts {
			continue
		}
		starting[p] = true
		delete(a.reused, p)
		a.start = append(a.start, p)
		a.noteStart(p, because)
	}
}

// because reports whether an instance of the draft has to be started, and because of which
// other one if it has not changed itself.
func (a *application) because(p *plugin, starting map[*plugin]bool) (string, bool) {
	i := a.used(p).loaded.Load()
	if i == nil {
		return "", true
	}
	if a.plan.needs == nil || len(p.spec.Requires) == 0 {
		return "", false
	}
	held := make(map[*plugin]bool)
	if i.edges != nil {
		for _, other := range i.requires {
			held[other.plugin] = true
		}
	}
	for _, n := range a.plan.needs[p] {
		if n.plugin.m != &a.core {
			continue
		}
		if starting[n.plugin] || !held[a.used(n.plugin)] {
			return n.plugin.name, true
		}
		delete(held, a.used(n.plugin))
	}
	for other := range held {
		if other.m == &a.core {
			return other.name, true
		}
	}
	return "", false
}

// noteStart notes what happens to an instance that is started.
func (a *application) noteStart(p *plugin, because string) {
	c := a.note(p)
	c.Action, c.Because = Added, ""
	if old := a.from.find(p.name); old != nil && old.loaded.Load() != nil {
		c.Action = Replaced
		if old == p {
			c.Because = because
		}
	}
}

// note returns the change of an instance.
func (a *application) note(p *plugin) *Change {
	c := a.changes[p.name]
	if c == nil {
		c = &Change{ID: p.name, Spec: p.spec}
		a.changes[p.name] = c
	}
	return c
}

// reloadAll gives instances their new options, in the order in which they were loaded. Those
// that have to be restarted are to be started then.
func (a *application) reloadAll() error {
	fresh := make(map[*plugin]*plugin, len(a.reused)) // by the instance that there is
	for p, old := range a.reused {
		fresh[old] = p
	}
	if len(fresh) == 0 {
		return nil
	}
	restart := false
	for _, old := range a.activePlugins() {
		p := fresh[old]
		if p == nil {
			continue
		}
		c := a.note(old)
		c.Action = Reloaded
		a.reloaded = append(a.reloaded, old)
		a.move(old, p.member.Load())
		began := time.Now()
		err := old.reload(a.call)
		c.Duration = time.Since(began)
		switch {
		case wantsRestart(err):
			restart = true
			delete(a.reused, p)
			a.reloaded = a.reloaded[:len(a.reloaded)-1]
			a.moveBack(old)
		case err != nil:
			c.Err = err
			a.unfit[old] = isPanic(err) || isEnd(err)
			return err
		}
	}
	if restart {
		a.settle()
	}
	return nil
}

// moveBack gives an instance the member that it had.
func (a *application) moveBack(p *plugin) {
	p.member.Store(a.kept[p])
	delete(a.kept, p)
}

// arrange makes the catalog of what there is to be, and finds what has to be closed.
func (a *application) arrange() {
	stop := make(map[*plugin]bool)
	for i, p := range a.start {
		if p.loaded.Load() == nil {
			continue
		}
		stop[p] = true
		if a.overlap { // only what it requires has changed
			again := a.newInstance(p.member.Load().kind.spec, p.name, p.member.Load())
			a.reused[p], a.start[i] = again, again
		}
	}
	if len(a.reused) > 0 {
		c := *a.to.catalog
		c.list = slices.Clone(c.list)
		for i, p := range c.list {
			c.list[i] = a.used(p)
		}
		a.to.catalog = &c
	}
	a.findGone()
	for _, p := range a.gone {
		if p.loaded.Load() != nil {
			stop[p] = true
		}
	}
	if len(stop) > 0 {
		a.stop = slices.DeleteFunc(a.activePlugins(), func(p *plugin) bool { return !stop[p] })
	}
	a.others = a.dependents()
	for _, p := range slices.Concat(a.stop, a.others) {
		a.was[p] = p.loaded.Load()
	}
}

// findGone finds the old instances that are not in the new catalog. Both are sorted.
func (a *application) findGone() {
	list := a.to.list
	for _, p := range a.from.list {
		for len(list) > 0 && list[0] != p && list[0].name < p.name {
			list = list[1:]
		}
		switch {
		case len(list) > 0 && list[0] == p:
			list = list[1:]
			continue
		case len(list) == 0 || list[0].name != p.name:
			a.note(p).Action = Removed
		}
		a.gone = append(a.gone, p)
	}
}

// dependents returns the plugins of other managers that require what is to be closed, directly
// or not, in the order in which they were found.
func (a *application) dependents() (list []*plugin) {
	seen := make(map[*plugin]bool)
	for open := slices.Clone(a.stop); len(open) > 0; {
		p := open[0]
		open = open[1:]
		for _, d := range p.dependents() {
			if !seen[d] && d.m != &a.core {
				seen[d] = true
				list = append(list, d)
				open = append(open, d)
			}
		}
	}
	return slices.DeleteFunc(list, func(p *plugin) bool { return p.loaded.Load() == nil || p.child != nil })
}

// dependents returns what holds the instance of the plugin.
func (p *plugin) dependents() []*plugin {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	i := p.loaded.Load()
	if i == nil || i.edges == nil {
		return nil
	}
	return slices.Clone(i.edges.dependents)
}

// closeAll closes what has to be closed, the latest loaded first.
func (a *application) closeAll() error {
	ctx, cancel := graceful(a.call)
	defer cancel()
	for _, p := range slices.Backward(a.stop) {
		began := time.Now()
		_, err := p.close(ctx, false)
		c := a.note(p)
		c.Duration += time.Since(began)
		if err != nil {
			c.Err = err
			a.warned = append(a.warned, err)
		}
		if p.loaded.Load() != nil || a.call.Context.Err() != nil {
			if err == nil {
				err = a.wrap("", causeOf(a.call.Context))
			}
			return err
		}
	}
	return nil
}

// startAll makes and loads what has to be started.
func (a *application) startAll() error {
	for _, p := range a.gone {
		p.forget(true)
	}
	limit, cancel := context.WithTimeout(a.call, recovery)
	defer cancel()
	for _, p := range a.start {
		p.forget(false)
		if err := a.awaitPredecessor(limit, p); err != nil {
			a.note(p).Err = err
			return err
		}
	}
	a.install(a.to)
	if !a.overlap {
		a.publish()
	}
	errs := a.loadPlanned(a.call, a.to.plan(a.start), a.start)
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	if a.overlap {
		a.publish()
	}
	return nil
}

// forget makes a plugin one that cannot be loaded, or can be again.
func (p *plugin) forget(forgotten bool) {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	p.forgotten = forgotten
}

// awaitPredecessor waits for the Close of an earlier instance of the same id that was
// abandoned, so that there are not two beside each other.
func (a *application) awaitPredecessor(ctx context.Context, p *plugin) error {
	old := a.index.get(p.name)
	if old == nil || a.overlap {
		return nil
	}
	if err := old.awaitClosed(ctx); err != nil {
		return p.wrap(PhaseResolve, fmt.Errorf("an earlier instance is still being closed: %w", err))
	}
	return nil
}

// awaitClosed waits for a Close of the plugin that is in progress.
func (p *plugin) awaitClosed(ctx context.Context) error {
	c, r := p.closeInProgress()
	if c == nil {
		return nil
	}
	return wait(ctx, c, r)
}

func (p *plugin) closeInProgress() (*call, *result) {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	if p.call == nil || p.call.at() != PhaseClose {
		return nil, nil
	}
	return p.call, p.call.pending()
}

// publish lets Get find what was started.
func (a *application) publish() {
	a.lookup.Lock()
	defer a.lookup.Unlock()
	for _, p := range a.start {
		a.index.put(p)
	}
	c := a.set.catalog.Load()
	if a.index.count > 2*len(c.list)+8 { // most are no longer there
		kept := a.activePlugins()
		kept = slices.DeleteFunc(kept, func(p *plugin) bool { return c.find(p.name) != nil })
		a.index.replace(append(kept, c.list...))
	}
}

// loadPlanned loads the plugins of a plan, and returns why some of a list are not loaded.
func (a *application) loadPlanned(ctx context.Context, plan *plan, list []*plugin) (errs []error) {
	if len(list) == 0 {
		return nil
	}
	b := newBatch(ctx, &a.core, plan)
	b.run()
	for _, p := range list {
		if m := p.member.Load(); m != nil && p.m == &a.core {
			a.note(p).Duration += time.Duration(m.took.Swap(0))
		}
		err := b.failure(p)
		if err == nil && p.loaded.Load() == nil {
			err = p.wrap(PhaseResolve, notRunning())
			if cause := ended(ctx); cause != nil {
				err = p.wrap(PhaseResolve, cause)
			}
		}
		if err == nil {
			continue
		}
		if p.m == &a.core {
			a.note(p).Err = err
		}
		errs = append(errs, err)
	}
	return errs
}

// startOthers loads the plugins of other managers again.
func (a *application) startOthers() error {
	return errors.Join(a.loadOthers(a.call)...)
}

func (a *application) loadOthers(ctx context.Context) (errs []error) {
	var list []*plugin
	limit, cancel := context.WithTimeout(ctx, recovery)
	defer cancel()
	for _, p := range a.others {
		if err := p.awaitClosed(limit); err != nil {
			errs = append(errs, p.wrap(PhaseClose, err))
		} else if p.isWanted() {
			list = append(list, p)
		}
	}
	return append(errs, a.loadPlanned(ctx, planOf(list), list)...)
}

// isWanted reports whether a plugin of another manager is still there to be loaded.
func (p *plugin) isWanted() bool {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	return !p.m.closed.Load() && !p.forgotten && p.loaded.Load() == nil
}

// isPanic reports whether code of a plugin has panicked.
func isPanic(err error) bool { return isAny(err, ErrPanic) }

// isEnd reports whether err is context.Canceled or context.DeadlineExceeded.
func isEnd(err error) bool { return isAny(err, context.Canceled, context.DeadlineExceeded) }

// recovery is how long putting back may go on after the end of the context.
const recovery = 10 * time.Second

// putBack makes the set what it was. It returns what could not be put back.
func (a *application) putBack() (missing []string) {
	ctx, cancel := lasting(a.call, recovery)
	defer cancel()
	a.closeStarted(ctx)
	for _, p := range a.start {
		p.forget(true)
	}
	for _, p := range slices.Concat(a.gone, a.from.list) {
		p.forget(false)
	}
	for p := range a.kept {
		a.moveBack(p)
	}
	a.install(a.from)
	a.unpublish()
	a.reloadBack(ctx)
	a.restore(ctx)
	_ = a.loadOthers(ctx)
	for _, p := range a.others {
		if p.loaded.Load() == nil {
			a.result.Missing = append(a.result.Missing, p.id())
		}
	}
	return append(a.missing(), a.result.Missing...)
}

// closeStarted closes what was started, the latest loaded first.
func (a *application) closeStarted(ctx context.Context) {
	list := slices.Clone(a.others)
	for _, p := range a.activePlugins() {
		if slices.Contains(a.start, p) {
			list = append(list, p)
		}
	}
	for _, p := range slices.Backward(list) {
		if i := p.loaded.Load(); i != nil && i != a.was[p] {
			_, _ = p.close(ctx, true)
		}
	}
}

// restore loads the old instances that are not loaded.
func (a *application) restore(ctx context.Context) {
	var lost []*plugin
	limit, stop := context.WithTimeout(ctx, recovery)
	defer stop()
	for _, p := range a.from.list {
		switch {
		case p.loaded.Load() != nil:
		case p.awaitClosed(limit) != nil:
			p.forget(true) // so that nothing waits for it
		default:
			lost = append(lost, p)
		}
	}
	if len(lost) > 0 {
		b := newBatch(ctx, &a.core, a.from.plan(lost))
		b.cancel = nil // all are tried, even if one fails
		b.run()
	}
}

// reloadBack gives instances their old options again. One that does not take them, or
// whose Reload has panicked or gone on too long, is closed, to be made anew.
func (a *application) reloadBack(ctx context.Context) {
	for _, p := range slices.Backward(a.reloaded) {
		if p.loaded.Load() == nil {
			continue
		}
		if a.unfit[p] || p.reload(ctx) != nil {
			_, _ = p.close(ctx, true)
		}
	}
}

// unpublish lets Get find what was there before.
func (a *application) unpublish() {
	a.lookup.Lock()
	defer a.lookup.Unlock()
	for _, p := range a.from.list {
		if a.index.get(p.name) != p {
			a.index.put(p)
		}
	}
}

// lasting returns a context like ctx that ends only a while after it.
func lasting(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(d, func() { cancel(context.Cause(ctx)) })
		context.AfterFunc(longer, func() { timer.Stop() })
	})
	return longer, func() { stop(); cancel(nil) }
}

// conclude completes the result.
func (a *application) conclude(applied bool) {
	for _, c := range a.changes {
		a.result.Changes = append(a.result.Changes, *c)
	}
	slices.SortFunc(a.result.Changes, func(a, b Change) int { return strings.Compare(a.ID, b.ID) })
	of := a.from.catalog
	if applied {
		of = a.to.catalog
	}
	a.result.Kept = len(of.list)
	for id := range a.changes {
		if of.find(id) != nil {
			a.result.Kept--
		}
	}
}

// explain says what became of the set.
func (a *application) explain(err error, missing []string) error {
	errs := []error{err}
	for _, w := range a.warned {
		if !errors.Is(err, w) {
			errs = append(errs, w)
		}
	}
	text := "the new configuration was not applied; the one before is in effect again"
	if len(missing) > 0 {
		text += ", but without " + enumerate(len(missing), func(i int) string { return missing[i] })
	}
	return errors.Join(append(errs, a.wrap("", errors.New(text)))...)
}
