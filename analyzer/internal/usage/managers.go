// Package usage finds the uses of registries and managers in the code of a package, and
// adds them to the facts. They are checked when all plugins of a program are known.
package usage

import (
	"fmt"
	"go/ast"
	"go/types"
	"iter"
	"slices"
	"strconv"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/plugingen/plugingen/analyzer/internal/facts"
	"github.com/plugingen/plugingen/analyzer/internal/pkgfiles"
	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/analyzer/internal/typedesc"
	"github.com/plugingen/plugingen/annotate"
)

// CheckManagers checks the calls that make managers, and adds the namespaces and names that
// are requested from managers to the facts. It skips tests, whose managers have plugins of
// their own.
func CheckManagers(c *target.Target) {
	if !slices.ContainsFunc(c.Pkg.Imports(), func(p *types.Package) bool { return p.Path() == annotate.RegistryPath }) {
		return
	}
	if c.TypesInfo.Uses == nil {
		c.Facts.Incomplete = c.Facts.Incomplete || slices.ContainsFunc(c.Files, addsToDefault)
		return
	}
	v := &visitor{
		Target: c, values: map[types.Object]ast.Expr{}, handlesMissing: handlesMissing(c),
		givesPlugins: givesPlugins(c), exists: map[string]bool{},
		called: map[*ast.Ident]bool{}, startup: newStartup(c),
	}
	for cur := range handwritten(c) {
		for cur := range cur.Preorder((*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil), (*ast.KeyValueExpr)(nil)) {
			v.value(cur.Node())
		}
	}
	for cur := range handwritten(c) {
		for cur := range cur.Preorder((*ast.CallExpr)(nil), (*ast.CompositeLit)(nil), (*ast.Ident)(nil)) {
			v.visit(cur)
		}
	}
}

// handwritten yields the package's files, except tests and generated files.
func handwritten(c *target.Target) iter.Seq[inspector.Cursor] {
	return func(yield func(inspector.Cursor) bool) {
		for cur := range c.Inspector().Root().Children() {
			f := cur.Node().(*ast.File)
			if !c.IsTest(f) && (!ast.IsGenerated(f) || pkgfiles.FromCgo(f)) && !yield(cur) {
				return
			}
		}
	}
}

// addsToDefault reports whether hand-written code adds to registry.Default. It looks at syntax
// only, for packages of other modules, which have no type information.
func addsToDefault(f *ast.File) bool {
	i := slices.IndexFunc(f.Imports,
		func(imp *ast.ImportSpec) bool { return imp.Path.Value == strconv.Quote(annotate.RegistryPath) })
	if i < 0 || ast.IsGenerated(f) {
		return false
	}
	registry := "registry"
	if f.Imports[i].Name != nil {
		registry = f.Imports[i].Name.Name
	}
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && (sel.Sel.Name == "Add" || sel.Sel.Name == "Link") {
			of, ok := ast.Unparen(sel.X).(*ast.SelectorExpr)
			found = found || ok && of.Sel.Name == "Default" && isNamed(of.X, registry)
		}
		return !found
	})
	return found
}

// A visitor looks at the calls of a package.
type visitor struct {
	*target.Target
	values         map[types.Object]ast.Expr // of variables and fields; nil if there are several
	handlesMissing bool
	givesPlugins   bool            // the package gives plugins to managers, which need not be linked
	exists         map[string]bool // names that the package asks about before it loads them
	called         map[*ast.Ident]bool
	startup        *startup
}

// handlesMissing reports whether the package has code that handles a missing plugin.
func handlesMissing(c *target.Target) bool {
	for _, obj := range c.TypesInfo.Uses {
		if target.InRegistry(obj) && (obj.Name() == "ErrNotFound" || obj.Name() == "ErrNotLinked") {
			return true
		}
	}
	return false
}

// givesPlugins reports whether the package, except its tests, passes plugins to managers.
func givesPlugins(c *target.Target) bool {
	for cur := range handwritten(c) {
		for cur := range cur.Preorder((*ast.Ident)(nil)) {
			obj := c.TypesInfo.Uses[cur.Node().(*ast.Ident)]
			if obj != nil && target.InRegistry(obj) && (obj.Name() == "WithSpecs" || obj.Name() == "WithFinder") {
				return true
			}
		}
	}
	return false
}

