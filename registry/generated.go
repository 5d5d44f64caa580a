package registry

import (
	"context"
	"slices"

	"github.com/plugingen/plugingen/registry/config"
)

// GeneratedCodeV1 is referred to by the files that plugingen writes. It says that
// this version of the package can run them.
const GeneratedCodeV1 = true

// Links is what one generated file of a host links into the program: a table for
// each namespace. plugingen writes it and passes it to [Registry.Link]; programs should not
// use it otherwise.
type Links struct {
	// Host is the import path of the package that links the tables.
	Host string

	// Tables has one entry for each namespace, sorted by namespace.
	Tables []Table

	// next makes the links of a registry a list that needs no allocation.
	next *Links

	// owner is the registry in whose list the links are. Another registry
	// needs a copy of them, which remembers where it came from.
	owner  *Registry
	origin *Links
}

// A Table is the specs of one namespace, sorted by name.
type Table struct {
	Namespace string
	Specs     []*Spec
}

// A Section says where the program's configuration has the options of the plugins of a
// namespace, or of a struct of the program itself.
type Section = config.Section

// LinkSections makes sections part of the program: [config.Decode] finds the structs that
// they are of, and [Registry.ValidateConfig] checks them. It is called by the init function
// that plugingen writes for a host whose plugins have options. Linking the same section
// again has no effect.
func (r *Registry) LinkSections(sections ...Section) {
	config.Link(sections...)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range sections {
		if !slices.Contains(r.sections, s) {
			r.sections = append(r.sections, s)
		}
	}
}

// ReloadWith is [Spec.Reload] for plugins whose options are an O: it calls the plugin's method
//
//	Reload(context.Context, O) error    // or *O
//
// and returns [ErrRestart] if there is none. plugingen refers to it.
func ReloadWith[O any](ctx context.Context, plugin, options any) error {
	o, ok := options.(*O)
	if !ok {
		return ErrRestart
	}
	switch p := plugin.(type) {
	case interface {
		Reload(context.Context, O) error
	}:
		return p.Reload(ctx, *o)
	case interface {
		Reload(context.Context, *O) error
	}:
		return p.Reload(ctx, o)
	}
	return ErrRestart
}

// A FunctionPlugin is a function as a plugin. plugingen writes one for each
// function that is declared as a plugin.
//
// A manager whose plugins are of a func type returns Func itself, converted to
// that type; a manager of *FunctionPlugin[F] returns the FunctionPlugin.
type FunctionPlugin[F any] struct {
	// Func is the function.
	Func F

	// Spec is the spec that the plugin was made from.
	Spec *Spec

	// OnLoad, if not nil, is called when the plugin is loaded.
	OnLoad func(context.Context) error
}

// Load calls OnLoad, if there is one, and returns its error.
func (p *FunctionPlugin[F]) Load(ctx context.Context) error {
	if p.OnLoad == nil {
		return nil
	}
	return p.OnLoad(ctx)
}

// function lets a manager reach Func without knowing F.
func (p *FunctionPlugin[F]) function() any { return p.Func }

// NewFunctionPlugin returns a FunctionPlugin for the function. Generated code calls it.
func NewFunctionPlugin[F any](spec *Spec, f F) *FunctionPlugin[F] {
	return &FunctionPlugin[F]{Func: f, Spec: spec}
}
