package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/builds"
	"github.com/plugingen/plugingen/internal/rules"
)

// A linkage is what the hosts of a package link together: a build links what all of them link
// that it compiles.
type linkage struct {
	links []*linkable // in all builds
	hosts []*hostLinks
}

// hostLinks are what one directive of a host links, and what the packages have that it names.
type hostLinks struct {
	*annotate.Host
	linked     []*linkable // sorted; without those that hosts before it link
	named      matched
	incomplete bool // it has errors, so that it may link more
}

// checkWritten reports modules that have plugins to link but no generated files.
func checkWritten(p *pkg, h *annotate.Host, linked []*linkable) {
	for _, l := range linked {
		if l.unwritten == "" {
			continue
		}
		p.report(annotate.Diagnostic{
			Span: h.Directive, Category: annotate.Linking,
			Message: fmt.Sprintf(
				"the module %s declares plugins that this host would link, but has no "+
					"generated files: "+
					"run plugingen in that module and commit what it writes, or leave its "+
					"plugins out with exclude= or packages=", l.unwritten),
			Related: []annotate.Related{{Span: l.decl.Decl, Message: l.id() + " is declared here"}},
		})
	}
}

// check reports what can't be linked together, once all hosts are known.
func (k *linkage) check(p *pkg) {
	k.checkCollisions(p)
	k.checkNames(p)
	r := &requirements{}
	if slices.ContainsFunc(k.links, (*linkable).refers) {
		r = newRequirements(k.links)
	}
	k.checkRequires(p, r)
	k.checkOrder(p, r)
}

// refers reports whether the plugin names others.
func (l *linkable) refers() bool { return len(l.Requires)+len(l.After)+len(l.Before) > 0 }

// incomplete reports whether the hosts may link more, since one of them has errors.
func (k *linkage) incomplete() bool {
	return slices.ContainsFunc(k.hosts, func(h *hostLinks) bool { return h.incomplete })
}

// linkedWith returns what every build links that has the host.
func (k *linkage) linkedWith(h *annotate.Host) (all []*linkable) {
	covers := func(other *annotate.Host) bool {
		return other == h || h.File.Constraint.Implies([]builds.Constraint{other.File.Constraint})
	}
	for _, l := range k.links {
		if slices.ContainsFunc(l.hosts, covers) {
			all = append(all, l)
		}
	}
	return all
}

// lastHost returns the last of the package's hosts that link one of the plugins: without it,
// a build does not link all of them.
func (k *linkage) lastHost(plugins []*linkable) *annotate.Host {
	for _, h := range slices.Backward(k.hosts) {
		if slices.ContainsFunc(plugins, func(l *linkable) bool { return l.hosts[0] == h.Host }) {
			return h.Host
		}
	}
	return nil
}

// checkCollisions reports packages whose paths differ only in case. The go command builds no
// program that has both, since some file systems take them for one.
func (k *linkage) checkCollisions(p *pkg) {
	type imported struct{ path, build string }
	claims := func(yield func(string, *linkable) bool) {
		if !yield(strings.ToLower(p.Path), &linkable{path: p.Path}) {
			return
		}
		seen := map[imported]bool{}
		for _, l := range k.links {
			i := imported{l.path, l.build.String()}
			if !seen[i] && !yield(strings.ToLower(l.path), l) {
				return
			}
			seen[i] = true
		}
	}
	clash := func(a, b *linkable) bool { return a.path != b.path && !a.build.Excludes(b.build) }
	for _, c := range rules.Clashes(claims, clash) {
		p.errorf(annotate.Linking, c.Second.hosts[0].Directive,
			"this host links plugins of %s and of %s, which the go command refuses "+
				"(case-insensitive import collision): rename one of the directories, or "+
				"leave one out with exclude= or packages=", c.First.path, c.Second.path)
	}
}

