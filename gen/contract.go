package gen

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/builds"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/genfile"
	"github.com/plugingen/plugingen/internal/render"
	"github.com/plugingen/plugingen/internal/rules"
)

// A contract is the contract of a namespace, with where it is declared.
type contract struct {
	genfile.Record
	iface     *genfile.Interface // nil for a func type, a struct or a pointer type
	concrete  bool               // plugins are of this type alone
	path, pkg string
	build     builds.Constraint
	decl      *annotate.Contract // this and its package are nil if it is of another module
	of        *pkg
}

func (c *contract) String() string { return c.path + "." + c.Symbol }

// ref returns the type that plugins are asserted to have.
func (c *contract) ref() (render.Contract, error) {
	ref, err := code.ParseRef(c.path, c.pkg, c.Symbol)
	return render.Contract{Ref: ref, Pointer: c.Pointer}, err
}

// typ returns that type, for messages.
func (c *contract) typ() string {
	if c.Pointer {
		return "*" + c.pkg + "." + c.Symbol
	}
	return c.pkg + "." + c.Symbol
}

// callable returns the type that a function plugin must have, and the name of the method that it
// stands for, if any. The type is nil if it is unknown, or if no function satisfies the contract.
func (c *contract) callable() (method string, typ ast.Expr) {
	if c.decl == nil {
		return "", nil
	}
	if fn, ok := c.decl.Type.(*ast.FuncType); ok {
		return "", fn
	}
	if m := c.decl.Adapts(); m != nil {
		return m.Name, m.Type
	}
	return "", nil
}

// contracts are those that hand-written code of a package declares or imports, by namespace.
type contracts map[string][]*knownContract

// A knownContract is a contract with the builds in which hand-written code knows it, as
// [rules.NamesContract] takes them.
type knownContract struct {
	*contract
	in []builds.Constraint
}

// add adds a contract that files with a build constraint declare or import.
func (found contracts) add(c *contract, in builds.Constraint) {
	in = c.build.And(in)
	for _, k := range found[c.Namespace] {
		if k.String() != c.String() || k.build.String() != c.build.String() {
			continue
		}
		if !slices.ContainsFunc(k.in, func(b builds.Constraint) bool { return b.String() == in.String() }) {
			k.in = append(k.in, in)
		}
		return
	}
	found[c.Namespace] = append(found[c.Namespace], &knownContract{c, []builds.Constraint{in}})
}

// addImported adds contracts of a package that the file imports.
func (found contracts) addImported(f *annotate.File, all []*contract) {
	for _, c := range all {
		if token.IsExported(c.Symbol) {
			found.add(c, f.Constraint)
		}
	}
}

// of returns the contract of a namespace that code for a build may name, or nil if there is
// none.
func (found contracts) of(namespace string, build builds.Constraint) *contract {
	for _, k := range found[namespace] {
		if rules.NamesContract(build, k.in) {
			return k.contract
		}
	}
	return nil
}

// governing returns the contracts that count for a host of the module; see [rules.Governing].
func governing(t *tree, all []*contract) []*contract {
	return rules.Governing(all, func(c *contract) string { return c.Namespace },
		func(c *contract) bool { return c.of != nil && c.of.tree == t })
}

// contractsOf returns the contracts that a package of the module declares.
func contractsOf(p *pkg) []*contract {
	var found []*contract
	for _, c := range p.Contracts {
		found = append(found, &contract{
			Record: genfile.Record{
				Namespace: c.Namespace, Symbol: c.Symbol, Pointer: c.Pointer,
				Naming: c.Options, Section: c.Section,
			},
			iface: interfaceOf(p, c), concrete: c.IsConcrete(),
			path: p.Path, pkg: p.Name, build: c.File.Constraint, decl: c, of: p,
		})
	}
	return found
}

