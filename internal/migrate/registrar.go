package migrate

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// A registrar is what plugins are registered with: a function of the module or of another, a map,
// or a switch statement.
type registrar struct {
	id        string // unique
	pkg       *types.Package
	fn        *types.Func         // nil for a map
	on        *types.Var          // the variable whose method fn is, or the map
	name      int                 // the parameter that is the name, -1 if the plugin has it
	value     int                 // the parameter that is the plugin
	extras    []int               // the other parameters, of which there are constants
	valueType types.Type          // its type: the contract
	nameType  types.Type          // of the name; nil if the plugin has it
	path      []step              // how the name is got from the plugin
	stores    map[*types.Var]bool // the variables that have what is registered
	makers    bool                // functions that make what is registered are the plugins, see isManaged
	factory   string              // the type of these, of the contract
	sw        *switching          // if it is a switch statement
	ignored   bool                // callers ignore the error that fn returns

	namespace string
}

// A step leads from a plugin, or what was got from it, to its name.
type step struct {
	kind stepKind
	name string
}

type stepKind int

const (
	field stepKind = iota
	method
	lower
)

// inModule reports whether the registrar is declared in the module, so that it can be edited.
func (m *migration) declaredHere(r *registrar) bool { return m.inModule(r.pkg) }

var registering = regexp.MustCompile(`^([Mm]ust)?[Rr]egister`)

// registrarOf returns the registrar that a call is a call of, or nil. The reason is why a call
// that registers something can't be migrated.
func (m *migration) registrarOf(info *types.Info, call *ast.CallExpr) (r *registrar, reason string) {
	fn, _ := typeutil.Callee(info, call).(*types.Func)
	if fn == nil || fn.Pkg() == nil {
		return nil, ""
	}
	sig := fn.Signature()
	on, ok := receiverVar(info, call, sig)
	if !ok {
		return nil, ""
	}
	id := fn.FullName()
	if on != nil {
		id += " on " + on.Pkg().Path() + "." + on.Name()
	}
	if r, ok := m.registrars[id]; ok {
		return r, ""
	}
	r, reason = m.newRegistrar(fn, on, id)
	if reason == "" {
		m.registrars[id] = r // nil, too: it is no registrar
	}
	return r, reason
}

// receiverVar returns the package-level variable that a method is called on. ok is false if it is
// called on anything else.
func receiverVar(info *types.Info, call *ast.CallExpr, sig *types.Signature) (on *types.Var, ok bool) {
	if sig.Recv() == nil {
		return nil, true
	}
	sel, isSel := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !isSel {
		return nil, false
	}
	x := ast.Unparen(sel.X)
	if u, isAddress := x.(*ast.UnaryExpr); isAddress && u.Op == token.AND {
		x = u.X
	}
	on = packageVar(info, x)
	return on, on != nil
}

// packageVar returns the package-level variable that an expression is, or nil.
func packageVar(info *types.Info, x ast.Expr) *types.Var {
	var id *ast.Ident
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		id = x
	case *ast.SelectorExpr:
		id = x.Sel
	default:
		return nil
	}
	v, _ := info.Uses[id].(*types.Var)
	if v == nil || v.IsField() || v.Pkg() == nil || v.Parent() != v.Pkg().Scope() {
		return nil
	}
	return v
}

func (m *migration) newRegistrar(fn *types.Func, on *types.Var, id string) (*registrar, string) {
	sig := fn.Signature()
	r := &registrar{id: id, pkg: fn.Pkg(), fn: fn, on: on, name: -1, value: -1, stores: map[*types.Var]bool{}}
	if on != nil {
		r.pkg = on.Pkg()
	}
	n := sig.Params().Len()
	if sig.Variadic() {
		n--
	}
	for i := range n {
		t := sig.Params().At(i).Type()
		switch {
		case isPluginType(t) && r.value < 0:
			r.value, r.valueType = i, t
		case isPlainType(t):
			r.extras = append(r.extras, i)
		default:
			return nil, m.manyParams(fn, n)
		}
	}
	if r.value < 0 {
		return nil, ""
	}
	flow := m.flow(fn, r.value, 0)
	r.chooseName(sig, flow)
	if n > 1 && r.name < 0 {
		return nil, ""
	}
	r.makers = !isFuncType(r.valueType) && !isManaged(r.valueType)
	if !m.inModule(fn.Pkg()) {
		if n != 2 || !registering.MatchString(fn.Name()) || isAny(r.valueType) {
			return nil, ""
		}
		return r, ""
	}
	if flow == nil || !flow.stores {
		return nil, ""
	}
	if sig.TypeParams().Len() > 0 || sig.RecvTypeParams().Len() > 0 {
		return nil, "the function that registers is generic"
	}
	for _, v := range flow.in {
		if v == nil {
			v = on
		}
		if v != nil {
			r.stores[v] = true
		}
	}
	if r.name < 0 {
		if isAny(r.valueType) {
			return nil, ""
		}
		if flow.keyParam == r.value {
			r.path = flow.key
		}
	}
	return r, ""
}

