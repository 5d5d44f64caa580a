package gen

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/gen/genfile"
)

// What the methods that a manager calls look like.
var lifecycle = map[string]string{
	"Load":       "Load(context.Context) error, or Load(context.Context, T) error",
	"ShouldLoad": "ShouldLoad() bool",
	"Close":      "Close() error, or Close(context.Context) error",
}

// checkLifecycle reports methods of a plugin type that a manager would call if they
// had another signature. One that the contract itself lists, as it is, is none of them.
func (t *tree) checkLifecycle(p *pkg, x *annotate.Plugin, c *contract) {
	for _, m := range x.Methods {
		want := lifecycle[m.Name.Name]
		if want == "" || listed(c, m.Name.Name) || !p.wrongSignature(fileOf(p, m), m.Name.Name, m.Type) {
			continue
		}
		span := annotate.Span{Pos: m.Name.Pos(), End: m.Name.End()}
		if slices.ContainsFunc(p.diagnostics, func(d annotate.Diagnostic) bool { return d.Span == span }) {
			continue // another plugin of the same type
		}
		p.errorf(annotate.Role, span, "the manager calls %s of the plugin %s, but it has another signature: write %s, or give it another name",
			m.Name.Name, x.ID(), want)
	}
}

// listed says whether a contract itself asks for a method of the name that is not one
// that a manager calls: then it is the contract's business what it looks like.
func listed(c *contract, name string) bool {
	if c == nil || c.form == nil {
		return false
	}
	if c.of == nil {
		return c.form.Unknown
	}
	return slices.ContainsFunc(c.decl.Methods.Lifecycle, func(n annotate.Method) bool {
		return n.Name == name && c.of.wrongSignature(n.File, name, n.Type)
	})
}

// wrongSignature says whether the syntax of a method rules out that it is one that a
// manager calls.
func (p *pkg) wrongSignature(f *annotate.File, name string, m *ast.FuncType) bool {
	params, results := flatten(m.Params), flatten(m.Results)
	result := "error"
	if name == "ShouldLoad" {
		result = "bool"
	}
	if len(results) != 1 || p.isNot(results[0], result) {
		return true
	}
	switch name {
	case "ShouldLoad":
		return len(params) > 0
	case "Close":
		return len(params) > 1 || len(params) == 1 && p.isNoContext(f, params[0])
	default:
		return len(params) == 0 || len(params) > 2 || p.isNoContext(f, params[0])
	}
}

// isNot says whether a type is surely not the predeclared one. An alias might be.
func (p *pkg) isNot(t ast.Expr, name string) bool {
	switch t := ast.Unparen(t).(type) {
	case *ast.Ident:
		_, declared := p.declared[t.Name]
		return !declared && t.Name != name && types.Universe.Lookup(t.Name) != nil
	case *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr:
		return false
	}
	return true
}

// isNoContext says whether a type is surely not context.Context.
func (p *pkg) isNoContext(f *annotate.File, t ast.Expr) bool {
	sel, ok := ast.Unparen(t).(*ast.SelectorExpr)
	if !ok {
		return p.isNot(t, "")
	}
	id, ok := sel.X.(*ast.Ident)
	return ok && f != nil && f.ImportPath(id.Name) == "context" && sel.Sel.Name != "Context"
}

// methods returns the method from which a plugin type's place is looked up, and
// the lifecycle's methods for the compiler to check. A method that is not in every
// build that has the type is left alone.
func methods(p *pkg, x *annotate.Plugin, c *contract) (place string, checked []string) {
	var all []string
	for _, m := range x.Methods {
		f := fileOf(p, m)
		if m.Name.Name == "_" || f == nil || f.Constraint.String() != "" && f.Constraint.String() != x.File.Constraint.String() {
			continue
		}
		all = append(all, m.Name.Name)
		// What Load takes is for the contract to say.
		if form := lifecycleForm(m.Name.Name, m.Type); form != "" && form != genfile.LoadArgMethod && !listed(c, m.Name.Name) {
			checked = append(checked, form)
		}
	}
	slices.Sort(checked)
	for _, name := range []string{"Load", "ShouldLoad", "Close"} {
		if slices.Contains(all, name) {
			return name, checked
		}
	}
	slices.Sort(all)
	return cmp.Or(append(all, "")...), checked
}

// lifecycleForm returns the form in which a manager calls a method of the name, with as
// many arguments as this one takes, "" if there is none.
func lifecycleForm(name string, m *ast.FuncType) string {
	switch n := m.Params.NumFields(); {
	case name == "ShouldLoad" && n == 0:
		return genfile.ShouldLoadMethod
	case name == "Close" && n == 0:
		return genfile.CloseMethod
	case name == "Close" && n == 1:
		return genfile.CloseCtxMethod
	case name == "Load" && n == 1:
		return genfile.LoadMethod
	case name == "Load" && n == 2:
		return genfile.LoadArgMethod
	}
	return ""
}

func fileOf(p *pkg, n ast.Node) *annotate.File {
	for _, f := range p.Files {
		if f.Syntax.FileStart <= n.Pos() && n.Pos() < f.Syntax.FileEnd {
			return f
		}
	}
	return nil
}
