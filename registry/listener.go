package registry

import (
	"context"
	"time"
)

// A Listener is told of each step of the life of a manager's plugins. It is
// called on the goroutine that does the step, so it must be ready to be called
// from several at once, and must not wait for the same plugin to be loaded. That a step was
// abandoned it is told on a goroutine of its own, which is waited for a second.
//
// An error that it returns from a [Before] or [After] event of the phases before
// closing fails the plugin; [Disabled] disables it, and the reason is kept. From
// the other events an error cannot change what happens any more, nor can Disabled; it is joined to
// the error of the plugin.
//
// A panic in a listener is an error of the plugin as well.
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
}

// A Moment says whether a phase is about to begin or how it ended.
type Moment uint8

// The moments of a phase. Each phase that begins with Before ends with one of the others.
// The closing of a plugin that was made and not loaded is no phase of its own: it is
// announced only if it has failed, and when the plugin was loaded after everybody had given up waiting.
const (
	Before  Moment = iota // the phase is about to begin
	After                 // the phase has succeeded
	Failed                // the phase has failed
	Skipped               // the plugin was found to be disabled in the phase
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

// announceFor is announce to listeners that are waited for that long only: maybe it is one of
// them for which something is abandoned.
func (m *core) announceFor(d time.Duration, ctx context.Context, e Event) {
	if m.listeners.empty() {
		return
	}
	told := make(chan struct{})
	go func() {
		defer close(told)
		var ignored []error
		m.announce(ctx, e, &ignored)
	}()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-told:
	case <-timer.C:
	}
}
