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
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/modules"
	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/internal/render"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/source"
)

// declaredOptions returns the options that the package declares, and reports what is wrong with
// them when it is called first.
func (p *resolved) declaredOptions() *options.Package {
	if p.options != nil {
		return p.options
	}
	p.options = &options.Package{}
	if p.Damaged() {
		return p.options
	}
	i := &optionImports{pkg: p.pkg}
	p.options = options.Read(p.Package, i, func(namespace string, from *annotate.File) string {
		if c := p.contractFor(namespace, from.Constraint); c != nil {
			return c.Naming
		}
		return ""
	})
	p.diagnostics = append(p.diagnostics, p.options.Diagnostics...)
	if p.options.Incomplete && !p.broken() {
		i.report()
	}
	return p.options
}

// optionImports answers what the options of a package need to know of others.
type optionImports struct {
	pkg *pkg
	// packages of which something is not known, in the order in which they came up, and why
	unknown []unknownPackage
}

type unknownPackage struct {
	path string
	err  error
}

// Package implements [options.Imports]. Packages of other modules are never read, even those
// that are generated in the same run: what is generated must not depend on what else is.
func (i *optionImports) Package(path string) *source.Package {
	p := i.pkg.tree.syntaxAt(path)
	if p == nil {
		return nil
	}
	if len(p.SyntaxErrors) > 0 {
		p.dependency = true
		i.unknown = append(i.unknown, unknownPackage{path, errors.New("there are errors in it")})
	}
	return p.Package
}

// Foreign implements [options.Imports].
func (i *optionImports) Foreign(path, name string) (f options.Foreign, known bool) {
	if p, _ := i.pkg.tree.neighbour(path); p != nil {
		f.Package = p.Name
		f.Options = slices.ContainsFunc(p.Shared, func(o *annotate.OptionStruct) bool { return o.Symbol == name })
		for _, c := range p.Contracts {
			if c.Symbol == name {
				f.Namespace, f.Pointer = c.Namespace, c.Pointer
			}
		}
		return f, true
	}
	written := i.pkg.tree.generatedFiles(path)
	for _, file := range written.files {
		f.Package = file.Package
		if d := describedIn(file, name); d != nil {
			f.Options, f.Struct = true, d
		}
		for _, c := range file.Contracts {
			if c.Symbol == name {
				f.Namespace, f.Pointer = c.Namespace, c.Pointer
			}
		}
	}
	var missing *modules.MissingError
	switch {
	case errors.As(written.none, &missing) && missing.Plugins:
		i.pkg.tree.work.lacks(missing)
	case written.err != nil:
		i.unknown = append(i.unknown, unknownPackage{path, written.err})
	case written.none != nil: // whether the module has plugins is not known either
		i.unknown = append(i.unknown, unknownPackage{path, written.none})
	case written.source != nil && slices.ContainsFunc(written.source.Shared,
		func(o *annotate.OptionStruct) bool { return o.Symbol == name }):
		i.unknown = append(i.unknown, unknownPackage{path, fmt.Errorf(
			"the module %s has no generated file there yet: run plugingen in it first", written.module)})
		return f, false
	}
	return f, written.err == nil && written.none == nil
}

// report reports why the options of the package are incomplete.
func (i *optionImports) report() {
	for _, u := range i.unknown {
		span := i.pkg.first()
		i.pkg.eachImport(func(_ *annotate.File, imp *ast.ImportSpec, path string) {
			if path == u.path {
				span = annotate.Span{Pos: imp.Path.Pos(), End: imp.Path.End()}
			}
		})
		if !i.pkg.reportedAt(span) {
			i.pkg.errorf(annotate.Linking, span, "what %s declares for options can't be read: %v", u.path, u.err)
		}
	}
}

// describedIn returns the shared struct of a name that a generated file describes, or nil.
func describedIn(f *genfile.File, name string) *options.Struct {
	i := slices.IndexFunc(f.Structs, func(s *options.Struct) bool { return s.Shared && s.Name == name })
	if i < 0 {
		return nil
	}
	return f.Structs[i]
}

