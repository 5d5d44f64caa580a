package migrate

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// This file follows a parameter through a function to where it is stored: a function that stores
// what it is given is one that registers.

// A flow is what a function does with one of its parameters.
type flow struct {
	stores   bool
	ordered  bool         // it is appended to a list
	in       []*types.Var // where; nil stands for the receiver
	key      []step       // from a parameter to the key that it is stored by, if
	keyParam int          // this is not -1
}

// flow follows a parameter of a function through its body, and through functions of the module that
// it calls. It returns nil if there is no source.
func (m *migration) flow(fn *types.Func, param, depth int) *flow {
	d := m.funcs[fn.Origin().FullName()]
	if d == nil || d.node.Body == nil || depth > 4 {
		return nil
	}
	t := &tracer{
		m: m, info: d.file.pkg.TypesInfo, fn: fn.Origin(), depth: depth, tainted: map[types.Object]bool{},
		flow: &flow{keyParam: -1}, defs: map[types.Object]ast.Expr{},
	}
	for i, id := range paramIdents(d.node) {
		t.params = append(t.params, nil)
		if id != nil {
			t.params[i] = t.info.Defs[id]
		}
	}
	if param >= len(t.params) || t.params[param] == nil {
		return t.flow
	}
	if recv := d.node.Recv; recv != nil && len(recv.List[0].Names) > 0 {
		t.recv = t.info.Defs[recv.List[0].Names[0]]
	}
	t.tainted[t.params[param]] = true
	for range 3 { // closures may be declared before what they use is assigned
		ast.Inspect(d.node.Body, t.taint)
	}
	ast.Inspect(d.node.Body, t.sink)
	return t.flow
}

// paramIdents returns the identifier of each parameter, nil for one without a name.
func paramIdents(d *ast.FuncDecl) (ids []*ast.Ident) {
	for _, f := range d.Type.Params.List {
		if len(f.Names) == 0 {
			ids = append(ids, nil)
		}
		ids = append(ids, f.Names...)
	}
	return ids
}

// A tracer finds the flow of a function.
type tracer struct {
	m       *migration
	info    *types.Info
	fn      *types.Func
	depth   int
	params  []types.Object
	recv    types.Object
	tainted map[types.Object]bool     // what has something of the parameter in it
	defs    map[types.Object]ast.Expr // of local variables
	flow    *flow
}

func (t *tracer) has(n ast.Node) (found bool) {
	if n == nil {
		return false
	}
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && t.tainted[t.info.ObjectOf(id)] {
			found = true
		}
		return !found
	})
	return found
}

func (t *tracer) taint(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, lhs := range n.Lhs {
			id, ok := lhs.(*ast.Ident)
			if !ok {
				continue
			}
			rhs := n.Rhs[0]
			if len(n.Rhs) == len(n.Lhs) {
				rhs = n.Rhs[i]
				if obj := t.info.Defs[id]; obj != nil {
					t.defs[obj] = rhs
				}
			}
			if t.has(rhs) {
				t.tainted[t.info.ObjectOf(id)] = true
			}
		}
	case *ast.ValueSpec:
		for i, id := range n.Names {
			if i < len(n.Values) {
				t.defs[t.info.Defs[id]] = n.Values[i]
				if t.has(n.Values[i]) {
					t.tainted[t.info.Defs[id]] = true
				}
			}
		}
	}
	return true
}

func (t *tracer) sink(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, lhs := range n.Lhs {
			rhs := n.Rhs[0]
			if len(n.Rhs) == len(n.Lhs) {
				rhs = n.Rhs[i]
			}
			if !t.has(rhs) {
				continue
			}
			v, ok := t.root(lhs)
			if !ok {
				continue
			}
			t.store(v)
			t.flow.ordered = t.flow.ordered || isAppend(t.info, rhs)
			if index, ok := ast.Unparen(lhs).(*ast.IndexExpr); ok {
				t.keyed(index.Index)
			}
		}
	case *ast.CallExpr:
		t.call(n)
	}
	return true
}

func (t *tracer) store(v *types.Var) {
	t.flow.stores = true
	if !slices.Contains(t.flow.in, v) {
		t.flow.in = append(t.flow.in, v)
	}
}

func (t *tracer) keyed(key ast.Expr) {
	if path, param, ok := t.pathOf(key); ok && t.flow.keyParam < 0 {
		t.flow.key, t.flow.keyParam = path, param
	}
}

