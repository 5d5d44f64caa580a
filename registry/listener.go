package registry

import (
	"context"
	"reflect"
	"time"
)

// A Listener is called at each step of the life of a manager's plugins. It must be safe
// for concurrent use. It is called on the goroutine that does the step, so it must not
// wait for the same plugin to be loaded. For the event that a step was abandoned it is
// called on another goroutine, for which the manager waits at most a second.
//
// If it returns an error for a [Before] or [After] event of a phase before PhaseClose,
// the plugin fails; if that is [Disabled], the plugin is disabled with that reason. An
// error for another event is joined to the error of the plugin.
//
// A panic in a listener, or a call of [runtime.Goexit], is treated like an error that
// it returns.
type Listener func(ctx context.Context, e Event) error

// An Event is one step of the life of a plugin.
type Event struct {
	Phase  Phase
	Moment Moment
	Spec   *Spec

	// Plugin is what the factory made. It is nil before that, if the factory failed,
	// and when a load is abandoned, since the plugin's code still uses it.
	Plugin any

	// Err is why the plugin failed or was skipped, an [*Error]; nil for other moments.
	Err error

	// Warning joins a [*config.Error] for each option that is given and deprecated, or
	// nil. Only the After event of PhaseConfigure has it.
	Warning error
}

// String returns the plugin, the phase and the moment: nothing of what the plugin has
// in its fields, which may be secrets.
func (e Event) String() string {
	text := "plugin " + e.Spec.idOrNone() + ": " + e.Phase.String() + ": " + e.Moment.String()
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// A Moment is the beginning of a phase, or how it ended.
type Moment uint8

// The moments of a phase. Each phase that begins with Before ends with one of the
// others. The events of an option that is a plugin come between those of
// [PhaseConfigure] of the plugin that has it. Nothing follows the failure of a load
// that was abandoned; that of a close is followed by another event when the plugin's
// code has returned.
//
// If a plugin that was made and not loaded is closed, there are no events of
// PhaseClose, except for one if closing it failed, or if its load succeeded after that
// had been abandoned.
const (
	Before  Moment = iota // the phase is about to begin
	After                 // the phase has succeeded
	Failed                // the phase has failed
	Skipped               // the plugin was found to be disabled in the phase, or Reload asks for a restart
)

// String returns "before", "after", "failed" or "skipped".
func (m Moment) String() string {
	switch m {
	case Before:
		return "before"
	case After:
		return "after"
	case Failed:
		return "failed"
	}
	return "skipped"
}

// announceFor is announce on another goroutine, for which it waits at most d: a
// listener may be the code because of which the call was abandoned.
func (m *core) announceFor(ctx context.Context, d time.Duration, e Event) {
	if len(m.listening()) == 0 {
		return
	}
	handled := make(chan struct{})
	go func() {
		defer close(handled)
		var ignored []error
		m.announce(ctx, e, &ignored)
	}()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-handled:
	case <-timer.C:
	}
}

// A Logger is a [*log/slog.Logger], or has its methods. The package does not import
// log/slog, which would make every program larger.
type Logger interface {
	DebugContext(ctx context.Context, message string, args ...any)
	WarnContext(ctx context.Context, message string, args ...any)
	ErrorContext(ctx context.Context, message string, args ...any)
}

// logging returns the listener that writes a manager's log.
func logging(log Logger) Listener {
	return func(ctx context.Context, e Event) error {
		args := []any{"namespace", e.Spec.Namespace, "plugin", e.Spec.InstanceID(), "phase", e.Phase.String()}
		switch {
		case e.Moment == Failed:
			log.ErrorContext(ctx, "plugin failed", append(args, "error", e.Err)...)
		case e.Moment == Skipped && e.Phase == PhaseReload:
			log.DebugContext(ctx, "plugin has to be restarted", append(args, "error", e.Err)...)
		case e.Moment == After && e.Phase == PhaseReload:
			log.DebugContext(ctx, "plugin reloaded", args...)
		case e.Moment == Skipped:
			log.DebugContext(ctx, "plugin is disabled", append(args, "error", e.Err)...)
		case e.Moment == Before && e.Phase == PhaseInit && e.Spec.deprecation() != "":
			for _, a := range [...]Attr{
				{"use", e.Spec.Deprecated},
				{"since", e.Spec.DeprecatedSince},
				{"removal", e.Spec.RemovalIn},
			} {
				if a.Value != "" {
					args = append(args, a.Key, a.Value)
				}
			}
			log.WarnContext(ctx, "plugin is deprecated", args...)
		case e.Warning != nil:
			log.WarnContext(ctx, "plugin has deprecated options", append(args, "options", e.Warning)...)
		case e.Moment == After && e.Phase == PhaseLoad:
			log.DebugContext(ctx, "plugin loaded", args...)
		case e.Moment == After && e.Phase == PhaseClose:
			log.DebugContext(ctx, "plugin closed", args...)
		}
		return nil
	}
}

// isNil reports whether v is nil, or an interface that holds a nil pointer or function.
func isNil(v any) bool {
	if v == nil {
		return true
	}
	r := reflect.ValueOf(v)
	return (r.Kind() == reflect.Pointer || r.Kind() == reflect.Func) && r.IsNil()
}
