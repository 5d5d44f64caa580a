package gen

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/options"
)

// A Program is what a host links, and what of it can be configured.
type Program struct {
	Host     string    // import path
	Sections []Section // by path

	// Nested are the namespaces whose plugins are configured where an option of another
	// plugin takes one; they may be among Sections, too.
	Nested []Section

	// Plain are the namespaces of which no plugin can be configured.
	Plain []Section
}

// Plugins returns the plugins of a namespace that are linked.
func (p *Program) Plugins(namespace string) []Plugin {
	for _, sections := range [][]Section{p.Sections, p.Nested, p.Plain} {
		for _, s := range sections {
			if s.Namespace == namespace && namespace != "" {
				return s.Plugins
			}
		}
	}
	return nil
}

// A Section is a table of the configuration: that of a namespace, with a table for each of
// its plugins, or that of a struct of the host.
type Section struct {
	Path      string // "services", or "agent.inputs" for a table in a table
	Namespace string // whose plugins are configured in it, or ""
	Contract  string // the namespace's contract as Go names it, "path.Type", if it is known
	Doc       string
	Plugins   []Plugin        // of the namespace, by name
	Options   *options.Struct // of a section without namespace
}

// Program returns what a host links, in any build, and what of it can be configured. The plan
// must be without diagnostics.
func (p *Plan) Program(h Host) (*Program, error) {
	for _, q := range p.run.requested() {
		if q.Path == h.Path && q.dir.Path == h.Dir {
			return p.program(p.run.contents[q])
		}
	}
	return nil, fmt.Errorf("there is no host %s", h.Path)
}

func (p *Plan) program(q *content) (*Program, error) {
	var linked []*linkable
	var all matched
	for _, h := range q.hosts {
		linked = append(linked, h.linked...)
		all.add(h.named)
	}
	linked = unique(linked)
	if err := p.run.addModules(q.pkg, linked); err != nil {
		return nil, err
	}
	plugins := map[string][]Plugin{}
	for _, l := range linked {
		plugins[l.Namespace] = append(plugins[l.Namespace], p.describe(l))
	}
	contracts := append(contractsOf(q.pkg), all.contracts...)
	sections, nested := p.run.sections(q.tree, linked, contracts, all.structs)
	program := &Program{Host: q.Path}
	for _, s := range sections {
		program.Sections = append(program.Sections, describeSection(s, plugins))
	}
	ofNamespace := func(namespace string) Section {
		s := &section{namespace: namespace}
		if i := slices.IndexFunc(contracts, func(c *contract) bool { return c.Namespace == namespace }); i >= 0 {
			s.contract = contracts[i]
		}
		return describeSection(s, plugins)
	}
	for _, namespace := range nested {
		program.Nested = append(program.Nested, ofNamespace(namespace))
	}
	for _, namespace := range slices.Sorted(maps.Keys(plugins)) {
		configured := func(s *section) bool { return s.namespace == namespace }
		if !slices.ContainsFunc(sections, configured) && !slices.Contains(nested, namespace) {
			program.Plain = append(program.Plain, ofNamespace(namespace))
		}
	}
	return program, nil
}

// unique returns the plugins without those that several hosts link, sorted.
func unique(linked []*linkable) []*linkable {
	slices.SortStableFunc(linked, (*linkable).compare)
	return slices.CompactFunc(linked, func(a, b *linkable) bool { return a.key() == b.key() })
}

// addModules sets the modules of plugins that a package links.
func (run *linker) addModules(p *pkg, linked []*linkable) error {
	t := p.tree
	own := func(l *linkable) bool { return t.main.Owns(l.path) && l.of != nil }
	var of map[pluginKey]*modules.Module
	for _, l := range linked {
		if own(l) {
			l.module = &t.main.Module
			continue
		}
		if of == nil {
			within, err := run.withinReach(p)
			if err != nil {
				return err
			}
			of = map[pluginKey]*modules.Module{}
			for _, l := range within {
				of[l.key()] = l.module
			}
		}
		l.module = of[l.key()]
	}
	return nil
}

func describeSection(s *section, plugins map[string][]Plugin) Section {
	d := Section{Path: s.path, Namespace: s.namespace, Plugins: plugins[s.namespace], Options: s.options}
	if c := s.contract; c != nil {
		d.Contract = c.path + "." + c.Symbol
		if c.decl != nil {
			d.Doc = docOf(c.decl.File.Syntax, c.Symbol)
		}
	}
	if s.options != nil && s.options.File != nil {
		d.Doc = docOf(s.options.File.Syntax, s.options.Name)
	}
	return d
}

// docOf returns the doc comment of a type.
func docOf(file *ast.File, name string) string {
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, spec := range g.Specs {
			s := spec.(*ast.TypeSpec)
			switch {
			case s.Name.Name != name:
			case s.Doc != nil:
				return strings.TrimSpace(s.Doc.Text())
			case g.Doc != nil && !g.Lparen.IsValid():
				return strings.TrimSpace(g.Doc.Text())
			}
		}
	}
	return ""
}
