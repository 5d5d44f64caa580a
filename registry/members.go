package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/plugingen/plugingen/registry/config"
	"github.com/plugingen/plugingen/registry/generated"
)

// A set is a Set without its type parameter. The catalog of its core has the instances
// that the configuration names.
type set struct {
	core
	kinds core // finds the plugins that the instances are of, and loads none of them

	section atomic.Pointer[config.Value] // that is in effect

	turn     sync.Mutex // guards the rest, and changes of section and catalog
	followed bool       // there was a section
	arrivals uint64     // how many calls of Apply there were
	last     uint64     // the one of them that had its turn last
	waiting  []uint64   // for their turn
	applying *call      // the Apply or Close that runs, or nil
	ending   bool       // there is a Close, which comes before all that wait
}

// A member is what makes a plugin an instance of a set.
type member struct {
	kind  *plugin // of the set's kinds
	key   string  // the name in the section
	index int     // in the list that the section has by this name; -1 if it has a table

	began time.Time    // of the load in progress, or zero; guarded by core.mu
	took  atomic.Int64 // what loads have taken that no Apply has reported
}

// A wanted is an instance that a configuration names.
type wanted struct {
	id     string
	member *member
	value  config.Value // its options
}

func (s *set) setUp(namespace string, c contract, opts []Option) {
	s.core.setUp(namespace, c, opts)
	s.core.set = s
	s.kinds.namespace, s.kinds.contract, s.kinds.settings = namespace, c, s.settings
	if s.core.settings.section != nil {
		s.invalid("WithConfig is for managers: a set gets its configuration by Apply")
	}
	s.catalog.Store(&catalog{set: s})
	s.section.Store(new(config.Value))
}

// invalid notes what is wrong with the arguments that the set was made with.
func (s *set) invalid(text string) { s.kinds.invalid(text) }

// state is what a set has at one moment.
type state struct {
	section  *config.Value
	followed bool
	*catalog
}

func (s *set) state() state {
	s.turn.Lock()
	defer s.turn.Unlock()
	return state{s.section.Load(), s.followed, s.catalog.Load()}
}

// instances returns the instances that the configuration names.
func (s *set) instances() *catalog {
	if c := s.catalog.Load(); c != nil {
		return c
	}
	return new(catalog) // of the zero Set, which nothing can be done with
}

// install makes a section and instances those of the set.
func (s *set) install(to state) {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.section.Store(to.section)
	s.followed = to.followed
	s.catalog.Store(to.catalog)
}

// optionsOf returns the options that a section has for a member.
func (m *member) optionsOf(section config.Value) config.Value {
	v := section.Key(m.key)
	if m.index >= 0 {
		v = v.Index(m.index)
	}
	return v
}

// idKey is the name in an item of a list that says what the instance is called.
const idKey = "id"

// ignored returns the names that are no options of the member.
func (m *member) ignored() []string {
	if m.index < 0 {
		return nil
	}
	return []string{idKey}
}

// request completes a request to fill the options of a member.
func (s *set) request(r *generated.Request, m *member) {
	r.Parent = *s.section.Load()
	r.Value, r.Ignored = m.optionsOf(r.Parent), m.ignored()
}

// notRunning returns the error of an instance that only an Apply can start.
func notRunning() error { return faultf(ErrNotFound, "the instance is not running") }

// isOfApply reports whether a load is part of an Apply: others do not start instances.
func (c *call) isOfApply() bool {
	for ; c != nil; c = c.parent() {
		if c.plugin.spec == nil && c.at() != PhaseClose {
			return !c.over.Load()
		}
	}
	return false
}

// resolveRequirement returns the instances that a requirement means: all of a plugin, or one by
// its id.
func (s *set) resolveRequirement(name, own string, c *catalog) (needs []need, err error) {
	if c == nil || c.set != s {
		c = s.catalog.Load()
	}
	kind, err := s.kinds.plugin(own)
	if err == nil {
		for _, p := range c.list {
			if m := p.member.Load(); m != nil && m.kind == kind {
				needs = append(needs, need{name, p, false})
			}
		}
		if len(needs) == 0 {
			err = faultf(ErrNotFound, "there is no instance of it in the configuration: add [%s]",
				s.tableOf(kind.spec.Name))
		}
	} else if p := c.find(own); p != nil {
		return []need{{name, p, false}}, nil
	}
	return needs, err
}

// tableOf returns what a file has as the header of a plugin's table.
func (s *set) tableOf(name string) string { return s.section.Load().Key(name).Path() }

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

