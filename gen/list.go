package gen

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/locate"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/internal/rules"
)

// A Plugin is a plugin as a list shows it.
type Plugin struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	Package   string `json:"package"`
	Symbol    string `json:"symbol"`
	Module    string `json:"module"`
	Version   string `json:"version,omitempty"` // of another module, in the build list
	// what stands in the place of that module: a directory, or module@version
	Replace string `json:"replace,omitempty"`
	File    string `json:"file,omitempty"` // this and the place in it are unknown for another module's
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Build   string `json:"build,omitempty"` // the build constraint

	annotate.Properties

	Options *options.Struct `json:"-"` // nil if the plugin has none

	LinkedBy []string   `json:"linked_by,omitempty"`
	LeftOut  []Omission `json:"left_out,omitempty"`
}

// An Omission is why a host does not link a plugin.
type Omission struct {
	Host string `json:"host"`
	Why  string `json:"why"`
}

// MissingModules returns a [*modules.MissingError] if a list lacks the plugins of modules that are
// not in the module cache, should they have any.
func (p *Plan) MissingModules() error { return p.run.work.incomplete() }

// List returns the plugins of the packages that were requested, sorted. If there is
// a host among those, the list has all that it could link, too: the plugins of its
// module and of all others that it requires; see also MissingModules.
func (p *Plan) List() ([]Plugin, error) {
	l := lister{plan: p, index: map[pluginKey]int{}}
	requested := p.run.work.requested()
	for _, q := range requested {
		for _, x := range p.run.resolver.resolve(q).plugins() {
			x.module = &q.tree.main.Module
			l.entry(x)
		}
	}
	for _, q := range requested {
		if len(q.Hosts) == 0 {
			continue
		}
		if err := l.host(q); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(l.found, func(a, b Plugin) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name),
			cmp.Compare(a.Package, b.Package), cmp.Compare(a.Build, b.Build))
	})
	return l.found, nil
}

