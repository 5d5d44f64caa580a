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

// dryRun returns what is wrong with a section.
func (s *set) dryRun(ctx context.Context, section config.Value) error {
	if err := s.checkUsable(ctx); err != nil {
		return err
	}
	_, err := s.draftFor(ctx, section)
	return err
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

// moveBack gives an instance the member that it had.
func (a *application) moveBack(p *plugin) {
	p.member.Store(a.kept[p])
	delete(a.kept, p)
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

// forget makes a plugin one that cannot be loaded, or can be again.
func (p *plugin) forget(forgotten bool) {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	p.forgotten = forgotten
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
