package registry

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/plugingen/plugingen/registry/config"
)

// idKey is the name in an item of a list that says what the instance is called.
const idKey = "id"

// A desired is an instance that a section names.
type desired struct {
	id    string
	entry *entry
	value config.Value // its options
}

// A sectionReader collects the instances that a section names, and the errors in it.
type sectionReader struct {
	*set
	section config.Value
	desired []desired
	errs    []error
}

// readName reads the value that the section has by a name: a table, or a list of tables.
func (r *sectionReader) readName(key string) {
	v := r.section.Key(key)
	definition, whole, err := r.definitionOf(key)
	if err != nil {
		if errors.Is(err, ErrNotFound) {
			err = r.section.Unknown(key, err.Error(), err)
		}
		r.fail(key, nil, err)
		return
	}
	switch {
	case isTable(v):
		r.addInstance(key, v, &entry{definition: definition, key: key, index: -1})
	case v.Kind() != config.KindList:
		r.fail(key, definition.spec, v.Refuse("expected a table of options, got "+v.Kind().String()))
	case !whole:
		r.fail(key, definition.spec, v.Refuse(fmt.Sprintf("expected a table, got a list: %s names one instance; "+
			"a list of instances is called as their plugin is, and each has an id: [[%s]]",
			quote(key), r.section.Key(definition.spec.Name).Path())))
	default:
		for i := range v.Len() {
			r.readItem(key, i, v.Index(i), definition)
		}
	}
}

// definitionOf returns the plugin that a name in the section is an instance of, and
// whether it is the name or an alias of that plugin.
func (s *set) definitionOf(key string) (definition *plugin, whole bool, err error) {
	definition, name := instanceOf(key, func(name string) *plugin {
		p, _ := s.definitions.plugin(name)
		return p
	})
	if definition == nil {
		first, _, _ := strings.Cut(key, "/")
		_, err = s.definitions.plugin(first) // for its error: few plugins have slashes in their names
	}
	return definition, name == key, err
}

// instanceOf returns the plugin that key, a name in a section, is an instance of, and
// the name of that plugin: the longest that find knows of key itself and what is before
// each of its slashes. It returns nil if find knows none.
func instanceOf[P any](key string, find func(name string) *P) (plugin *P, name string) {
	for end := len(key); end >= 0; end = strings.LastIndexByte(key[:end], '/') {
		if plugin = find(key[:end]); plugin != nil {
			return plugin, key[:end]
		}
	}
	return nil, ""
}

// readItem reads item i of the list that the section has by a name.
func (r *sectionReader) readItem(key string, i int, v config.Value, definition *plugin) {
	id := key + "/" + strconv.Itoa(i)
	if !isTable(v) {
		r.fail(id, definition.spec, v.Refuse("expected a table of options, got "+v.Kind().String()))
		return
	}
	if given := v.Key(idKey); given.Exists() {
		text, err := given.Text()
		if n, isInt := given.Int(); isInt == nil {
			text, err = strconv.FormatInt(n, 10), nil
		}
		if err != nil {
			r.fail(id, definition.spec, err)
			return
		}
		id = text
		if !strings.HasPrefix(text, key+"/") {
			id = key + "/" + text
		}
	}
	r.addInstance(id, v, &entry{definition: definition, key: key, index: i})
}

// addInstance adds an instance, or an error if its id is not valid.
func (r *sectionReader) addInstance(id string, v config.Value, at *entry) {
	err := checkName(id)
	if err == nil && (strings.HasSuffix(id, "/") || strings.Contains(id, "//")) {
		err = faultf(ErrInvalid, "the name %q has nothing between two slashes or after the last one", id)
	}
	if err != nil {
		e := v.Refuse("the instance has no valid id: " + err.Error())
		e.Err = err
		r.fail(id, at.definition.spec, e)
		return
	}
	r.desired = append(r.desired, desired{id, at, v})
}

// failDuplicate adds the error that another instance, with the options other, has the
// same id.
func (r *sectionReader) failDuplicate(d desired, other config.Value) {
	err := faultf(ErrDuplicate, "there are two instances called %s; the other one is at %v: "+
		"give one of them another id", shown(d.id), other.Position())
	r.fail(d.id, d.entry.definition.spec, errorAt(d.value, err))
}

// fail adds an error of an instance, unless err is one already.
func (r *sectionReader) fail(id string, s *Spec, err error) {
	var e *Error
	if errors.As(err, &e) && e.Spec != nil && e.Spec == s {
		r.errs = append(r.errs, err)
		return
	}
	r.errs = append(r.errs, &Error{r.namespace, id, PhaseConfigure, err, s})
}

// optionsOf returns the options of the instance in a section.
func (e *entry) optionsOf(section config.Value) config.Value {
	v := section.Key(e.key)
	if e.index >= 0 {
		v = v.Index(e.index)
	}
	return v
}

// ignored returns the names in the instance's table that are not options.
func (e *entry) ignored() []string {
	if e.index < 0 {
		return nil
	}
	return []string{idKey}
}

// checkSection checks that a value is a table, and at the path of the section that the
// set follows.
func (s *set) checkSection(r *Registry, from state, section config.Value) error {
	if !isTable(section) {
		return s.configError("", section.Refuse("expected a table of plugins, got "+section.Kind().String()))
	}
	path := ""
	if from.hasSection {
		path = from.section.Path()
	} else if linked := r.sectionOf(s.namespace); linked != "" {
		path = linked
	} else {
		return nil
	}
	if section.Path() != path {
		return s.configError("", errorAt(section, faultf(ErrInvalid, "the set follows the section %s of the "+
			"configuration, not %s", shownPath(path), shownPath(section.Path()))))
	}
	return nil
}

// shownPath returns the path of a section for a message.
func shownPath(path string) string {
	if path == "" {
		return `"" (all of it)`
	}
	return quote(path)
}

// sectionOf returns the path of the section that has the plugins of a namespace, or "".
func (r *Registry) sectionOf(namespace string) string {
	for _, s := range r.sections() {
		if s.Options == nil && s.Namespace == namespace {
			return s.Path
		}
	}
	return ""
}

// errorAt makes err an error about a value in the configuration.
func errorAt(v config.Value, err error) *config.Error {
	e := v.Refuse(err.Error())
	e.Err = err
	return e
}