// chooseName chooses the parameter that is the name: the key by which the plugin is stored, or else the
// first string.
func (r *registrar) chooseName(sig *types.Signature, flow *flow) {
	best := -1
	for i, p := range r.extras {
		if !isString(sig.Params().At(p).Type()) {
			continue
		}
		if best < 0 || flow != nil && len(flow.key) == 0 && flow.keyParam == p {
			best = i
		}
	}
	if best < 0 {
		return
	}
	r.name = r.extras[best]
	r.nameType = sig.Params().At(r.name).Type()
	r.extras = slices.Delete(r.extras, best, best+1)
}

// isPlainType reports whether constants of a type can be the values of keys.
func isPlainType(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsString|types.IsBoolean|types.IsInteger) != 0
}

// manyParams returns why a function with other parameters is no registrar, if it looks like one.
func (m *migration) manyParams(fn *types.Func, n int) string {
	if n < 2 || !m.inModule(fn.Pkg()) {
		return ""
	}
	sig := fn.Signature()
	named := verbs.MatchString(fn.Name()) // without a string the name of the function has to tell
	for i := range n {
		t := sig.Params().At(i).Type()
		named = named || isString(t)
		if !named || !isPluginType(t) {
			continue
		}
		if f := m.flow(fn, i, 0); f != nil && f.stores {
			return fn.Name() + " takes more than a name, constants and one plugin: make a struct of what it takes, " +
				"which can be the plugin, or move it by hand"
		}
	}
	return ""
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

func isAny(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.NumMethods() == 0
}

// isPluginType reports whether what is registered can be of a type: functions, interfaces,
// structs with a name and pointers to them.
func isPluginType(t types.Type) bool {
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return true // reported where it matters
	}
	switch u := t.Underlying().(type) {
	case *types.Signature, *types.Interface:
		return true
	case *types.Pointer:
		_, named := types.Unalias(u.Elem()).(*types.Named)
		_, ok := u.Elem().Underlying().(*types.Struct)
		return ok && named
	case *types.Struct:
		_, named := types.Unalias(t).(*types.Named)
		return named
	}
	return false
}

// A flow is what a function does with one of its parameters.
type flow struct {
	stores   bool
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
			}
			if k := inner.keyParam; k >= 0 && k < len(call.Args) {
				if path, param, ok := t.pathOf(call.Args[k]); ok && t.flow.keyParam < 0 {
					t.flow.key, t.flow.keyParam = slices.Concat(path, inner.key), param
				}
			}
			continue
		}
		if storing[fn.Name()] || registering.MatchString(fn.Name()) {
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
			return append(path, step{field, e.Sel.Name}), param, true
		}
	case *ast.StarExpr:
		return t.pathOf(e.X)
	case *ast.CallExpr:
		if tv := t.info.Types[e.Fun]; tv.IsType() && len(e.Args) == 1 {
			return t.pathOf(e.Args[0])
		}
		if fn, _ := typeutil.Callee(t.info, e).(*types.Func); fn != nil && fn.FullName() == "strings.ToLower" {
			path, param, ok = t.pathOf(e.Args[0])
			return append(path, step{kind: lower}), param, ok
		}
		if sel, isSel := ast.Unparen(e.Fun).(*ast.SelectorExpr); isSel && len(e.Args) == 0 {
			if path, param, ok = t.pathOf(sel.X); ok {
				return append(path, step{method, sel.Sel.Name}), param, true
			}
		}
	}
	return nil, -1, false
}

// nameOf returns the name that a plugin has by itself.
func (m *migration) nameOf(r *registrar, info *types.Info, value ast.Expr) (string, bool) {
	if r.path != nil {
		return m.eval(value, info, r.path, 0)
	}
	for _, word := range []string{"Name", "ID", "Id", "Type", "Key", "Scheme", "String"} {
		for _, kind := range []stepKind{method, field} {
			if name, ok := m.eval(value, info, []step{{kind, word}}, 0); ok {
				return name, true
			}
		}
	}
	return "", false
}

// eval returns the constant string that the steps lead to from a value.
func (m *migration) eval(e ast.Expr, info *types.Info, steps []step, depth int) (string, bool) {
	if depth > 16 {
		return "", false
	}
	depth++
	e = ast.Unparen(e)
	if len(steps) > 0 && steps[len(steps)-1].kind == lower {
		s, ok := m.eval(e, info, steps[:len(steps)-1], depth)
		return strings.ToLower(s), ok
	}
	if len(steps) == 0 {
		tv, ok := info.Types[e]
		if ok && tv.Value != nil && tv.Value.Kind() == constant.String {
			return constant.StringVal(tv.Value), true
		}
		return m.evalInner(e, info, nil, depth)
	}
	if steps[0].kind == method {
		if s, ok := m.evalMethod(e, info, steps, depth); ok {
			return s, true
		}
	}
	if lit, ok := e.(*ast.CompositeLit); ok && steps[0].kind == field {
		if v := fieldOf(info, lit, steps[0].name); v != nil {
			return m.eval(v, info, steps[1:], depth)
		}
		return "", false
	}
	return m.evalInner(e, info, steps, depth)
}

