package registry

import (
	"errors"
	"slices"
)

// Forward calls register with the name and the plugin of each spec of a namespace that
// is linked into [Default] or added to it: at once for those that are in it, and for
// others when they are linked or added. It is for programs that have a registry of
// their own, such as a map, and go on using that while their plugins are declared by
// directives:
//
//	func init() { registry.Forward("app.inputs", Register) }
//
// Specs that are forwarded at one time are forwarded by priority, the highest first,
// and then by name. A spec is forwarded once, even if several hosts link it. Aliases
// are not registered.
//
// The plugins are made, but not loaded: neither the ShouldLoad of a spec nor that of a
// plugin is called, and what a plugin requires is not loaded before it. A plugin whose
// factory returns [Disabled] is left out.
//
// As init functions that register by hand do, Forward panics if a plugin cannot be
// made, does not satisfy P, or has options in a struct that its factory takes. For
// specs that are linked or added later, [Registry.Link] or [Registry.Add] panics.
func Forward[P any](namespace string, register func(name string, plugin P)) {
	ForwardSpecs(namespace, func(s *Spec, plugin P) { register(s.Name, plugin) })
}

// ForwardSpecs is [Forward] for functions that need more than the name, such as the
// attributes of a plugin.
func ForwardSpecs[P any](namespace string, register func(spec *Spec, plugin P)) {
	Default.forward(&forwarding{
		namespace: namespace,
		seen:      make(map[*Spec]bool),
		register: func(s *Spec) error {
			if err := s.check(namespace); err != nil {
				return err
			}
			s = s.resolved()
			if s.NewWith != nil {
				return faultf(ErrInvalid, "it has options, which only a manager gives it")
			}
			made, err := s.New(s)
			if errors.Is(err, ErrDisabled) {
				return nil
			}
			if err != nil {
				return err
			}
			i, err := contractOf[P]().instance(made)
			if err != nil {
				return err
			}
			register(s, valueOf[P](i))
			return nil
		},
	})
}

// A forwarding is a call of [Forward].
type forwarding struct {
	namespace string
	seen      map[*Spec]bool
	register  func(*Spec) error
}

// forward adds a forwarding, and forwards the specs that exist.
func (r *Registry) forward(f *forwarding) {
	r.mu.Lock()
	r.forwardings = append(r.forwardings, f)
	r.mu.Unlock()
	r.forwardNew()
}

// forwardNew forwards the specs that have not been forwarded. Its caller must not hold
// r.mu, since the functions that it calls may add specs.
func (r *Registry) forwardNew() {
	r.mu.Lock()
	forwardings := slices.Clip(r.forwardings)
	r.mu.Unlock()
	for _, f := range forwardings {
		for _, s := range r.unseen(f) {
			if err := f.register(s); err != nil {
				panic(&Error{s.Namespace, s.Name, PhaseInit, err, s})
			}
		}
	}
}

// unseen returns the specs that f has not seen, by priority and name, and marks them as
// seen.
func (r *Registry) unseen(f *forwarding) (specs []*Spec) {
	found, _ := r.find(f.namespace)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range found {
		if s != nil && !f.seen[s] {
			f.seen[s] = true
			specs = append(specs, s)
		}
	}
	sortSpecs(specs)
	slices.SortStableFunc(specs, byPriority)
	return specs
}
