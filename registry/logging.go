package registry

import (
	"context"
	"log/slog"
)

// logging is the listener that writes a manager's log: failures as errors,
// deprecated plugins as warnings, the rest for debugging.
func logging(log *slog.Logger) Listener {
	return func(ctx context.Context, e Event) error {
		level, message := slog.LevelDebug, ""
		switch {
		case e.Moment == Failed:
			level, message = slog.LevelError, "plugin failed"
		case e.Moment == Skipped:
			message = "plugin is disabled"
		case e.Moment == Before && e.Phase == PhaseInit && e.Spec.Deprecated != "":
			level, message = slog.LevelWarn, "plugin is deprecated"
		case e.Moment == After && e.Phase == PhaseLoad:
			message = "plugin loaded"
		case e.Moment == After && e.Phase == PhaseClose:
			message = "plugin closed"
		}
		if message == "" || !log.Enabled(ctx, level) {
			return nil
		}
		attrs := []slog.Attr{
			slog.String("namespace", e.Spec.Namespace),
			slog.String("plugin", e.Spec.Name),
			slog.String("phase", e.Phase.String()),
		}
		if level == slog.LevelWarn {
			attrs = append(attrs, slog.String("use", e.Spec.Deprecated))
		}
		if e.Err != nil {
			attrs = append(attrs, slog.Any("error", e.Err))
		}
		log.LogAttrs(ctx, level, message, attrs...)
		return nil
	}
}
