package migrate

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/plugingen/plugingen/internal/rules"
)

// This file lists what registers plugins in a way that can't be moved, with the reason.

// leaveCalls notes the registrations in a function, a statement or the value of a variable that are
// not moved. The reason is why, if it is the same for all. In is nil for a variable.
func (m *migration) leaveCalls(f *file, in *ast.FuncDecl, n ast.Node, reason string) {
	walk(n, func(n ast.Node, path []ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		r, why := m.registrarOf(f.pkg.TypesInfo, call)
		switch {
		case why != "":
			if reason != "" && (!registering().MatchString(calledName(call)) || !m.hasNameAndPlugin(f, call)) {
				return
			}
		case r == nil:
			why = m.unmovable(f, in, call)
		case in != nil && r.fn == m.funcOf(f, in) || !m.looksRegistered(f, r, call, reason == ""):
		case reason != "":
			why = reason
		case in == nil:
			why = "it is in the value of a variable"
		default:
			why = surroundings(path)
		}
		if why != "" {
			m.leave(call.Pos(), call.End(), "%s", why)
		}
	})
}

// walk calls visit for each node, with those that it is in and itself. It leaves out calls of
// registry.Forward, which register what is linked.
func walk(root ast.Node, visit func(n ast.Node, path []ast.Node)) {
	var path []ast.Node
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil {
			path = path[:len(path)-1]
			return true
		}
		if call, ok := n.(*ast.CallExpr); ok && isForward(call) {
			return false
		}
		path = append(path, n)
		visit(n, path)
		return true
	})
}

// isForward reports whether a call is one of registry.Forward or ForwardSpecs.
func isForward(call *ast.CallExpr) bool {
	if len(call.Args) != 2 {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	lit, isLit := call.Args[0].(*ast.BasicLit)
	return ok && isLit && lit.Kind == token.STRING && (sel.Sel.Name == "Forward" || sel.Sel.Name == "ForwardSpecs")
}

// unmovable returns why a call is left that registers something with what is no registrar, or "".
func (m *migration) unmovable(f *file, in *ast.FuncDecl, call *ast.CallExpr) string {
	info := f.pkg.TypesInfo
	fn, _ := typeutil.Callee(info, call).(*types.Func)
	inInit := in != nil && in.Recv == nil && in.Name.Name == "init"
	switch name := calledName(call); {
	case fn == nil:
		v, isVar := typeutil.Callee(info, call).(*types.Var)
		if isVar && m.hasNameAndPlugin(f, call) && (registering().MatchString(name) || m.holdsRegistrar(f, v)) {
			return name + " is a variable: call the function itself"
		}
	case fn.Pkg() == nil || in != nil && fn == m.funcOf(f, in):
	case fn.Signature().Recv() != nil && isSyncMap(info, call):
		if inInit && storing[name] && m.hasNameAndPlugin(f, call) {
			return "it is stored in a sync.Map: call a function that does that"
		}
	case !verbs().MatchString(name):
	case m.inModule(fn.Pkg()) && fn.Signature().TypeParams().Len() > 0 && len(m.constants(f, call)) > 0:
		if inInit || registering().MatchString(name) {
			return "the function that registers is generic"
		}
	case m.hasNameAndPlugin(f, call):
		return m.unmovableName(f, fn, call, inInit)
	case registering().MatchString(name) && m.keepsRecord(f, fn, call):
		if _, ok := receiverVar(info, call, fn.Signature()); !ok {
			return notInPackage
		}
	case registering().MatchString(name) && m.inModule(fn.Pkg()) && len(call.Args) == 2 && m.stores(fn, 1):
		if _, isConst := info.Types[call.Args[0]]; isConst && info.Types[call.Args[0]].Value != nil {
			return "its name is no string"
		}
	}
	return ""
}

const notInPackage = "what it is registered in is no variable of a package: make it one, and register in init"

// keepsRecord reports whether a function of the module stores an argument that is a struct
// literal with a constant string and a function or an interface in it, as
// Register(Command{Name: "run", Run: run}) does.
func (m *migration) keepsRecord(f *file, fn *types.Func, call *ast.CallExpr) bool {
	return m.inModule(fn.Pkg()) && slices.ContainsFunc(call.Args, func(arg ast.Expr) bool {
		lit := literal(arg)
		if lit == nil {
			return false
		}
		named, made := false, false
		for _, elt := range lit.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok {
				elt = kv.Value
			}
			tv := f.pkg.TypesInfo.Types[elt]
			named = named || tv.Value != nil && tv.Value.Kind() == constant.String
			made = made || tv.Value == nil && !tv.IsNil() && isPluginType(tv.Type)
		}
		return named && made && m.stores(fn, slices.Index(call.Args, arg))
	})
}

