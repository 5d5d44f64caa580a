package gen

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/builds"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/internal/render"
	"github.com/plugingen/plugingen/internal/rules"
)

// A describer works out what packages have in their files, but for what they link.
type describer struct {
	resolver *resolver
	done     map[*pkg]*described
}

func newDescriber(r *resolver) *describer { return &describer{r, map[*pkg]*described{}} }

// A described package knows what its own declarations put into its files.
type described struct {
	*pkg
	resolved  *resolved
	files     files
	structs   map[structIn]*render.Struct
	providers []*pkg // of the module, that describe structs with options which this one refers to
}

// files are what a package's generated files are to hold, by build constraint.
type files map[string]*render.File

// of returns the package's file for a constraint.
func (fs files) of(p *pkg, build builds.Constraint) *render.File {
	expr := build.String()
	if fs[expr] == nil {
		name, _ := code.ParseIdent(p.Name) // the parser has accepted it
		fs[expr] = &render.File{Path: p.Path, Package: name, Constraint: expr, Slug: genfile.Slug(expr)}
	}
	return fs[expr]
}

// clone returns a copy that can be added to.
func (fs files) clone() files {
	all := maps.Clone(fs)
	for expr, f := range all {
		copied := *f
		all[expr] = &copied
	}
	return all
}

// complete completes the files, and reports what keeps them from being written.
func (fs files) complete(p *pkg) {
	for expr, f := range fs {
		checkDeclared(p, f)
		checkInTheWay(p, genfile.Name(expr))
		sortFile(f)
	}
}

// A structIn is a struct that a file describes.
type structIn struct {
	file *render.File
	of   *options.Struct
}

// describe describes a package, once, and reports what can't be written of it.
func (run *describer) describe(p *pkg) *described {
	if q := run.done[p]; q != nil {
		return q
	}
	r := run.resolver.resolve(p)
	q := &described{pkg: p, resolved: r, files: files{}}
	run.done[p] = q
	r.checkLosses()
	declared := r.declaredOptions()
	if p.broken() {
		r.checkSpecs()
		return q
	}
	q.addRecords()
	for i, x := range p.Plugins {
		f := q.files.of(p, x.File.Constraint)
		// specs are large, and most often in one file
		f.Specs = append(slices.Grow(f.Specs, len(p.Plugins)-i), r.spec(i))
		if use := declared.Uses[x]; use != nil {
			f.Specs[len(f.Specs)-1].Options = &render.Use{
				Struct: use.Struct, Param: use.Param, Pointer: use.Pointer, Reloads: use.Reloads,
			}
			q.describeStruct(f, use.Struct, true, x.Directive)
		}
	}
	for _, s := range declared.Shared {
		q.describeStruct(q.files.of(p, s.File.Constraint), s, true, s.Decl)
	}
	q.files.complete(p)
	return q
}

// checkLosses reports what keeps files from being parsed in a package that would lose
// plugins, or all that is generated: they may have declared it, and will again.
func (p *resolved) checkLosses() {
	if p.loses() {
		p.reportUnparsed()
	}
}

// loses reports whether the package has declared more before.
func (p *resolved) loses() bool {
	if len(p.old.Files) == 0 {
		return false
	}
	if !p.declares() {
		return true
	}
	return p.old.DeclaresOthers(p.identifiers)
}

// checkSpecs reports what is wrong with the plugins of a package with errors: all errors
// of a run are reported together. What depends on a file that can't be parsed is unknown.
func (p *resolved) checkSpecs() {
	if p.Damaged() {
		return
	}
	for i := range p.Plugins {
		p.spec(i)
	}
}

// addRecords adds the records by which other packages and modules find the contracts and
// bases of the package.
func (p *described) addRecords() {
	for _, c := range contractsOf(p.pkg) {
		f := p.files.of(p.pkg, c.build)
		f.Contracts = append(f.Contracts, c.Record)
		if c.iface != nil {
			f.Interfaces = append(f.Interfaces, *c.iface)
		}
	}
	for _, b := range p.Bases {
		if token.IsExported(b.Symbol) {
			f := p.files.of(p.pkg, builds.Constraint{})
			f.Bases = append(f.Bases, genfile.Record{Namespace: b.Namespace, Symbol: b.Symbol})
		}
	}
}

