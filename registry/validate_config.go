package registry

import (
	"slices"
	"strings"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
	"github.com/plugingen/plugingen/registry/internal/nearest"
	"github.com/plugingen/plugingen/registry/internal/tree"
)

// ValidateConfig checks the whole configuration of a program, without making plugins:
// all sections that plugingen has linked, with the options of all plugins and instances
// that the configuration names, and that it has nothing else. The error is
// [config.Errors], sorted by place. ValidateConfig is safe for concurrent use.
//
// Names in a section may be those of instances, as for a [Set]. A [Manager] takes only
// those of plugins, and reports others itself. The Validate methods of plugins that
// have their options in their own fields are not called.
func (r *Registry) ValidateConfig(cfg config.Value) error {
	sections := r.sections()
	errs := []error{unknownSections(cfg, sections)}
	for _, s := range sections {
		if s.Options != nil {
			errs = append(errs, checkStruct(cfg, s.Options, sections))
			continue
		}
		errs = append(errs, r.checkInstances(s.Namespace, cfg.At(s.Path), below(sections, s.Path))...)
	}
	return config.Join(errs...)
}

// checkInstances checks the instances in a section of plugins. others are the names in
// it that are, or have in them, other sections.
func (r *Registry) checkInstances(namespace string, v config.Value, others []string) []error {
	s := new(set)
	s.setUp(namespace, contract{instance: plainInstance[any]}, []Option{WithFinder(r)})
	if err := noSection(v); err != nil {
		return []error{s.configError("", err)}
	}
	reader := &sectionReader{set: s, section: v}
	for _, key := range v.Keys() {
		if !slices.Contains(others, key) {
			reader.readName(key)
		}
	}
	ids := make(map[string]config.Value)
	for _, want := range reader.desired {
		if other, ok := ids[want.id]; ok {
			reader.failDuplicate(want, other)
			continue
		}
		ids[want.id] = want.value
		p := s.newInstance(want.entry.definition.spec, want.id, want.entry)
		if err := p.checkUnmade(want.value, v); err != nil && p.broken == nil {
			reader.fail(want.id, p.spec, err)
		}
	}
	return reader.errs
}

// checkUnmade returns what is wrong with the options of an instance, without making it.
func (p *plugin) checkUnmade(v, section config.Value) error {
	r := p.checkRequest(v, section)
	return guard(func() error {
		if p.spec.Options != nil {
			r.Target, r.Check = r.Options.New(), p.spec.NewWith == nil
		}
		return generated.Fill(r).Err
	})
}

// checkStruct checks the section of a struct of the program.
func checkStruct(cfg config.Value, options *generated.Options, sections []generated.Section) error {
	return guard(func() error {
		return generated.Fill(requestOf(cfg, options, options.New(), sections)).Err
	})
}

// requestOf returns the request to fill the struct of a section from the configuration,
// or from the section itself. Other sections may be within it.
func requestOf(v config.Value, options *generated.Options, target any, sections []generated.Section) generated.Request {
	whole := v
	if v.Path() != options.Section {
		v = v.At(options.Section)
	}
	return generated.Request{
		Value: v, Parent: whole, Options: options, Target: target, Ignored: below(sections, options.Section),
	}
}

// unknownSections returns the errors of names in the configuration that neither are
// sections nor have sections in them.
func unknownSections(v config.Value, sections []generated.Section) error {
	var errs []error
	addUnknownSections(v, sections, &errs)
	return config.Join(errs...)
}

func addUnknownSections(v config.Value, sections []generated.Section, errs *[]error) {
	isSection := func(s generated.Section) bool { return s.Path == v.Path() }
	if v.Kind() != config.KindTable || slices.ContainsFunc(sections, isSection) {
		return // a section reports what is unknown in it
	}
	known := below(sections, v.Path())
	for _, name := range v.Keys() {
		if slices.Contains(known, name) {
			addUnknownSections(v.Key(name), sections, errs)
			continue
		}
		message := "unknown section"
		if like := nearest.Name(name, known); like != "" {
			message += " (did you mean " + like + "?)"
		} else if len(known) > 0 {
			known = slices.DeleteFunc(known, func(s string) bool { return s == schemaKey })
			message += "; there are " + enumerate(len(known), func(i int) string { return known[i] })
		}
		*errs = append(*errs, v.Unknown(name, message, nil))
	}
}

// schemaKey is the name in a file that has the address of its JSON Schema, for editors.
const schemaKey = "$schema"

// below returns the names in the table at a path that are, or have in them, other
// sections, sorted. For the whole configuration it also returns the name of the schema.
func below(sections []generated.Section, path string) (names []string) {
	if path == "" {
		names = append(names, schemaKey)
	} else {
		path += "."
	}
	for _, s := range sections {
		if rest, ok := strings.CutPrefix(s.Path, path); ok && rest != "" {
			if path, err := tree.SplitPath(rest); err == nil {
				names = append(names, path[0])
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