// unmovableName is unmovable for a call with a constant name and something that may be a plugin.
func (m *migration) unmovableName(f *file, fn *types.Func, call *ast.CallExpr, inInit bool) string {
	if _, ok := receiverVar(f.pkg.TypesInfo, call, fn.Signature()); !ok {
		if m.inModule(fn.Pkg()) && !m.keeps(fn) || !m.inModule(fn.Pkg()) && !registering().MatchString(fn.Name()) {
			return ""
		}
		return notInPackage
	}
	if inInit && m.inModule(fn.Pkg()) {
		return "it does not show that " + fn.Name() + " keeps it by a name"
	}
	return ""
}

// keeps reports whether a function stores one of its parameters by another.
func (m *migration) keeps(fn *types.Func) bool {
	for i := range fn.Signature().Params().Len() {
		if isPluginType(fn.Signature().Params().At(i).Type()) && m.stores(fn, i) {
			return true
		}
	}
	return false
}

func (m *migration) stores(fn *types.Func, param int) bool {
	flow := m.flow(fn, param, 0)
	return flow != nil && flow.stores
}

// holdsRegistrar reports whether a variable has a function that registers.
func (m *migration) holdsRegistrar(f *file, v *types.Var) bool {
	def, of := m.definition(v, f.pkg.TypesInfo)
	if def == nil {
		return false
	}
	var fn *types.Func
	switch def := ast.Unparen(def).(type) {
	case *ast.Ident:
		fn, _ = of.Uses[def].(*types.Func)
	case *ast.SelectorExpr:
		fn, _ = of.Uses[def.Sel].(*types.Func)
	case *ast.FuncLit:
		return registering().MatchString(v.Name())
	}
	return fn != nil && m.inModule(fn.Pkg()) && verbs().MatchString(fn.Name()) && m.keeps(fn)
}

// isSyncMap reports whether a method is one of a sync.Map.
func isSyncMap(info *types.Info, call *ast.CallExpr) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	return ok && types.TypeString(deref(info.TypeOf(sel.X)), nil) == "sync.Map"
}

// hasNameAndPlugin reports whether a constant string and what may be a plugin are among the
// arguments of a call.
func (m *migration) hasNameAndPlugin(f *file, call *ast.CallExpr) bool {
	return len(m.constants(f, call)) > 0 && slices.ContainsFunc(call.Args, func(arg ast.Expr) bool {
		tv := f.pkg.TypesInfo.Types[arg]
		return tv.Value == nil && !tv.IsNil() && tv.Type != nil && isPluginType(tv.Type) && !rules.IsError(tv.Type)
	})
}

// constants returns the constant strings among the arguments of a call.
func (m *migration) constants(f *file, call *ast.CallExpr) (all []string) {
	for _, arg := range call.Args {
		if v := f.pkg.TypesInfo.Types[arg].Value; v != nil && v.Kind() == constant.String {
			all = append(all, constant.StringVal(v))
		}
	}
	return all
}

// nearMiss notes a call in an init function with a name and a plugin, for programs in which nothing
// else is found.
func (m *migration) nearMiss(f *file, call *ast.CallExpr) {
	fn, _ := typeutil.Callee(f.pkg.TypesInfo, call).(*types.Func)
	if fn != nil && m.inModule(fn.Pkg()) && m.hasNameAndPlugin(f, call) && !verbs().MatchString(fn.Name()) {
		m.near = append(m.near, left{call.Pos(), call.End(), "it does not show that " + fn.Name() +
			" keeps it by a name"})
	}
}

func (m *migration) funcOf(f *file, d *ast.FuncDecl) *types.Func {
	fn, _ := f.pkg.TypesInfo.Defs[d.Name].(*types.Func)
	return fn
}

