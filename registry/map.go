package registry

import (
	"context"
	"errors"
)

// Map loads all plugins and calls do with each, one after the other in the order
// of [Manager.LoadAll] and on the caller's goroutine. It returns the results of the calls that succeeded, and
// the joined errors of loads and calls, the latter of [PhaseUse]; a panic in do is an error of that call.
// The loaded plugins get their calls even after ctx has ended; do may look at that itself.
// If do is nil nothing is loaded, and the error is [ErrInvalid]. Map may be called concurrently.
func Map[P, R any](ctx context.Context, m *Manager[P], do func(context.Context, *Spec, P) (R, error)) ([]R, error) {
	return mapped(ctx, m, do, m.core.loadAll)
}

// MapNamed is [Map] for the plugins of some names, in that order, as
// [Manager.LoadNamed] loads them.
func MapNamed[P, R any](ctx context.Context, m *Manager[P], names []string, do func(context.Context, *Spec, P) (R, error)) ([]R, error) {
	return mapped(ctx, m, do, func(ctx context.Context) ([]*instance, error) { return m.core.loadNamed(ctx, names) })
}

// MapWhere is [Map] for the plugins that enabled is true of, as
// [Manager.LoadWhere] loads them.
func MapWhere[P, R any](ctx context.Context, m *Manager[P], enabled func(*Spec) bool, do func(context.Context, *Spec, P) (R, error)) ([]R, error) {
	return mapped(ctx, m, do, func(ctx context.Context) ([]*instance, error) { return m.core.loadWhere(ctx, enabled) })
}

func mapped[P, R any](ctx context.Context, m *Manager[P], do func(context.Context, *Spec, P) (R, error), load func(context.Context) ([]*instance, error)) ([]R, error) {
	if do == nil {
		return nil, m.core.wrap("", faultf(ErrInvalid, "the function to call with each plugin is nil"))
	}
	instances, err := load(ctx)
	errs := []error{err}
	results := make([]R, 0, len(instances))
	for _, i := range instances {
		var r R
		err := guard(func() (err error) {
			r, err = do(ctx, i.plugin.spec, valueOf[P](i))
			return err
		})
		if err != nil {
			errs = append(errs, i.plugin.wrap(PhaseUse, err))
			continue
		}
		results = append(results, r)
	}
	return results, errors.Join(errs...)
}
