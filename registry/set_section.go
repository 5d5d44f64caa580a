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

// A wanted is an instance that a configuration names.
type wanted struct {
	id     string
	member *member
	value  config.Value // its options
}

// A reading is what is made of a section: instances, and errors.
type reading struct {
	*set
	section config.Value
	wanted  []wanted
	errs    []error
}

// key reads what the section has by a name.
func (r *reading) key(key string) {
	v := r.section.Key(key)
	kind, whole, err := r.kind(key)
	if err != nil {
		if errors.Is(err, ErrNotFound) {
			err = r.section.Unknown(key, err.Error(), err)
		}
		r.fail(key, nil, err)
		return
	}
	switch {
	case isTable(v):
		r.add(key, v, &member{kind: kind, key: key, index: -1})
	case v.Kind() != config.KindList:
		r.fail(key, kind.spec, v.Refuse("expected a table of options, got "+v.Kind().String()))
	case !whole:
		r.fail(key, kind.spec, v.Refuse(fmt.Sprintf("expected a table, got a list: %s names one instance; "+
			"a list of instances is called as their plugin is, and each has an id: [[%s]]",
			quote(key), r.section.Key(kind.spec.Name).Path())))
	default:
		for i := range v.Len() {
			r.item(key, i, v.Index(i), kind)
		}
	}
}

// kind returns the plugin that a name in the section is of, and whether it is the name of
// the plugin alone.
func (s *set) kind(key string) (kind *plugin, whole bool, err error) {
	kind, name := instanceOf(key, func(name string) *plugin {
		p, _ := s.kinds.plugin(name)
		return p
	})
	if kind == nil {
		first, _, _ := strings.Cut(key, "/")
		_, err = s.kinds.plugin(first) // the error is about the name that is most likely the plugin's
	}
	return kind, name == key, err
}

// instanceOf returns the plugin that a name in a section is an instance of, and the name of that
// plugin: the longest for which find returns a plugin, of the whole and what is before each
// slash. It returns nil if there is none.
func instanceOf[P any](key string, find func(name string) *P) (plugin *P, name string) {
	for end := len(key); end >= 0; end = strings.LastIndexByte(key[:end], '/') {
		if plugin = find(key[:end]); plugin != nil {
			return plugin, key[:end]
		}
	}
	return nil, ""
}

// item reads an item of a list.
func (r *reading) item(key string, i int, v config.Value, kind *plugin) {
	id := key + "/" + strconv.Itoa(i)
	if !isTable(v) {
		r.fail(id, kind.spec, v.Refuse("expected a table of options, got "+v.Kind().String()))
		return
	}
	if named := v.Key(idKey); named.Exists() {
		label, err := named.Text()
		if n, isInt := named.Int(); isInt == nil {
			label, err = strconv.FormatInt(n, 10), nil
		}
		if err != nil {
			r.fail(id, kind.spec, err)
			return
		}
		id = label
		if !strings.HasPrefix(label, key+"/") {
			id = key + "/" + label
		}
	}
	r.add(id, v, &member{kind: kind, key: key, index: i})
}

// add adds an instance, if its id is one.
func (r *reading) add(id string, v config.Value, m *member) {
	err := checkName(id)
	if err == nil && (strings.HasSuffix(id, "/") || strings.Contains(id, "//")) {
		err = faultf(ErrInvalid, "the name %q has nothing between two slashes or after the last one", id)
	}
	if err != nil {
		e := v.Refuse("the instance has no valid id: " + err.Error())
		e.Err = err
		r.fail(id, m.kind.spec, e)
		return
	}
	r.wanted = append(r.wanted, wanted{id, m, v})
}

func (r *reading) duplicate(w wanted, other config.Value) {
	err := faultf(ErrDuplicate, "there are two instances called %s; the other one is at %v: "+
		"give one of them another id", shown(w.id), other.Position())
	r.fail(w.id, w.member.kind.spec, explainAt(w.value, err))
}

func (r *reading) fail(id string, s *Spec, err error) {
	var e *Error
	if errors.As(err, &e) && e.Spec != nil && e.Spec == s {
		r.errs = append(r.errs, err)
		return
	}
	r.errs = append(r.errs, &Error{r.namespace, id, PhaseConfigure, err, s})
}

// optionsOf returns the options that a section has for a member.
func (m *member) optionsOf(section config.Value) config.Value {
	v := section.Key(m.key)
	if m.index >= 0 {
		v = v.Index(m.index)
	}
	return v
}

// ignored returns the names that are no options of the member.
func (m *member) ignored() []string {
	if m.index < 0 {
		return nil
	}
	return []string{idKey}
}

// checkSection checks that a value is the set's section, and a table.
func (s *set) checkSection(r *Registry, from state, section config.Value) error {
	if !isTable(section) {
		return s.configError("", section.Refuse("expected a table of plugins, got "+section.Kind().String()))
	}
	path := ""
	if from.followed {
		path = from.section.Path()
	} else if linked := r.sectionOf(s.namespace); linked != "" {
		path = linked
	} else {
		return nil
	}
	if section.Path() != path {
		return s.configError("", explainAt(section, faultf(ErrInvalid, "the set follows the section %s of the "+
			"configuration, not %s", orWhole(path), orWhole(section.Path()))))
	}
	return nil
}

func orWhole(path string) string {
	if path == "" {
		return `"" (all of it)`
	}
	return quote(path)
}

// sectionOf returns where the program's configuration has a namespace, or "".
func (r *Registry) sectionOf(namespace string) string {
	for _, s := range r.sections() {
		if s.Options == nil && s.Namespace == namespace {
			return s.Path
		}
	}
	return ""
}

// explainAt makes an error one of a place in the configuration.
func explainAt(v config.Value, err error) *config.Error {
	e := v.Refuse(err.Error())
	e.Err = err
	return e
}
