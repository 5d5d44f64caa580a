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

// apply implements Set.Apply.
func (s *set) apply(ctx context.Context, section config.Value) (result Result, err error) {
	began := time.Now()
	defer func() {
		if !result.Applied && !s.closed.Load() {
			result.Missing = append(s.missing(), result.Missing...)
		}
		result.Duration = time.Since(began)
	}()
	number, err := s.enqueue(ctx)
	if err != nil {
		return result, err
	}
	d, err := s.propose(ctx, section)
	if err != nil {
		return result, err
	}
	c := s.newCall(ctx)
	superseded, err := s.waitToStart(c, number)
	if err != nil || superseded {
		result.Superseded = superseded
		return result, err
	}
	defer s.finishApply(c)
	if parent := callOf(ctx); parent != nil {
		parent.startsWaiting(c)
		defer parent.stopsWaiting(c)
	}
	if !d.isCurrent() { // another Apply has changed the set meanwhile
		if d, err = s.propose(ctx, section); err != nil {
			return result, err
		}
	}
	if d.plan == nil && d.isLoaded() {
		s.install(d.to)
		return Result{Applied: true, Kept: len(d.to.list)}, nil
	}
	t := &transition{proposal: d, call: c, result: &result, changes: make(map[string]*Change)}
	err = t.run() // which sets result
	return result, err
}

// dryRun implements Set.Check.
func (s *set) dryRun(ctx context.Context, section config.Value) error {
	if err := s.checkUsable(ctx); err != nil {
		return err
	}
	_, err := s.propose(ctx, section)
	return err
}

// A transition takes a set from one state to another: it is the part of an Apply that
// changes something. If a step fails, rollBack undoes those before it.
type transition struct {
	*proposal
	call    *call
	result  *Result
	changes map[string]*Change

	// What to do. See the file set_changes.go.
	reused     map[*plugin]*plugin // from a plugin of the proposal to the one that is used instead
	toStart    []*plugin           // to be loaded
	dropped    []*plugin           // old ones that are not in the new catalog, loaded or not
	toClose    []*plugin           // loaded ones, in the order in which they were loaded
	dependents []*plugin           // of other managers, that require some of toClose

	// What was done.
	reloaded  []*plugin // were given new options
	closeErrs []error   // of closing toClose

	// What rollBack needs, too.
	before          map[*plugin]*instance // of toClose and dependents, from before the Apply
	previousEntries map[*plugin]*entry    // that were replaced
	mustRestart     map[*plugin]bool      // reloaded ones whose Reload panicked or was abandoned
}

func (t *transition) run() error {
	t.before, t.mustRestart = make(map[*plugin]*instance), make(map[*plugin]bool)
	t.reused, t.previousEntries = make(map[*plugin]*plugin), make(map[*plugin]*entry)
	if t.plan == nil {
		t.plan = t.to.plan(t.to.list)
	}
	err := t.forward()
	t.conclude(err == nil)
	if err == nil {
		t.result.Applied = true
		return errors.Join(t.closeErrs...)
	}
	if t.closed.Load() {
		return errors.Join(append([]error{err}, t.closeErrs...)...)
	}
	missing := t.rollBack()
	return t.explain(err, missing)
}

// forward goes from the old instances to the new ones.
func (t *transition) forward() error {
	t.findReloads()
	t.findStarts()
	t.install(state{t.to.section, true, t.from.catalog})
	for p, e := range t.moved {
		t.replaceEntry(p, e)
	}
	if err := t.reloadAll(); err != nil {
		return err
	}
	t.findCloses()
	if !t.overlap {
		if err := t.closeAll(); err != nil {
			return err
		}
	}
	if err := t.startAll(); err != nil {
		return err
	}
	if t.overlap {
		if err := t.closeAll(); err != nil {
			return err
		}
	}
	return t.startDependents()
}

// replaceEntry sets the entry of an instance, and keeps the one before for restoreEntry.
func (t *transition) replaceEntry(p *plugin, e *entry) {
	t.previousEntries[p] = p.entry.Load()
	p.entry.Store(e)
}

// restoreEntry undoes replaceEntry.
func (t *transition) restoreEntry(p *plugin) {
	p.entry.Store(t.previousEntries[p])
	delete(t.previousEntries, p)
}

// reloadAll gives instances their new options, in the order in which they were loaded.
// If some ask for a restart instead, it adds them to toStart.
func (t *transition) reloadAll() error {
	fresh := make(map[*plugin]*plugin, len(t.reused)) // from the loaded plugin to that of the proposal
	for p, old := range t.reused {
		fresh[old] = p
	}
	if len(fresh) == 0 {
		return nil
	}
	restart := false
	for _, old := range t.activePlugins() {
		p := fresh[old]
		if p == nil {
			continue
		}
		c := t.changeOf(old)
		c.Action = Reloaded
		t.reloaded = append(t.reloaded, old)
		t.replaceEntry(old, p.entry.Load())
		began := time.Now()
		err := old.reload(t.call)
		c.Duration = time.Since(began)
		switch {
		case wantsRestart(err):
			restart = true
			delete(t.reused, p)
			t.reloaded = t.reloaded[:len(t.reloaded)-1]
			t.restoreEntry(old)
		case err != nil:
			c.Err = err
			t.mustRestart[old] = isPanic(err) || isContextError(err)
			return err
		}
	}
	if restart {
		t.findStarts()
	}
	return nil
}