// spec returns what is to be written of one of the plugins, and reports what can't be.
func (p *resolved) spec(i int) render.Spec {
	x := p.Plugins[i]
	s := render.Spec{
		Identifier: p.ident(x.Directive, p.identifiers[i]), Namespace: x.Namespace, Name: x.Name,
		Kind: x.Kind, Symbol: p.ident(x.Decl, x.Symbol), Address: x.Address,
		Factory: call(p.pkg, x.Directive, x.Factory), ShouldLoad: call(p.pkg, x.Directive, x.ShouldLoad),
		Properties: x.Properties,
	}
	if x.Load != nil {
		s.Load = p.ident(x.Directive, x.Load.Symbol)
	}
	s.TypeArgs, _ = typesIn(p.Scope(x.File, nil), x.TypeArgs) // annotate has checked that they are known
	c := p.contractFor(x.Namespace, x.File.Constraint)
	if c != nil && x.Kind != annotate.Spec && !x.Factory.ReturnsAny() {
		contract, err := c.ref()
		if err != nil {
			p.errorf(annotate.Linking, x.Directive, "the contract %s can't be named: %v", c, err)
		}
		s.Contract = &contract
	}
	forgotten := c != nil && forgottenFactory(p.pkg, x, c)
	if c != nil && c.concrete && !forgotten {
		checkConcrete(p.pkg, x, c)
	}
	switch x.Kind {
	case annotate.Type:
		checkLifecycle(p.pkg, x, c)
		var place string
		if place, s.Methods = methods(p.pkg, x, c); place != "" {
			s.Method = p.ident(x.Decl, place)
		}
	case annotate.Func:
		if c != nil && !forgotten {
			s.Adapter = adapter(p.pkg, x, c)
			s.Interface = c.iface != nil
		}
		if s.Adapter != nil {
			signature(p.pkg, x, s.Adapter)
		}
	}
	return s
}

// ident returns a name of the package. Names come from its syntax, so that each is an
// identifier; one that is not is reported at the span.
func (p *pkg) ident(span annotate.Span, name string) code.Ident {
	id, err := code.ParseIdent(name)
	if err != nil {
		p.errorf(annotate.Unresolved, span, "%v", err)
	}
	return id
}

func call(p *pkg, span annotate.Span, c *annotate.Call) *render.Call {
	if c == nil {
		return nil
	}
	return &render.Call{Symbol: p.ident(span, c.Symbol), Arg: c.Arg, Error: c.Error, Value: c.Value}
}

// adapter returns the type that makes a function satisfy an interface, as
// http.HandlerFunc does http.Handler. It returns nil if none is needed, or if it can't
// be, and then reports why.
func adapter(p *pkg, x *annotate.Plugin, c *contract) *render.Adapter {
	want := c.iface
	if want == nil {
		return nil
	}
	loadOnly := !slices.ContainsFunc(want.Lifecycle, func(m string) bool { return m != rules.LoadContext.Record })
	switch {
	case want.Unknown:
		p.errorf(annotate.Unresolved, x.Directive,
			"%s is a function, and whether it can satisfy the contract %s can't be told, "+
				"since that embeds an interface whose methods are not known here: "+
				"list the methods in %s, or annotate a type", x.Symbol, c, c.Symbol)
		return nil
	case len(want.Methods) > 1:
		p.errorf(annotate.Role, x.Directive,
			"%s is a function, and can't stand for the methods %s of the contract %s, which "+
				"are more than one: annotate a type",
			x.Symbol, joined(want.Methods), c)
		return nil
	case len(want.Methods) == 0 && loadOnly:
		return nil // a FunctionPlugin satisfies it
	case len(want.Methods) == 0:
		p.errorf(annotate.Role, x.Directive,
			"%s is a function, and the contract %s has no method that it could be: annotate "+
				"a type", x.Symbol, c)
		return nil
	}
	if !want.Methods[0].IsExported() && c.path != p.Path {
		p.errorf(annotate.Role, x.Directive,
			"%s is a function, and can't stand for the method %s of the contract %s, which "+
				"is not exported: annotate a type in %s",
			x.Symbol, want.Methods[0], c, c.path)
		return nil
	}
	a := &render.Adapter{Method: want.Methods[0], Lifecycle: want.Lifecycle, LoadArg: want.LoadArg}
	if slices.Contains(want.Lifecycle, rules.LoadArgument.Record) && !nameable(p, want) {
		p.errorf(annotate.Unresolved, x.Directive,
			"%s is a function, and can't satisfy the contract %s, since this package can't "+
				"name the type that its Load takes: annotate a type", x.Symbol, c)
		return nil
	}
	return a
}

func joined(names []code.Ident) string {
	var all []string
	for _, name := range names {
		all = append(all, name.String())
	}
	return strings.Join(all, ", ")
}

// nameable reports whether a package can write the type that an interface's Load takes.
func nameable(p *pkg, want *genfile.Interface) bool {
	if want.LoadArg.IsZero() {
		return false
	}
	imports, ok := want.LoadArg.Imports(), true
	ast.Inspect(want.LoadArg.Expr(), func(n ast.Node) bool {
		if sel, isName := n.(*ast.SelectorExpr); isName {
			path := imports[sel.X.(*ast.Ident).Name].String()
			ok = ok && (path == p.Path || sel.Sel.IsExported() && rules.CanImport(p.Path, path))
		}
		return true
	})
	return ok
}