// checkNames reports plugins of one name that a build could have both of.
func (k *linkage) checkNames(p *pkg) {
	claims := func(yield func(string, *linkable) bool) {
		for _, l := range k.links {
			for _, id := range l.names() {
				if !yield(id, l) {
					return
				}
			}
		}
	}
	clash := func(a, b *linkable) bool { return a != b && !a.build.Excludes(b.build) }
	for _, c := range rules.Clashes(claims, clash) {
		h := c.Second.hosts[0]
		d := annotate.Diagnostic{Span: h.Directive, Category: annotate.Duplicate, Message: fmt.Sprintf(
			"this host links two plugins called %s: %s and %s; %s",
			c.ID, c.First.place(), c.Second.place(), leaveOut(h, c.First, c.Second))}
		for _, x := range []*linkable{c.First, c.Second} {
			if x.decl != nil {
				d.Related = append(d.Related, annotate.Related{Span: x.decl.Decl, Message: "one is declared here"})
			}
		}
		p.report(d)
	}
}

// leaveOut returns what to do about two plugins of one name, the second of which a host links.
// If one of them is of another module, it is the one to leave out; but what other hosts link,
// this one can't leave out.
func leaveOut(h *annotate.Host, a, b *linkable) string {
	if a.path == b.path {
		return "rename one"
	}
	if b.decl != nil && slices.Contains(a.hosts, h) {
		b = a
	}
	return "rename one, or leave one out, as with exclude=" + string(rules.SelectorOf(b.path))
}

// requirements finds the plugins that others require.
type requirements struct{ rules.Lookup[*linkable] }

func newRequirements(linked []*linkable) *requirements {
	r := &requirements{}
	for _, l := range linked {
		r.Add(l, l.Namespace, l.Name, l.Aliases...)
	}
	return r
}

// of returns the plugins that a plugin means by something it requires, those that no
// build has together with it left out.
func (r *requirements) of(l *linkable, name string) []*linkable {
	return r.Find(l, l.Namespace, name, func(x *linkable) bool { return !x.build.Excludes(l.build) })
}

// all returns the plugins that a plugin requires.
func (r *requirements) all(l *linkable) (needs []*linkable) {
	for _, name := range l.Requires {
		needs = append(needs, r.of(l, name)...)
	}
	return needs
}

// unlinked returns in which builds a host links a plugin without something that it requires.
// ok is false if there are none. The build constraint of what it requires does not count.
func (r *requirements) unlinked(h *annotate.Host, l *linkable, name string) (in builds.Constraint, ok bool) {
	var linking []builds.Constraint
	for _, x := range r.of(l, name) {
		if slices.Contains(x.hosts, h) {
			return in, false
		}
		for _, other := range x.hosts {
			linking = append(linking, other.File.Constraint)
		}
	}
	in = h.File.Constraint
	if len(linking) > 0 && in.Implies(linking) {
		return in, false
	}
	for _, build := range linking {
		in, _ = in.AndNot(build)
	}
	return in, true
}

// missing reports that a host links a plugin without something that it requires, in some
// builds. It reports that at the plugin if that is of the host's module.
func (r *requirements) missing(h *annotate.Host, l *linkable, name string, in builds.Constraint) annotate.Diagnostic {
	d := annotate.Diagnostic{Span: h.Directive, Category: annotate.Graph, Message: fmt.Sprintf(
		"plugin %s (%s) requires %s, which this host does not link", l.id(), l.place(), name)}
	if l.decl != nil {
		d.Span = l.decl.Span("requires")
		d.Message = fmt.Sprintf("plugin %s requires %s, which the host does not link", l.id(), name)
		d.Related = []annotate.Related{{Span: h.Directive, Message: "the host is here"}}
	}
	if namespace, every := rules.EveryOf(name); every {
		d.Message = fmt.Sprintf(
			"plugin %s (%s) requires %s, but the host links no plugin of %s",
			l.id(), l.place(), name, namespace)
	}
	if len(r.of(l, name)) > 0 {
		d.Message += " in builds that satisfy " + in.String()
	} else {
		d.Message += rules.DidYouMean(r.Nearest(l.Namespace, name))
	}
	return d
}

