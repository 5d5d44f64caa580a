package registry

import (
	"slices"
	"strings"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
	"github.com/plugingen/plugingen/registry/internal/nearest"
	"github.com/plugingen/plugingen/registry/internal/tree"
)

// WithConfig gives the manager the part of the configuration that has the options of its
// plugins: a table with a table for each plugin, by its name or an alias. A part that is
// missing is as good as an empty table.
//
//	cfg, err := config.Load(configtoml.File("app.toml"), config.Environment("APP_"))
//	services := registry.NewManager[Service]("app.services", registry.WithConfig(cfg.At("services")))
//
// A plugin whose options have errors fails in [PhaseConfigure], with all of them: the
// error of the plugin wraps [config.Errors]. [Manager.LoadAll], LoadWhere and All also
// report tables of plugins that there are none of, and the errors in the options of plugins that
// were not tried; of a plugin that is disabled, only that what is configured is no table.
// [Manager.Validate] checks all that without making plugins.
func WithConfig(v config.Value) Option {
	return func(s *settings) {
		s.section = &section{v, optionsOf, checkEmpty, checkSection, sectionErrors}
	}
}

// A section is the part of the configuration that a manager's plugins have, with the
// functions that only managers with a configuration need. They are called through it, so that
// the linker drops them from other programs.
type section struct {
	value config.Value

	of         func(*plugin) (config.Value, error)
	checkEmpty func(*plugin) error
	check      func(*core, *catalog, *plan, []error) []error
	errors     func(*core, *catalog) []error
}

// sectionErrors returns what is wrong with the tables of the section, but for the options in
// them.
func (m *core) sectionErrors(c *catalog) []error {
	if m.section == nil {
		return nil
	}
	return m.section.errors(m, c)
}

// isTable reports whether a value is a table, or as good as an empty one.
func isTable(v config.Value) bool {
	switch v.Kind() {
	case config.KindTable, config.KindMissing, config.KindNull:
		return true
	}
	return false
}

// optionsOf returns the table that a plugin has in the section of its manager.
func optionsOf(p *plugin) (config.Value, error) {
	section := p.m.section.value
	if err := noSection(section); err != nil {
		return config.Value{}, config.Errors{err}
	}
	v := section.Key(p.spec.Name)
	found := p.spec.Name
	for _, alias := range p.spec.Aliases {
		other := section.Key(alias)
		switch {
		case !other.Exists():
		case v.Exists():
			return v, config.Errors{section.Unknown(alias, "the plugin is configured twice: "+quote(alias)+
				" is another name of "+quote(found)+"; remove one of them", nil)}
		default:
			v, found = other, alias
		}
	}
	return v, nil
}

// checkEmpty returns an error if a plugin without options has some.
func checkEmpty(p *plugin) error {
	v, err := optionsOf(p)
	if err != nil || !v.Exists() {
		return err
	}
	return generated.Fill(generated.Request{Value: v, Options: p.spec.described()}).Err
}

// described returns the description of the plugin's options; for a plugin that has none, one
// without options, by which any that are given are unknown.
func (s *Spec) described() *generated.Options {
	if s.Options != nil {
		return s.Options
	}
	return &generated.Options{Fill: func(d *generated.Decoder, _ any) { d.Begin(); d.End() }}
}

// noSection returns an error if the section is no table.
func noSection(v config.Value) *config.Error {
	if isTable(v) {
		return nil
	}
	return v.Refuse("expected a table of plugins, got " + v.Kind().String())
}

// sectionErrors returns the errors of the section that are none of a plugin's options:
// unknown plugins.
func sectionErrors(m *core, c *catalog) (errs []error) {
	v := m.section.value
	if err := noSection(v); err != nil {
		return []error{m.configError("", err)}
	}
	others := m.sectionsWithin(v.Path())
	for _, name := range v.Keys() {
		if c.lookUp(name) == nil && !slices.Contains(others, name) {
			err := &notFoundError{m.namespace, name, c, nil}
			errs = append(errs, m.configError(name, v.Unknown(name, err.Error(), err)))
		}
	}
	return errs
}

// sectionsWithin returns the names in a section that lead to other sections of the program.
func (m *core) sectionsWithin(path string) []string {
	r, err := m.registry()
	if err != nil {
		return nil
	}
	return below(r.sections(), path)
}

// configError returns an error about the configuration of a name.
func (m *core) configError(name string, err *config.Error) error {
	return &Error{Namespace: m.namespace, Name: name, Phase: PhaseConfigure, Err: err}
}

// checkSection returns the errors of the section that are not among those of a batch: of
// names that are no plugins, and of plugins that were not loaded for another reason.
func checkSection(m *core, c *catalog, p *plan, failures []error) []error {
	errs := sectionErrors(m, c)
	if !isTable(m.section.value) {
		return errs
	}
	failed := make(map[*Spec]bool, len(failures))
	for _, err := range failures {
		if e, ok := err.(*Error); ok && e.Spec != nil && e.Phase > PhaseResolve {
			failed[e.Spec] = true
		}
	}
	planned := make(map[*plugin]bool, len(p.order))
	for _, p := range p.order {
		planned[p] = true
	}
	for _, p := range c.list {
		if failed[p.spec] || p.loaded.Load() != nil {
			continue
		}
		check := (*plugin).checkTable
		if planned[p] && p.info().State != StateDisabled {
			check = (*plugin).checkOptions
		}
		if err := check(p); err != nil {
			errs = append(errs, p.wrap(PhaseConfigure, err))
		}
	}
	return errs
}

// checkTable returns an error if what is configured for the plugin is no table.
func (p *plugin) checkTable() error {
	v, err := optionsOf(p)
	if err == nil && !isTable(v) {
		return config.Errors{v.Refuse("expected a table, got " + v.Kind().String())}
	}
	return err
}

// ValidateConfig checks the whole configuration of a program, without making plugins: all
// sections that plugingen has linked, with the options of all plugins and instances that the
// configuration names, and that there is nothing else. The error joins everything that is
// wrong, sorted by place, as [config.Errors].
//
// Instances are named as for a [Set]; a [Manager] has each plugin once, and reports others.
// Manager.Validate says which methods Validate are called.
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

// checkInstances checks the instances that a section of plugins names, but for the names of
// other sections within it.
func (r *Registry) checkInstances(namespace string, v config.Value, others []string) []error {
	s := new(set)
	s.setUp(namespace, contract{instance: plainInstance[any]}, []Option{WithFinder(r)})
	if err := noSection(v); err != nil {
		return []error{s.configError("", err)}
	}
	named := &reading{set: s, section: v}
	for _, key := range v.Keys() {
		if !slices.Contains(others, key) {
			named.key(key)
		}
	}
	ids := make(map[string]config.Value)
	for _, w := range named.wanted {
		if other, ok := ids[w.id]; ok {
			named.duplicate(w, other)
			continue
		}
		ids[w.id] = w.value
		p := s.newInstance(w.member.kind.spec, w.id, w.member)
		if err := p.checkUnmade(w.value, v); err != nil && p.broken == nil {
			named.fail(w.id, p.spec, err)
		}
	}
	return named.errs
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

// unknownSections returns errors for the names in the configuration that are neither
// sections nor on the way to one; nil if there are none.
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

// schemaKey is the name by which files say where their JSON Schema is, for editors.
const schemaKey = "$schema"

// below returns the names in a section that lead to other sections, sorted, and in the
// outermost one the name of the schema.
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