// A reading is what is made of a section: instances, and errors.
type reading struct {
	*set
	section config.Value
	wanted  []wanted
	errs    []error
}

func (r *reading) fail(id string, s *Spec, err error) {
	var e *Error
	if errors.As(err, &e) && e.Spec != nil && e.Spec == s {
		r.errs = append(r.errs, err)
		return
	}
	r.errs = append(r.errs, &Error{r.namespace, id, PhaseConfigure, err, s})
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

// A draft is what a set is to become.
type draft struct {
	*set
	from   state
	to     state
	moved  map[*plugin]*member // unchanged instances that are at another place of a list now
	fresh  []*plugin           // of the new catalog, not of the old one
	values map[*plugin]config.Value
	plan   *plan // of the new catalog; nil if nothing changes
}

// compare returns a draft, and the names in the section that are not as the set has them. If
// there are none, the draft is complete.
func (s *set) compare(section config.Value) (d *draft, names []string, err error) {
	r, err := s.kinds.registry()
	if err != nil {
		return nil, nil, s.wrap("", err)
	}
	d = &draft{set: s, from: s.state(), to: state{section: &section, followed: true}}
	if err := s.checkSection(r, d.from, section); err != nil {
		return nil, nil, err
	}
	names = s.changedNames(r, d.from, section)
	if len(names) == 0 {
		d.to.catalog = d.from.catalog
	}
	return d, names, nil
}

// complete completes a draft, and checks it.
func (d *draft) complete(names []string) error {
	section := *d.to.section
	reading := &reading{set: d.set, section: section}
	for _, name := range names {
		if section.Key(name).Exists() {
			reading.key(name)
		}
	}
	d.resolve(names, reading)
	for _, p := range d.fresh {
		if err := d.check(p); err != nil {
			reading.fail(p.name, p.spec, err)
		}
	}
	d.plan = d.to.plan(d.to.list)
	for _, p := range d.plan.order {
		if err := d.plan.problems[p]; err != nil && p.m == &d.core {
			at := p.member.Load().optionsOf(section)
			reading.fail(p.name, p.spec, explainAt(at, err))
		}
	}
	return errors.Join(reading.errs...)
}

// explainAt makes an error one of a place in the configuration.
func explainAt(v config.Value, err error) *config.Error {
	e := v.Refuse(err.Error())
	e.Err = err
	return e
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

// changedNames returns the names of a section that may have other instances than the set
// has, sorted.
func (s *set) changedNames(r *Registry, from state, section config.Value) []string {
	names := differing(*from.section, section)
	if from.followed && !sameEnvironment(*from.section, section) || from.version != r.version.Load() {
		names = append(names, section.Keys()...)
		slices.Sort(names)
		names = slices.Compact(names)
	}
	if len(names) == 0 {
		return nil
	}
	others := below(r.sections(), section.Path())
	return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(others, name) })
}

// resolve makes the new catalog.
func (d *draft) resolve(names []string, r *reading) {
	version := d.kinds.source.Load().version.Load()
	c := &catalog{version: version, set: d.set, list: make([]*plugin, 0, len(d.from.list)+len(r.wanted))}
	d.to.catalog = c
	d.values = make(map[*plugin]config.Value, len(r.wanted))
	c.ranked, c.ordered, c.requiring = d.from.ranked, d.from.ordered, d.from.requiring // as those that stay may be
	for _, p := range d.from.list {
		if _, changed := slices.BinarySearch(names, p.member.Load().key); !changed {
			c.list = append(c.list, p)
		}
	}
	slices.SortStableFunc(r.wanted, func(a, b wanted) int { return strings.Compare(a.id, b.id) })
	for i, w := range r.wanted {
		if i > 0 && r.wanted[i-1].id == w.id {
			r.duplicate(w, r.wanted[i-1].value)
			continue
		}
		c.add(d.instance(w))
	}
	slices.SortFunc(c.list, func(a, b *plugin) int { return strings.Compare(a.name, b.name) })
	for i := 1; i < len(c.list); i++ { // two names in the section can mean one id
		a, b := c.list[i-1], c.list[i]
		if a.name == b.name && a != b {
			m := b.member.Load()
			r.duplicate(wanted{b.name, m, m.optionsOf(r.section)}, a.member.Load().optionsOf(r.section))
		}
	}
}

