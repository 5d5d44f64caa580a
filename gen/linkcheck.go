package gen

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// checkInternal reports plugins of packages that the host may not import.
func checkInternal(p *pkg, h *annotate.Host, linked []*linkable) {
	reported := map[string]bool{}
	for _, l := range linked {
		if rules.CanImport(p.Path, l.path) || reported[l.path] {
			continue
		}
		reported[l.path] = true
		d := annotate.Diagnostic{Span: h.Directive, Category: annotate.Linking, Message: fmt.Sprintf(
			"%s has plugins, but %s may not import it, since it is internal: move one of them, or leave it out with packages= or exclude=", l.path, p.Path)}
		if l.decl != nil {
			d.Related = []annotate.Related{{Span: l.decl.Decl, Message: l.id() + " is declared here"}}
		}
		p.report(d)
	}
}

// checkNames reports plugins of one name that a build could have both of.
func checkNames(p *pkg, h *annotate.Host, linked []*linkable) {
	claimed := map[string][]*linkable{}
	for _, l := range linked {
		for _, id := range l.names() {
			for _, other := range claimed[id] {
				if other == l || other.build.Excludes(l.build) {
					continue
				}
				d := annotate.Diagnostic{Span: h.Directive, Category: annotate.Duplicate, Message: fmt.Sprintf(
					"this host links two plugins called %s: %s and %s; rename one, or leave one out with exclude= or packages=", id, other.place(), l.place())}
				for _, x := range []*linkable{other, l} {
					if x.decl != nil {
						d.Related = append(d.Related, annotate.Related{Span: x.decl.Decl, Message: "one is declared here"})
					}
				}
				p.report(d)
			}
			claimed[id] = append(claimed[id], l)
		}
	}
}

// requirements finds the plugins that others require.
type requirements map[string][]*linkable // by namespace:name, aliases included

func newRequirements(linked []*linkable) requirements {
	r := requirements{}
	for _, l := range linked {
		for _, id := range l.names() {
			r[id] = append(r[id], l)
		}
	}
	return r
}

// of returns the plugins that a plugin means by something it requires, those that no
// build has together with it left out.
func (r requirements) of(l *linkable, name string) []*linkable {
	found := r[l.Namespace+":"+name]
	if len(found) == 0 {
		found = r[name]
	}
	return slices.DeleteFunc(slices.Clone(found), func(x *linkable) bool { return x.build.Excludes(l.build) })
}

// missing says that a plugin requires what the host does not link, at the plugin if that
// is of the host's module.
func (r requirements) missing(h *annotate.Host, l *linkable, name string) annotate.Diagnostic {
	d := annotate.Diagnostic{Span: h.Directive, Category: annotate.Graph, Message: fmt.Sprintf(
		"plugin %s (%s) requires %s, which this host does not link", l.id(), l.place(), name)}
	if l.decl != nil {
		d.Span = l.decl.Span("requires")
		d.Message = fmt.Sprintf("plugin %s requires %s, which the host does not link", l.id(), name)
		d.Related = []annotate.Related{{Span: h.Directive, Message: "the host is here"}}
	}
	if near := r.nearest(l.Namespace, name); near != "" {
		d.Message += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return d
}

// nearest returns the linked plugin that a name is most like, as it can be required
// within the namespace. Of a name with a namespace that there is, only the rest can be a slip: the
// namespace in front would make all its plugins alike.
func (r requirements) nearest(namespace, name string) string {
	var known, within []string
	space, rest, _ := strings.Cut(name, ":")
	for _, id := range slices.Sorted(maps.Keys(r)) {
		known = append(known, strings.TrimPrefix(id, namespace+":"))
		if bare, ok := strings.CutPrefix(id, space+":"); ok {
			within = append(within, bare)
		}
	}
	if len(within) == 0 {
		return annotate.Nearest(name, known)
	}
	if near := annotate.Nearest(rest, within); near != "" {
		return space + ":" + near
	}
	return ""
}

// checkRequires reports plugins that need others which are not linked, and those that
// wait for each other.
func checkRequires(p *pkg, h *annotate.Host, linked []*linkable) {
	r := newRequirements(linked)
	done := map[*linkable]bool{}
	var path []*linkable
	var visit func(l *linkable)
	visit = func(l *linkable) {
		if i := slices.Index(path, l); i >= 0 {
			reportCircle(p, h, path[i:])
			return
		}
		if done[l] {
			return
		}
		path = append(path, l)
		for _, name := range l.Requires {
			needs := r.of(l, name)
			if len(needs) == 0 {
				p.report(r.missing(h, l, name))
			}
			for _, need := range needs {
				visit(need)
			}
		}
		path = path[:len(path)-1]
		done[l] = true
	}
	for _, l := range linked {
		visit(l)
	}
}

func reportCircle(p *pkg, h *annotate.Host, circle []*linkable) {
	d := annotate.Diagnostic{Span: h.Directive, Category: annotate.Graph}
	var names []string
	for _, l := range circle {
		names = append(names, l.id())
		if l.decl != nil {
			d.Related = append(d.Related, annotate.Related{Span: l.decl.Span("requires"), Message: l.id() + " is declared here"})
		}
	}
	d.Message = "none of these plugins can be loaded, since they require each other: " + strings.Join(append(names, names[0]), " requires ")
	p.report(d)
}

// checkContracts reports namespaces of linked plugins for which more than one contract
// is declared.
func checkContracts(p *pkg, h *annotate.Host, linked []*linkable, contracts []*contract) {
	first := map[string]*contract{}
	for _, c := range contracts {
		other := first[c.Namespace]
		if other == nil {
			first[c.Namespace] = c
			continue
		}
		if other.String() == c.String() || other.build.Excludes(c.build) ||
			!slices.ContainsFunc(linked, func(l *linkable) bool { return l.Namespace == c.Namespace }) {
			continue
		}
		d := annotate.Diagnostic{Span: h.Directive, Category: annotate.Duplicate, Message: fmt.Sprintf(
			"the namespace %s, of which this host links plugins, has two contracts: %s and %s; keep one, or leave one out with packages=", c.Namespace, other, c)}
		for _, x := range []*contract{other, c} {
			if x.decl != nil {
				d.Related = append(d.Related, annotate.Related{Span: x.decl.Decl, Message: "one is declared here"})
			}
		}
		p.report(d)
	}
}
