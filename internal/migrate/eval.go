package migrate

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"
)

// This file evaluates the name that a plugin has by itself, in a method or a field.

// nameOf returns the name that a plugin has by itself.
func (m *migration) nameOf(r *registrar, info *types.Info, value ast.Expr) (string, bool) {
	if r.path != nil {
		return m.eval(value, info, r.path, 0)
	}
	for _, word := range []string{"Name", "ID", "Id", "Type", "Key", "Scheme", "String"} {
		for _, kind := range []stepKind{method, field} {
			if name, ok := m.eval(value, info, []step{{kind: kind, name: word}}, 0); ok {
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
	if n := len(steps); n > 0 && steps[n-1].kind == text {
		s, ok := m.eval(e, info, steps[:n-1], depth)
		return texts[steps[n-1].name](s, steps[n-1].arg), ok
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
		if v := embeddedOf(info, lit, steps[0].name); v != nil { // that has the field
			return m.eval(v, info, steps, depth)
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
			return m.eval(e.X, info, append([]step{{kind: field, name: e.Sel.Name}}, steps...), depth)
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
				return m.eval(e, info, append([]step{{kind: field, name: sel.Sel.Name}}, steps[1:]...), depth)
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

// embeddedOf returns what a composite literal gives to the embedded field that has a field, or nil.
func embeddedOf(info *types.Info, lit *ast.CompositeLit, name string) ast.Expr {
	t := deref(info.TypeOf(lit))
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	var pkg *types.Package // of the struct, for fields that are not exported
	if named, ok := types.Unalias(t).(*types.Named); ok {
		pkg = named.Obj().Pkg()
	}
	obj, index, _ := types.LookupFieldOrMethod(t, true, pkg, name)
	if _, isField := obj.(*types.Var); !isField || len(index) < 2 {
		return nil
	}
	return fieldOf(info, lit, s.Field(index[0]).Name())
}

func deref(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}