// value records the value that a variable or a field is set to.
func (v *visitor) value(n ast.Node) {
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

func (v *visitor) set(e, value ast.Expr) {
	obj := v.variable(e)
	if obj == nil {
		return
	}
	if _, twice := v.values[obj]; twice {
		value = nil
	}
	v.values[obj] = value
}

// variable returns the variable that an expression names, if only assignments in this package
// can set it, or nil: for a parameter, or a field that other packages can set.
func (v *visitor) variable(e ast.Expr) *types.Var {
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

func (v *visitor) visit(cur inspector.Cursor) {
	switch n := cur.Node().(type) {
	case *ast.CompositeLit:
		v.literal(n)
	case *ast.CallExpr:
		fn := v.Callee(n)
		if fn != nil {
			v.called[calleeIdent(n)] = true
		}
		switch {
		case fn == nil:
		case fn.Signature().Recv() != nil:
			v.method(fn.Name(), n, cur)
		case isConstructor(fn.Name()):
			v.constructor(fn, n)
		case (fn.Name() == "Map" || fn.Name() == "MapNamed" || fn.Name() == "MapWhere") && len(n.Args) > 1:
			v.request(fn.Name(), n.Args[1], n.Fun, nil, cur)
		}
	case *ast.Ident:
		if !v.called[n] {
			v.functionValue(n)
		}
	}
}

// functionValue notes that a function of package registry is used as a value: the arguments
// of its calls are unknown.
func (v *visitor) functionValue(id *ast.Ident) {
	fn, ok := v.TypesInfo.Uses[id].(*types.Func)
	if !ok || !target.InRegistry(fn) {
		return
	}
	v.Facts.Incomplete = v.Facts.Incomplete || fn.Name() == "Add" || fn.Name() == "Link"
	v.Facts.UnknownNamespaces = v.Facts.UnknownNamespaces || isConstructor(fn.Name())
}

// isConstructor reports whether a function of package registry has a type argument for the
// plugins of the namespace that is its first argument.
func isConstructor(name string) bool {
	switch name {
	case "NewManager", "NewManagerFunc", "For", "Forward":
		return true
	}
	return isSet(name)
}

// isSet reports whether a function makes a registry.Set.
func isSet(name string) bool { return name == "NewSet" || name == "NewSetFunc" }

// makerOf returns what a constructor makes, for messages.
func makerOf(constructor string) string {
	switch {
	case isSet(constructor):
		return "set"
	case constructor == "Forward":
		return "Forward"
	}
	return "manager"
}

// constructor checks the type argument of a manager, or of a set, against the contract of
// its namespace. If the contract is not known yet, it adds the type to the facts.
func (v *visitor) constructor(fn *types.Func, call *ast.CallExpr) {
	namespace, ok := v.constant(call, 0)
	v.Facts.UnknownNamespaces = v.Facts.UnknownNamespaces || !ok
	if ok {
		v.sections(namespace, call)
	}
	args := v.TypesInfo.Instances[calleeIdent(call)].TypeArgs
	if !ok || args.Len() == 0 {
		return
	}
	p, known := typedesc.Of(args.At(0))
	if !known {
		return
	}
	k := v.Facts.Contract(namespace)
	u := v.use(namespace, "", call.Args[0])
	u.Maker = makerOf(fn.Name())
	switch o := v.options(fn, call); {
	case o.all:
		u.As, u.Checked, u.Local = &p, k != nil, v.declares(args.At(0))
	case o.linked || o.hidden && !v.givesPlugins:
		u.As, u.Opaque = &p, true
	default:
		u.Loads = true // it is unknown which plugins
	}
	message := v.ManagerMismatch(u.Maker, namespace, p, k)
	of := p
	if k != nil {
		of = k.Type
	}
	with := map[string]string{"NewManager": "With", "NewSet": "Set"}[fn.Name()]
	if message == "" && with != "" && (typedesc.TakesLoadArgument(p) || typedesc.TakesLoadArgument(of)) {
		message = fmt.Sprintf("plugins of %s are loaded with an argument, and this %s has none: write "+
			"registry.For[%s](...).%s(argument)",
			namespace, u.Maker, typedesc.Short(of.Name), with)
	}
	if message != "" {
		d := target.Problem(annotate.BadManager, target.Span(call.Fun), message)
		if k != nil {
			d.Related = v.Related(k.Origin, "the contract is declared here", nil)
		}
		v.Report(d)
	}
}

// declares reports whether a type refers to no type of another package.
func (v *visitor) declares(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return !ok || named.Obj().Pkg() == nil || named.Obj().Pkg() == v.Pkg
}

// options is what is known of the options of a manager.
type options struct {
	linked   bool     // it has plugins that are linked into the program, and no others
	hidden   bool     // it has options that are not calls of package registry
	all      bool     // it has all plugins that are linked
	vetoes   bool     // a listener may keep plugins from being loaded
	managers []string // the namespaces of the managers that it is given
	certain  bool     // it is given no other managers
}

// options returns what is known of the options that a constructor is called with.
func (v *visitor) options(constructor *types.Func, call *ast.CallExpr) options {
	o := options{linked: true, all: true, certain: !call.Ellipsis.IsValid()}
	given := false // plugins that are not linked
	if !constructor.Signature().Variadic() {
		return o
	}
	first := constructor.Signature().Params().Len() - 1
	for _, arg := range call.Args[min(first, len(call.Args)):] {
		name := ""
		option, ok := ast.Unparen(arg).(*ast.CallExpr)
		if ok {
			if fn := v.Callee(option); fn != nil {
				name = fn.Name()
			}
		}
		switch name {
		case "WithListener":
			o.vetoes = true
		case "WithManagers":
			for _, arg := range option.Args {
				m := v.manager(arg)
				o.certain = o.certain && m != nil
				if m != nil {
					o.managers = append(o.managers, m.namespace)
				}
			}
		case "WithConfig": // it may disable plugins
			o.vetoes = true
		case "WithLogger", "WithConcurrency", "WithFailFast", "WithLoadTimeout", "WithCloseTimeout", "WithOverlap":
		case "WithFilter", "WithConflict", "WithMissing":
			o.all = false
		default:
			o.linked, o.all, o.certain = false, false, false
			o.hidden = o.hidden || name == ""
			given = given || name != ""
		}
	}
	o.hidden = o.hidden && !given
	return o
}

// method adds what a method call requests from a manager of a known namespace to the facts,
// and the plugins that a call adds to a registry.
func (v *visitor) method(name string, call *ast.CallExpr, cur inspector.Cursor) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return
	}
	switch name {
	case "Add":
		v.added(call)
	case "Link":
		v.Facts.Incomplete = true
	case "Filter":
		v.Facts.Filtered = true
	case "Exists":
		if plugin, ok := v.constant(call, 0); ok {
			v.exists[plugin] = true
		}
		v.request(name, sel.X, sel.Sel, nil, cur)
	case "Load", "LoadNamed":
		v.request(name, sel.X, sel.Sel, call.Args[min(1, len(call.Args)):], cur)
	case "LoadAll", "LoadWhere", "Names", "Specs", "Info", "Validate":
		v.request(name, sel.X, sel.Sel, nil, cur)
	case "Apply", "Check":
		if m := v.manager(sel.X); m != nil && len(call.Args) == 2 {
			v.section(m.namespace, call.Args[1])
		}
		v.request(name, sel.X, sel.Sel, nil, cur)
	case "All", "Plugins":
		if cur.ParentEdgeKind() == edge.RangeStmt_X { // an iterator that is kept may run at any time
			v.request(name, sel.X, sel.Sel, nil, cur)
		}
	}
}

