package migrate

import (
	"go/ast"
	"go/constant"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"
)

// This file lists what registers plugins in a way that can't be moved, with the reason.

// nearMiss notes a call that looks like a registration, but is of a function that does not seem to
// keep what it is given.
func (m *migration) nearMiss(f *file, call *ast.CallExpr) {
	info := f.pkg.TypesInfo
	fn, _ := typeutil.Callee(info, call).(*types.Func)
	if fn == nil || !m.inModule(fn.Pkg()) {
		return
	}
	name, plugin := false, false
	for _, arg := range call.Args {
		tv := info.Types[arg]
		name = name || tv.Value != nil && tv.Value.Kind() == constant.String
		plugin = plugin || tv.Value == nil && tv.Type != nil && isPluginType(tv.Type)
	}
	if name && plugin {
		m.near = append(m.near, left{call.Pos(), call.End(), "it does not show that " + fn.Name() +
			" keeps it by a name"})
	}
}

// leaveCalls notes the registrations in a function or a statement that are not moved.
func (m *migration) leaveCalls(f *file, in *ast.FuncDecl, n ast.Node, reason string) {
	var path []ast.Node
	ast.Inspect(n, func(n ast.Node) bool {
		if n == nil {
			path = path[:len(path)-1]
			return true
		}
		path = append(path, n)
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		r, why := m.registrarOf(f.pkg.TypesInfo, call)
		if why != "" && reason == "" {
			m.leave(call.Pos(), call.End(), "%s", why)
		}
		if r == nil || r.fn == m.funcOf(f, in) || !m.looksRegistered(f, r, call, reason == "") {
			return true
		}
		why = reason
		if why == "" {
			why = surroundings(path)
		}
		m.leave(call.Pos(), call.End(), "%s", why)
		return true
	})
}

func (m *migration) funcOf(f *file, d *ast.FuncDecl) *types.Func {
	fn, _ := f.pkg.TypesInfo.Defs[d.Name].(*types.Func)
	return fn
}

// looksRegistered reports whether a call, in an init function or elsewhere, is to be reported if it
// stays.
func (m *migration) looksRegistered(f *file, r *registrar, call *ast.CallExpr, inInit bool) bool {
	if r.name < 0 {
		_, ok := m.nameOf(r, f.pkg.TypesInfo, call.Args[r.value])
		return ok && (inInit || registering.MatchString(r.fn.Name()))
	}
	return inInit || registering.MatchString(r.fn.Name()) && r.name < len(call.Args) &&
		f.pkg.TypesInfo.Types[call.Args[r.name]].Value != nil
}

// surroundings says what a call in an init function is in.
func surroundings(path []ast.Node) string {
	for _, n := range path {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return "it is in a loop"
		case *ast.IfStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			return "it is registered on a condition: the key should_load names a function that decides"
		case *ast.FuncLit, *ast.GoStmt, *ast.DeferStmt:
			return "it is in a function that is called by init"
		}
	}
	return "what it returns is used"
}

// leaveMaps notes the maps of plugins in a function.
func (m *migration) leaveMaps(f *file, fn *ast.FuncDecl) {
	info := f.pkg.TypesInfo
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok || len(lit.Elts) < 2 {
			return true
		}
		t, ok := info.TypeOf(lit).Underlying().(*types.Map)
		if !ok || !isString(t.Key()) || !madeOf(t.Elem()) {
			return true
		}
		for _, elt := range lit.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); !ok || info.Types[kv.Key].Value == nil {
				return true
			}
		}
		m.leave(lit.Pos(), lit.End(), "the map is made by a function, %s, and may use its variables: "+
			"declare it at package level, and run this again", fn.Name.Name)
		return false
	})
}

// findOtherBuilds notes registrations in a file that is not part of this build, by what they
// look like.
func (m *migration) findOtherBuilds(f *file) {
	for _, call := range m.registeringCalls(f) {
		reason := f.skipped
		if reason == "" {
			reason = "the file is not part of this build: " + otherBuild(f)
		}
		m.leave(call.Pos(), call.End(), "%s", reason)
	}
}

// registeringCalls returns the calls in the init functions of a file without types that are likely
// to register something.
func (m *migration) registeringCalls(f *file) (calls []*ast.CallExpr) {
	for _, d := range f.syntax.Decls {
		d, ok := d.(*ast.FuncDecl)
		if !ok || d.Recv != nil || d.Name.Name != "init" || d.Body == nil {
			continue
		}
		ast.Inspect(d.Body, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && m.resembles(f, call) != nil {
				calls = append(calls, call)
			}
			return true
		})
	}
	return calls
}

// resembles returns the registrar that a call in a file without types is likely to be of, or nil.
func (m *migration) resembles(f *file, call *ast.CallExpr) *registrar {
	for _, r := range m.registrars {
		if r == nil || r.fn == nil {
			continue
		}
		switch fun := ast.Unparen(call.Fun).(type) {
		case *ast.Ident:
			if fun.Name == r.fn.Name() && r.pkg.Path() == f.path {
				return r
			}
		case *ast.SelectorExpr:
			if id, ok := fun.X.(*ast.Ident); ok && fun.Sel.Name == r.fn.Name() {
				if importPath(f.syntax, id.Name) == r.pkg.Path() || r.on != nil && r.on.Name() == id.Name &&
					r.pkg.Path() == f.path {
					return r
				}
			}
		}
	}
	return nil
}

// otherBuild says how the registrations of a file of another build are migrated.
func otherBuild(f *file) string {
	return "its constraint is " + constraintOf(f) +
		"; run this again for such a build, with GOOS=... or GOFLAGS=-tags=... set"
}
