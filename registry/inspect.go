package registry

import (
	"context"
	"iter"
	"slices"
)

// Info is what a manager knows of a plugin.
type Info struct {
	Spec  *Spec
	State State

	// Plugin is what the factory made, while the plugin is loaded.
	Plugin any

	// Reason says why the plugin is disabled.
	Reason string

	// Err is why the plugin failed, the [*Error] by which it is disabled, or what
	// closing it returned.
	Err error
}

// Origin says where the plugin comes from.
func (i Info) Origin() Origin { return i.Spec.Origin() }

func (c *container) info() Info {
	state, err := c.now()
	i := Info{Spec: c.spec, State: state, Err: err}
	if e, ok := err.(*Error); ok {
		i.Reason = e.Reason()
	}
	if f := c.loaded(); f != nil && state == StateLoaded {
		i.Plugin = f.box.made()
	}
	return i
}

// containers returns every container that may have been used. As long as there is
// no roster, what has been used is in the index, by its name only.
func (m *core) containers() []*container {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.roster.Load(); r != nil {
		return slices.Concat(r.list, r.removed)
	}
	return slices.Collect(m.index.all())
}

// AnyManager is a [*Manager], of whatever type its plugins are: what
// [WithManagers] takes, and what a program needs to list or close several.
type AnyManager interface {
	Namespace() string
	Names() []string
	Plugins() iter.Seq[Info]
	Validate() error
	Close(context.Context) error

	manager() *core
}