// signature completes an adapter with what the function takes and returns, with
// its type arguments in the place of its type parameters.
func signature(p *pkg, x *annotate.Plugin, a *render.Adapter) {
	args := map[string]ast.Expr{}
	if list := x.Func.Type.TypeParams; list != nil {
		for _, f := range list.List {
			for _, name := range f.Names {
				args[name.Name] = x.TypeArgs[len(args)]
			}
		}
	}
	params := code.Flatten(x.Func.Type.Params)
	if n := len(params); n > 0 {
		if last, ok := params[n-1].(*ast.Ellipsis); ok {
			a.Variadic = true
			params[n-1] = last.Elt
		}
	}
	scope := p.Scope(x.File, args)
	var ok1, ok2 bool
	a.Params, ok1 = typesIn(scope, params)
	a.Results, ok2 = typesIn(scope, code.Flatten(x.Func.Type.Results))
	if !ok1 || !ok2 {
		p.errorf(annotate.Unresolved, x.Decl,
			"%s can't be wrapped in a method %s, since its signature has a type in it that "+
				"can't be told from its syntax: "+
				"declare a type of this package for it, and give imports names", x.Symbol, a.Method)
	}
}

// typesIn returns types, and whether all are of a kind and of names that are known in a scope.
func typesIn(scope code.Scope, list []ast.Expr) (all []code.Type, ok bool) {
	ok = true
	for _, e := range list {
		t, err := code.NewType(e, scope)
		all = append(all, t)
		ok = ok && err == nil
	}
	return all, ok
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
		f, root = p.files.of(p.pkg, s.File.Constraint), true
	}
	if d := p.structs[structIn{f, s}]; d != nil {
		d.Root = d.Root || root
		return
	}
	if !rules.CanImport(p.Path, s.Path) && s.Path != p.Path {
		p.errorf(annotate.Linking, at, "the options need %s.%s, and this package may not import that: write "+
			"//plugin:options above the struct that has it", s.Path, s.Name)
		return
	}
	d := &render.Struct{Struct: s, Root: root}
	if p.structs == nil {
		p.structs = map[structIn]*render.Struct{}
	}
	p.structs[structIn{f, s}] = d
	f.Structs = append(f.Structs, d)
	for _, part := range s.Parts {
		p.describeStruct(f, part.Struct, false, at)
	}
	for _, o := range s.Options {
		if inner := o.Type.Table(); inner != nil {
			p.describeStruct(f, inner, false, at)
		}
	}
}

// sortFile puts all that a file lists into an order that does not depend on that
// of the source.
func sortFile(f *render.File) {
	records := func(a, b genfile.Record) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Symbol, b.Symbol))
	}
	slices.SortFunc(f.Contracts, records)
	slices.SortFunc(f.Interfaces, func(a, b genfile.Interface) int { return records(a.Record, b.Record) })
	slices.SortFunc(f.Bases, records)
	f.Bases = slices.Compact(f.Bases)
	slices.SortFunc(f.Specs, func(a, b render.Spec) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	slices.SortStableFunc(f.Structs, func(a, b *render.Struct) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Go.Identity(), b.Go.Identity()))
	})
	numberCopies(f)
}

// numberCopies numbers structs that describe the same type.
func numberCopies(f *render.File) {
	f.Copies = nil
	for i := 1; i < len(f.Structs); i++ {
		s, before := f.Structs[i].Struct, f.Structs[i-1].Struct
		if s.Go.Identity() == before.Go.Identity() {
			if f.Copies == nil {
				f.Copies = map[*options.Struct]int{}
			}
			f.Copies[s] = max(f.Copies[before], 1) + 1
		}
	}
}

// checkDeclared reports declarations of the package with a name that the generated file
// declares, or that hide a predeclared name which it needs.
func checkDeclared(p *pkg, f *render.File) {
	for _, name := range f.Declares() {
		if p.Declares(name) {
			p.errorf(annotate.Duplicate, p.Declaration(name),
				"%s is a name that plugingen needs for what it generates: give the "+
					"declaration another one", name)
		}
	}
	for _, name := range f.Needs() {
		if p.Declares(name) {
			p.errorf(annotate.Duplicate, p.Declaration(name),
				"this hides Go's own %s, which the generated code of this package's plugins "+
					"needs: give the declaration another name", name)
		}
	}
}

// checkInTheWay reports a file with the name of a generated one that plugingen did not write.
func checkInTheWay(p *pkg, name string) {
	if !slices.Contains(p.dir.Reserved, name) || p.old.Source(name) != nil {
		return
	}
	p.report(annotate.Diagnostic{Span: p.first(), Category: annotate.Linking, Message: fmt.Sprintf(
		"the file %s in this directory was not written by plugingen (it has no line %q), and "+
			"is not overwritten: rename it, since plugingen needs the name", name, genfile.Header)})
}