// looksRegistered reports whether a call, in an init function or elsewhere, is to be reported if it
// stays.
func (m *migration) looksRegistered(f *file, r *registrar, call *ast.CallExpr, inInit bool) bool {
	if r.value >= len(call.Args) { // one that returns them all
		return inInit || registering().MatchString(r.fn.Name())
	}
	if r.name < 0 {
		_, ok := m.nameOf(r, f.pkg.TypesInfo, call.Args[r.value])
		return registering().MatchString(r.fn.Name()) && (ok || inInit) || ok && inInit
	}
	if inInit {
		return true
	}
	named := r.name < len(call.Args) && f.pkg.TypesInfo.Types[call.Args[r.name]].Value != nil
	return named && (registering().MatchString(r.fn.Name()) || verbs().MatchString(r.fn.Name()) && madeOf(r.valueType))
}

// surroundings says what a call in an init function is in.
func surroundings(path []ast.Node) string {
	for _, n := range path {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return "it is in a loop"
		case *ast.IfStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			return "it is registered on a condition: write a factory instead, " +
				"which returns registry.Disabled if that does not hold"
		case *ast.DeferStmt:
			return "it is deferred"
		case *ast.GoStmt:
			return "it is in a goroutine"
		case *ast.FuncLit:
			return "it is in a function that is called by init"
		}
	}
	switch path[0].(type) {
	case *ast.BlockStmt:
		return "it is in a block"
	case *ast.LabeledStmt:
		return "it has a label"
	}
	return "what it returns is used"
}

// leaveMaps notes the maps and lists of plugins in a function, or in the value of a variable, that
// are no variable by themselves.
func (m *migration) leaveMaps(f *file, root ast.Node, inFunc bool, where string) {
	ast.Inspect(root, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		reason := ""
		if !inFunc || m.isFixed(f, lit) {
			reason = m.tableReason(f, lit)
		}
		if reason == "" && m.isPluginMap(f, lit) {
			reason = where + ": declare it at package level, and run this again"
		}
		if reason != "" {
			m.leave(lit.Pos(), lit.End(), "%s", reason)
		}
		return reason == ""
	})
}

// isFixed reports whether the elements of a literal use no variables and no arguments, as a
// list of all plugins does: functions make other lists, of what they have.
func (m *migration) isFixed(f *file, lit *ast.CompositeLit) (fixed bool) {
	fixed = true
	ast.Inspect(lit, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			v, isVar := f.pkg.TypesInfo.Uses[n].(*types.Var)
			fixed = fixed && (!isVar || v.IsField())
		case *ast.CallExpr:
			fixed = fixed && (len(n.Args) == 0 || f.pkg.TypesInfo.Types[n.Fun].IsType())
		case *ast.CompositeLit:
			_, isStruct := f.pkg.TypesInfo.TypeOf(n).Underlying().(*types.Struct)
			fixed = fixed && (n == lit || len(n.Elts) == 0 || isStruct && newRecord(f.pkg.TypesInfo.TypeOf(n)) != nil)
		case *ast.FuncLit:
			return false
		}
		return fixed
	})
	return fixed
}

// isPluginMap reports whether a literal has several plugins by constant names.
func (m *migration) isPluginMap(f *file, lit *ast.CompositeLit) bool {
	info := f.pkg.TypesInfo
	t, ok := info.TypeOf(lit).Underlying().(*types.Map)
	return ok && len(lit.Elts) > 1 && isString(t.Key()) && (madeOf(t.Elem()) || newRecord(t.Elem()) != nil) &&
		!slices.ContainsFunc(lit.Elts, func(elt ast.Expr) bool {
			kv, ok := elt.(*ast.KeyValueExpr)
			return !ok || info.Types[kv.Key].Value == nil
		})
}

// tableReason returns why a literal with several plugins can't be moved, "" if it is none or
// can be.
func (m *migration) tableReason(f *file, lit *ast.CompositeLit) string {
	info := f.pkg.TypesInfo
	if len(lit.Elts) < 2 {
		return ""
	}
	switch t := info.TypeOf(lit).Underlying().(type) {
	case *types.Map:
		if isString(t.Key()) || !isPlainType(t.Key()) || !m.madeHere(t.Elem()) {
			return ""
		}
		return "the keys of the map are no strings: plugins have names"
	case *types.Slice, *types.Array:
		elem := t.(interface{ Elem() types.Type }).Elem()
		if r := newRecord(elem); !m.madeHere(elem) && (r == nil || !m.madeHere(r.value().Type())) {
			return ""
		}
		return "it is a list, and plugins have no order but that of their names: make a map of it, " +
			"or put a directive on each"
	}
	return ""
}

