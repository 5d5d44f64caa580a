package analyzer

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/plugingen/plugingen/annotate"
)

// A Use is a place where a manager asks for a namespace, or for a plugin of it.
type Use struct {
	Namespace string
	Name      string // "" for the namespace as a whole
	Package   string
	At        string

	span    annotate.Span
	literal bool // it is written as a string literal
}

func (u Use) compare(v Use) int {
	return cmp.Or(cmp.Compare(u.Namespace, v.Namespace), cmp.Compare(u.Name, v.Name), cmp.Compare(u.At, v.At))
}

// managers checks the calls that make managers, and records what is asked of them
// for when all plugins of the program are known. Tests are left alone: they make
// managers of plugins of their own.
func (c *checker) managers() {
	if c.TypesInfo.Uses == nil || !slices.ContainsFunc(c.Pkg.Imports(), func(p *types.Package) bool { return p.Path() == annotate.RegistryPath }) {
		return
	}
	v := &managerVisitor{checker: c, values: map[types.Object]ast.Expr{}}
	files := slices.DeleteFunc(slices.Clone(c.Files), func(f *ast.File) bool {
		return strings.HasSuffix(fileName(c.Pass, f), "_test.go") || ast.IsGenerated(f)
	})
	in := inspector.New(files)
	in.Preorder([]ast.Node{(*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil)}, v.value)
	in.Preorder([]ast.Node{(*ast.CallExpr)(nil), (*ast.CompositeLit)(nil)}, v.visit)
}

// A managerVisitor looks at the calls of a package.
type managerVisitor struct {
	*checker
	values map[types.Object]ast.Expr // of variables; nil if there are several
}

// value remembers what a variable is set to.
func (v *managerVisitor) value(n ast.Node) {
	set := func(id *ast.Ident, value ast.Expr) {
		obj := v.TypesInfo.ObjectOf(id)
		if obj == nil {
			return
		}
		if _, twice := v.values[obj]; twice {
			value = nil
		}
		v.values[obj] = value
	}
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, lhs := range n.Lhs {
			if id, ok := lhs.(*ast.Ident); ok {
				if len(n.Lhs) == len(n.Rhs) {
					set(id, n.Rhs[i])
				} else {
					set(id, nil)
				}
			}
		}
	case *ast.ValueSpec:
		for i, id := range n.Names {
			if len(n.Names) == len(n.Values) {
				set(id, n.Values[i])
			}
		}
	}
}

func (v *managerVisitor) visit(n ast.Node) {
	switch n := n.(type) {
	case *ast.CompositeLit:
		v.literal(n)
	case *ast.CallExpr:
		fn, id := v.callee(n)
		switch {
		case fn == nil:
		case fn.Signature().Recv() != nil:
			v.method(fn.Name(), n)
		case isConstructor(fn.Name()):
			v.constructor(n, id)
		}
	}
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
// namespace.
func (v *managerVisitor) constructor(call *ast.CallExpr, id *ast.Ident) {
	namespace, ok := v.constant(call, 0)
	args := v.TypesInfo.Instances[id].TypeArgs
	if !ok || args.Len() == 0 {
		return
	}
	if len(call.Args) == 1 {
		v.use(namespace, "", call.Args[0])
	}
	k := v.facts.contract(namespace)
	p, known := shapeOf(args.At(0))
	if k == nil || !known {
		return
	}
	message := ""
	if why := wrongManager(p, k.Type); why != "" {
		message = fmt.Sprintf("the contract of %s is %s, but this is a manager of %s: %s", namespace, shown(k.Type.Type), shown(p.Type), why)
	} else if id.Name == "NewManager" && takesLoadArgument(k.Type) {
		message = fmt.Sprintf("plugins of %s are loaded with an argument, and this manager has none: write registry.For[%s](...).With(argument)",
			namespace, shown(k.Type.Type))
	}
	if message != "" {
		d := problem(BadManager, span(call.Fun), message)
		d.Related = v.related(k.Origin, "the contract is declared here", nil)
		v.Report(d)
	}
}

// wrongManager says why a manager of type p can't load what satisfies the
// contract, "" if it can or might.
func wrongManager(p, contract shape) string {
	switch {
	case p.Type == contract.Type, contract.Func != "" && p.Func == contract.Func:
		return ""
	case strings.HasPrefix(p.Type, "*‹"+annotate.RegistryPath+"›registry.FunctionPlugin["):
		return ""
	case contract.Func != "" && p.Open:
		return "" // an interface that the function plugin may have
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
	case "Load", "LoadNamed":
		namespace := v.namespaceOf(sel.X, 0)
		for _, arg := range call.Args[min(1, len(call.Args)):] {
			if plugin, ok := v.text(arg); ok && namespace != "" {
				v.use(namespace, plugin, arg)
			}
		}
	}
}

// added notes that there are plugins of which nothing is known but what the
// literals say.
func (v *managerVisitor) added(call *ast.CallExpr) {
	for _, arg := range call.Args {
		if u, ok := ast.Unparen(arg).(*ast.UnaryExpr); ok {
			if _, ok := u.X.(*ast.CompositeLit); ok {
				continue // see literal
			}
		}
		v.facts.Dynamic = true
	}
}

// literal adds a registry.Spec that is built by hand inside a function to the
// facts, so that names that collide with it are found.
func (v *managerVisitor) literal(lit *ast.CompositeLit) {
	if !isSpec(v.TypesInfo.TypeOf(lit)) {
		return
	}
	namespace, ok1 := v.field(lit, "Namespace")
	name, ok2 := v.field(lit, "Name")
	if !ok1 || !ok2 {
		v.facts.Dynamic = true
		return
	}
	if slices.ContainsFunc(v.facts.Plugins, func(p Plugin) bool {
		return p.Package == v.Pkg.Path() && p.Namespace == namespace && p.Name == name
	}) {
		return // annotate has found it at package level
	}
	v.facts.ByHand = append(v.facts.ByHand, Use{namespace, name, v.Pkg.Path(), v.at(lit.Pos()), span(lit), false})
}

func isSpec(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == "Spec" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == annotate.RegistryPath
}

func (v *managerVisitor) field(lit *ast.CompositeLit, name string) (string, bool) {
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == name {
				return v.text(kv.Value)
			}
		}
	}
	return "", false
}

