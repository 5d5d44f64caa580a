package gen

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/builds"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/options"
	"github.com/plugingen/plugingen/internal/render"
	"github.com/plugingen/plugingen/internal/rules"
	"github.com/plugingen/plugingen/internal/scan"
	"github.com/plugingen/plugingen/internal/write"
)

// describePackage works out what the package's files are to have in them but for what it links, and
// reports what can't be.
func (t *tree) describePackage(p *pkg) {
	p.checkLosses()
	declared := t.optionsOf(p)
	if p.broken() {
		t.checkSpecs(p)
		return
	}
	p.outputs = map[string]*render.File{}
	p.addMarks()
	for i, x := range p.Plugins {
		f := p.output(x.File.Constraint)
		// specs are large, and most often in one file
		f.Specs = append(slices.Grow(f.Specs, len(p.Plugins)-i), t.spec(p, x))
		if use := declared.Uses[x]; use != nil {
			f.Specs[len(f.Specs)-1].Options = &render.Use{
				Struct: use.Struct, Param: use.Param, Pointer: use.Pointer, Reloads: use.Reloads,
			}
			t.describeStruct(p, f, use.Struct, true, x.Directive)
		}
	}
	for _, s := range declared.Shared {
		t.describeStruct(p, p.output(s.File.Constraint), s, true, s.Decl)
	}
	p.complete()
}

// checkLosses reports what keeps files from being parsed in a package that would lose
// plugins, or all that is generated: they may have declared it, and will again.
func (p *pkg) checkLosses() {
	if p.loses() {
		p.reportUnparsed()
	}
}

// reportUnparsed reports what keeps files without annotations from being parsed, once.
func (p *pkg) reportUnparsed() {
	for _, d := range p.UnannotatedErrors() {
		if !p.reportedAt(d.Span) {
			p.report(d)
		}
	}
}

// loses reports whether the package has declared more before.
func (p *pkg) loses() bool {
	if len(p.dir.Generated) == 0 {
		return false
	}
	if !p.declares() {
		return true
	}
	declared := make(map[string]bool, len(p.Plugins))
	for _, x := range p.Plugins {
		declared[genfile.Identifier(x.Namespace, x.Name)] = true
	}
	for _, g := range p.dir.Generated {
		for line := range bytes.Lines(g.Src) {
			rest, ok := bytes.CutPrefix(line, []byte("var "))
			if !ok || !bytes.HasPrefix(rest, []byte("Plugin_")) {
				continue
			}
			if name, _, _ := bytes.Cut(rest, []byte(" ")); !declared[string(name)] {
				return true
			}
		}
	}
	return false
}

// checkSpecs reports what is wrong with the plugins of a package with errors: all are
// to be told together. What depends on a file that can't be parsed is unknown.
func (t *tree) checkSpecs(p *pkg) {
	if p.Damaged() {
		return
	}
	for _, x := range p.Plugins {
		t.spec(p, x)
	}
}

// addMarks adds what other packages and modules ask of the package.
func (p *pkg) addMarks() {
	for _, c := range contractsOf(p) {
		f := p.output(c.build)
		f.Contracts = append(f.Contracts, c.Mark)
		if c.form != nil {
			f.Interfaces = append(f.Interfaces, *c.form)
		}
	}
	for _, b := range p.Bases {
		if token.IsExported(b.Symbol) {
			f := p.output(builds.Constraint{})
			f.Bases = append(f.Bases, genfile.Mark{Namespace: b.Namespace, Symbol: b.Symbol})
		}
	}
}

// output returns the package's file for a constraint.
func (p *pkg) output(build builds.Constraint) *render.File {
	expr := build.String()
	if p.outputs[expr] == nil {
		name, _ := code.ParseIdent(p.Name) // the parser has accepted it
		p.outputs[expr] = &render.File{Path: p.Path, Package: name, Constraint: expr, Slug: genfile.Slug(expr)}
	}
	return p.outputs[expr]
}

