package source

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/plugingen/plugingen/annotate"
	"github.com/plugingen/plugingen/internal/code"
	"github.com/plugingen/plugingen/internal/rules"
)

// LifecycleMethod returns the method that a manager calls if a type has one of the name and
// the signature, as far as syntax shows that, or nil if it calls none.
func (p *Package) LifecycleMethod(f *annotate.File, name string, m *ast.FuncType) *rules.Method {
	if !rules.IsLifecycle(name) {
		return nil
	}
	return p.MethodOf(f, name, m)
}

// MethodOf is [rules.MethodOf] for a method of a type, as far as syntax shows its signature.
func (p *Package) MethodOf(f *annotate.File, name string, m *ast.FuncType) *rules.Method {
	return rules.MethodOf(name, p.signature(f, m))
}

// signature returns what syntax shows of a method's signature.
func (p *Package) signature(f *annotate.File, m *ast.FuncType) rules.Signature {
	params, variadic := p.typesOf(f, m.Params)
	results, _ := p.typesOf(f, m.Results)
	return rules.Signature{Params: params, Results: results, Variadic: variadic}
}

// typesOf returns what syntax shows of the types of parameters or results, and whether the last
// is variadic.
func (p *Package) typesOf(f *annotate.File, list *ast.FieldList) (all []rules.Type, variadic bool) {
	if list == nil {
		return nil, false
	}
	all = make([]rules.Type, 0, list.NumFields())
	for _, field := range list.List {
		_, variadic = field.Type.(*ast.Ellipsis)
		t := p.typeOf(f, field.Type)
		for range max(len(field.Names), 1) {
			all = append(all, t)
		}
	}
	return all, variadic
}

// typeOf returns what syntax shows of a type. One that is declared elsewhere might be
// an alias of any other.
func (p *Package) typeOf(f *annotate.File, t ast.Expr) rules.Type {
	switch t := ast.Unparen(t).(type) {
	case *ast.Ident:
		switch {
		case p.defines(f, t.Name):
			return rules.OtherType
		case p.About(t.Name).Has(t.Name) || types.Universe.Lookup(t.Name) == nil:
			return rules.Unknown
		case t.Name == "error":
			return rules.ErrorType
		case t.Name == "bool":
			return rules.BoolType
		}
	case *ast.SelectorExpr:
		id, ok := t.X.(*ast.Ident)
		switch {
		case !ok || f.ImportPath(id.Name) != "context":
			return rules.Unknown
		case t.Sel.Name == "Context":
			return rules.ContextType
		}
	case *ast.IndexExpr, *ast.IndexListExpr:
		return rules.Unknown // an alias can be generic
	}
	return rules.OtherType
}

// defines reports whether a name that the package declares is a type of its own, and no alias,
// in all builds that include the file.
func (p *Package) defines(f *annotate.File, name string) bool {
	all := p.About(name).Types(name, f)
	return len(all) > 0 && !slices.ContainsFunc(all, func(t annotate.TypeDecl) bool { return t.Assign.IsValid() })
}

// Scope returns the names that a file of the package can refer to, for [code.NewType]. args is what
// type parameters stand for, as the file has it.
func (p *Package) Scope(f *annotate.File, args map[string]ast.Expr) code.Scope {
	return &scope{File: f, pkg: p, args: args}
}

type scope struct {
	*annotate.File
	pkg  *Package
	args map[string]ast.Expr
}

// Declares returns the package's path for one of its declarations.
func (s *scope) Declares(name string) (path string) {
	if s.pkg.Declares(name) {
		return s.pkg.Path
	}
	return ""
}

// Argument returns what a type parameter stands for.
func (s *scope) Argument(name string) (ast.Expr, code.Scope) {
	return s.args[name], s.pkg.Scope(s.File, nil)
}