// closeAll closes toClose, the latest loaded first. It returns an error if it could not
// go on, and adds errors of the plugins' Close methods to closeErrs.
func (t *transition) closeAll() error {
	ctx, cancel := graceful(t.call)
	defer cancel()
	for _, p := range slices.Backward(t.toClose) {
		began := time.Now()
		_, err := p.close(ctx, false)
		c := t.changeOf(p)
		c.Duration += time.Since(began)
		if err != nil {
			c.Err = err
			t.closeErrs = append(t.closeErrs, err)
		}
		if p.loaded.Load() != nil || t.call.Context.Err() != nil {
			if err == nil {
				err = t.wrap("", causeOf(t.call.Context))
			}
			return err
		}
	}
	return nil
}

// startAll makes and loads toStart, and installs the new state.
func (t *transition) startAll() error {
	for _, p := range t.dropped {
		p.setForgotten(true)
	}
	limit, cancel := context.WithTimeout(t.call, recovery)
	defer cancel()
	for _, p := range t.toStart {
		p.setForgotten(false)
		if err := t.awaitPredecessor(limit, p); err != nil {
			t.changeOf(p).Err = err
			return err
		}
	}
	t.install(t.to)
	if !t.overlap {
		t.publish()
	}
	errs := t.loadPlanned(t.call, t.to.plan(t.toStart), t.toStart)
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	if t.overlap {
		t.publish()
	}
	return nil
}

// awaitPredecessor waits for the Close of an earlier instance with the same id that was
// abandoned, so that there are never two at a time.
func (t *transition) awaitPredecessor(ctx context.Context, p *plugin) error {
	old := t.index.get(p.name())
	if old == nil || t.overlap {
		return nil
	}
	if err := old.awaitClosed(ctx); err != nil {
		return p.wrap(PhaseResolve, fmt.Errorf("an earlier instance is still being closed: %w", err))
	}
	return nil
}

// awaitClosed waits for a Close of the plugin that is in progress.
func (p *plugin) awaitClosed(ctx context.Context) error {
	c, r := p.inProgress()
	if c == nil || c.at() != PhaseClose {
		return nil
	}
	return wait(ctx, c, r)
}

// setForgotten sets whether the plugin is forgotten. A forgotten instance of a set
// cannot be loaded.
func (p *plugin) setForgotten(forgotten bool) {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	p.forgotten = forgotten
}

// publish makes Get find what was started.
func (t *transition) publish() {
	t.lookup.Lock()
	defer t.lookup.Unlock()
	for _, p := range t.toStart {
		t.index.put(p)
	}
	c := t.set.catalog.Load()
	if t.index.count > 2*len(c.list)+8 { // most of the index are instances that are gone
		kept := t.activePlugins()
		kept = slices.DeleteFunc(kept, func(p *plugin) bool { return c.find(p.name()) != nil })
		t.index.replace(append(kept, c.list...))
	}
}

// startDependents loads the plugins of other managers again that were closed.
func (t *transition) startDependents() error {
	return errors.Join(t.loadDependents(t.call)...)
}

func (t *transition) loadDependents(ctx context.Context) (errs []error) {
	var list []*plugin
	limit, cancel := context.WithTimeout(ctx, recovery)
	defer cancel()
	for _, p := range t.dependents {
		if err := p.awaitClosed(limit); err != nil {
			errs = append(errs, p.wrap(PhaseClose, err))
		} else if p.canLoad() {
			list = append(list, p)
		}
	}
	return append(errs, t.loadPlanned(ctx, planOf(list), list)...)
}

// canLoad reports whether a plugin of another manager can be loaded, and is not.
func (p *plugin) canLoad() bool {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	return !p.m.closed.Load() && !p.forgotten && p.loaded.Load() == nil
}

// loadPlanned loads the plugins of a plan. It returns an error for each plugin of list
// that is not loaded then.
func (t *transition) loadPlanned(ctx context.Context, plan *plan, list []*plugin) (errs []error) {
	if len(list) == 0 {
		return nil
	}
	b := newBatch(ctx, &t.core, plan)
	b.run()
	for _, p := range list {
		if e := p.entry.Load(); e != nil && p.m == &t.core {
			t.changeOf(p).Duration += time.Duration(e.loadTime.Swap(0))
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
		if p.m == &t.core {
			t.changeOf(p).Err = err
		}
		errs = append(errs, err)
	}
	return errs
}

// conclude sets the Changes and Kept of the result.
func (t *transition) conclude(applied bool) {
	for _, c := range t.changes {
		t.result.Changes = append(t.result.Changes, *c)
	}
	slices.SortFunc(t.result.Changes, func(a, b Change) int { return strings.Compare(a.ID, b.ID) })
	of := t.from.catalog
	if applied {
		of = t.to.catalog
	}
	t.result.Kept = len(of.list)
	for id := range t.changes {
		if of.find(id) != nil {
			t.result.Kept--
		}
	}
}