// requestsOfSets are the methods of a Set that need the plugins which a host links. The others
// are about those that run.
var requestsOfSets = []string{"Apply", "Check", "Specs", "Validate"}

// request adds a use to the facts: a manager is asked for all its plugins, or for those with
// the names.
func (v *visitor) request(method string, manager, at ast.Expr, names []ast.Expr, cur inspector.Cursor) {
	m := v.manager(manager)
	if m == nil || !m.linked || m.set && !slices.Contains(requestsOfSets, method) {
		return
	}
	if v.startup.runs(cur) {
		u := v.use(m.namespace, "", at)
		u.Loads, u.StartupCall = true, method
	}
	if !m.all {
		return
	}
	load := func(name string, at ast.Expr) {
		u := v.use(m.namespace, name, at)
		u.As, u.Loads = &m.of, true
		u.HandlesMissing = name != "" && (v.handlesMissing || v.exists[name])
		u.Managers, u.ManagersKnown = m.managers, m.certain && !m.vetoes
	}
	switch method {
	case "LoadAll", "Map":
		load("", at)
	case "Load", "LoadNamed":
		for _, arg := range names {
			if name, ok := v.Text(arg); ok {
				load(name, arg)
			}
		}
	}
}

// A manager is one whose namespace is constant.
type manager struct {
	namespace string
	of        typedesc.Type
	options
	set bool // it is a registry.Set
}

