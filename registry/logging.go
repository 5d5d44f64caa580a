package registry

import (
	"context"
	"reflect"
)

// A Logger is a [*log/slog.Logger]. The package does not import log/slog, so
// that a program that has no use for it is not the larger for it.
type Logger interface {
	DebugContext(ctx context.Context, message string, args ...any)
	WarnContext(ctx context.Context, message string, args ...any)
	ErrorContext(ctx context.Context, message string, args ...any)
}

// logging is the listener that writes a manager's log.
func logging(log Logger) Listener {
	return func(ctx context.Context, e Event) error {
		args := []any{"namespace", e.Spec.Namespace, "plugin", e.Spec.Name, "phase", e.Phase.String()}
		switch {
		case e.Moment == Failed:
			log.ErrorContext(ctx, "plugin failed", append(args, "error", e.Err)...)
		case e.Moment == Skipped:
			log.DebugContext(ctx, "plugin is disabled", append(args, "error", e.Err)...)
		case e.Moment == Before && e.Phase == PhaseInit && e.Spec.deprecation() != "":
			for _, of := range [...]Attr{{"use", e.Spec.Deprecated}, {"since", e.Spec.DeprecatedSince}, {"removal", e.Spec.RemovalIn}} {
				if of.Value != "" {
					args = append(args, of.Key, of.Value)
				}
			}
			log.WarnContext(ctx, "plugin is deprecated", args...)
		case e.Moment == After && e.Phase == PhaseLoad:
			log.DebugContext(ctx, "plugin loaded", args...)
		case e.Moment == After && e.Phase == PhaseClose:
			log.DebugContext(ctx, "plugin closed", args...)
		}
		return nil
	}
}

// isNil sees nil pointers and functions in interfaces too.
func isNil(v any) bool {
	if v == nil {
		return true
	}
	r := reflect.ValueOf(v)
	return (r.Kind() == reflect.Pointer || r.Kind() == reflect.Func) && r.IsNil()
}
