package registry

import (
	"errors"
	"slices"
)

// Forward calls register with the name and the plugin of each spec that is linked into
// [Default] or added to it: at once for those that are there, and for others when they are
// linked or added. It is for programs that have a registry of their own, a map for
// example, and go on reading that while their plugins are declared by directives:
//
//	func init() { registry.Forward("app.inputs", Register) }
//
// What is linked by one host, or is there already, is registered in the order of priorities, higher first,
// and of names. The plugins are made, but not loaded: ShouldLoad, of a spec or a plugin, is not
// called, and nothing that a plugin requires is loaded before it. For a plugin that is there on a condition
// only, write a factory that returns [Disabled] otherwise: it is left out. Aliases are not registered. A spec is
// forwarded once, even if it is linked by several hosts. As an init
// function that registers by hand would, Forward panics if a plugin can't be made, does not
// satisfy P, or has options in a struct that its factory takes: in the caller of Forward, or in
// that of [Registry.Link] or [Registry.Add].
func Forward[P any](namespace string, register func(name string, plugin P)) {
	ForwardSpecs(namespace, func(s *Spec, plugin P) { register(s.Name, plugin) })
}

// ForwardSpecs is [Forward] for registering functions that need more than the name: the
// attributes of a plugin, for example.
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

func (r *Registry) forward(f *forwarding) {
	r.mu.Lock()
	r.forwardings = append(r.forwardings, f)
	r.mu.Unlock()
	r.forwardNew()
}

// forwardNew forwards specs that have not been. Its caller does not hold r.mu, since what it
// calls may add specs.
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

// unseen returns the specs that f has not forwarded, sorted by priority and name. They count as
// forwarded from then on.
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