// madeHere reports whether values of a type may be plugins of the module: what they are, or
// make, is an interface that it declares.
func (m *migration) madeHere(t types.Type) bool {
	if !madeOf(t) {
		return false
	}
	if sig, ok := t.Underlying().(*types.Signature); ok {
		if sig.Results().Len() == 0 {
			return false
		}
		result := sig.Results().At(0).Type()
		if named, ok := types.Unalias(t).(*types.Named); ok && m.inModule(named.Obj().Pkg()) {
			return !rules.IsError(result)
		}
		t = result
	}
	named, ok := types.Unalias(deref(t)).(*types.Named)
	return ok && m.inModule(named.Obj().Pkg()) && types.IsInterface(named)
}

// leaveTests notes what the init functions of a test register.
func (m *migration) leaveTests(f *file) {
	for _, d := range f.syntax.Decls {
		d, ok := d.(*ast.FuncDecl)
		if !ok || d.Recv != nil || d.Name.Name != "init" || d.Body == nil ||
			d.Doc != nil && d.Doc.List[0].Text == testsRegister {
			continue
		}
		ast.Inspect(d.Body, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if r, _ := m.registrarOf(f.pkg.TypesInfo, call); r != nil && m.looksRegistered(f, r, call, false) {
					m.leave(call.Pos(), call.End(), "it is in a test, and only registered there")
				}
			}
			return true
		})
	}
}

// findOtherBuilds notes registrations in a file that is not part of this build, by what they
// look like.
func (m *migration) findOtherBuilds(f *file) {
	for _, n := range m.resembling(f) {
		reason := f.skipped
		if reason == "" {
			reason = "the file is not part of this build: " + otherBuild(f)
		}
		m.leave(n.Pos(), n.End(), "%s", reason)
	}
}

// resembling returns the calls and assignments in the init functions of a file without types that
// are likely to register something.
func (m *migration) resembling(f *file) (found []ast.Node) {
	for _, d := range f.syntax.Decls {
		d, ok := d.(*ast.FuncDecl)
		if !ok || d.Recv != nil || d.Name.Name != "init" || d.Body == nil {
			continue
		}
		ast.Inspect(d.Body, func(n ast.Node) bool {
			what := ast.Expr(nil)
			switch n := n.(type) {
			case *ast.CallExpr:
				what = n.Fun
			case *ast.AssignStmt:
				if index, ok := ast.Unparen(n.Lhs[0]).(*ast.IndexExpr); ok {
					what = index.X
				}
			}
			if what != nil && m.resembles(f, ast.Unparen(what)) {
				found = append(found, n)
			}
			return true
		})
	}
	return found
}

// resembles reports whether a registrar is likely to be meant by a function, or a map, in a file
// without types.
func (m *migration) resembles(f *file, what ast.Expr) bool {
	for _, r := range m.registrars {
		if r == nil || r.sw != nil {
			continue
		}
		names := map[string]bool{}
		if r.fn != nil {
			names[r.fn.Name()] = true
		} else {
			names[r.on.Name()] = true
		}
		for v := range r.stores { // assigned to, as the registrar does
			names[v.Name()] = names[v.Name()] || v.Pkg().Path() == r.pkg.Path()
		}
		switch what := what.(type) {
		case *ast.Ident:
			if names[what.Name] && r.pkg.Path() == f.path {
				return true
			}
		case *ast.SelectorExpr:
			if id, ok := what.X.(*ast.Ident); ok && names[what.Sel.Name] {
				if importPath(f.syntax, id.Name) == r.pkg.Path() || r.on != nil && r.on.Name() == id.Name &&
					r.pkg.Path() == f.path {
					return true
				}
			}
		}
	}
	return false
}

// otherBuild says how the registrations of a file of another build are migrated.
func otherBuild(f *file) string {
	return "its constraint is " + constraintOf(f) +
		"; run this again for such a build, with GOOS=... or GOFLAGS=-tags=... set"
}