// interfaceOf returns the interface that a contract is, or nil if it is of another type.
func interfaceOf(p *pkg, c *annotate.Contract) *genfile.Interface {
	if _, ok := c.Type.(*ast.FuncType); ok || c.IsConcrete() {
		return nil
	}
	i := &genfile.Interface{
		Record:  genfile.Record{Namespace: c.Namespace, Symbol: c.Symbol},
		Unknown: len(c.Methods.Unknown) > 0,
	}
	for _, m := range c.Methods.Own {
		if name, err := code.ParseIdent(m.Name); err == nil {
			i.Methods = append(i.Methods, name)
		} else {
			i.Unknown = true
		}
	}
	for _, m := range c.Methods.Lifecycle {
		switch method := p.LifecycleMethod(m.File, m.Name, m.Type); method {
		case nil:
			i.Unknown = true
		case rules.LoadArgument:
			loadArg(p, i, annotate.TypeExpr{Expr: code.Flatten(m.Type.Params)[1], File: m.File})
		default:
			i.Lifecycle = append(i.Lifecycle, method.Record)
		}
	}
	for _, arg := range c.Methods.LoadArgs {
		loadArg(p, i, arg)
	}
	return i
}

// loadArg records that Load takes an argument, and its type if syntax shows that.
func loadArg(p *pkg, i *genfile.Interface, arg annotate.TypeExpr) {
	i.Lifecycle = append(i.Lifecycle, rules.LoadArgument.Record)
	if typ, err := code.NewType(arg.Expr, p.Scope(arg.File, nil)); err == nil {
		i.LoadArg = typ
	}
}

// contractsAt returns the contracts that a package of another module declares.
func (t *tree) contractsAt(path string) []*contract {
	if p, _ := t.neighbour(path); p != nil {
		return contractsOf(p)
	}
	var found []*contract
	for _, f := range t.generatedFiles(path).files {
		found = append(found, contractsFrom(path, f)...)
	}
	return found
}

// contractsFrom returns the contracts that a generated file of another module lists.
func contractsFrom(path string, f *genfile.File) []*contract {
	build, err := builds.Parse(f.Constraint)
	if err != nil {
		return nil
	}
	var found []*contract
	for _, m := range f.Contracts {
		c := &contract{Record: m, concrete: m.Pointer, path: path, pkg: f.Package, build: build}
		for _, i := range f.Interfaces {
			if i.Record.Is(m) {
				c.iface = &i
			}
		}
		found = append(found, c)
	}
	return found
}

// checkConcrete reports a plugin that can't have the one type that its contract is.
func checkConcrete(p *pkg, x *annotate.Plugin, c *contract) {
	if why := notConcrete(x, p.Path, c); why != "" {
		p.errorf(annotate.Role, x.Directive, "%s", why)
	}
}

// notConcrete returns why a plugin of a package can't have the one type that its contract
// is, "" if it may have it.
func notConcrete(x *annotate.Plugin, path string, c *contract) string {
	switch {
	case x.Kind == annotate.Func:
		return fmt.Sprintf(
			"%s is a function, and the plugins of %s are of type %s: if it returns one, add "+
				"factory", x.Symbol, c.Namespace, c.typ())
	case x.Kind == annotate.Type && x.Factory == nil && c.Pointer && (x.Symbol != c.Symbol || path != c.path):
		return fmt.Sprintf(
			"%s is another type than %s, which the plugins of %s are of: declare a variable "+
				"or a factory of that type", x.Symbol, c.typ(), c.Namespace)
	}
	return ""
}

// forgottenFactory reports a function plugin that is not of the contract's type, while
// its result satisfies the contract: the key factory is missing. It returns whether it
// did. Syntax has to be sure of both.
func forgottenFactory(p *pkg, x *annotate.Plugin, c *contract) bool {
	if x.Makes == nil || !p.satisfies(x, c) || sameSignature(x.Func.Type, c) {
		return false
	}
	want := "and its result satisfies " + c.String() + ", the contract of its namespace"
	if method, typ := c.callable(); typ != nil {
		want = "want " + types.ExprString(typ)
		if method != "" {
			want += " for the method " + method + " of " + c.String()
		}
	}
	p.report(annotate.Diagnostic{
		Span: x.Directive, Category: annotate.Role,
		Message: fmt.Sprintf(
			"%s has type %s, %s; %s", x.Symbol, types.ExprString(x.Func.Type), want, rules.AddFactory),
		Fix: x.FactoryFix(),
	})
	return true
}

