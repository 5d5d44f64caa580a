package registry

import (
	"context"
	"reflect"
	"time"
)

// A Listener is called at each step of the life of a manager's plugins. It is
// called on the goroutine that does the step, so it must be ready to be called
// from several at once, and must not wait for the same plugin to be loaded. The event that a step was
// abandoned comes on a separate goroutine, for which the manager waits at most a second.
//
// An error that it returns from a [Before] or [After] event of the phases before
// closing fails the plugin; [Disabled] disables it, and the reason is kept. From
// the other events an error cannot change what happens any more, nor can Disabled;
// it is joined to the error of the plugin.
//
// A panic in a listener is an error of the plugin as well, and so is a call of
// [runtime.Goexit].
type Listener func(ctx context.Context, e Event) error

// An Event is one step of the life of a plugin.
type Event struct {
	Phase  Phase
	Moment Moment
	Spec   *Spec

	// Plugin is what the factory made; nil before that, if it failed, and when a load
	// is abandoned, since the plugin's code still has it.
	Plugin any

	// Err is why the plugin Failed or was Skipped, an [*Error].
	Err error

	// Warning is what the program should say about options that are valid, but
	// deprecated. It joins a [*config.Error] for each. Only the After event of
	// PhaseConfigure may have it.
	Warning error
}

// String returns the plugin, the phase and the moment: nothing of what the plugin has in its
// fields, which may be secrets.
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
// others. The events of an option that is a plugin come between those of [PhaseConfigure] of
// the plugin that has it. Nothing follows the failure of a load that was abandoned; that of a close
// is followed by another event when the plugin's code has returned.
//
// The closing of a plugin that was made and not loaded is no phase of its own: it
// is announced only if it has failed, or if the plugin was loaded after its load had
// been abandoned.
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

// announceFor is announce, but waits for the listeners for at most d: one of them may be the
// code that did not return.
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

// A Logger is a [*log/slog.Logger]. The package does not import log/slog, which
// would make every program larger.
type Logger interface {
	DebugContext(ctx context.Context, message string, args ...any)
	WarnContext(ctx context.Context, message string, args ...any)
	ErrorContext(ctx context.Context, message string, args ...any)
}

// logging is the listener that writes a manager's log.
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
