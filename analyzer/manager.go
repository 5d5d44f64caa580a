package analyzer

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/inspector"

	"github.com/plugingen/plugingen/annotate"
)

// managers checks the calls that make managers, and records what is asked of them
// for when all plugins of the program are known. Tests are left alone: they make
// managers of plugins of their own.
func (c *checker) managers() {
	if c.TypesInfo.Uses == nil || !slices.ContainsFunc(c.Pkg.Imports(), func(p *types.Package) bool { return p.Path() == annotate.RegistryPath }) {
		return
	}
	v := &managerVisitor{checker: c, values: map[types.Object]ast.Expr{}, wary: c.asksWhether(), exists: map[string]bool{}, called: map[*ast.Ident]bool{}}
	files := slices.DeleteFunc(slices.Clone(c.Files), func(f *ast.File) bool {
		return strings.HasSuffix(fileName(c.Pass, f), "_test.go") || ast.IsGenerated(f) && !fromCgo(f)
	})
	in := inspector.New(files)
	in.Preorder([]ast.Node{(*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil), (*ast.KeyValueExpr)(nil)}, v.value)
	in.Preorder([]ast.Node{(*ast.CallExpr)(nil), (*ast.CompositeLit)(nil), (*ast.Ident)(nil)}, v.visit)
}

// A managerVisitor looks at the calls of a package.
type managerVisitor struct {
	*checker
	values map[types.Object]ast.Expr // of variables and fields; nil if there are several
	wary   bool
	exists map[string]bool // names that the package asks about before it loads them
	called map[*ast.Ident]bool
}

// asksWhether says whether the package has code for when there is no plugin of a name, or
// none at all.
func (c *checker) asksWhether() bool {
	for _, obj := range c.TypesInfo.Uses {
		if pkg := obj.Pkg(); pkg != nil && pkg.Path() == annotate.RegistryPath && (obj.Name() == "ErrNotFound" || obj.Name() == "ErrNotLinked") {
			return true
		}
	}
	return false
}

// value remembers what a variable or a field is set to.
func (v *managerVisitor) value(n ast.Node) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, lhs := range n.Lhs {
			if len(n.Lhs) == len(n.Rhs) {
				v.set(lhs, n.Rhs[i])
			} else {
				v.set(lhs, nil)
			}
		}
	case *ast.ValueSpec:
		for i, id := range n.Names {
			if len(n.Names) == len(n.Values) {
				v.set(id, n.Values[i])
			}
		}
	case *ast.KeyValueExpr:
		v.set(n.Key, n.Value)
	}
}

func (v *managerVisitor) set(e, value ast.Expr) {
	obj := v.variable(e)
	if obj == nil {
		return
	}
	if _, twice := v.values[obj]; twice {
		value = nil
	}
	v.values[obj] = value
}

// variable returns the variable that an expression names, if nobody can set it but by
// naming it in this package: not a parameter, nor a field that others can name.
func (v *managerVisitor) variable(e ast.Expr) *types.Var {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if sel, selects := ast.Unparen(e).(*ast.SelectorExpr); selects {
		id, ok = sel.Sel, true
	}
	if !ok {
		return nil
	}
	obj, ok := v.TypesInfo.ObjectOf(id).(*types.Var)
	if !ok {
		return nil
	}
	switch obj.Kind() {
	case types.LocalVar:
	case types.PackageVar, types.FieldVar:
		if obj.Pkg() != v.Pkg || obj.Exported() && obj.Kind() == types.FieldVar {
			return nil
		}
	default:
		return nil
	}
	return obj
}

func (v *managerVisitor) visit(n ast.Node) {
	switch n := n.(type) {
	case *ast.CompositeLit:
		v.literal(n)
	case *ast.CallExpr:
		fn, id := v.callee(n)
		v.called[id] = true
		switch {
		case fn == nil:
		case fn.Signature().Recv() != nil:
			v.method(fn.Name(), n)
		case isConstructor(fn.Name()):
			v.constructor(fn, n, id)
		}
	case *ast.Ident:
		if !v.called[n] {
			v.passedOn(n)
		}
	}
}

