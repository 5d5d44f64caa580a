package registry

import (
	"context"
	"errors"
	"slices"
	"time"
)

// recovery is how long a rollback may go on after the end of the context.
const recovery = 10 * time.Second

// rollBack makes the set what it was before the Apply. It returns the instances that
// could not be started again.
func (t *transition) rollBack() (missing []string) {
	ctx, cancel := extended(t.call, recovery)
	defer cancel()
	t.closeStarted(ctx)
	for _, p := range t.toStart {
		p.setForgotten(true)
	}
	for _, p := range slices.Concat(t.dropped, t.from.list) {
		p.setForgotten(false)
	}
	for p := range t.previousEntries {
		t.restoreEntry(p)
	}
	t.install(t.from)
	t.publishOld()
	t.reloadOld(ctx)
	t.restartLost(ctx)
	_ = t.loadDependents(ctx)
	for _, p := range t.dependents {
		if p.loaded.Load() == nil {
			t.result.Missing = append(t.result.Missing, p.id())
		}
	}
	return append(t.missing(), t.result.Missing...)
}

// closeStarted closes what the transition has started, the latest loaded first.
func (t *transition) closeStarted(ctx context.Context) {
	list := slices.Clone(t.dependents)
	for _, p := range t.activePlugins() {
		if slices.Contains(t.toStart, p) {
			list = append(list, p)
		}
	}
	for _, p := range slices.Backward(list) {
		if i := p.loaded.Load(); i != nil && i != t.before[p] {
			_, _ = p.close(ctx, true)
		}
	}
}

// restartLost loads the old instances that are not loaded.
func (t *transition) restartLost(ctx context.Context) {
	var lost []*plugin
	limit, stop := context.WithTimeout(ctx, recovery)
	defer stop()
	for _, p := range t.from.list {
		switch {
		case p.loaded.Load() != nil:
		case p.awaitClosed(limit) != nil:
			p.setForgotten(true) // so that a load which requires it fails, rather than wait
		default:
			lost = append(lost, p)
		}
	}
	if len(lost) > 0 {
		b := newBatch(ctx, &t.core, t.from.plan(lost))
		b.cancel = nil // all are tried, even if one fails
		b.run()
	}
}

// reloadOld gives the reloaded instances their old options again. It closes those that
// refuse them, and those in mustRestart, for restartLost to make them anew.
func (t *transition) reloadOld(ctx context.Context) {
	for _, p := range slices.Backward(t.reloaded) {
		if p.loaded.Load() == nil {
			continue
		}
		if t.mustRestart[p] || p.reload(ctx) != nil {
			_, _ = p.close(ctx, true)
		}
	}
}

// publishOld makes Get find the old instances again.
func (t *transition) publishOld() {
	t.lookup.Lock()
	defer t.lookup.Unlock()
	for _, p := range t.from.list {
		if t.index.get(p.name()) != p {
			t.index.put(p)
		}
	}
}

// isPanic reports whether err is that of a panic.
func isPanic(err error) bool { return isAny(err, ErrPanic) }

// isContextError reports whether err is context.Canceled or context.DeadlineExceeded.
func isContextError(err error) bool { return isAny(err, context.Canceled, context.DeadlineExceeded) }

// explain adds to the error of a transition what was rolled back, and what was not.
func (t *transition) explain(err error, missing []string) error {
	errs := []error{err}
	for _, w := range t.closeErrs {
		if !errors.Is(err, w) {
			errs = append(errs, w)
		}
	}
	text := "the new configuration was not applied; the one before is in effect again"
	if len(missing) > 0 {
		text += ", but without " + enumerate(len(missing), func(i int) string { return missing[i] })
	}
	return errors.Join(append(errs, t.wrap("", errors.New(text)))...)
}