// sameSignature reports whether a function may be of the type that the contract asks for.
func sameSignature(fn *ast.FuncType, c *contract) bool {
	_, typ := c.callable()
	want, ok := typ.(*ast.FuncType)
	if !ok {
		return c.decl == nil && c.iface != nil && len(c.iface.Methods) == 1 // of another module: not known
	}
	alike := func(a, b *ast.FieldList) bool {
		return slices.EqualFunc(code.Flatten(a), code.Flatten(b),
			func(a, b ast.Expr) bool { return unqualified(a) == unqualified(b) })
	}
	return alike(fn.Params, want.Params) && alike(fn.Results, want.Results)
}

// unqualified returns the text of a type without the names of packages.
func unqualified(t ast.Expr) string {
	var b strings.Builder
	for _, part := range strings.FieldsFunc(types.ExprString(t),
		func(r rune) bool { return strings.ContainsRune("*[]{}(), ", r) }) {
		b.WriteString(part[strings.LastIndex(part, ".")+1:] + " ")
	}
	return b.String()
}

// satisfies reports whether what a function makes is the contract's type, or a type of the
// package that has the methods which the contract asks for.
func (p *pkg) satisfies(x *annotate.Plugin, c *contract) bool {
	t := ast.Unparen(x.Makes)
	star, pointer := t.(*ast.StarExpr)
	if pointer {
		t = star.X
	}
	path, name := p.Path, ""
	switch t := t.(type) {
	case *ast.Ident:
		name = t.Name
	case *ast.SelectorExpr:
		if id, ok := t.X.(*ast.Ident); ok {
			path, name = x.File.ImportPath(id.Name), t.Sel.Name
		}
	}
	if path == c.path && name == c.Symbol && pointer == c.Pointer {
		return true
	}
	if c.iface == nil || c.iface.Unknown || path != p.Path || len(c.iface.Methods) == 0 {
		return false
	}
	has := p.MethodNames(name, x.File)
	nameOf := func(method string) string { name, _, _ := strings.Cut(method, "("); return name }
	lacks := func(m code.Ident) bool { return !slices.Contains(has, m.String()) }
	lacksLifecycle := func(m string) bool { return !slices.Contains(has, nameOf(m)) }
	return !slices.ContainsFunc(c.iface.Methods, lacks) && !slices.ContainsFunc(c.iface.Lifecycle, lacksLifecycle)
}

// checkLifecycle reports methods of a plugin type that a manager would call if they
// had another signature. A method that the contract itself lists as it is is not reported.
func checkLifecycle(p *pkg, x *annotate.Plugin, c *contract) {
	for _, m := range x.Methods {
		if !rules.IsLifecycle(m.Name) || listed(c, m.Name) || p.LifecycleMethod(m.File, m.Name, m.Type) != nil {
			continue
		}
		if p.reportedAt(m.Decl) {
			continue // another plugin of the same type
		}
		p.errorf(annotate.Role, m.Decl,
			"the manager calls %s of the plugin %s, but it has another signature: write %s, "+
				"or give it another name",
			m.Name, x.ID(), rules.Signatures(m.Name))
	}
}

// listed reports whether a contract itself has a method of the name with another signature
// than a manager calls, so that plugins must have that one.
func listed(c *contract, name string) bool {
	if c == nil || c.iface == nil {
		return false
	}
	if c.of == nil {
		return c.iface.Unknown
	}
	return slices.ContainsFunc(c.decl.Methods.Lifecycle, func(n annotate.Method) bool {
		return n.Name == name && c.of.LifecycleMethod(n.File, name, n.Type) == nil
	})
}

// methods returns the method from which a plugin type's place is looked up, and
// the records of the lifecycle's methods for the compiler to check. A method that is not in every
// build that has the type is left alone, and so is one that a tool wrote.
func methods(p *pkg, x *annotate.Plugin, c *contract) (place string, checked []string) {
	var all []string
	for _, m := range x.Methods {
		build := m.File.Constraint.String()
		if m.Name == "_" || m.File.IsGenerated() || build != "" && build != x.File.Constraint.String() {
			continue
		}
		all = append(all, m.Name)
		// The contract determines what Load takes.
		if method := p.LifecycleMethod(m.File, m.Name, m.Type); method != nil &&
			method != rules.LoadArgument && !listed(c, m.Name) {
			checked = append(checked, method.Record)
		}
	}
	slices.Sort(checked)
	for _, name := range rules.Lifecycle() {
		if slices.Contains(all, name) {
			return name, checked
		}
	}
	slices.Sort(all)
	return cmp.Or(append(all, "")...), checked
}