// evalInner evaluates what an expression stands for.
func (m *migration) evalInner(e ast.Expr, info *types.Info, steps []step, depth int) (string, bool) {
	switch e := e.(type) {
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			return m.eval(e.X, info, steps, depth)
		}
	case *ast.CallExpr:
		if info.Types[e.Fun].IsType() && len(e.Args) == 1 {
			return m.eval(e.Args[0], info, steps, depth)
		}
		fn, _ := typeutil.Callee(info, e).(*types.Func)
		if fn == nil {
			return "", false
		}
		if result, of := m.onlyResult(fn); result != nil {
			return m.eval(result, of, steps, depth)
		}
	case *ast.Ident:
		if v, ok := info.ObjectOf(e).(*types.Var); ok {
			if def, of := m.definition(v, info); def != nil {
				return m.eval(def, of, steps, depth)
			}
		}
	case *ast.SelectorExpr:
		if v := packageVar(info, e); v != nil {
			if def, of := m.definition(v, info); def != nil {
				return m.eval(def, of, steps, depth)
			}
			return "", false
		}
		if s := info.Selections[e]; s != nil && s.Kind() == types.FieldVal {
			return m.eval(e.X, info, append([]step{{field, e.Sel.Name}}, steps...), depth)
		}
	}
	return "", false
}

// evalMethod evaluates what a method of a value returns.
func (m *migration) evalMethod(e ast.Expr, info *types.Info, steps []step, depth int) (string, bool) {
	t := info.TypeOf(e)
	if t == nil {
		return "", false
	}
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, steps[0].name)
	if obj == nil {
		if named, ok := types.Unalias(deref(t)).(*types.Named); ok {
			obj, _, _ = types.LookupFieldOrMethod(t, true, named.Obj().Pkg(), steps[0].name)
		}
	}
	fn, _ := obj.(*types.Func)
	if fn == nil {
		return "", false
	}
	result, of := m.onlyResult(fn)
	if result == nil {
		return "", false
	}
	// A field of the receiver is one of the value.
	if sel, ok := ast.Unparen(result).(*ast.SelectorExpr); ok {
		if d := m.funcs[fn.Origin().FullName()]; d.node.Recv != nil && len(d.node.Recv.List[0].Names) > 0 {
			if id, ok := ast.Unparen(sel.X).(*ast.Ident); ok &&
				of.ObjectOf(id) == of.Defs[d.node.Recv.List[0].Names[0]] {
				return m.eval(e, info, append([]step{{field, sel.Sel.Name}}, steps[1:]...), depth)
			}
		}
	}
	return m.eval(result, of, steps[1:], depth)
}

// onlyResult returns the expression that a function returns, if it does nothing else.
func (m *migration) onlyResult(fn *types.Func) (ast.Expr, *types.Info) {
	d := m.funcs[fn.Origin().FullName()]
	if d == nil || d.node.Body == nil || len(d.node.Body.List) != 1 {
		return nil, nil
	}
	ret, ok := d.node.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return nil, nil
	}
	return ret.Results[0], d.file.pkg.TypesInfo
}

// definition returns the value that a variable is declared with.
func (m *migration) definition(v *types.Var, info *types.Info) (ast.Expr, *types.Info) {
	if v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
		if d := m.vars[v.Pkg().Path()+"."+v.Name()]; d != nil {
			for i, id := range d.node.Names {
				if id.Name == v.Name() && i < len(d.node.Values) {
					return d.node.Values[i], d.file.pkg.TypesInfo
				}
			}
		}
		return nil, nil
	}
	f := m.files[m.fset.PositionFor(v.Pos(), false).Filename]
	if f == nil {
		return nil, nil
	}
	var def ast.Expr
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				if id, ok := lhs.(*ast.Ident); ok && info.Defs[id] == types.Object(v) && len(n.Lhs) == len(n.Rhs) {
					def = n.Rhs[i]
				}
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if info.Defs[id] == types.Object(v) && i < len(n.Values) {
					def = n.Values[i]
				}
			}
		}
		return def == nil
	})
	return def, info
}

// fieldOf returns what a composite literal gives to a field, or nil.
func fieldOf(info *types.Info, lit *ast.CompositeLit, name string) ast.Expr {
	s, ok := deref(info.TypeOf(lit)).Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	for i, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok && id.Name == name {
				return kv.Value
			}
		} else if i < s.NumFields() && s.Field(i).Name() == name {
			return elt
		}
	}
	return nil
}

func deref(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}
