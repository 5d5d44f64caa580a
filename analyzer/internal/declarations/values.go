package declarations

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/plugingen/plugingen/analyzer/internal/target"
	"github.com/plugingen/plugingen/analyzer/internal/typedesc"
	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/rules"
)

// values reports what is wrong with the value that a manager gets, or asks whether to
// load it.
func (c *declarations) values(p *annotate.Plugin, t types.Type) {
	if s := p.ShouldLoad; s != nil && s.Value {
		obj := c.Pkg.Scope().Lookup(s.Symbol)
		if obj != nil && isKnown(obj.Type()) && !types.AssignableTo(obj.Type(), types.Typ[types.Bool]) {
			c.Report(target.Problem(annotate.Role, p.Span("should_load"),
				fmt.Sprintf("%s can't be should_load: its type is %s, and not bool",
					s.Symbol, types.TypeString(obj.Type(), types.RelativeTo(c.Pkg)))))
		}
	}
	if p.Kind == annotate.Var && !p.Address && p.ShouldLoad == nil && c.alwaysNil(p) {
		c.Report(target.Problem(annotate.Role, p.Decl,
			fmt.Sprintf("plugin %s: %s is nil, and nothing in the package sets it", p.ID(), p.Symbol)))
	}
	if lock := lockIn(t, nil); lock != "" {
		c.Report(target.Problem(annotate.Role, p.Decl,
			fmt.Sprintf("plugin %s: each use copies its %s, which must not be copied: make the plugin a "+
				"pointer", p.ID(), lock)))
	}
	if p.Kind == annotate.Type && p.Factory == nil {
		c.nilEmbedded(p, t)
	}
	if p.Factory != nil && p.Factory.Decl != nil && p.ShouldLoad == nil && !c.reported[p.Factory.Decl.Pos()] &&
		c.onlyNil(p.Factory.Decl.Body) {
		c.reported[p.Factory.Decl.Pos()] = true
		c.Report(target.Problem(annotate.Role, p.Decl,
			fmt.Sprintf("plugin %s: %s always returns nil", p.ID(), p.Factory.Symbol)))
	}
}

// onlyNil reports whether a factory returns nothing but nil, without an error. What is
// deferred may yet change a result.
func (c *declarations) onlyNil(body *ast.BlockStmt) bool {
	if body == nil {
		return false
	}
	null, other := false, false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			other = true
		case *ast.ReturnStmt:
			some := len(n.Results) == 0 || slices.ContainsFunc(n.Results,
				func(e ast.Expr) bool { return !c.TypesInfo.Types[e].IsNil() })
			null, other = null || !some, other || some
		}
		return true
	})
	return null && !other
}

func isKnown(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return !ok || b.Kind() != types.Invalid
}

// lockIn returns the type in t that must not be copied, "" if there is none. It is one with a
// Lock and an Unlock that only a pointer to it has, by which go vet knows it.
func lockIn(t types.Type, seen []types.Type) string {
	for _, s := range seen {
		if types.Identical(s, t) {
			return ""
		}
	}
	seen = append(seen, t)
	switch u := t.Underlying().(type) {
	case *types.Array:
		return lockIn(u.Elem(), seen)
	case *types.Struct:
		pointer, value := types.NewMethodSet(types.NewPointer(t)), types.NewMethodSet(t)
		if typedesc.HasMethod(pointer, "Lock") && typedesc.HasMethod(pointer, "Unlock") &&
			!typedesc.HasMethod(value, "Lock") && !typedesc.HasMethod(value, "Unlock") {
			if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil && declares(named, "Lock") {
				return named.Obj().Pkg().Name() + "." + named.Obj().Name()
			}
		}
		for f := range u.Fields() {
			lock := lockIn(f.Type(), seen)
			if named, ok := types.Unalias(t).(*types.Named); ok && lock == "atomic.noCopy" {
				return "atomic." + named.Obj().Name()
			}
			if lock != "" {
				return lock
			}
		}
	}
	return ""
}

func declares(t *types.Named, method string) bool {
	for m := range t.Methods() {
		if m.Name() == method {
			return true
		}
	}
	return false
}

// alwaysNil reports whether a variable is nil and no code of the package may set it.
// Others may set one that is exported, unless it is declared as nil.
func (c *declarations) alwaysNil(p *annotate.Plugin) bool {
	obj := c.Pkg.Scope().Lookup(p.Symbol)
	if obj == nil {
		return false
	}
	switch obj.Type().Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Signature, *types.Map:
	default:
		return false
	}
	value, known := c.objects().initial[obj]
	isNil := value == nil && !obj.Exported() || value != nil && c.TypesInfo.Types[value].IsNil()
	return known && isNil && !c.objects().assigned[obj]
}

// nilEmbedded reports a plugin type that has Load or ShouldLoad from an interface it
// embeds, or all that it has: new leaves the interface nil.
func (c *declarations) nilEmbedded(p *annotate.Plugin, t types.Type) {
	pointer, ok := t.(*types.Pointer)
	if !ok {
		return
	}
	named, ok := types.Unalias(pointer.Elem()).(*types.Named)
	if !ok {
		return
	}
	set := types.NewMethodSet(t)
	for sel := range set.Methods() {
		name := sel.Obj().Name()
		always := name == rules.Load || name == rules.ShouldLoad
		if !always && (named.NumMethods() > 0 || c.Facts.Contract(p.Namespace) == nil) {
			continue // the field may be set before the method is called
		}
		if name == rules.Load && declares(named, rules.ShouldLoad) {
			continue // ShouldLoad is called first, and may set the field
		}
		if k := c.Facts.Contract(p.Namespace); !rules.IsLifecycle(name) &&
			(k == nil || k.Type.Method(sel.Obj().Id()) == nil) {
			continue
		}
		if embedded := nilOnTheWay(named, sel); embedded != "" {
			c.Report(target.Problem(annotate.Role, p.Decl,
				fmt.Sprintf("plugin %s: its method %s is that of the embedded %s, which is nil in a new %s: "+
					"add a factory that sets it", p.ID(), name, embedded, p.Symbol)))
			return
		}
	}
}

// nilOnTheWay returns the embedded field that is nil and keeps a promoted method from
// being called, "" if there is none: an interface, or a pointer that has to be followed. One
// to the receiver itself need not be.
func nilOnTheWay(t types.Type, sel *types.Selection) string {
	path := sel.Index()
	for n, i := range path[:len(path)-1] {
		s, ok := t.Underlying().(*types.Struct)
		if !ok {
			return ""
		}
		f := s.Field(i)
		if types.IsInterface(f.Type()) {
			return "interface " + f.Name()
		}
		t = f.Type()
		if p, ok := t.Underlying().(*types.Pointer); ok && !types.IsInterface(p.Elem()) {
			_, receiver := sel.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer)
			if receiver && n == len(path)-2 {
				return ""
			}
			return types.TypeString(t, types.RelativeTo(sel.Obj().Pkg()))
		}
	}
	return ""
}