// call follows a parameter into a function that is called with it.
func (t *tracer) call(call *ast.CallExpr) {
	for i, arg := range call.Args {
		if !t.has(arg) {
			continue
		}
		fn, _ := typeutil.Callee(t.info, call).(*types.Func)
		if fn == nil {
			continue
		}
		if inner := t.m.flow(fn, i, t.depth+1); inner != nil {
			if !inner.stores {
				continue
			}
			for _, v := range inner.in {
				if v == nil { // in the receiver
					var ok bool
					if v, ok = t.receiver(call); !ok {
						continue
					}
				}
				t.store(v)
				t.flow.ordered = t.flow.ordered || inner.ordered
			}
			if k := inner.keyParam; k >= 0 && k < len(call.Args) {
				if path, param, ok := t.pathOf(call.Args[k]); ok && t.flow.keyParam < 0 {
					t.flow.key, t.flow.keyParam = slices.Concat(path, inner.key), param
				}
			}
			continue
		}
		if storing[fn.Name()] || registering().MatchString(fn.Name()) {
			v, ok := t.receiver(call)
			if !ok && fn.Signature().Recv() != nil {
				continue
			}
			t.store(v)
			if i == 1 {
				t.keyed(call.Args[0])
			}
		}
	}
}

func isAppend(info *types.Info, e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	b, ok := typeutil.Callee(info, call).(*types.Builtin)
	return ok && b.Name() == "append"
}

// storing has the names of functions without source that store their last argument.
var storing = map[string]bool{
	"Store": true, "LoadOrStore": true, "Swap": true, "Set": true, "Add": true, "Put": true, "Insert": true,
	"PushBack": true, "Append": true,
}

// receiver returns what a method is called on.
func (t *tracer) receiver(call *ast.CallExpr) (*types.Var, bool) {
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		if _, isMethod := t.info.Selections[sel]; isMethod {
			return t.root(sel.X)
		}
	}
	return nil, false
}

// root returns the package-level variable that an expression is a part of, or nil for the
// receiver of the function.
func (t *tracer) root(x ast.Expr) (*types.Var, bool) {
	for {
		switch e := ast.Unparen(x).(type) {
		case *ast.IndexExpr:
			x = e.X
		case *ast.StarExpr:
			x = e.X
		case *ast.UnaryExpr:
			x = e.X
		case *ast.SelectorExpr:
			if v := packageVar(t.info, e); v != nil {
				return v, true
			}
			x = e.X
		case *ast.CallExpr: // of a function that returns the registry
			fn, _ := typeutil.Callee(t.info, e).(*types.Func)
			if fn == nil {
				return nil, false
			}
			d := t.m.funcs[fn.FullName()]
			if d == nil || d.node.Body == nil {
				return nil, false
			}
			var found *types.Var
			ast.Inspect(d.node.Body, func(n ast.Node) bool {
				if x, ok := n.(ast.Expr); ok && found == nil {
					found = packageVar(d.file.pkg.TypesInfo, x)
				}
				return true
			})
			return found, found != nil
		case *ast.Ident:
			obj := t.info.ObjectOf(e)
			if obj == t.recv && obj != nil {
				return nil, true
			}
			if v := packageVar(t.info, e); v != nil {
				return v, true
			}
			def, ok := t.defs[obj]
			if !ok || def == x {
				return nil, false
			}
			delete(t.defs, obj) // no cycles
			v, ok := t.root(def)
			t.defs[obj] = def
			return v, ok
		default:
			return nil, false
		}
	}
}

// pathOf returns the steps that lead from a parameter to an expression.
func (t *tracer) pathOf(e ast.Expr) (path []step, param int, ok bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		obj := t.info.ObjectOf(e)
		if i := slices.Index(t.params, obj); i >= 0 && obj != nil {
			return nil, i, true
		}
		if def := t.defs[obj]; def != nil {
			delete(t.defs, obj)
			path, param, ok = t.pathOf(def)
			t.defs[obj] = def
			return path, param, ok
		}
	case *ast.SelectorExpr:
		if path, param, ok = t.pathOf(e.X); ok {
			return append(path, step{kind: field, name: e.Sel.Name}), param, true
		}
	case *ast.StarExpr:
		return t.pathOf(e.X)
	case *ast.CallExpr:
		if tv := t.info.Types[e.Fun]; tv.IsType() && len(e.Args) == 1 {
			return t.pathOf(e.Args[0])
		}
		if fn, _ := typeutil.Callee(t.info, e).(*types.Func); fn != nil && texts[fn.FullName()] != nil {
			return t.textOf(fn, e)
		}
		if sel, isSel := ast.Unparen(e.Fun).(*ast.SelectorExpr); isSel && len(e.Args) == 0 {
			if path, param, ok = t.pathOf(sel.X); ok {
				return append(path, step{kind: method, name: sel.Sel.Name}), param, true
			}
		}
	}
	return nil, -1, false
}

// textOf is pathOf for a call of a function of package strings. Its other argument has to be a
// constant.
func (t *tracer) textOf(fn *types.Func, call *ast.CallExpr) (path []step, param int, ok bool) {
	path, param, ok = t.pathOf(call.Args[0])
	s := step{kind: text, name: fn.FullName()}
	if ok && len(call.Args) > 1 {
		arg := t.info.Types[call.Args[1]].Value
		if arg == nil {
			return nil, -1, false
		}
		s.arg = constant.StringVal(arg)
	}
	return append(path, s), param, ok
}