// Declared returns the plugins that the packages declare, as far as their directives say what
// they are: namespace, name, package, symbol and doc. It neither makes a plan nor runs the go
// command, and does not look for errors.
func Declared(dir string, patterns []string) (plugins []Plugin, err error) {
	loader := modules.NewLoader()
	loader.NoCommand = true
	found, err := locate.Find(loader, dir, patterns)
	if err != nil {
		return nil, err
	}
	work, err := load(found, nil, nil)
	if err != nil {
		return nil, err
	}
	run := newResolver(work)
	for _, q := range work.requested() {
		if len(q.Plugins) == 0 {
			continue
		}
		q.Resolve(names{run, q.tree})
		for _, x := range q.Plugins {
			plugins = append(plugins, Plugin{
				Namespace: x.Namespace, Name: x.Name, Kind: x.Kind.String(),
				Package: q.Path, Symbol: x.Symbol, Properties: x.Properties,
			})
		}
	}
	slices.SortFunc(plugins, func(a, b Plugin) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return plugins, nil
}

// A lister collects plugins.
type lister struct {
	plan  *Plan
	found []Plugin
	index map[pluginKey]int // in found
}

// entry returns the list's entry for a plugin, a new one if there is none.
func (l *lister) entry(x *linkable) *Plugin {
	key := x.key()
	i, ok := l.index[key]
	if !ok {
		i = len(l.found)
		l.index[key] = i
		l.found = append(l.found, l.plan.describe(x))
	}
	return &l.found[i]
}

func (p *Plan) describe(x *linkable) Plugin {
	d := Plugin{
		Namespace: x.Namespace, Name: x.Name, Kind: x.Kind.String(), Package: x.path, Symbol: x.Symbol,
		Build: x.build.String(), Properties: x.Properties,
	}
	if x.Options != nil {
		d.Options = x.Options.Struct
	}
	if m := x.module; m != nil {
		d.Module, d.Version, d.Replace = m.Path, m.Version, m.Replace
	}
	if x.decl != nil {
		pos := p.Fset.PositionFor(x.decl.Decl.Pos, false)
		d.File, d.Line, d.Column = pos.Filename, pos.Line, pos.Column
	}
	return d
}

// host records for every plugin that a package could link whether it does. It does if one of the
// package's directives selects it: these may be for different builds.
func (l *lister) host(p *pkg) error {
	linkable, err := l.plan.run.withinReach(p)
	if err != nil {
		return err
	}
	var hosts []*rules.Host
	for _, h := range p.Hosts {
		hosts = append(hosts, hostRule(p, h))
	}
	for _, x := range linkable {
		q := p.tree.packages[p.tree.main.DirOf(x.path)]
		if x.pkg == "main" && q != p && (!q.requested || len(q.Hosts) > 0) {
			continue // another program's own
		}
		e := l.entry(x)
		why := ""
		for i, h := range p.Hosts {
			if why = whyNot(p, h, hosts[i], x); why == "" {
				break
			}
		}
		if why != "" {
			e.LeftOut = append(e.LeftOut, Omission{p.Path, why})
		} else {
			e.LinkedBy = append(e.LinkedBy, p.Path)
		}
	}
	return nil
}

// withinReach returns the plugins of the package's module, and of those that it requires.
func (run *linker) withinReach(p *pkg) ([]*linkable, error) {
	t := p.tree
	if err := t.readWhole(); err != nil {
		return nil, err
	}
	var all []*linkable
	for _, q := range t.sorted() {
		for _, x := range run.resolver.resolve(q).plugins() {
			x.module = &t.main.Module
			all = append(all, x)
		}
	}
	every := func(string) bool { return true }
	deps, err := t.main.Dependencies(every, false)
	var missing *modules.MissingError
	if errors.As(err, &missing) {
		run.work.lacks(missing)
	} else if err != nil {
		return nil, err
	}
	for _, dep := range deps {
		found, err := run.describer.otherModule(p, dep, selection{match: every, all: true})
		if err != nil {
			return nil, err
		}
		for _, x := range found.plugins {
			x.module = dep
		}
		all = append(all, found.plugins...)
	}
	return all, nil
}

// whyNot returns why the host does not link a plugin, or "" if it does. rule is h, as package
// rules has it.
func whyNot(p *pkg, h *annotate.Host, rule *rules.Host, x *linkable) string {
	matches := func(globs []annotate.Word) (string, bool) {
		i := slices.IndexFunc(globs, func(g annotate.Word) bool { return rules.Selector(g.Text).Match(x.rule()) })
		if i < 0 {
			return "", false
		}
		return globs[i].Text, true
	}
	q := p.tree.packages[p.tree.main.DirOf(x.path)]
	_, wanted := matches(h.Namespaces)
	unwanted, out := matches(h.Exclude)
	switch {
	case x.unwritten != "":
		return "its module " + x.unwritten + " has no generated files: run plugingen in it"
	case x.pkg == "main" && x.path != p.Path:
		return "package main can't be imported"
	case checkImportPath(x.path) != nil:
		return "no program can import " + x.path + ": rename its directory"
	case !rule.Names(x.path):
		return "its package is not among " + p.tree.packagesOf(h)
	case len(h.Namespaces) > 0 && !wanted:
		return "its namespace is not among namespaces=" + texts(h.Namespaces)
	case out:
		return "it matches exclude=" + unwanted
	case !rules.CanImport(p.Path, x.path):
		return "it is internal to " + rules.InternalTo(x.path)
	case x.decl != nil && q != nil && q != p && q.broken():
		return "there are errors in its package"
	}
	return ""
}

func (t *tree) packagesOf(h *annotate.Host) string {
	if len(h.Packages) == 0 {
		return fmt.Sprintf("those of the host's module, %s", t.main.Path)
	}
	return "packages=" + texts(h.Packages)
}

func texts(words []annotate.Word) string {
	var all []string
	for _, w := range words {
		all = append(all, w.Text)
	}
	return strings.Join(all, ",")
}

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
	for _, q := range p.run.work.requested() {
		if q.Path == h.Path && q.dir.Path == h.Dir {
			return p.program(p.run.contents[q])
		}
	}
	return nil, fmt.Errorf("there is no host %s", h.Path)
}

func (p *Plan) program(q *content) (*Program, error) {
	var linked []*linkable
	var all matched
	for _, h := range q.linkage.hosts {
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
	sections, nested := p.run.resolver.sections(q.tree, linked, contracts, all.structs)
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