// passedOn notes that a function of package registry is used as a value: what it is
// called with is not known.
func (v *managerVisitor) passedOn(id *ast.Ident) {
	fn, ok := v.TypesInfo.Uses[id].(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != annotate.RegistryPath {
		return
	}
	v.facts.Dynamic = v.facts.Dynamic || fn.Name() == "Add" || fn.Name() == "Link"
	v.facts.Veiled = v.facts.Veiled || isConstructor(fn.Name())
}

func isConstructor(name string) bool {
	return name == "NewManager" || name == "NewManagerFunc" || name == "For"
}

// callee returns the function of package registry that is called.
func (c *checker) callee(call *ast.CallExpr) (*types.Func, *ast.Ident) {
	fun := ast.Unparen(call.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	var id *ast.Ident
	switch x := ast.Unparen(fun).(type) {
	case *ast.Ident:
		id = x
	case *ast.SelectorExpr:
		id = x.Sel
	default:
		return nil, nil
	}
	fn, ok := c.TypesInfo.Uses[id].(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != annotate.RegistryPath {
		return nil, nil
	}
	return fn, id
}

// constructor checks the type parameter of a manager against the contract of its
// namespace, or leaves that to where the contract is known.
func (v *managerVisitor) constructor(fn *types.Func, call *ast.CallExpr, id *ast.Ident) {
	namespace, ok := v.constant(call, 0)
	v.facts.Veiled = v.facts.Veiled || !ok
	args := v.TypesInfo.Instances[id].TypeArgs
	if !ok || args.Len() == 0 {
		return
	}
	p, known := shapeOf(args.At(0))
	if !known {
		return
	}
	k := v.facts.contract(namespace)
	if v.plain(fn, call) {
		u := v.use(namespace, "", call.Args[0])
		u.As, u.Checked, u.Local = &p, k != nil, v.declares(args.At(0))
	} else {
		v.use(namespace, "", call.Args[0]).Loads = true // what, is not known
	}
	message := ""
	if k != nil {
		message = v.wrongManagerOf(p, *k)
	}
	if message == "" && id.Name == "NewManager" && (takesLoadArgument(p) || k != nil && takesLoadArgument(k.Type)) {
		of := p
		if k != nil {
			of = k.Type
		}
		message = fmt.Sprintf("plugins of %s are loaded with an argument, and this manager has none: write registry.For[%s](...).With(argument)",
			namespace, shown(of.Type))
	}
	if message != "" {
		d := problem(BadManager, span(call.Fun), message)
		if k != nil {
			d.Related = v.related(k.Origin, "the contract is declared here", nil)
		}
		v.Report(d)
	}
}

// declares says whether a type has no other package's name in it.
func (c *checker) declares(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return !ok || named.Obj().Pkg() == nil || named.Obj().Pkg() == c.Pkg
}

// plain says whether a manager has the plugins that the program links, all and no
// others: options may change that.
func (v *managerVisitor) plain(constructor *types.Func, call *ast.CallExpr) bool {
	first := constructor.Signature().Params().Len() - 1
	for _, arg := range call.Args[min(first, len(call.Args)):] {
		option, ok := ast.Unparen(arg).(*ast.CallExpr)
		if !ok {
			return false
		}
		fn, _ := v.callee(option)
		if fn == nil {
			return false
		}
		switch fn.Name() {
		case "WithListener", "WithLogger", "WithConcurrency", "WithFailFast", "WithLoadTimeout", "WithCloseTimeout", "WithManagers":
		default:
			return false
		}
	}
	return true
}

// wrongManagerOf says what is wrong with a manager of type p, "" if nothing is.
func (c *checker) wrongManagerOf(p shape, k Contract) string {
	why := wrongManager(p, k.Type)
	// A manager may ask for less than the contract promises, as of one that it embeds.
	alike := wrongManager(k.Type, p) == ""
	if other := c.facts.contracted(p, k.Namespace); why == "" && alike && other != "" && p.Type != k.Type.Type {
		why = "that is the contract of " + other
	}
	if why == "" {
		return ""
	}
	return fmt.Sprintf("the contract of %s is %s, but this is a manager of %s: %s", k.Namespace, shown(k.Type.Type), shown(p.Type), why)
}

// wrongManager says why a manager of type p can't load what satisfies the
// contract, "" if it can or might.
func wrongManager(p, contract shape) string {
	switch {
	case p.Type == contract.Type, contract.Func != "" && p.Func == contract.Func:
		return ""
	case isFunctionPlugin(p):
		return ""
	case isConcrete(contract) && !p.Open:
		return fmt.Sprintf("write %s", shown(contract.Type))
	case contract.Func != "" && p.Open:
		return beyondFunction(p, contract)
	case contract.Func != "" || p.Func != "":
		return fmt.Sprintf("write %s", shown(contract.Type))
	case !p.Open:
		for _, want := range contract.Methods {
			if m, lacking := p.lacks(want); lacking {
				return m.what
			}
		}
		return ""
	}
	for _, m := range p.Methods {
		promised := contract.method(m.Name)
		switch {
		case promised == nil:
			return fmt.Sprintf("the contract does not promise the method %s", m)
		case promised.Type != m.Type:
			have, want := haveWant(*promised, m)
			return fmt.Sprintf("the contract promises %s, not %s", have, want)
		}
	}
	return ""
}

// isConcrete says whether plugins that are to be of the type can be of no other.
func isConcrete(p shape) bool { return !p.Open && p.Func == "" && !isFunctionPlugin(p) }

func isFunctionPlugin(p shape) bool {
	return strings.HasPrefix(p.Type, "*‹"+annotate.RegistryPath+"›registry.FunctionPlugin[")
}

// beyondFunction says what an interface asks of a function plugin that neither the
// func type promises nor a registry.FunctionPlugin has.
func beyondFunction(p, contract shape) string {
	for _, m := range p.Methods {
		if promised := contract.method(m.Name); (promised == nil || promised.Type != m.Type) && m.Name != "Load" {
			return fmt.Sprintf("a function has no method %s", m)
		}
	}
	return ""
}

// takesLoadArgument says whether a contract has a Load that takes more than a context,
// which a manager that has no argument can't call.
func takesLoadArgument(contract shape) bool {
	load := contract.method("Load")
	return load != nil && strings.HasPrefix(load.Type, "func(‹context›context.Context, ")
}

// method records what a manager of a known namespace is asked to load, and notes
// plugins that are added by hand.
func (v *managerVisitor) method(name string, call *ast.CallExpr) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return
	}
	switch name {
	case "Add":
		v.added(call)
	case "Link":
		v.facts.Dynamic = true
	case "Exists":
		if plugin, ok := v.constant(call, 0); ok {
			v.exists[plugin] = true
		}
	case "Load", "LoadNamed", "LoadAll":
		namespace, of := v.manager(sel.X, 0)
		if of == nil {
			return
		}
		if name == "LoadAll" {
			u := v.use(namespace, "", sel.Sel)
			u.As, u.Loads = of, true
			return
		}
		for _, arg := range call.Args[min(1, len(call.Args)):] {
			if plugin, ok := v.text(arg); ok {
				u := v.use(namespace, plugin, arg)
				u.As, u.Loads, u.Wary = of, true, v.wary || v.exists[plugin]
			}
		}
	}
}

// manager returns the constant namespace of a manager and what it is a manager of, nil
// if they are not known.
func (v *managerVisitor) manager(e ast.Expr, depth int) (namespace string, of *shape) {
	const enough = 8
	if obj := v.variable(e); obj != nil {
		if value := v.values[obj]; value != nil && depth < enough {
			return v.manager(value, depth+1)
		}
		return "", nil
	}
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return "", nil
	}
	fn, id := v.callee(call)
	if fn == nil {
		return "", nil
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && fn.Name() == "With" {
		return v.manager(sel.X, depth+1)
	}
	namespace, ok = v.constant(call, 0)
	if args := v.TypesInfo.Instances[id].TypeArgs; ok && args.Len() > 0 && isConstructor(fn.Name()) && v.plain(fn, call) {
		if p, known := shapeOf(args.At(0)); known {
			return namespace, &p
		}
	}
	return "", nil
}

func (c *checker) constant(call *ast.CallExpr, i int) (string, bool) {
	if i >= len(call.Args) {
		return "", false
	}
	return c.text(call.Args[i])
}

func (c *checker) text(e ast.Expr) (string, bool) {
	value := c.TypesInfo.Types[e].Value
	if value == nil || value.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(value), true
}
