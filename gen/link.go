package gen

import (
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/builds"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/rules"
)

// A linkable is a plugin that a host may link.
type linkable struct {
	genfile.Spec
	path, pkg string // of the package that declares it
	build     builds.Constraint
	decl      *annotate.Plugin // this and its package are nil if it is of a module that is not read
	of        *pkg
	unwritten string          // the path of its module, if that has no generated files
	module    *modules.Module // that it is of, for lists
}

func (l *linkable) id() string { return l.Namespace + ":" + l.Name }

// key tells a plugin from all others, those of other builds included.
func (l *linkable) key() string { return l.path + "." + l.Identifier + " " + l.build.String() }

// rule returns the plugin as the rules for hosts know it.
func (l *linkable) rule() rules.Plugin {
	return rules.Plugin{Package: l.path, Namespace: l.Namespace, Name: l.Name}
}

// names returns the plugin's name and its aliases, with the namespace.
func (l *linkable) names() []string {
	names := []string{l.id()}
	for _, alias := range l.Aliases {
		names = append(names, l.Namespace+":"+alias)
	}
	return names
}

// place says where the plugin is declared, for messages.
func (l *linkable) place() string { return l.path + "." + l.Symbol }

// link returns what a host links, sorted, or reports on the package why it can't.
func (t *tree) link(p *pkg, h *annotate.Host) ([]*linkable, error) {
	named, err := t.named(p, h)
	if err != nil || p.broken() {
		return nil, err
	}
	linked := choose(p, h, named)
	if len(linked) == 0 && !p.broken() {
		p.errorf(annotate.Linking, h.Directive, "this host links no plugin: there is none in what it names")
	}
	linked, before := p.notYetLinked(h, linked), p.links
	p.links = slices.Concat(before, linked)
	checkWritten(p, h, linked)
	checkCollisions(p, h, linked)
	checkNames(p, h, before, linked)
	checkRequires(p, h, before, linked)
	checkOrder(p, h, before, linked)
	t.checkContracts(p, h, linked, named.contracts)
	t.checkCycle(p, h, linked)
	return linked, nil
}

// plugins returns the plugins that a package declares.
func (t *tree) plugins(p *pkg) []*linkable {
	var list []*linkable
	for _, x := range p.Plugins {
		l := &linkable{
			Spec: genfile.Spec{
				Identifier: genfile.Identifier(x.Namespace, x.Name), Namespace: x.Namespace, Name: x.Name,
				Kind: x.Kind, Symbol: x.Symbol, Requires: x.Requires, After: x.After, Before: x.Before,
				Aliases: x.Aliases, Priority: x.Priority, Stability: x.Stability,
				Deprecated: x.Deprecated, DeprecatedSince: x.DeprecatedSince, RemovalIn: x.RemovalIn, Doc: x.Doc,
			},
			path: p.Path, pkg: p.Name, build: x.File.Constraint, decl: x, of: p,
		}
		l.Proved = t.contractFor(p, x.Namespace, x.File.Constraint) != nil
		list = append(list, l)
	}
	return list
}

// choose returns the plugins that the host's globs let through, and reports globs
// that match none.
func choose(p *pkg, h *annotate.Host, named matched) []*linkable {
	used := map[annotate.Span]bool{}
	matches := func(globs []annotate.Word, l *linkable) (found bool) {
		for _, w := range globs {
			if rules.Selector(w.Text).Match(l.rule()) {
				used[w.Span] = true
				found = true
			}
		}
		return found
	}
	var linked []*linkable
	for _, l := range named.plugins {
		in := len(h.Namespaces) == 0 || matches(h.Namespaces, l)
		if out := matches(h.Exclude, l); in && !out {
			linked = append(linked, l)
		}
	}
	for _, l := range named.hidden { // there is something to leave out, though nobody asked for it
		matches(h.Exclude, l)
	}
	for _, w := range slices.Concat(h.Namespaces, h.Exclude) {
		if err := rules.Selector(w.Text).Check(); err != nil {
			p.errorf(annotate.BadValue, w.Span, "%q is not a glob: %v", w.Text, err)
		} else if !used[w.Span] && !named.left[w.Span] && !named.partial {
			p.errorf(annotate.Linking, w.Span, "%q matches no plugin of the packages that this host names", w.Text)
		}
	}
	return linked
}
