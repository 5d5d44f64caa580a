package migrate

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/plugingen/plugingen/internal/lazyregexp"
)

// This file decides whether what a call calls is a function that registers, and which of its
// parameters are the name and the plugin.

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
	record    *record             // if it is a map of structs; extras are fields of these
	ignored   bool                // callers ignore the error that fn returns
	ordered   bool                // what is registered is kept in a list

	namespace string
}

// A step leads from a plugin, or what was got from it, to its name.
type step struct {
	kind stepKind
	name string
	arg  string // of a function of package strings, besides the string
}

type stepKind int

const (
	field stepKind = iota
	method
	text // a function of package strings
)

// texts are the functions of package strings that names may go through.
var texts = map[string]func(s, arg string) string{
	"strings.ToLower":    func(s, _ string) string { return strings.ToLower(s) },
	"strings.ToUpper":    func(s, _ string) string { return strings.ToUpper(s) },
	"strings.TrimSpace":  func(s, _ string) string { return strings.TrimSpace(s) },
	"strings.Trim":       strings.Trim,
	"strings.TrimLeft":   strings.TrimLeft,
	"strings.TrimRight":  strings.TrimRight,
	"strings.TrimPrefix": strings.TrimPrefix,
	"strings.TrimSuffix": strings.TrimSuffix,
}

// extra returns the parameter or field that one of the extras is.
func (r *registrar) extra(i int) *types.Var {
	if r.record != nil {
		return r.record.fields.Field(r.extras[i])
	}
	return r.fn.Signature().Params().At(r.extras[i])
}

// declaredHere reports whether the registrar is declared in the module, so that it can be edited.
func (m *migration) declaredHere(r *registrar) bool { return m.inModule(r.pkg) }

var registering = lazyregexp.New(`^([Mm]ust)?[Rr]egister`)

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

// newRegistrar returns what a function registers, or a method on a variable: nil if it
// registers nothing, or for a reason, if that is worth telling.
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
	if !r.chooseValue(sig, n) {
		return nil, m.manyParams(fn, n)
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
		if n != 2 || !registering().MatchString(fn.Name()) || isAny(r.valueType) {
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
	r.ordered = flow.ordered
	if r.name >= 0 {
		names := m.flow(fn, r.name, 0)
		r.ordered = r.ordered || names != nil && names.ordered
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

// chooseValue chooses the parameter that is the plugin, among the first n. It returns false if
// one of the others can't be in a directive.
func (r *registrar) chooseValue(sig *types.Signature, n int) bool {
	for i := range n {
		t := sig.Params().At(i).Type()
		switch {
		case isPluginType(t) && r.value < 0:
			r.value, r.valueType = i, t
		case isPlainType(t):
			r.extras = append(r.extras, i)
		default:
			return false
		}
	}
	return true
}

// chooseName chooses the parameter that is the name: the key by which the plugin is stored, or
// else the first string.
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
	named := verbs().MatchString(fn.Name()) // without a string the name of the function has to tell
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
