package gen

import (
	"cmp"
	"maps"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/internal/rules"
)

// A section is a part of the configuration of a program.
type section struct {
	path      string
	namespace string // whose plugins are configured in it; or
	options   *options.Struct
	contract  *contract // of the namespace, if it is known
}

// sections returns the sections of the program that a host links, by path, and the namespaces
// whose plugins are configured where an option takes one.
func (r *resolver) sections(t *tree, linked []*linkable, contracts []*contract, structs []*options.Struct) (
	sections []*section, nested []string,
) {
	byNamespace := map[string]*contract{}
	for _, c := range contracts {
		if byNamespace[c.Namespace] == nil {
			byNamespace[c.Namespace] = c
		}
	}
	taken, has := map[string]bool{}, map[string]bool{}
	seen := map[*options.Struct]bool{}
	for _, l := range linked {
		has[l.Namespace] = has[l.Namespace] || l.Options != nil
		if l.Options != nil {
			r.completeStruct(t, l.Options.Struct)
			takes(l.Options.Struct, taken, seen)
		}
	}
	for _, s := range structs {
		r.completeStruct(t, s)
		takes(s, taken, seen)
		sections = append(sections, &section{path: s.Section, options: s})
	}
	added := map[string]bool{}
	for _, l := range linked {
		c := byNamespace[l.Namespace]
		path := ""
		if c != nil {
			path = c.Section
		}
		if added[l.Namespace] || path == "" && (!has[l.Namespace] || taken[l.Namespace]) {
			continue
		}
		added[l.Namespace] = true
		path = cmp.Or(path, rules.DefaultSection(l.Namespace))
		sections = append(sections, &section{path: path, namespace: l.Namespace, contract: c})
	}
	slices.SortFunc(sections, func(a, b *section) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.namespace, b.namespace))
	})
	for namespace := range taken {
		nested = append(nested, namespace)
	}
	slices.Sort(nested)
	return sections, nested
}

// takes notes the namespaces of plugins that options of a struct take.
func takes(s *options.Struct, namespaces map[string]bool, seen map[*options.Struct]bool) {
	eachOption(s, seen, func(o *options.Option) {
		if leaf := o.Type.Leaf(); leaf.Kind == options.Plugin {
			namespaces[leaf.Namespace] = true
		}
	})
}

// checkChoices reports options that take plugins of a namespace that the program knows nothing of,
// and those whose default is a plugin that is not linked.
func checkChoices(p *pkg, h *annotate.Host, linked []*linkable, contracts []*contract) {
	names := map[string][]string{}
	for _, l := range linked {
		names[l.Namespace] = append(append(names[l.Namespace], l.Name), l.Aliases...)
	}
	known := slices.Collect(maps.Keys(names))
	for _, c := range contracts {
		known = append(known, c.Namespace)
	}
	check := func(o *options.Option) {
		leaf := o.Type.Leaf()
		if leaf.Kind != options.Plugin {
			return
		}
		span := o.Tag
		if !span.Pos.IsValid() { // of another module
			span = h.Directive
		}
		if !slices.Contains(known, leaf.Namespace) {
			p.errorf(annotate.Linking, span, "option %s takes plugins of %s, but there is no plugin and no "+
				"contract of that namespace%s", o.Name, leaf.Namespace,
				didYouMean(rules.Nearest(leaf.Namespace, known)))
			return
		}
		for _, name := range options.Items(o.Default) {
			if list := names[leaf.Namespace]; o.HasDefault && !slices.Contains(list, name) {
				p.errorf(annotate.Linking, span, "the default of option %s is %q, but no plugin of %s of that name is "+
					"linked%s", o.Name, name, leaf.Namespace, didYouMean(rules.Nearest(name, list)))
			}
		}
	}
	seen := map[*options.Struct]bool{}
	for _, l := range linked {
		if l.Options != nil {
			eachOption(l.Options.Struct, seen, check)
		}
	}
}

// eachOption calls do for the options of a struct, and of those that are in it.
func eachOption(s *options.Struct, seen map[*options.Struct]bool, do func(*options.Option)) {
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	for _, o := range s.All() {
		do(o)
		eachOption(o.Type.Table(), seen, do)
	}
}

// String returns what a section is of, for messages.
func (s *section) String() string {
	if s.options != nil {
		return "the struct " + s.options.Path + "." + s.options.Name
	}
	return "the plugins of " + s.namespace
}