// complete completes the files, and reports what keeps them from being written.
func (p *pkg) complete() {
	for expr, f := range p.outputs {
		checkDeclared(p, f)
		checkInTheWay(p, genfile.Name(expr))
		sortFile(f)
	}
}

// spec returns what is to be written of a plugin, and reports what can't be.
func (t *tree) spec(p *pkg, x *annotate.Plugin) render.Spec {
	s := render.Spec{
		Identifier: p.ident(x.Directive, genfile.Identifier(x.Namespace, x.Name)), Namespace: x.Namespace, Name: x.Name,
		Kind: x.Kind, Symbol: p.ident(x.Decl, x.Symbol), Address: x.Address,
		Factory: call(p, x.Directive, x.Factory), ShouldLoad: call(p, x.Directive, x.ShouldLoad),
		Requires: x.Requires, After: x.After, Before: x.Before, Aliases: x.Aliases, Priority: x.Priority,
		Stability: x.Stability, Deprecated: x.Deprecated, DeprecatedSince: x.DeprecatedSince,
		RemovalIn: x.RemovalIn, Doc: x.Doc,
	}
	for _, a := range x.Attrs {
		s.Attrs = append(s.Attrs, render.Attr(a))
	}
	if x.Load != nil {
		s.Load = p.ident(x.Directive, x.Load.Symbol)
	}
	w := newTypeWriter(p, x.File)
	s.TypeArgs, _ = w.types(x.TypeArgs) // annotate has seen to it that they are known
	c := t.contractFor(p, x.Namespace, x.File.Constraint)
	if c != nil && x.Kind != annotate.Spec && !x.Factory.ReturnsAny() {
		contract, err := c.ref()
		if err != nil {
			p.errorf(annotate.Linking, x.Directive, "the contract %s can't be named: %v", c, err)
		}
		s.Contract = &contract
	}
	forgotten := c != nil && forgottenFactory(p, x, c)
	if c != nil && c.concrete && !forgotten {
		checkConcrete(p, x, c)
	}
	switch x.Kind {
	case annotate.Type:
		t.checkLifecycle(p, x, c)
		var place string
		if place, s.Methods = methods(p, x, c); place != "" {
			s.Method = p.ident(x.Decl, place)
		}
	case annotate.Func:
		if c != nil && !forgotten {
			s.Adapter = t.adapter(p, x, c)
			s.Interface = c.form != nil
		}
		if s.Adapter != nil {
			t.signature(p, x, s.Adapter, w, s.TypeArgs)
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
func (t *tree) adapter(p *pkg, x *annotate.Plugin, c *contract) *render.Adapter {
	form := c.form
	if form == nil {
		return nil
	}
	loadOnly := !slices.ContainsFunc(form.Lifecycle, func(m string) bool { return m != genfile.LoadMethod })
	switch {
	case form.Unknown:
		p.errorf(annotate.Unresolved, x.Directive,
			"%s is a function, and whether it can satisfy the contract %s can't be told, "+
				"since that embeds an interface whose methods are not known here: "+
				"list the methods in %s, or annotate a type", x.Symbol, c, c.Symbol)
		return nil
	case len(form.Methods) > 1:
		p.errorf(annotate.Role, x.Directive,
			"%s is a function, and can't stand for the methods %s of the contract %s, which "+
				"are more than one: annotate a type",
			x.Symbol, joined(form.Methods), c)
		return nil
	case len(form.Methods) == 0 && loadOnly:
		return nil // a FunctionPlugin satisfies it
	case len(form.Methods) == 0:
		p.errorf(annotate.Role, x.Directive,
			"%s is a function, and the contract %s has no method that it could be: annotate "+
				"a type", x.Symbol, c)
		return nil
	}
	if !form.Methods[0].IsExported() && c.path != p.Path {
		p.errorf(annotate.Role, x.Directive,
			"%s is a function, and can't stand for the method %s of the contract %s, which "+
				"is not exported: annotate a type in %s",
			x.Symbol, form.Methods[0], c, c.path)
		return nil
	}
	a := &render.Adapter{Method: form.Methods[0], Lifecycle: form.Lifecycle, LoadArg: form.LoadArg}
	if slices.Contains(form.Lifecycle, genfile.LoadArgMethod) && !nameable(p, form) {
		p.errorf(annotate.Unresolved, x.Directive,
			"%s is a function, and can't be made a %s, since this package can't name the "+
				"type of the argument of its Load: annotate a type", x.Symbol, c)
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
func nameable(p *pkg, form *genfile.Interface) bool {
	if form.LoadArg.IsZero() {
		return false
	}
	imports, ok := form.LoadArg.Imports(), true
	ast.Inspect(form.LoadArg.Expr(), func(n ast.Node) bool {
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
func (t *tree) signature(p *pkg, x *annotate.Plugin, a *render.Adapter, w *typeWriter, typeArgs []code.Type) {
	w.params = map[string]ast.Expr{}
	if list := x.Func.Type.TypeParams; list != nil {
		i := 0
		for _, f := range list.List {
			for _, name := range f.Names {
				w.params[name.Name] = typeArgs[i].Expr()
				i++
			}
		}
	}
	defer func() { w.params = nil }()
	params := flatten(x.Func.Type.Params)
	if n := len(params); n > 0 {
		if last, ok := params[n-1].(*ast.Ellipsis); ok {
			a.Variadic = true
			params[n-1] = last.Elt
		}
	}
	var ok1, ok2 bool
	a.Params, ok1 = w.types(params)
	a.Results, ok2 = w.types(flatten(x.Func.Type.Results))
	if !ok1 || !ok2 {
		p.errorf(annotate.Unresolved, x.Decl,
			"%s can't be wrapped in a method %s, since its signature has a type in it that "+
				"can't be told from its syntax: "+
				"declare a type of this package for it, and give imports names", x.Symbol, a.Method)
	}
}

// linkHosts adds what the package's hosts link.
func (t *tree) linkHosts(p *pkg) error {
	for _, h := range p.hostsInOrder() {
		linked, named, err := t.link(p, h)
		if err != nil {
			return err
		}
		for _, l := range linked {
			t.addLink(p, h, l)
		}
		t.addSections(p, h, linked, named)
	}
	p.complete()
	return nil
}

// checkHosts reports what is wrong with the words of the hosts of a package that is not
// written: all errors of a directive are to be reported together.
func (t *tree) checkHosts(p *pkg) error {
	if p.Damaged() {
		return nil
	}
	blocked := p.blocked
	for _, h := range p.Hosts {
		if p.misread(h) {
			continue
		}
		named, err := t.named(p, h)
		if err != nil {
			return err
		}
		choose(p, h, named)
	}
	p.blocked = blocked // that other packages have errors is reported when the host has none
	return nil
}

// misread reports whether the directive of a host has keys or values that can't be read, so that
// it may select something else than was meant.
func (p *pkg) misread(h *annotate.Host) bool {
	return slices.ContainsFunc(p.diagnostics, func(d annotate.Diagnostic) bool {
		return h.Directive.Pos <= d.Pos && d.End <= h.Directive.End &&
			(d.Category == annotate.Syntax || d.Category == annotate.UnknownKey)
	})
}

// addLink adds a plugin to what a host links.
func (t *tree) addLink(p *pkg, h *annotate.Host, l *linkable) {
	ref, err := code.ParseRef(l.path, l.pkg, l.Identifier)
	if err != nil {
		p.errorf(annotate.Linking, h.Directive, "%s can't be linked: %v", l.id(), err)
		return
	}
	f := p.output(h.File.Constraint.And(l.build))
	f.Host = "//plugin:link"
	f.Tables = addTo(f.Tables, l.Namespace, ref)
	if assertion := t.assertion(p, h, l); assertion != nil {
		f.Assertions = append(f.Assertions, *assertion)
	}
}

// addTo adds a spec to the table of its namespace. Specs come sorted.
func addTo(tables []render.Table, namespace string, spec code.Ref) []render.Table {
	if n := len(tables); n == 0 || tables[n-1].Namespace != namespace {
		tables = append(tables, render.Table{Namespace: namespace})
	}
	last := &tables[len(tables)-1]
	last.Specs = append(last.Specs, spec)
	return tables
}

// assertion returns the assertion that the host's file makes of a plugin whose own package
// does not assert it: it does not know the contract, or knows another one for the
// namespace. The host's hand-written code has to know the contract. assertion returns nil
// if there is nothing to assert, or it can't be told here.
func (t *tree) assertion(p *pkg, h *annotate.Host, l *linkable) *render.Assertion {
	if l.Asserted && l.Contract == "" || l.path == p.Path || l.Kind == annotate.Spec {
		return nil
	}
	c := t.contractFor(p, l.Namespace, h.File.Constraint.And(l.build))
	if c == nil || l.Asserted && l.Contract == c.String() {
		return nil
	}
	if c.concrete && l.decl != nil {
		if why := notConcrete(l.decl, l.path, c); why != "" {
			p.errorf(annotate.Role, h.Directive,
				"plugin %s (%s) can't be linked: %s; leave it out with exclude=", l.id(), l.place(), why)
			return nil
		}
	}
	if l.Kind == annotate.Func && c.form != nil {
		if len(c.form.Methods) > 0 && !l.Asserted { // how it is wrapped can't be told
			p.errorf(annotate.Linking, h.Directive,
				"plugin %s is the function %s, which is not wrapped to satisfy the contract "+
					"%s, since its package does not import that of the contract: "+
					"import it there (as _, if for nothing else), or leave the plugin out with "+
					"exclude=", l.id(), l.place(), c)
		}
		return nil
	}
	if l.decl == nil && (!l.Plain || !token.IsExported(l.Symbol)) {
		return nil
	}
	contract, err := c.ref()
	if err != nil {
		p.errorf(annotate.Linking, h.Directive, "the contract %s can't be named: %v", c, err)
		return nil
	}
	plugin, err := code.ParseRef(l.path, l.pkg, l.Symbol)
	if err != nil {
		p.errorf(annotate.Linking, h.Directive, "%s can't be linked: %v", l.id(), err)
		return nil
	}
	assertion := &render.Assertion{Contract: contract, Plugin: plugin, Kind: l.Kind}
	if x := l.decl; x != nil {
		if len(x.TypeArgs) > 0 || x.Factory.ReturnsAny() ||
			x.Factory != nil && !token.IsExported(x.Factory.Symbol) || x.Factory == nil && !token.IsExported(x.Symbol) {
			return nil
		}
		assertion.Address, assertion.Factory = x.Address, call(p, h.Directive, x.Factory)
		if use := l.Options; use != nil && use.Param {
			if len(use.TypeArgs) > 0 || !token.IsExported(use.Name) || !rules.CanImport(p.Path, use.Path) {
				return nil
			}
			assertion.Options = &render.Use{Struct: use.Struct, Pointer: use.Pointer}
		}
	}
	return assertion
}

// sortFile puts all that a file lists into an order that does not depend on that
// of the source.
func sortFile(f *render.File) {
	marks := func(a, b genfile.Mark) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Symbol, b.Symbol))
	}
	slices.SortFunc(f.Contracts, marks)
	slices.SortFunc(f.Interfaces, func(a, b genfile.Interface) int { return marks(a.Mark, b.Mark) })
	slices.SortFunc(f.Bases, marks)
	f.Bases = slices.Compact(f.Bases)
	slices.SortFunc(f.Specs, func(a, b render.Spec) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	slices.SortStableFunc(f.Structs, func(a, b *render.Struct) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Go.Identity(), b.Go.Identity()))
	})
	numberCopies(f)
}

// numberCopies tells structs apart that describe the same type.
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

// checkDeclared reports declarations that a generated file has no room for beside
// its own, or that hide what it needs.
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

// reserve tells each of the package's files which of the package's names a name in it
// could otherwise be the same as, sorted: not all of them, or each new function of the package
// would make the file a new one.
func (p *pkg) reserve() {
	byStem := map[string][]string{}
	var begins [256]bool // most names begin with another byte than all stems
	stems := make(map[*render.File]map[string]bool, len(p.outputs))
	for _, f := range p.outputs {
		stems[f] = f.Stems()
		for stem := range stems[f] {
			byStem[stem] = nil
			begins[(stem + "_")[0]] = true
		}
	}
	for name := range p.Declared() {
		if !begins[name[0]] {
			continue
		}
		stem := strings.TrimRight(name, "0123456789_")
		if names, ok := byStem[stem]; ok {
			byStem[stem] = append(names, name)
		}
	}
	for f, stems := range stems {
		f.Reserved = nil
		for stem := range stems {
			f.Reserved = append(f.Reserved, byStem[stem]...)
		}
		slices.Sort(f.Reserved)
		f.Reserved = slices.Compact(f.Reserved)
	}
}

// checkInTheWay reports a file of somebody else's that has the name of a generated one.
func checkInTheWay(p *pkg, name string) {
	if !slices.Contains(p.dir.Reserved, name) || p.old(name) != nil {
		return
	}
	p.report(annotate.Diagnostic{Span: p.first(), Category: annotate.Linking, Message: fmt.Sprintf(
		"the file %s in this directory was not written by plugingen (it has no line %q), and "+
			"is not overwritten: rename it, since plugingen needs the name", name, genfile.Header)})
}

// render renders the package's files, and works out what has to change for them.
func (p *pkg) render(preamble *string) error {
	scratch := scratches.Get().(*[]byte)
	defer scratches.Put(scratch)
	p.reserve()
	p.files = map[string][]byte{}
	for expr, f := range p.outputs {
		name := genfile.Name(expr)
		if preamble != nil {
			f.Preamble = *preamble
		} else {
			f.Preamble = p.oldPreamble(name)
		}
		src, err := render.Append((*scratch)[:0], f)
		if err != nil {
			return err
		}
		*scratch = src
		old := p.old(name)
		if genfile.Same(old, src) {
			p.files[name] = old
			continue
		}
		p.files[name] = bytes.Clone(src)
		p.change(name, old, p.files[name])
	}
	for _, f := range p.dir.Generated {
		if p.files[f.Name] == nil {
			p.change(f.Name, f.Src, nil)
		}
	}
	return nil
}

// change adds a change of one of the package's files.
func (p *pkg) change(name string, old, src []byte) {
	p.changes = append(p.changes, write.Change{Path: filepath.Join(p.dir.Path, name), Old: old, New: src})
}

// scratches is memory that files are rendered in, which most often are what they were.
var scratches = sync.Pool{New: func() any { return new([]byte) }}

// oldPreamble returns what stands above the header of a file, or of another of the package's if
// there is none of the name.
func (p *pkg) oldPreamble(name string) string {
	if src := p.old(name); src != nil {
		return genfile.Preamble(src)
	}
	for _, f := range p.dir.Generated {
		if above := genfile.Preamble(f.Src); above != "" {
			return above
		}
	}
	return ""
}

// old returns what is in a file that plugingen may write, nil if there is none.
func (p *pkg) old(name string) []byte {
	for _, files := range [][]scan.File{p.dir.Generated, p.dir.Blank} {
		if i := slices.IndexFunc(files, named(name)); i >= 0 {
			return files[i].Src
		}
	}
	return nil
}

func named(name string) func(scan.File) bool {
	return func(f scan.File) bool { return f.Name == name }
}