// namespaceOf returns the constant namespace of a manager, "" if it is not known.
func (v *managerVisitor) namespaceOf(e ast.Expr, depth int) string {
	const enough = 8
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if value := v.values[v.TypesInfo.ObjectOf(e)]; value != nil && depth < enough {
			return v.namespaceOf(value, depth+1)
		}
	case *ast.CallExpr:
		fn, _ := v.callee(e)
		if fn == nil {
			return ""
		}
		if sel, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr); ok && fn.Name() == "With" {
			return v.namespaceOf(sel.X, depth+1)
		}
		// Options may give the manager plugins of its own.
		if isConstructor(fn.Name()) && len(e.Args) == 1 {
			namespace, _ := v.constant(e, 0)
			return namespace
		}
	}
	return ""
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

func (c *checker) use(namespace, name string, at ast.Expr) {
	_, literal := ast.Unparen(at).(*ast.BasicLit)
	c.facts.Uses = append(c.facts.Uses, Use{namespace, name, c.Pkg.Path(), c.at(at.Pos()), span(at), literal})
}

// asked checks what managers ask for, where all plugins of a program are known. It
// reports only what is nearly the name of something: plugins may be linked or added
// in ways that can't be seen.
func (c *checker) asked() {
	if c.facts.Unread {
		return
	}
	for _, u := range c.facts.Uses {
		if u.Name == "" {
			known := c.facts.namespaces()
			if near := nearMiss(u.Namespace, known); near != "" {
				c.reportUse(u, "there is no namespace "+u.Namespace, near)
			}
			continue
		}
		names := c.facts.names(u.Namespace)
		if near := nearMiss(u.Name, names); near != "" && !c.facts.Dynamic {
			c.reportUse(u, "there is no plugin "+u.Namespace+":"+u.Name, near)
		}
	}
	c.strayNamespaces()
}

// strayNamespaces reports plugins whose namespace nobody else mentions, if it is
// nearly one that has a contract or a manager.
func (c *checker) strayNamespaces() {
	var meant []string
	for _, k := range c.facts.Contracts {
		meant = append(meant, k.Namespace)
	}
	for _, u := range c.facts.Uses {
		meant = append(meant, u.Namespace)
	}
	for _, p := range c.facts.Plugins {
		near := nearMiss(p.Namespace, meant)
		at, own := c.place(p.Origin, p.Origin)
		if near == "" || !at.Pos.IsValid() {
			continue
		}
		where := ""
		if !own {
			where = ", declared at " + p.At
		}
		d := problem(BadManager, at, fmt.Sprintf("plugin %s%s: nothing loads plugins of namespace %s (did you mean %q?)", p.ID(), where, p.Namespace, near))
		if !own {
			d.Related = c.related(p.Origin, "the plugin is declared here", nil)
		}
		c.Report(d)
	}
}

func (c *checker) reportUse(u Use, message, near string) {
	message += fmt.Sprintf(" (did you mean %q?)", near)
	d := problem(BadManager, u.span, message)
	if u.Package != c.Pkg.Path() && len(c.Files) > 0 {
		d = problem(BadManager, c.importOf(u.Package), u.At+": "+message)
	} else if u.literal {
		d.SuggestedFixes = []analysis.SuggestedFix{{
			Message:   "write " + near,
			TextEdits: []analysis.TextEdit{{Pos: u.span.Pos, End: u.span.End, NewText: []byte(strconv.Quote(near))}},
		}}
	}
	if d.Pos.IsValid() {
		c.Report(d)
	}
}

// namespaces returns the namespaces that anything is declared in.
func (f *Facts) namespaces() []string {
	var all []string
	for _, k := range f.Contracts {
		all = append(all, k.Namespace)
	}
	for _, p := range f.Plugins {
		all = append(all, p.Namespace)
	}
	for _, b := range f.Bases {
		all = append(all, b.Namespace)
	}
	for _, u := range f.ByHand {
		all = append(all, u.Namespace)
	}
	return all
}

// names returns the names of the plugins of a namespace, aliases included.
func (f *Facts) names(namespace string) []string {
	var all []string
	for _, p := range f.Plugins {
		if p.Namespace == namespace {
			all = append(append(all, p.Name), p.Aliases...)
		}
	}
	for _, u := range f.ByHand {
		if u.Namespace == namespace {
			all = append(all, u.Name)
		}
	}
	return all
}