// manager returns the manager that an expression is, or nil if that is not known.
func (v *visitor) manager(e ast.Expr) *manager {
	const enough = 8
	set := false
	for range enough {
		if obj := v.variable(e); obj != nil {
			if e = v.values[obj]; e == nil {
				return nil
			}
			continue
		}
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			return nil
		}
		fn := v.Callee(call)
		if fn == nil {
			return nil
		}
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && (fn.Name() == "With" || fn.Name() == "Set") {
			e, set = sel.X, fn.Name() == "Set"
			continue
		}
		namespace, ok := v.constant(call, 0)
		args := v.TypesInfo.Instances[calleeIdent(call)].TypeArgs
		if !ok || args.Len() == 0 || !isConstructor(fn.Name()) {
			return nil
		}
		if p, known := typedesc.Of(args.At(0)); known {
			return &manager{namespace, p, v.options(fn, call), set || isSet(fn.Name())}
		}
		return nil
	}
	return nil
}

func (v *visitor) constant(call *ast.CallExpr, i int) (string, bool) {
	if i >= len(call.Args) {
		return "", false
	}
	return v.Text(call.Args[i])
}

func isNamed(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// calleeIdent returns the identifier that names the function that is called.
func calleeIdent(call *ast.CallExpr) *ast.Ident {
	fun := ast.Unparen(call.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = ast.Unparen(x.X)
	case *ast.IndexListExpr:
		fun = ast.Unparen(x.X)
	}
	switch x := fun.(type) {
	case *ast.Ident:
		return x
	case *ast.SelectorExpr:
		return x.Sel
	}
	return nil
}

// added checks the specs that are added by hand. If one of them is not a composite literal, it
// notes that the plugins of the program are not all known.
func (v *visitor) added(call *ast.CallExpr) {
	for _, arg := range call.Args {
		if u, ok := ast.Unparen(arg).(*ast.UnaryExpr); ok {
			if lit, ok := u.X.(*ast.CompositeLit); ok {
				v.CheckSpec(lit)
				continue // see literal
			}
		}
		v.Facts.Incomplete = true
	}
}

// literal adds a registry.Spec that is written inside a function to the facts, so that
// duplicate names are found.
func (v *visitor) literal(lit *ast.CompositeLit) {
	if !typedesc.IsSpec(v.TypesInfo.TypeOf(lit)) {
		return
	}
	namespace, ok1 := v.Text(target.Field(lit, "Namespace"))
	name, ok2 := v.Text(target.Field(lit, "Name"))
	if !ok1 || !ok2 {
		v.Facts.Incomplete = true
		return
	}
	if slices.ContainsFunc(v.Facts.Named(namespace, name),
		func(p facts.Plugin) bool { return p.Package == v.Pkg.Path() }) {
		return // annotate has found it at package level
	}
	v.Facts.ByHand = append(v.Facts.ByHand, facts.Use{
		Namespace: namespace, Name: name,
		Package: v.Pkg.Path(), Place: facts.NewPlace(v.At(lit.Pos()), target.Span(lit)),
	})
}

// use adds a use to the facts.
func (v *visitor) use(namespace, name string, at ast.Expr) *facts.Use {
	_, literal := ast.Unparen(at).(*ast.BasicLit)
	v.Facts.Uses = append(v.Facts.Uses, facts.Use{
		Namespace: namespace, Name: name, Package: v.Pkg.Path(), Place: facts.NewPlace(v.At(at.Pos()), target.Span(at)),
		HandlesMissing: v.handlesMissing, Literal: literal, Maker: "manager",
	})
	return &v.Facts.Uses[len(v.Facts.Uses)-1]
}