// checkRequires reports plugins that require others which are not linked, and those that
// require each other.
func (k *linkage) checkRequires(p *pkg, r *requirements) {
	incomplete := k.incomplete()
	for _, h := range k.hosts {
		for _, l := range h.linked {
			for _, name := range l.Requires {
				if in, missing := r.unlinked(h.Host, l, name); missing && !incomplete {
					p.report(r.missing(h.Host, l, name, in))
				}
			}
		}
	}
	for _, cycle := range rules.Cycles(k.links, r.all) {
		reportRequirementCycle(p, k.lastHost(cycle), cycle)
	}
}

func reportRequirementCycle(p *pkg, h *annotate.Host, cycle []*linkable) {
	d := annotate.Diagnostic{Span: h.Directive, Category: annotate.Graph}
	var names []string
	if decl := cycle[0].decl; decl != nil { // the same for each host
		d.Span = decl.Span("requires")
	}
	for _, l := range cycle {
		names = append(names, l.id())
		if l.decl != nil {
			d.Related = append(d.Related, annotate.Related{
				Span:    l.decl.Span("requires"),
				Message: l.id() + " is declared here",
			})
		}
	}
	d.Message = "the plugins require each other: " + strings.Join(append(names, names[0]), " → ")
	p.report(d)
}

// checkOrder reports plugins that can't be put into an order, since each is to be loaded
// after another by after=, before= or requires=. Requirements alone are reported elsewhere.
func (k *linkage) checkOrder(p *pkg, r *requirements) {
	if !slices.ContainsFunc(k.links, func(l *linkable) bool { return len(l.After)+len(l.Before) > 0 }) {
		return
	}
	earlier, soft := map[*linkable][]*linkable{}, map[[2]*linkable]bool{}
	add := func(later, sooner *linkable) {
		if later != sooner {
			earlier[later] = append(earlier[later], sooner)
			soft[[2]*linkable{later, sooner}] = true
		}
	}
	for _, l := range k.links {
		for _, name := range l.After {
			for _, x := range r.of(l, name) {
				add(l, x)
			}
		}
		for _, name := range l.Before {
			for _, x := range r.of(l, name) {
				add(x, l)
			}
		}
	}
	next := func(l *linkable) []*linkable { return append(r.all(l), earlier[l]...) }
	for _, cycle := range rules.Cycles(k.links, next) {
		steps, isSoft := "", false
		for i, l := range cycle {
			to := cycle[(i+1)%len(cycle)]
			word := " requires "
			if soft[[2]*linkable{l, to}] {
				word, isSoft = " is loaded after ", true
			}
			steps += l.id() + word
		}
		if !isSoft {
			continue
		}
		d := annotate.Diagnostic{
			Span: k.lastHost(cycle).Directive, Category: annotate.Graph,
			Message: "these plugins can't be put into an order: " + steps + cycle[0].id() +
				"; remove one of after=, before= and requires=",
		}
		for _, l := range cycle {
			if l.decl != nil {
				d.Related = append(d.Related, annotate.Related{
					Span:    l.decl.Directive,
					Message: l.id() + " is declared here",
				})
			}
		}
		p.report(d)
	}
}

// checkContracts reports namespaces of linked plugins for which more than one contract
// is declared. Of a namespace of the host's module, what others declare has no meaning.
func checkContracts(p *pkg, h *annotate.Host, linked []*linkable, contracts []*contract) {
	first := map[string]*contract{}
	for _, c := range governing(p.tree, contracts) {
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
			"the namespace %s, of which this host links plugins, has two contracts: %s and "+
				"%s; keep one, or leave one out with exclude=%s",
			c.Namespace, other, c, rules.SelectorOf(c.path))}
		for _, x := range []*contract{other, c} {
			if x.decl != nil {
				d.Related = append(d.Related, annotate.Related{Span: x.decl.Decl, Message: "one is declared here"})
			}
		}
		p.report(d)
	}
}