func (r *reading) duplicate(w wanted, other config.Value) {
	err := faultf(ErrDuplicate, "there are two instances called %s; the other one is at %v: "+
		"give one of them another id", shown(w.id), other.Position())
	r.fail(w.id, w.member.kind.spec, explainAt(w.value, err))
}

// instance returns the instance that a configuration wants: the one that there is, if it
// has the same options, or a new one.
func (d *draft) instance(w wanted) *plugin {
	kind := w.member.kind
	if p := d.from.find(w.id); p != nil {
		m := p.member.Load()
		if m.kind == kind && (m.index < 0) == (w.member.index < 0) &&
			sameOptions(m.optionsOf(*d.from.section), w.value, kind.spec.Options) {
			if m.key != w.member.key || m.index != w.member.index {
				if d.moved == nil {
					d.moved = make(map[*plugin]*member)
				}
				d.moved[p] = w.member
			}
			return p
		}
	}
	p := d.newInstance(kind.spec, w.id, w.member)
	d.fresh = append(d.fresh, p)
	d.values[p] = w.value
	return p
}

// newInstance returns a plugin that is not loaded.
func (s *set) newInstance(spec *Spec, id string, m *member) *plugin {
	if spec.Name != id {
		copied := *spec
		copied.instance = id
		spec = &copied
	}
	p := &plugin{m: &s.core, name: spec.InstanceID(), spec: spec, broken: m.kind.broken}
	p.member.Store(m)
	return p
}

// check checks a new instance: whether it can be made, is not disabled, and its options.
func (d *draft) check(p *plugin) error {
	if p.broken != nil {
		return p.broken
	}
	v := d.values[p]
	why := guard(func() error {
		if err := d.filter(p.spec, func(Phase) error { return nil }); err != nil {
			return err
		}
		if p.spec.ShouldLoad != nil && !p.spec.ShouldLoad(p.spec) {
			return Disabled(falseCondition)
		}
		return nil
	})
	if disabled := asDisabled(why); disabled != nil {
		why = disabled
	}
	if why != nil {
		e := v.Refuse("the plugin cannot be used: " + why.Error())
		e.Err = why
		return e
	}
	return d.checkOptions(p, v)
}

// checkOptions decodes and validates the options of an instance.
func (d *draft) checkOptions(p *plugin, v config.Value) error {
	r := p.checkRequest(v, *d.to.section)
	if p.spec.Options == nil {
		return generated.Fill(r).Err
	}
	var closing error
	err := guard(func() (err error) {
		if r.Target, err = p.template(); err != nil {
			return err
		}
		if p.spec.NewWith == nil {
			defer closeInstance(context.Background(), r.Target, &closing)
		}
		return generated.Fill(r).Err
	})
	if closing != nil {
		return errors.Join(err, closing)
	}
	return err
}

// checkRequest returns the request to check the options of an instance, without a target.
func (p *plugin) checkRequest(v, section config.Value) generated.Request {
	return generated.Request{
		Value: v, Parent: section, Ignored: p.member.Load().ignored(), Options: p.spec.described(), Maker: &checker{p},
	}
}

// template returns what the options of the plugin are filled into when it is not made, but
// checked or reloaded.
func (p *plugin) template() (any, error) {
	if p.spec.NewWith != nil {
		return p.spec.Options.New(), nil
	}
	made, err := p.spec.New(p.spec)
	switch {
	case err != nil:
		return nil, err
	case made == nil:
		return nil, faultf(ErrContract, "the factory returned nil")
	}
	return made, methodsOf(made).checkNil(made)
}

// validate checks what can be checked without a configuration.
func (s *set) validate() error {
	if err := s.checkUsable(context.Background()); err != nil {
		return err
	}
	c, err := s.kinds.ready()
	if err != nil {
		return err
	}
	errs := slices.Clone(c.faults)
	for _, p := range c.list {
		if p.broken != nil {
			errs = append(errs, p.broken)
		}
	}
	return errors.Join(append(errs, s.kinds.wasEarly())...)
}

// noteBeginning notes when the load of an instance began. core.mu is held.
func (p *plugin) noteBeginning() {
	if m := p.member.Load(); m != nil {
		m.began = time.Now()
	}
}

// noteDuration notes how long the load of an instance took, before those who wait for it know
// that it is over. core.mu is held.
func (p *plugin) noteDuration() {
	if m := p.member.Load(); m != nil && !m.began.IsZero() {
		m.took.Store(int64(time.Since(m.began)))
		m.began = time.Time{}
	}
}