// describeStruct has a file describe a struct and those that are in it. One that is shared is
// described in the file of its own package that has its build constraint.
func (p *described) describeStruct(f *render.File, s *options.Struct, root bool, at annotate.Span) {
	switch {
	case s.Foreign:
		return
	case s.Shared && s.Path != p.Path:
		if q := p.tree.at(s.Path); q != nil && !slices.Contains(p.providers, q) {
			p.providers = append(p.providers, q)
		}
		return
	case s.Shared:
		f, root = p.output(s.File.Constraint), true
	}
	if i := slices.IndexFunc(f.Structs, func(d *render.Struct) bool { return d.Struct == s }); i >= 0 {
		f.Structs[i].Root = f.Structs[i].Root || root
		return
	}
	if !rules.CanImport(p.Path, s.Path) && s.Path != p.Path {
		p.errorf(annotate.Linking, at, "the options need %s.%s, and this package may not import that: write "+
			"//plugin:options above the struct that has it", s.Path, s.Name)
		return
	}
	f.Structs = append(f.Structs, &render.Struct{Struct: s, Root: root})
	for _, part := range s.Parts {
		p.describeStruct(f, part.Struct, false, at)
	}
	for _, o := range s.Options {
		if inner := o.Type.Table(); inner != nil {
			p.describeStruct(f, inner, false, at)
		}
	}
}

// completeStruct reads what other modules' generated files say of the struct and of those in it.
func (run *linker) completeStruct(t *tree, s *options.Struct, seen map[*options.Struct]bool) {
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	if s.Foreign && s.Shared && s.Options == nil {
		if d := run.foreignStruct(t, s.Path, s.Name); d != nil && d != s {
			s.Options, s.Section, s.Parts = d.Options, d.Section, d.Parts
		}
	}
	for _, part := range s.Parts {
		run.completeStruct(t, part.Struct, seen)
	}
	for _, o := range s.Options {
		run.completeStruct(t, o.Type.Table(), seen)
	}
}

// foreignStruct returns a shared struct of another module, or nil if nothing is known of it.
func (run *linker) foreignStruct(t *tree, path, name string) *options.Struct {
	q, _ := t.neighbour(path)
	if q == nil {
		q = t.at(path)
	}
	if q != nil {
		for _, s := range run.resolve(q).declaredOptions().Shared {
			if s.Name == name {
				return s
			}
		}
		return nil
	}
	for _, f := range t.generatedFiles(path).files {
		if s := describedIn(f, name); s != nil {
			return s
		}
	}
	return nil
}

// inPackage sets the package of a generated file in what the file refers to in other files of
// the same package, which has no path yet.
func inPackage(path string, f *genfile.File) {
	set := func(s *options.Struct) {
		if s != nil && s.Path == "" {
			s.Path = path
		}
	}
	for _, s := range f.Structs {
		if s.Shared {
			s.Path = path // whatever it says
		}
		for _, part := range s.Parts {
			set(part.Struct)
		}
		for _, o := range s.Options {
			set(o.Type.Table())
		}
	}
	for _, s := range f.Specs {
		if s.Options != nil {
			set(s.Options.Struct)
		}
	}
}

// sectionStructs returns the structs of the package that have sections of the configuration,
// those that other packages can name or all.
func (p *resolved) sectionStructs(all bool) []*options.Struct {
	var found []*options.Struct
	for _, s := range p.declaredOptions().Shared {
		if s.Section != "" && (all || token.IsExported(s.Name)) {
			found = append(found, s)
		}
	}
	return found
}

// A section is a part of the configuration of a program.
type section struct {
	path      string
	namespace string // whose plugins are configured in it; or
	options   *options.Struct
	contract  *contract // of the namespace, if it is known
}

// sections returns the sections of the program that a host links, by path, and the namespaces
// whose plugins are configured where an option takes one.
func (run *linker) sections(t *tree, linked []*linkable, contracts []*contract, structs []*options.Struct) (
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
			run.completeStruct(t, l.Options.Struct, map[*options.Struct]bool{})
			takes(l.Options.Struct, taken, seen)
		}
	}
	for _, s := range structs {
		run.completeStruct(t, s, map[*options.Struct]bool{})
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
		path = cmp.Or(path, l.Namespace[strings.LastIndex(l.Namespace, ".")+1:])
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

// addSections adds the sections of what a directive links to the files of its package.
func (run *linker) addSections(p *content, h *hostLinks) {
	contracts := append(contractsOf(p.pkg), h.named.contracts...)
	sections, _ := run.sections(p.tree, h.linked, contracts, h.named.structs)
	if !h.named.partial {
		checkChoices(p.pkg, h.Host, h.linked, contracts)
	}
	for i, s := range sections {
		if i > 0 && sections[i-1].path == s.path {
			p.errorf(annotate.Duplicate, h.Directive,
				"%s and %s are both configured in the section %s: write section= and another one on one of them",
				sections[i-1], s, s.path)
			continue
		}
		build := h.File.Constraint
		if s.options != nil && s.options.File != nil {
			build = build.And(s.options.File.Constraint)
		}
		f := p.output(build)
		f.Sections = append(f.Sections, render.Section{Path: s.path, Namespace: s.namespace, Struct: s.options})
	}
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
