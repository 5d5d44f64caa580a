package registry

import (
	"context"
	"errors"
	"slices"
	"time"
)

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

// isPanic reports whether code of a plugin has panicked.
func isPanic(err error) bool { return isAny(err, ErrPanic) }

// isEnd reports whether err is context.Canceled or context.DeadlineExceeded.
func isEnd(err error) bool { return isAny(err, context.Canceled, context.DeadlineExceeded) }

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
