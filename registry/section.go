package registry

import (
	"slices"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// WithConfig gives the manager the section of the configuration with the options of its
// plugins: a table with a table for each plugin, by its name or an alias. A missing
// section is like an empty table.
//
//	cfg, err := config.Load(configtoml.File("app.toml"), config.Environment("APP_"))
//	services := registry.NewManager[Service]("app.services", registry.WithConfig(cfg.At("services")))
//
// A plugin whose options have errors fails in [PhaseConfigure]: its error wraps
// [config.Errors], with all of them. [Manager.LoadAll], LoadWhere and All also report
// tables of unknown plugins, and the errors in the options of plugins that were not
// tried. The options of disabled plugins are not checked, but must be tables.
// [Manager.Validate] checks all that without making plugins.
func WithConfig(v config.Value) Option {
	return func(s *settings) {
		s.section = &section{v, optionsOf, checkEmpty, checkSection, sectionErrors}
	}
}

// A section is the section of a manager, with the functions that only managers with a
// configuration need. They are called through its fields, so that the linker drops them
// from other programs.
type section struct {
	value config.Value

	of         func(*plugin) (config.Value, error)
	checkEmpty func(*plugin) error
	check      func(*core, *catalog, *plan, []error) []error
	errors     func(*core, *catalog) []error
}

// sectionErrors returns the errors in the section, but for those in the options of plugins.
func (m *core) sectionErrors(c *catalog) []error {
	if m.section == nil {
		return nil
	}
	return m.section.errors(m, c)
}

// isTable reports whether a value is a table, or missing or null, which are like an
// empty one.
func isTable(v config.Value) bool {
	switch v.Kind() {
	case config.KindTable, config.KindMissing, config.KindNull:
		return true
	}
	return false
}

// optionsOf returns the table of a plugin in the section of its manager.
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

// checkEmpty returns an error if the section has options for a plugin that takes none.
func checkEmpty(p *plugin) error {
	v, err := optionsOf(p)
	if err != nil || !v.Exists() {
		return err
	}
	return generated.Fill(generated.Request{Value: v, Options: p.spec.described()}).Err
}

// described returns the description of the plugin's options, or one without options if
// it has none.
func (s *Spec) described() *generated.Options {
	if s.Options != nil {
		return s.Options
	}
	return &generated.Options{Fill: func(d *generated.Decoder, _ any) { d.Begin(); d.End() }}
}

// noSection returns an error if a section is not a table, or nil.
func noSection(v config.Value) *config.Error {
	if isTable(v) {
		return nil
	}
	return v.Refuse("expected a table of plugins, got " + v.Kind().String())
}

// sectionErrors returns an error for each unknown plugin in the section, or the one
// that it is not a table.
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

// sectionsWithin returns the names in the section at a path that are, or have in them,
// other sections.
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

// checkSection returns the errors in the section that are not among the failures of a
// batch: those of unknown plugins, and those in the options of plugins that were not
// loaded for another reason.
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

// checkTable returns an error if the options of the plugin are not a table.
func (p *plugin) checkTable() error {
	v, err := optionsOf(p)
	if err == nil && !isTable(v) {
		return config.Errors{v.Refuse("expected a table, got " + v.Kind().String())}
	}
	return err
}
